/* SPDX-License-Identifier: MIT */
/* The help, from the tables of commands and options. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "options.h"

#define WORDS_WIDTH 23

static const char about[] =
    "Closes elevation requests of Microsoft Managed Desktop.\n"
    "\n"
    "usage: mmdclose COMMAND [option]...\n"
    "       mmdclose COMMAND --help\n"
    "       mmdclose --help | --version\n"
    "\n"
#if IS_WHOLE
    "  mmdclose close --tenant ID --request ID --actions TEXT TOKEN\n"
    "\n"
    "where TOKEN is one of\n"
    "  --token-file FILE               (not of token)\n"
    "  --token-command COMMAND\n"
    "  --client-id ID --client-secret-file FILE\n"
    "  --client-id ID --certificate FILE (--key-file FILE | --sign-command COMMAND)\n"
    "  --client-id ID --login          (only of close and token)\n"
#else
    "  mmdclose close --tenant ID --request ID --actions TEXT --token-file FILE\n"
#endif
    "\n"
    "Options may also stand in " DEFAULT_CONFIG ", see mmdclose.conf(5).\n"
    "\n"
    "commands:\n";

#define ALL_STATUSES 0x7FF

static const char *const outcomes[] = {
    "closed",
    "internal error",
    "wrong usage or input",
    "already closed",
    "no such request",
    "refused: the same will be refused again",
    "not authorised: get another token",
    "try again later: closing twice is harmless",
    "server not verified: nothing was sent",
    "clock not set: nothing was sent",
    "no token now: try again later",
};

/* What a command's exit status is, where it is not that of a closing. */
static const struct {
    unsigned commands, statuses; /* bits */
    const char *good;            /* 0 */
    const char *else_of;         /* whose outcome it is, or NULL */
    const char *none;            /* 4, or NULL */
} endings[] = {
    {FOR_TOKEN, ALL_STATUSES & ~0x18u, "got a token", NULL, NULL},
    {FOR_ADD, 0x7, "stored", NULL, NULL},
    {FOR_FLUSH, ALL_STATUSES, "sent, or nothing was due", "of the last try that failed", NULL},
    {FOR_CHECK, ALL_STATUSES, "nothing is stuck", "of what is stuck longest", NULL},
    {FOR_RETRY | FOR_DROP, 0x17, "done", NULL, "no such closing in the queue"},
    {FOR_DOCTOR, ALL_STATUSES & ~0x18u, "all is right", "of the first check that failed", NULL},
    {FOR_LIST | FOR_INTAKE | FOR_CONFIG | FOR_TRUST, 0x7, "done", NULL, NULL},
};

static void print_statuses(unsigned command)
{
    unsigned statuses = ALL_STATUSES;
    const char *good = outcomes[0], *else_of = NULL, *none = NULL;

    for (size_t i = 0; IS_WHOLE && i < sizeof endings / sizeof *endings; i++)
        if ((endings[i].commands & command) != 0) {
            statuses = endings[i].statuses;
            good = endings[i].good;
            else_of = endings[i].else_of;
            none = endings[i].none;
        }
    printf("\nexit status%s%s:\n", else_of != NULL ? ", if not 0 that " : "",
           else_of != NULL ? else_of : "");
    for (unsigned i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if ((statuses >> i & 1) != 0)
            printf("  %2u  %s\n", i, i == 0 ? good : i == 4 && none != NULL ? none : outcomes[i]);
}

static void print_option(const struct option *o)
{
    char words[32];

    snprintf(words, sizeof words, "--%s%s%s", o->name, o->value != NULL ? " " : "",
             o->value != NULL ? o->value : "");
    bool fits = strlen(words) < WORDS_WIDTH; /* beside its help, with a space */
    if (!fits)
        printf("  %s\n", words);
    for (const char *line = o->help, *end; *line != '\0'; line = end + (*end == '\n')) {
        end = line + strcspn(line, "\n");
        printf("  %-*s%.*s\n", WORDS_WIDTH, line == o->help && fits ? words : "", (int)(end - line),
               line);
    }
}

static void print_command(const struct command *c)
{
    printf("mmdclose %s: %s\n\n", c->name, c->help);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if ((option_table[i].commands & c->bit) != 0)
            print_option(&option_table[i]);
}

static void print_commands(void)
{
    fputs(about, stdout);
    for (const struct command *c = commands; c->name != NULL; c++)
        printf("  %-14s %s\n", c->name, c->help);
}

enum mmd_outcome print_help(const struct command *command)
{
    if (command != NULL)
        print_command(command);
    else
        print_commands();
    print_statuses(command != NULL ? command->bit : FOR_CLOSE);
    return end_output();
}
