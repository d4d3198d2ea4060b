/* SPDX-License-Identifier: MIT */
/* The mmdclose command: prepares the process, then runs what the first word names. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "command.h"
#include "mmdclose/version.h"
#include "options.h"

const struct command commands[] = {
    {"close", FOR_CLOSE, command_close, "close an elevation request"},
#if IS_WHOLE
    {"token", FOR_TOKEN, command_token, "get an access token, to see whether that works"},
    {"queue add", FOR_ADD, command_add, "store a closing, to be sent later, and return at once"},
    {"queue flush", FOR_FLUSH, command_flush, "send what is due"},
    {"queue list", FOR_LIST, command_list, "list what waits, and what was moved aside, and why"},
    {"queue retry", FOR_RETRY, command_retry, "make closings due now"},
    {"queue drop", FOR_DROP, command_drop, "remove closings for good"},
    {"queue check", FOR_CHECK, command_check, "say in one line whether anything is stuck"},
    {"queue intake", FOR_INTAKE, command_intake, "take in what was added, and send nothing"},
    {"doctor", FOR_DOCTOR, command_doctor, "check this device, from its files to the token"},
    {"config", FOR_CONFIG, command_config, "print which options are in force, and where from"},
    {"trust", FOR_TRUST, command_trust, "list the trust anchors and when they expire"},
#endif
    {NULL, 0, NULL, NULL},
};

const char *name_of_command(unsigned command)
{
    const struct command *c = commands;

    while (c->name != NULL && c->bit != command)
        c++;
    return c->name != NULL ? c->name : "";
}

/* The token will be in memory: keep it out of core dumps and away from other processes. */
static void harden(void)
{
    const struct rlimit none = {0, 0};

    prlimit(0, RLIMIT_CORE, &none, NULL); /* musl's setrlimit brings code for threads */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* A closed standard descriptor would be given to the next file or socket that is opened, and what
 * is meant for people would go there. */
static void occupy_standard_descriptors(void)
{
    int fd;

    while ((fd = open("/dev/null", O_RDONLY)) >= 0 && fd <= STDERR_FILENO)
        continue; /* writing still fails there */
    if (fd >= 0)
        close(fd);
}

static bool is_switch(const char *word)
{
    for (const struct option *o = option_table; o < option_table + OPTION_COUNT; o++)
        if (o->value == NULL && strncmp(word, "--", 2) == 0 && strcmp(word + 2, o->name) == 0)
            return true;
    return false;
}

/* Moves a word to an earlier place. */
static void move_word(char **argv, int from, int to)
{
    char *word = argv[from];

    memmove(argv + to + 1, argv + to, (size_t)(from - to) * sizeof *argv);
    argv[to] = word;
}

/* Whether its command has two words. */
static bool is_group(const char *word)
{
    return IS_WHOLE && strcmp(word, "queue") == 0;
}

/* Switches may stand before the command, and between its two words: puts these first. */
static void move_command_first(int argc, char **argv)
{
    int at = 1;

    while (at < argc && strncmp(argv[at], "--", 2) == 0)
        at++;
    if (at == argc)
        return;
    move_word(argv, at, 1);
    if (!is_group(argv[1]))
        return;
    for (at = 2; at < argc && is_switch(argv[at]);)
        at++;
    if (at < argc)
        move_word(argv, at, 2);
}

/* The number of words that name the command; 0: they name another one. */
static int words_of(const struct command *c, int argc, char **argv)
{
    size_t first = strcspn(c->name, " ");
    bool has_two = c->name[first] != '\0';

    if (argc < 2 + has_two || strlen(argv[1]) != first || memcmp(argv[1], c->name, first) != 0)
        return 0;
    if (has_two && strcmp(argv[2], c->name + first + 1) != 0)
        return 0;
    return 1 + has_two;
}

static enum mmd_outcome run_command(const struct command *c, int argc, char **argv)
{
    return asks_for(FIELD(help), c->bit, argc, argv) ? print_help(c) : c->run(argc, argv);
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

/* As nearest_option, for commands; of the two words that some have the second is enough. */
static const struct command *nearest_command(const char *name)
{
    const struct command *found = NULL;
    size_t len = strlen(name), least = len / 2 + 1;

    for (const struct command *c = commands; c->name != NULL && len <= NEAR_MAX; c++) {
        const char *second = strchr(c->name, ' ');
        size_t d = distance(name, len, second != NULL ? second + 1 : c->name);
        if (d < least) {
            least = d;
            found = c;
        }
    }
    return found;
}

/* The word is not shown: it may be a secret in the wrong place. */
static enum mmd_outcome refuse_name(int argc, char **argv)
{
    bool has_group = argc > 1 && is_group(argv[1]);
    const char *word = argc > 1 + has_group ? argv[1 + has_group] : "";
    const struct command *near = nearest_command(word);
    const char *what = argc < 2 ? "no command was given"
                       : has_group
                           ? "'queue' is followed by add, flush, list, retry, drop, check or "
                             "intake"
                           : "there is no such command";

    fprintf(stderr, "mmdclose: %s; %s%s%s 'mmdclose --help'.\n", what,
            near != NULL ? "did you mean '" : "see", near != NULL ? near->name : "",
            near != NULL ? "'? See" : "");
    return MMD_OUTCOME_USAGE;
}

static enum mmd_outcome run(int argc, char **argv)
{
    move_command_first(argc, argv);
    const char *name = argc > 1 ? argv[1] : "";
    for (const struct command *c = commands; c->name != NULL; c++) {
        int words = words_of(c, argc, argv);
        if (words > 0)
            return run_command(c, argc - words, argv + words);
    }
    if (is_help(name) || (argc > 2 && is_group(name) && is_help(argv[2])))
        return print_help(NULL);
    if (strcmp(name, "--version") == 0) {
        puts(IS_WHOLE ? "mmdclose " MMD_VERSION : "mmdclose " MMD_VERSION " (ONLY=close)");
        return end_output();
    }
    return refuse_name(argc, argv);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that has gone is an error to report, no reason to die */
    occupy_standard_descriptors();
    harden();
    return (int)run(argc, argv);
}
