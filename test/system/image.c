/* Searches a program's memory at its very end:
 *
 *     image SECRETS REPORT PROGRAM [ARGUMENT]...
 *
 * Runs PROGRAM, and when it is about to exit reads SECRETS, looks for each in everything that the
 * program can write to, and gives REPORT a line for each that is still there: its number, and
 * where. A secret is the last word of a line, pairs of hexadecimal digits; so a key log of TLS's
 * will do. Exits as PROGRAM does; 125 if it cannot. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRETS_MAX 4096

struct secret {
    size_t len;
    unsigned char bytes[64];
};

static struct secret secrets[SECRETS_MAX];
static size_t count;

static void fail(const char *what)
{
    perror(what);
    exit(125);
}

/* Whether the word is a secret. */
static bool take(struct secret *secret, const char *word)
{
    unsigned byte;

    for (secret->len = 0; secret->len < sizeof secret->bytes; secret->len++, word += 2)
        if (sscanf(word, "%2x", &byte) == 1)
            secret->bytes[secret->len] = (unsigned char)byte;
        else
            break;
    return secret->len >= 16;
}

static void read_secrets(const char *path)
{
    char line[512];
    FILE *file = fopen(path, "r");

    if (file == NULL)
        fail(path);
    while (count < SECRETS_MAX && fgets(line, sizeof line, file) != NULL) {
        const char *space = strrchr(line, ' ');
        count += take(&secrets[count], space != NULL ? space + 1 : line);
    }
    fclose(file);
    if (count == 0)
        fail("no secrets");
}

static void search(FILE *report, const unsigned char *bytes, size_t len, const char *where)
{
    for (size_t i = 0; i < count; i++)
        if (memmem(bytes, len, secrets[i].bytes, secrets[i].len) != NULL)
            fprintf(report, "%zu %s", i, where);
}

static void search_region(FILE *report, int memory, uint64_t from, uint64_t to, const char *where)
{
    size_t len = (size_t)(to - from);
    unsigned char *bytes = malloc(len);

    if (bytes == NULL)
        fail("memory");
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
