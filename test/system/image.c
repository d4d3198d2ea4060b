/* SPDX-License-Identifier: MIT */
/* Searches a program's memory at its very end:
 *
 *     image SECRETS REPORT PROGRAM [ARGUMENT]...
 *
 * Runs PROGRAM, and when it is about to exit reads SECRETS, looks for every run of 16 bytes of each
 * in everything that the program can write to, and gives REPORT a line for each that is still
 * there: its number, and where. A secret is the last word of a line, pairs of hexadecimal digits;
 * so a key log of TLS's will do. Exits as PROGRAM does; 125 if it cannot. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN      16 /* bytes of a secret that are already too many */
#define RUNS_MAX 8192
#define LINE_CAP 8192

static unsigned char runs[RUNS_MAX][RUN];
static size_t count;
/* The runs that begin with the same two bytes are a chain: its members are a run's number and 1,
 * its end is 0. */
static uint16_t first_of[1 << 16], next_of[RUNS_MAX];

static void fail(const char *what)
{
    perror(what);
    exit(125);
}

static size_t bytes_of(unsigned char *out, const char *word)
{
    unsigned byte;
    size_t len = 0;

    for (; sscanf(word + 2 * len, "%2x", &byte) == 1; len++)
        out[len] = (unsigned char)byte;
    return len;
}

static void take(const char *word)
{
    static unsigned char secret[LINE_CAP / 2];
    size_t len = bytes_of(secret, word);

    for (size_t at = 0; at + RUN <= len; at++) {
        if (count == RUNS_MAX)
            fail("too many secrets");
        uint16_t *first = &first_of[secret[at] << 8 | secret[at + 1]];
        next_of[count] = *first;
        memcpy(runs[count++], secret + at, RUN);
        *first = (uint16_t)count;
    }
}

static void read_secrets(const char *path)
{
    static char line[LINE_CAP];
    FILE *file = fopen(path, "r");

    if (file == NULL)
        fail(path);
    while (fgets(line, sizeof line, file) != NULL) {
        const char *space = strrchr(line, ' ');
        take(space != NULL ? space + 1 : line);
    }
    fclose(file);
    if (count == 0)
        fail("no secrets");
}

static void search(FILE *report, const unsigned char *bytes, size_t len, const char *where)
{
    for (size_t at = 0; at + RUN <= len; at++)
        for (size_t i = first_of[bytes[at] << 8 | bytes[at + 1]]; i != 0; i = next_of[i - 1])
            if (memcmp(bytes + at, runs[i - 1], RUN) == 0)
                fprintf(report, "%zu %s", i - 1, where);
}

static void search_region(FILE *report, int memory, uint64_t from, uint64_t to, const char *where)
{
    size_t len = (size_t)(to - from);
    unsigned char *bytes = malloc(len);

    if (bytes == NULL)
        fail("memory");
    errno = 0; /* it stays so if a part was read */
    if (pread(memory, bytes, len, (off_t)from) == (ssize_t)len)
        search(report, bytes, len, where);
    else if (errno != EIO) /* the kernel's own pages cannot be read */
        fail(where);
    free(bytes);
}

static void search_all(FILE *maps, int memory, const char *path)
{
    char line[512], access[8];
    uint64_t from, to;
    FILE *report = fopen(path, "w");

    if (report == NULL)
        fail(path);
    while (fgets(line, sizeof line, maps) != NULL)
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, access) == 3 &&
            access[1] == 'w')
            search_region(report, memory, from, to, line);
    if (fclose(report) != 0)
        fail(path);
}

/* Opened while the program has not begun: later it keeps others out. */
static FILE *open_of(pid_t pid, const char *name, int *fd)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    *fd = open(path, O_RDONLY);
    FILE *file = *fd >= 0 ? fdopen(*fd, "r") : NULL;
    if (file == NULL)
        fail(path);
    return file;
}

static void trace(char **argv)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    execv(argv[0], argv);
    fail(argv[0]);
}

/* Lets it run to its exit, passing on what signals it gets. */
static int let_run(pid_t pid, FILE *maps, int memory, char **argv)
{
    int status, signal = 0;

    for (;;) {
        ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)signal);
        if (waitpid(pid, &status, 0) != pid)
            fail("waitpid");
        if (!WIFSTOPPED(status))
            return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
        signal = status >> 16 != 0 ? 0 : WSTOPSIG(status);
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8)) {
            read_secrets(argv[1]);
            search_all(maps, memory, argv[2]);
        }
    }
}

int main(int argc, char **argv)
{
    int status, memory, fd;

    if (argc < 4)
        return 125;
    pid_t pid = fork();
    if (pid == 0)
        trace(argv + 3);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
        fail("no program");
    FILE *maps = open_of(pid, "maps", &fd);
    open_of(pid, "mem", &memory);
    ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL));
    return let_run(pid, maps, memory, argv);
}
