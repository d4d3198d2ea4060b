/* SPDX-License-Identifier: MIT */
/* Running another program: started, attended until it ends or the time is over, and cleared away.
 * program_tree.c ends its descendants. */
#include "run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "printable.h"
#include "program_tree.h"
#include "wipe.h"

#define ERRORS_MAX      4096 /* bytes of the error output that are kept, */
#define LINES_MAX       8    /* and lines of it that are shown */
#define LINE_SHOWN      300  /* bytes of its first line in a report */
#define PATH_SHOWN      255
#define SLICE_MS        10 /* how often to look whether it has ended while its output is open */
#define NOT_RUN         127
#define SIGNALS         65
#define DESCRIPTORS_MAX 65536

/* The pipes: which of them the program reads. */
enum { TO_IN, FROM_OUT, FROM_ERR, FROM_EXEC, PIPES };
enum { READ_END, WRITE_END };

struct run {
    const struct program *program;
    const struct deadline *deadline;
    struct data *out;
    struct report *report;
    struct program_tree tree;
    int pipes[PIPES][2]; /* -1: not open (any more) */
    /* May be secret: the error output. clear wipes it. */
    char errors[ERRORS_MAX + 1];
    size_t errors_len;
};

/* ---- pipes ---- */

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A standard descriptor that was closed must not become a pipe's: the child puts its own there. */
static bool move_up(int *fd)
{
    if (*fd > STDERR_FILENO)
        return true;
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int error = errno;
    close(*fd);
    *fd = moved;
    errno = error;
    return moved >= 0;
}

static bool open_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0) {
        ends[READ_END] = ends[WRITE_END] = -1;
        return false;
    }
    return move_up(&ends[READ_END]) && move_up(&ends[WRITE_END]);
}

static bool open_pipes(struct run *run)
{
    for (int i = 0; i < PIPES; i++)
        if (!open_pipe(run->pipes[i]) ||
            (i != TO_IN && fcntl(run->pipes[i][READ_END], F_SETFL, O_NONBLOCK) != 0))
            return false;
    return true;
}

static void close_pipes(struct run *run)
{
    for (int i = 0; i < PIPES; i++) {
        close_end(&run->pipes[i][READ_END]);
        close_end(&run->pipes[i][WRITE_END]);
    }
}

/* All of it fits the pipe, which nothing has read from yet: so writing neither waits nor fails
 * because of a program that does not read. */
static bool put_input(struct run *run)
{
    const struct program *p = run->program;

    return p->input_len == 0 ||
           write(run->pipes[TO_IN][WRITE_END], p->input, p->input_len) == (ssize_t)p->input_len;
}

/* ---- the child: only what is allowed between fork and exec ---- */

static void reset_signals(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int i = 1; i < SIGNALS; i++)
        sigaction(i, &action, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Before Linux 5.9, and in some sandboxes, one by one. */
static void close_from(int first)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0)
        return;
#endif
    for (int fd = first; fd < DESCRIPTORS_MAX; fd++)
        close(fd);
}

/* The standard descriptors, one above them for the report, and no others. Returns that one. */
static int set_descriptors(struct run *run)
{
    int report = run->pipes[FROM_EXEC][WRITE_END], own = STDERR_FILENO + 1;

    if (dup2(run->pipes[TO_IN][READ_END], STDIN_FILENO) < 0 ||
        dup2(run->pipes[FROM_OUT][WRITE_END], STDOUT_FILENO) < 0 ||
        dup2(run->pipes[FROM_ERR][WRITE_END], STDERR_FILENO) < 0 ||
        (report != own && dup3(report, own, O_CLOEXEC) < 0))
        return report;
    close_from(own + 1);
    return own;
}

static char *find_home(void)
{
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++)
        if (strncmp(*entry, "HOME=", 5) == 0)
            return *entry;
    return NULL;
}

/* A death before prctl would not be noticed: the parent is another one then. */
static _Noreturn void become_program(struct run *run, pid_t parent)
{
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LANG=C.UTF-8";
    char *environment[] = {path, lang, find_home(), NULL};

    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(NOT_RUN);
    setsid();
    reset_signals();
    int exec_report = set_descriptors(run);
    if (exec_report == STDERR_FILENO + 1)
        execve(run->program->argv[0], run->program->argv, environment);
    int error = errno;
    bool reported = write(exec_report, &error, sizeof error) > 0;
    close(exec_report);
    _exit(reported ? NOT_RUN : NOT_RUN - 1);
}

/* ---- what it prints ---- */

static bool has_ended(int fd, ssize_t n)
{
    return fd >= 0 && (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR));
}

/* Reads once. False: there was nothing. */
static bool take(int *fd, char *bytes, size_t *len, size_t cap)
{
    ssize_t n = *fd >= 0 && *len < cap ? read(*fd, bytes + *len, cap - *len) : -1;

    if (*len < cap && has_ended(*fd, n))
        close_end(fd);
    *len += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static bool take_output(struct run *run)
{
    return take(&run->pipes[FROM_OUT][READ_END], run->out->bytes, &run->out->len,
                run->program->output_max + 1);
}

static bool take_errors(struct run *run)
{
    return take(&run->pipes[FROM_ERR][READ_END], run->errors, &run->errors_len, ERRORS_MAX);
}

/* What is over the bound is read, too: the program must not wait for us. */
static void drop_errors(struct run *run)
{
    char dropped[512];
    size_t len = 0;

    if (run->errors_len == ERRORS_MAX)
        take(&run->pipes[FROM_ERR][READ_END], dropped, &len, sizeof dropped);
    mmd_wipe(dropped, len);
}

static bool is_too_much(const struct run *run)
{
    return run->out->len > run->program->output_max;
}

/* ---- the error output ---- */

/* The next line that is not empty, ended by a NUL; NULL: there is none. */
static char *next_line(char **rest)
{
    char *line = *rest + strspn(*rest, "\r\n"), *end = line + strcspn(line, "\r\n");

    if (*line == '\0')
        return NULL;
    *rest = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return line;
}

static void show_lines(const struct run *run, char *rest)
{
    char path[PATH_SHOWN + 1] = "", *line;

    strncat(path, run->program->argv[0], PATH_SHOWN);
    make_printable(path);
    for (int i = 0; i < LINES_MAX && (line = next_line(&rest)) != NULL; i++) {
        make_printable(line);
        fprintf(stderr, "mmdclose: %s: %s\n", path, line);
    }
    if (*rest != '\0' || run->errors_len == ERRORS_MAX)
        fprintf(stderr, "mmdclose: %s: (the rest is not shown)\n", path);
}

/* Covers in it what was printed as the output, but for the line's end, which is no secret. */
static void cover_output(struct run *run)
{
    char *output = run->out->bytes;
    size_t len = run->out->len;

    output[len] = '\0';
    while (len > 0 && (output[len - 1] == '\n' || output[len - 1] == '\r'))
        len--;
    char next = output[len];
    output[len] = '\0';
    cover(run->errors, run->errors_len, output);
    output[len] = next;
}

/* Shows it, or returns its first line to be put into the report. */
static const char *use_errors(struct run *run)
{
    char *rest = run->errors, *line;

    run->errors[run->errors_len] = '\0';
    for (size_t i = 0; i < run->errors_len; i++)
        if (run->errors[i] == '\0')
            run->errors[i] = '?';
    cover_output(run);
    if (!run->program->quiet)
        show_lines(run, rest);
    else if ((line = next_line(&rest)) != NULL)
        return line;
    return NULL;
}

/* ---- its end ---- */

/* ": " and its first line, if it is not shown elsewhere. */
#define SAID(line) (line) != NULL ? ": " : "", LINE_SHOWN, (line) != NULL ? (line) : ""

static bool refuse_not_run(const struct run *run, int error)
{
    const struct program *p = run->program;
    const char *why = "";

    if (error == ENOENT)
        why = " (it, or the interpreter in its first line, is not there)";
    else if (error == EACCES)
        why = " (this user may not execute it, or may not enter its folder)";
    else if (error == ENOEXEC)
        why = " (a script needs a first line such as #!/bin/sh)";
    return refuse(run->report, p->error, "cannot run the program of %s, %.*s: %s%s; check it.",
                  p->option, PATH_SHOWN, p->argv[0], strerror(error), why);
}

static bool refuse_too_slow(const struct run *run, const char *line)
{
    const struct program *p = run->program;

    return refuse(run->report, p->error,
                  "the program of %s, %.*s, did not end within the time allowed, and was "
                  "killed%s%.*s; check what it waits for.",
                  p->option, PATH_SHOWN, p->argv[0], SAID(line));
}

static bool refuse_too_much(const struct run *run, const char *line)
{
    const struct program *p = run->program;

    return refuse(run->report, p->error,
                  "the program of %s, %.*s, printed more than %zu bytes%s%.*s; check what it "
                  "prints.",
                  p->option, PATH_SHOWN, p->argv[0], p->output_max, SAID(line));
}

static bool refuse_signal(const struct run *run, int number, const char *line)
{
    const struct program *p = run->program;

    return refuse(run->report, p->error,
                  "the program of %s, %.*s, was killed by signal %d (%s)%s%.*s; check it.",
                  p->option, PATH_SHOWN, p->argv[0], number, strsignal(number), SAID(line));
}

static bool refuse_status(const struct run *run, int status, const char *line)
{
    const struct program *p = run->program;

    return refuse(run->report, p->error,
                  "the program of %s, %.*s, failed with exit status %d%s%.*s; run it by hand as "
                  "this user to see why.",
                  p->option, PATH_SHOWN, p->argv[0], status, SAID(line));
}

static bool refuse_empty(const struct run *run, const char *line)
{
    const struct program *p = run->program;

    return refuse(run->report, p->error,
                  "the program of %s, %.*s, printed nothing, though its exit status is 0%s%.*s; "
                  "check it.",
                  p->option, PATH_SHOWN, p->argv[0], SAID(line));
}

static bool judge(struct run *run, bool ended)
{
    const struct program_tree *tree = &run->tree;
    const char *line = use_errors(run);
    int error;

    if (is_too_much(run))
        return refuse_too_much(run, line);
    if (!ended)
        return refuse_too_slow(run, line);
    if (read(run->pipes[FROM_EXEC][READ_END], &error, sizeof error) == sizeof error)
        return refuse_not_run(run, error);
    if (tree->killed_by != 0)
        return refuse_signal(run, tree->killed_by, line);
    if (tree->status != 0)
        return refuse_status(run, tree->status, line);
    return run->out->len > 0 || refuse_empty(run, line);
}

/* ---- all of it ---- */

static bool refuse_start(const struct run *run, int error)
{
    const struct program *p = run->program;

    refuse(run->report, MMD_ERR_SYSTEM,
           "cannot start the program of %s, %.*s: %s; check this device's limits, such as open "
           "files, processes and memory.",
           p->option, PATH_SHOWN, p->argv[0], strerror(error));
    run->report->result.detail = (struct mmd_detail){MMD_DETAIL_ERRNO, error};
    return false;
}

/* And ours of its input, which is complete. */
static void close_childs_ends(struct run *run)
{
    close_end(&run->pipes[TO_IN][READ_END]);
    for (int i = 0; i < PIPES; i++)
        close_end(&run->pipes[i][WRITE_END]);
}

static bool start(struct run *run)
{
    pid_t parent = getpid();

    if (!open_pipes(run) || !put_input(run))
        return false;
    tree_begin(&run->tree);
    run->tree.pid = fork();
    if (run->tree.pid == 0)
        become_program(run, parent);
    int error = errno;
    if (run->tree.pid < 0)
        tree_end(&run->tree, true);
    close_childs_ends(run);
    errno = error;
    return run->tree.pid > 0;
}

static void wait_for_output(struct run *run, uint32_t left)
{
    struct pollfd fds[] = {{.fd = run->pipes[FROM_OUT][READ_END], .events = POLLIN},
                           {.fd = run->pipes[FROM_ERR][READ_END], .events = POLLIN}};

    poll(fds, 2, (int)(left < SLICE_MS ? left : SLICE_MS));
}

/* Until it has ended. False: it was too slow, or prints too much. */
static bool attend(struct run *run)
{
    uint32_t left;

    while (!tree_has_ended(&run->tree)) {
        if ((left = time_left(run->deadline)) == 0 || is_too_much(run))
            return false;
        wait_for_output(run, left);
        take_output(run);
        take_errors(run);
        drop_errors(run);
    }
    while (take_output(run) || take_errors(run))
        continue; /* what is still in the pipes; ends at the bounds */
    return true;
}

static bool run_started(struct run *run)
{
    bool ended = attend(run);
    bool in_order = ended && !is_too_much(run) && run->tree.status == 0 && run->tree.killed_by == 0;

    tree_end(&run->tree, in_order);
    return judge(run, ended);
}

static void clear(struct run *run)
{
    close_pipes(run);
    mmd_wipe(run->errors, sizeof run->errors);
}

bool run_program(const struct program *program, const struct deadline *deadline, struct data *out,
                 struct report *report)
{
    struct run run = {.program = program, .deadline = deadline, .out = out, .report = report};

    memset(run.pipes, -1, sizeof run.pipes);
    *out = (struct data){malloc(program->output_max + 2), 0};
    if (out->bytes == NULL)
        return refuse_no_memory(report);
    out->bytes[0] = '\0';
    bool done = start(&run) ? run_started(&run) : refuse_start(&run, errno);
    clear(&run);
    return done;
}
