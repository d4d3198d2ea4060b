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
    "  mmdclose close --tenant ID --request ID --actions TEXT TOKEN\n"
    "\n"
    "where TOKEN is one of\n"
    "  --token-file FILE               (not of token)\n"
    "  --token-command COMMAND\n"
    "  --client-id ID --client-secret-file FILE\n"
    "  --client-id ID --certificate FILE (--key-file FILE | --sign-command COMMAND)\n"
    "  --client-id ID --login          (only of close and token)\n"
    "\n"
    "Options may also stand in " DEFAULT_CONFIG ", see mmdclose.conf(5).\n"
    "\n"
    "commands:\n";

static const char statuses[] =
    "\n"
    "exit status:\n"
    "  0  closed                       5  refused: the same will be refused again\n"
    "  1  internal error               6  not authorised: get another token\n"
    "  2  wrong usage or input         7  try again later: closing twice is harmless\n"
    "  3  already closed               8  server not verified: nothing was sent\n"
    "  4  no such request              9  clock not set: nothing was sent\n"
    "                                 10  no token now: try again later\n";

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
    fputs(statuses, stdout);
    return end_output();
}
