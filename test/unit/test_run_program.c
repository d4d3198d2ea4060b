/* SPDX-License-Identifier: MIT */
/* Tests of running another program: real ones, mostly shells that do what a test says. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../programs/mmdclose/run_program.h"
#include "mmdclose/port/linux.h"

#define AMPLE_MS 20000 /* for what ends by itself */
#define SHORT_MS 300   /* for what does not */

static struct mmd_linux linux_port;
static struct mmd_port port;
static struct report report;
static struct data out;
static char errors[16384]; /* what came on the standard error */

/* ---- running ---- */

static int clear(void **state)
{
    (void)state;
    wipe_and_free(&out);
    memset(&report, 0, sizeof report);
    return 0;
}

static struct deadline in_ms(uint32_t ms)
{
    return (struct deadline){&port, port.monotonic_ms(port.context), ms};
}

/* Runs it with our standard error in a file, which is then read. */
static bool run(const struct program *program, uint32_t ms)
{
    int file = memfd_create("errors", MFD_CLOEXEC), kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    const struct deadline deadline = in_ms(ms);

    clear(NULL);
    assert_true(file >= 0 && kept >= 0 && dup2(file, STDERR_FILENO) >= 0);
    bool done = run_program(program, &deadline, &out, &report);
    fflush(stderr);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    ssize_t n = pread(file, errors, sizeof errors - 1, 0);
    assert_true(n >= 0);
    errors[n] = '\0';
    close(file);
    close(kept);
    return done;
}

static struct program shell(char *const argv[])
{
    return (struct program){
        .option = "--token-command", .argv = argv, .output_max = 65536, .error = MMD_ERR_TOKEN};
}

#define SHELL(script) ((char *[]){"/bin/sh", "-c", script, NULL})

static bool run_script(char *script, uint32_t ms)
{
    char *const argv[] = {"/bin/sh", "-c", script, NULL};
    const struct program program = shell(argv);

    return run(&program, ms);
}

static void expect(char *script, const char *output)
{
    if (!run_script(script, AMPLE_MS))
        fail_msg("%s: %s", script, report.sentence);
    assert_int_equal(out.len, strlen(output));
    assert_string_equal(out.bytes, output);
}

static void expect_failure(const struct program *program, uint32_t ms, const char *piece)
{
    if (run(program, ms))
        fail_msg("it ran: %s", out.bytes);
    if (strstr(report.sentence, piece) == NULL)
        fail_msg("%s: %s", piece, report.sentence);
    assert_int_equal(report.verdict.error, program->error);
    assert_int_equal(report.outcome, MMD_OUTCOME_NO_TOKEN);
}

static void expect_failing(char *script, uint32_t ms, const char *piece)
{
    char *const argv[] = {"/bin/sh", "-c", script, NULL};
    const struct program program = shell(argv);

    expect_failure(&program, ms, piece);
}

/* Waits until no process has the number that is in the file. */
static bool is_gone(const char *path)
{
    FILE *in = fopen(path, "r");
    int pid = 0;

    assert_non_null(in);
    assert_int_equal(fscanf(in, "%d", &pid), 1);
    fclose(in);
    assert_true(pid > 1);
    return kill(pid, 0) != 0 && errno == ESRCH;
}

/* ---- what it prints ---- */

/* Fault 857: a program that prints and exits with 0 -> all that it printed, as it is */
static void test_output(void **state)
{
    (void)state;
    expect("echo token", "token\n");
    expect("printf a; sleep 0.05; printf b; sleep 0.05; printf 'c\\n\\n'", "abc\n\n");
    assert_true(run_script("printf 'a\\0b'", AMPLE_MS));
    assert_int_equal(out.len, 3);
    assert_memory_equal(out.bytes, "a\0b", 4);
}

/* Fault 858: output at its bound -> taken; one byte more, or without end -> refused at once */
static void test_output_bound(void **state)
{
    struct program program = shell(SHELL("printf 12345678"));

    (void)state;
    program.output_max = 8;
    assert_true(run(&program, AMPLE_MS));
    assert_string_equal(out.bytes, "12345678");
    program.output_max = 7;
    expect_failure(&program, AMPLE_MS, "more than 7 bytes");
    assert_true(run_script("head -c 65536 /dev/zero", AMPLE_MS));
    assert_int_equal(out.len, 65536);
    expect_failing("head -c 65537 /dev/zero", AMPLE_MS, "more than 65536 bytes");
    expect_failing("exec cat /dev/zero", AMPLE_MS, "more than 65536 bytes");
    expect_failing("while :; do echo endless; done", AMPLE_MS, "more than 65536 bytes");
}

/* Fault 859: nothing printed, with exit status 0 -> a sentence of its own */
static void test_empty(void **state)
{
    (void)state;
    expect_failing("exit 0", AMPLE_MS, "printed nothing");
    expect_failing("exec >&-; sleep 0.05", AMPLE_MS, "printed nothing");
}

/* ---- how it ends ---- */

/* Valgrind 3.19 finds out only when it cannot go back that an interpreter is missing, and ends. */
static const char *without_interpreter(void)
{
    const char *preload = getenv("LD_PRELOAD");

    return preload != NULL && strstr(preload, "vgpreload") != NULL ? "exit status 101"
                                                                   : "interpreter";
}

/* Fault 860: an exit status, a signal, a program that is not there, not executable, no program,
 * without its interpreter, a folder -> a sentence of its own for each */
static void test_ends(void **state)
{
    char path[] = "/tmp/run-program-XXXXXX", *argv[] = {path, NULL};
    const struct program program = shell(argv);
    int fd = mkstemp(path);

    (void)state;
    expect_failing("echo token; exit 3", AMPLE_MS, "exit status 3");
    expect_failing("exit 126", AMPLE_MS, "exit status 126");
    expect_failing("exit 127", AMPLE_MS, "exit status 127");
    expect_failing("kill -TERM $$", AMPLE_MS, "signal 15");
    expect_failing("kill -KILL $$", AMPLE_MS, "signal 9");
    assert_true(fd >= 0);
    expect_failure(&program, AMPLE_MS, "may not execute");
    assert_int_equal(fchmod(fd, 0700), 0);
    assert_int_equal(write(fd, "#!/nonexistent/shell\n", 21), 21);
    close(fd);
    expect_failure(&program, AMPLE_MS, without_interpreter());
    assert_int_equal(truncate(path, 0), 0);
    expect_failure(&program, AMPLE_MS, "needs a first line");
    assert_int_equal(unlink(path), 0);
    expect_failure(&program, AMPLE_MS, "is not there");
    argv[0] = "/tmp";
    expect_failure(&program, AMPLE_MS, "may not execute");
}

/* Fault 861: a program that hangs, ignores SIGTERM and SIGHUP, is stopped, or has closed its
 * output -> killed at the deadline */
static void test_deadline(void **state)
{
    (void)state;
    expect_failing("sleep 1000", SHORT_MS, "within the time");
    expect_failing("trap '' TERM HUP INT; while :; do sleep 1000; done", SHORT_MS,
                   "within the time");
    expect_failing("kill -STOP $$", SHORT_MS, "within the time");
    expect_failing("echo token; exec >&- 2>&-; sleep 1000", SHORT_MS, "within the time");
    expect_failing("while :; do :; done", SHORT_MS, "within the time");
}

static char *scripts_with_pid(char *text, size_t cap, const char *script, const char *path)
{
    snprintf(text, cap, script, path);
    return text;
}

static void expect_no_children(void)
{
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* Fault 862: children that hold the pipes, in the program's group, in a session of their own, that
 * lost their parent -> killed with it when it fails or is too slow */
static void test_descendants(void **state)
{
    static const char *const scripts[] = {
        "sleep 1000 & echo $! >%1$s; ",
        "setsid sh -c 'echo $$ >%1$s; exec sleep 1000' & ",
        "(setsid sh -c 'trap \"\" HUP TERM; echo $$ >%1$s; sleep 1000' &); ",
        "(setsid setsid sh -c '(setsid sh -c \"echo \\$\\$ >%1$s; exec sleep 99\" &) & wait' &); ",
    };
    static const char *const ends[][2] = {{"exec cat /dev/zero", "more than"},
                                          {"exit 1", "exit status 1"},
                                          {"kill -KILL $$", "signal 9"}};
    char path[] = "/tmp/run-program-XXXXXX", form[512], script[512];
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(ftruncate(fd, 0), 0);
        snprintf(form, sizeof form, "%swhile [ ! -s %%1$s ]; do sleep 0.01; done; %s",
                 scripts[i / 3], ends[i % 3][0]);
        expect_failing(scripts_with_pid(script, sizeof script, form, path), AMPLE_MS,
                       ends[i % 3][1]);
        if (!is_gone(path))
            fail_msg("%s: left one", script);
        expect_no_children();
    }
    expect_failing("setsid sleep 1000 & sleep 1000 & wait", 2 * SHORT_MS, "within the time");
    expect_no_children();
    close(fd);
    unlink(path);
}

/* Fault 863: a program that ends while its child holds the pipes -> its output is taken at once,
 * and the child killed; one in a session of its own may stay */
static void test_child_that_stays(void **state)
{
    char path[] = "/tmp/run-program-XXXXXX", script[256];
    int fd = mkstemp(path), pid = 0;

    (void)state;
    assert_true(fd >= 0);
    expect(scripts_with_pid(script, sizeof script, "sleep 1000 & echo $! >%s; echo token", path),
           "token\n");
    assert_true(is_gone(path));
    assert_int_equal(ftruncate(fd, 0), 0);
    scripts_with_pid(script, sizeof script,
                     "setsid sh -c 'echo $$ >%1$s; exec sleep 1000' & "
                     "while [ ! -s %1$s ]; do sleep 0.01; done; echo token",
                     path);
    expect(script, "token\n");
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    assert_int_equal(fscanf(in, "%d", &pid), 1);
    fclose(in);
    assert_int_equal(kill(pid, SIGKILL), 0);
    waitpid(pid, NULL, 0);
    close(fd);
    unlink(path);
}

/* Fault 864: this process had a child before -> it is not killed with the program */
static void test_other_children(void **state)
{
    pid_t other = fork();
    int status;

    (void)state;
    if (other == 0) {
        pause();
        _exit(0);
    }
    assert_true(other > 0);
    expect_failing("sleep 1000", SHORT_MS, "within the time");
    assert_int_equal(waitpid(other, &status, WNOHANG), 0);
    assert_int_equal(kill(other, SIGKILL), 0);
    assert_int_equal(waitpid(other, &status, 0), other);
}

/* ---- its error output ---- */

/* Fault 865: error output -> shown line by line, with the program's name, printable, bounded; also
 * if it does not end */
static void test_errors(void **state)
{
    (void)state;
    expect("echo 'one 1' >&2; printf '\\n\\033[2Jtwo\\r\\n\\377three' >&2; echo token", "token\n");
    assert_string_equal(errors, "mmdclose: /bin/sh: one 1\nmmdclose: /bin/sh: ?[2Jtwo\n"
                                "mmdclose: /bin/sh: ?three\n");
    expect("for i in 1 2 3 4 5 6 7 8; do echo line $i >&2; done; echo token", "token\n");
    assert_non_null(strstr(errors, "line 8\n"));
    assert_null(strstr(errors, "not shown"));
    expect("for i in 1 2 3 4 5 6 7 8 9; do echo line $i >&2; done; echo token", "token\n");
    assert_null(strstr(errors, "line 9"));
    assert_non_null(strstr(errors, "(the rest is not shown)"));
    expect("head -c 1000000 /dev/zero >&2; echo token", "token\n");
    assert_in_range(strlen(errors), 4096, 4300);
    expect_failing("while :; do echo endless; done >&2", SHORT_MS, "within the time");
    assert_in_range(strlen(errors), 100, 1000);
}

/* Fault 866: error output with --json -> not shown, but its first line is in the message */
static void test_quiet(void **state)
{
    struct program program = shell(SHELL("echo >&2; echo 'no \033login' >&2; echo 2 >&2; exit 1"));

    (void)state;
    program.quiet = true;
    expect_failure(&program, AMPLE_MS, "exit status 1: no ?login;");
    assert_string_equal(errors, "");
    program.argv = SHELL("echo warning >&2; echo token");
    assert_true(run(&program, AMPLE_MS));
    assert_string_equal(errors, "");
    program.argv = SHELL("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1");
    expect_failure(&program, AMPLE_MS, "xxxx");
    assert_in_range(strlen(report.sentence), 300, 600);
}

/* Fault 867: a script that traces itself, or says its output again -> the token is covered in what
 * is shown */
static void test_secret_in_errors(void **state)
{
    static const char secret[] = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIs";
    char script[256];
    struct program program = shell(SHELL(script));

    (void)state;
    snprintf(script, sizeof script, "set -x; echo %s", secret);
    assert_true(run(&program, AMPLE_MS));
    assert_memory_equal(out.bytes, secret, sizeof secret - 1);
    assert_non_null(strstr(errors, "+ echo ****"));
    assert_null(strstr(errors, "eyJ0"));
    snprintf(script, sizeof script, "echo %s; echo says %s >&2; exit 1", secret, secret);
    program.quiet = true;
    expect_failure(&program, AMPLE_MS, "says ****");
    assert_null(strstr(report.sentence, "eyJ0"));
    strcpy(script, "echo short; echo says short >&2");
    program.quiet = false;
    assert_true(run(&program, AMPLE_MS));
    assert_non_null(strstr(errors, "says *****\n"));
}

/* ---- what it gets ---- */

/* Fault 868: bytes for its standard input -> it reads just those; one that does not read them, or
 * ends before -> no difference; none -> it reads an end */
static void test_input(void **state)
{
    static unsigned char bytes[PROGRAM_INPUT_MAX];
    struct program program = shell(SHELL("exec cat"));

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    program.input = bytes;
    for (size_t len = 1; len <= sizeof bytes; len = len < 40 ? len + 1 : len * 2) {
        program.input_len = len;
        assert_true(run(&program, AMPLE_MS));
        assert_int_equal(out.len, len);
        assert_memory_equal(out.bytes, bytes, len);
    }
    program.input_len = sizeof bytes;
    assert_true(run(&program, AMPLE_MS));
    program.argv = SHELL("cat /dev/stdin /dev/fd/0 /proc/self/fd/0");
    assert_true(run(&program, AMPLE_MS));
    assert_int_equal(out.len, sizeof bytes);
    program.argv = SHELL("exec <&-; echo token");
    assert_true(run(&program, AMPLE_MS));
    expect("cat; echo end", "end\n");
}

/* Fault 869: descriptors that are open here, also above the limit of today, closed standard
 * descriptors -> the program has 0, 1 and 2, and no other */
static void test_descriptors(void **state)
{
    int first = open("/etc/hostname", O_RDONLY), other = fcntl(first, F_DUPFD, 900);
    static const char *const listing = "0\n1\n2\n3\n"; /* 3: of the listing itself */
    struct rlimit old;

    (void)state;
    assert_true(first >= 0 && other >= 900);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){64, old.rlim_max}), 0);
    assert_true(run(&(struct program){.option = "--x",
                                      .argv = (char *[]){"/bin/ls", "/proc/self/fd", NULL},
                                      .output_max = 1000,
                                      .error = MMD_ERR_TOKEN},
                    AMPLE_MS));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_string_equal(out.bytes, listing);
    close(first);
    close(other);
}

/* In a child, whose standard descriptors are closed. */
static int run_without(unsigned which)
{
    const struct program program = shell(SHELL("cat && echo token && echo error >&2"));
    const struct deadline deadline = in_ms(AMPLE_MS);

    for (int fd = 0; fd < 3; fd++)
        if ((which >> fd & 1) != 0)
            close(fd);
    if (!run_program(&program, &deadline, &out, &report))
        return 1;
    return strcmp(out.bytes, "token\n") == 0 ? 0 : 2;
}

static void test_closed_standard_descriptors(void **state)
{
    (void)state;
    for (unsigned which = 0; which < 8; which++) {
        int status = -1;
        pid_t child = fork();
        if (child == 0)
            _exit(run_without(which));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

/* Fault 881: our environment, with secrets and a proxy's password in it -> the program has only
 * PATH, LANG and HOME */
static void test_environment(void **state)
{
    struct program program = shell((char *[]){"/usr/bin/env", NULL});

    (void)state;
    setenv("HTTPS_PROXY", "http://u:secret@proxy", 1);
    setenv("LD_PRELOAD_X", "x", 1);
    setenv("HOME", "/home/of/someone", 1);
    assert_true(run(&program, AMPLE_MS));
    assert_string_equal(
        out.bytes, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLANG=C.UTF-8\nHOME=/home/of/someone\n");
    unsetenv("HOME");
    assert_true(run(&program, AMPLE_MS));
    assert_string_equal(out.bytes, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLANG=C.UTF-8\n");
    program.argv = (char *[]){"/usr/bin/env", "A=b c", "/bin/sh", "-c", "echo \"$A\"", NULL};
    assert_true(run(&program, AMPLE_MS));
    assert_string_equal(out.bytes, "b c\n");
}

/* The set of signals with this name in /proc/PID/status, which was printed; without those that C
 * libraries keep for themselves. */
static unsigned long long signals_of(const char *name)
{
    const char *found = strstr(out.bytes, name);

    assert_non_null(found);
    return strtoull(found + strlen(name), NULL, 16) & ~(7ULL << 31);
}

/* Fault 882: signals that are ignored or blocked here, SIGPIPE and SIGCHLD among them -> the
 * program has the defaults, and its exit status is still known; nothing here changes */
static void test_signals(void **state)
{
    struct sigaction after;
    sigset_t all, before, now;
    int reaper = -1;

    (void)state;
    signal(SIGCHLD, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigfillset(&all);
    sigdelset(&all, SIGALRM);
    assert_int_equal(sigprocmask(SIG_SETMASK, &all, &before), 0);
    assert_true(run_script("exec cat /proc/self/status", AMPLE_MS));
    assert_int_equal(signals_of("SigBlk:"), 0);
    assert_int_equal(signals_of("SigIgn:"), 0);
    expect_failing("exit 5", AMPLE_MS, "exit status 5");
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, &now), 0);
    assert_int_equal(sigismember(&now, SIGTERM), 1);
    assert_int_equal(sigaction(SIGCHLD, NULL, &after), 0);
    assert_ptr_equal(after.sa_handler, SIG_IGN);
    assert_int_equal(prctl(PR_GET_CHILD_SUBREAPER, &reaper, 0, 0, 0), 0);
    assert_int_equal(reaper, 0);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
}

/* Fault 883: no controlling terminal, a session of its own, no core dumps -> so it is */
static void test_session(void **state)
{
    struct rlimit old;

    (void)state;
    expect("[ $(cut -d' ' -f6 /proc/$$/stat) = $$ ] && [ $(cut -d' ' -f5 /proc/$$/stat) = $$ ] && "
           "echo token; (: </dev/tty) 2>/dev/null && echo terminal; :",
           "token\n");
    assert_int_equal(getrlimit(RLIMIT_CORE, &old), 0);
    assert_int_equal(setrlimit(RLIMIT_CORE, &(struct rlimit){0, old.rlim_max}), 0);
    expect("ulimit -c", "0\n");
    assert_int_equal(setrlimit(RLIMIT_CORE, &old), 0);
}

static void on_alarm(int number)
{
    (void)number;
}

/* Fault 884: a signal during the wait -> it goes on waiting, also when they come all the time */
static void test_interrupts(void **state)
{
    const struct sigaction action = {.sa_handler = on_alarm};
    const struct itimerspec every = {{0, 1000000}, {0, 1000000}};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    timer_t timer;

    (void)state;
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    assert_int_equal(timer_settime(timer, 0, &every, NULL), 0);
    expect("sleep 0.2; echo token", "token\n");
    expect_failing("sleep 1000", SHORT_MS, "within the time");
    timer_delete(timer);
    signal(SIGALRM, SIG_DFL);
}

/* Fault 885: this process is killed -> so is the program */
static void test_death_of_ours(void **state)
{
    char path[] = "/tmp/run-program-XXXXXX", script[256];
    int fd = mkstemp(path), how = 0;
    struct stat status = {.st_size = 0};
    pid_t child;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    scripts_with_pid(script, sizeof script, "echo $$ >%s; exec sleep 1000", path);
    if ((child = fork()) == 0)
        _exit(run_script(script, AMPLE_MS));
    while (status.st_size == 0)
        assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(waitpid(-1, &how, 0) > 1);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    assert_true(is_gone(path));
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
    close(fd);
    unlink(path);
}

/* ---- what is left in memory ---- */

#define MAPPING_MAX (64L << 20) /* above it is the sanitizer's own */

/* Whether these bytes have "zqzq..." 16 times, which stands in no text of this program. */
static bool has_secret(const char *bytes, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i + 1 < len && count < 16; i++)
        if (bytes[i] == 'z' && bytes[i + 1] == 'q')
            count++, i++;
        else
            count = 0;
    return count >= 16;
}

static bool mapping_has_secret(int memory, long begin, long len)
{
    char *copy =
        mmap(NULL, (size_t)len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(copy, MAP_FAILED);
    ssize_t n = pread(memory, copy, (size_t)len, begin);
    bool found = n > 0 && has_secret(copy, (size_t)n);
    munmap(copy, (size_t)len);
    return found;
}

/* Looks through all that can be written to. */
static bool memory_has_secret(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY);
    char line[512];
    bool found = false;
    long begin, end;

    assert_true(maps != NULL && memory >= 0);
    while (!found && fgets(line, sizeof line, maps) != NULL)
        if (sscanf(line, "%lx-%lx rw", (unsigned long *)&begin, (unsigned long *)&end) == 2 &&
            strstr(line, " rw") != NULL && end - begin <= MAPPING_MAX)
            found = mapping_has_secret(memory, begin, end - begin);
    fclose(maps);
    close(memory);
    return found;
}

/* Fault 887: a token that was printed, also as an error, with success or not -> once the caller has
 * wiped the output, it is nowhere in memory */
static void test_wiped(void **state)
{
    static char print[] = "s=zq; for i in 1 2 3 4 5 6; do s=$s$s; done; echo $s; echo $s >&2";
    static char fail[] =
        "s=zq; for i in 1 2 3 4 5 6; do s=$s$s; done; echo $s; echo $s >&2; exit 1";
    static char many[] = "s=zq; for i in 1 2 3 4 5 6; do s=$s$s; done; echo token; "
                         "head -c 5000 /dev/zero >&2; for i in 1 2 3 4 5; do echo $s >&2; done";

    (void)state;
    assert_false(memory_has_secret());
    assert_true(run_script(print, AMPLE_MS));
    assert_true(memory_has_secret()); /* it can be found */
    wipe_and_free(&out);
    assert_false(memory_has_secret());
    assert_false(run_script(fail, AMPLE_MS));
    wipe_and_free(&out);
    assert_false(memory_has_secret());
    assert_true(run_script(many, AMPLE_MS));
    wipe_and_free(&out);
    assert_false(memory_has_secret());
}

/* ---- failures of the system ---- */

static int count_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* Fault 886: no descriptor left for one of the pipes -> reported as the system's, nothing leaks */
static void test_no_descriptors(void **state)
{
    struct rlimit old, few;
    const struct program program = shell(SHELL("echo token"));
    const struct deadline deadline = in_ms(AMPLE_MS);
    int before = count_descriptors(), highest = 1023;
    bool done = false;

    (void)state;
    while (fcntl(highest, F_GETFD) < 0)
        highest--;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    for (int spare = 0; !done; spare++) {
        few = (struct rlimit){(rlim_t)(highest + 1 + spare), old.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        done = run_program(&program, &deadline, &out, &report);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
        assert_int_equal(count_descriptors(), before);
        if (!done) {
            assert_int_equal(report.verdict.error, MMD_ERR_SYSTEM);
            assert_int_equal(report.outcome, MMD_OUTCOME_INTERNAL);
            assert_int_equal(report.result.detail.code, EMFILE);
            assert_non_null(strstr(report.sentence, "cannot start"));
        }
        wipe_and_free(&out);
        assert_true(spare <= 8);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, clear, clear)

static int begin(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN); /* as the command does */
    mmd_linux_init(&linux_port, &port);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_output),
        TEST(test_output_bound),
        TEST(test_empty),
        TEST(test_ends),
        TEST(test_deadline),
        TEST(test_descendants),
        TEST(test_child_that_stays),
        TEST(test_other_children),
        TEST(test_errors),
        TEST(test_quiet),
        TEST(test_secret_in_errors),
        TEST(test_input),
        TEST(test_descriptors),
        TEST(test_closed_standard_descriptors),
        TEST(test_environment),
        TEST(test_signals),
        TEST(test_session),
        TEST(test_interrupts),
        TEST(test_death_of_ours),
        TEST(test_wiped),
        TEST(test_no_descriptors),
    };

    return cmocka_run_group_tests_name("run program", tests, begin, NULL);
}
