/* SPDX-License-Identifier: MIT */
/* Runs a program for bench.py and says what it took, as a line in a file:
 *
 *     run FILE PROGRAM ARGUMENT...
 *
 * microseconds of processor time (user and system), microseconds until it ended, its peak resident
 * set in KB, its exit status. The peak is read from the program's own memory map as it ends: what
 * wait4 says is at least what this program had when it forked.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long microseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static long peak_kb(pid_t process)
{
    char path[32], line[256];
    long kb = 0;

    snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    FILE *status = fopen(path, "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmHWM: %ld kB", &kb) == 1)
            break;
    if (status != NULL)
        fclose(status);
    return kb;
}

static void start(char **command)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    execvp(command[0], command);
    _exit(127);
}

int main(int argc, char **argv)
{
    struct rusage used;
    int status;
    long kb = 0;

    if (argc < 3)
        return 2;
    pid_t process = fork();
    if (process == 0)
        start(argv + 2);
    if (process < 0 || waitpid(process, &status, 0) != process || !WIFSTOPPED(status))
        return 2;
    ptrace(PTRACE_SETOPTIONS, process, NULL,
           PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
    ptrace(PTRACE_CONT, process, NULL, NULL);
    long begin = microseconds();
    while (wait4(process, &status, 0, &used) == process && WIFSTOPPED(status)) {
        int event = status >> 16, signal = WSTOPSIG(status);
        if (event == PTRACE_EVENT_EXIT)
            kb = peak_kb(process);
        ptrace(PTRACE_CONT, process, NULL, (void *)(long)(event == 0 ? signal : 0));
    }
    long end = microseconds();
    FILE *out = fopen(argv[1], "w");
    if (out == NULL)
        return 2;
    fprintf(out, "%ld %ld %ld %d\n",
            (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 + used.ru_utime.tv_usec +
                used.ru_stime.tv_usec,
            end - begin, kb, WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    fclose(out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
