/* SPDX-License-Identifier: MIT */
/* The command line: words become options.
 *
 * getopt would take "--token SECRET" for an abbreviation of --token-file. Here a name must be
 * complete, and a word that is not an option is not printed: it may be a secret in the wrong
 * place. */
#include <stdio.h>
#include <string.h>

#include "options.h"

#define SHOWN_MAX 15 /* bytes of an unknown option's name; too few for a piece of a token */

struct words {
    unsigned command;
    int count;
    char **word;
    int next; /* the word to read next */
};

/* What stands at a place of the command line. */
struct item {
    const struct option *option; /* NULL: unknown */
    const char *value;           /* NULL: none */
};

/* Reads the next word, and the one after it if that is its value. */
static struct item next_item(struct words *w)
{
    const char *word = w->word[w->next++], *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
    struct item item = {NULL, NULL};

    if (strncmp(word, "--", 2) == 0)
        item.option = find_option(w->command, word + 2, len - 2);
    if (item.option == NULL)
        return item;
    if (item.option->value == NULL) { /* a switch */
        if (equals != NULL)
            item.option = NULL;
    } else if (equals != NULL) {
        item.value = equals + 1;
    } else if (w->next < w->count) {
        item.value = w->word[w->next++];
    }
    return item;
}

/* ---- words that are wrong ---- */

#define OWNERS_CAP 256

/* "close, token and doctor": the commands that have the option. */
static void list_owners(char out[OWNERS_CAP], const struct option *option)
{
    unsigned left = option->commands & (FOR_CONFIG - 1); /* config takes what others do */

    out[0] = '\0';
    for (unsigned bit = 1; bit <= left; bit <<= 1) {
        if ((left & bit) == 0)
            continue;
        left &= ~bit;
        size_t len = strlen(out);
        snprintf(out + len, OWNERS_CAP - len, "%s'%s'",
                 len == 0    ? ""
                 : left == 0 ? " and "
                             : ", ",
                 name_of_command(bit));
    }
}

/* A name that is known is no secret. */
static bool refuse_known(struct report *report, unsigned command, const struct option *option)
{
    const char *own = name_of_command(command);
    char owners[OWNERS_CAP];

    if ((option->commands & command) != 0)
        return refuse(report, MMD_ERR_INPUT,
                      "--%s is a switch, and takes no value; see 'mmdclose %s --help'.",
                      option->name, own);
    list_owners(owners, option);
    return refuse(report, MMD_ERR_INPUT,
                  "--%s is not an option of '%s', but of %s; see 'mmdclose %s --help'.",
                  option->name, own, owners, own);
}

/* Shows of the word only what cannot be a secret. */
static bool refuse_unknown(struct report *report, unsigned command, int place, const char *word)
{
    const char *own = name_of_command(command), *name = word + strspn(word, "-");
    size_t shown = word[0] == '-' ? strcspn(word, "=") : 0;
    const struct option *near = NULL;

    if (shown > 0)
        near = nearest_option(command, name, shown - (size_t)(name - word));
    if (shown == 0)
        return refuse(report, MMD_ERR_INPUT,
                      "argument %d is not a known option; is a quote missing? See 'mmdclose %s "
                      "--help'.",
                      place, own);
    return refuse(
        report, MMD_ERR_INPUT,
        "argument %d ('%.*s') is not a known option of '%s'; %s%s%s 'mmdclose %s --help'.", place,
        (int)(shown < SHOWN_MAX ? shown : SHOWN_MAX), word, own,
        near != NULL ? "did you mean '--" : "see", near != NULL ? near->name : "",
        near != NULL ? "'? See" : "", own);
}

static bool refuse_word(struct report *report, const struct words *w, int place)
{
    const char *word = w->word[place], *own = name_of_command(w->command);
    size_t len = strcspn(word, "=");
    const struct option *option =
        strncmp(word, "--", 2) == 0 ? find_option(~0u, word + 2, len - 2) : NULL;

    if (option != NULL)
        return refuse_known(report, w->command, option);
    place += strchr(own, ' ') != NULL ? 2 : 1; /* of all that follow the program's name */
    return refuse_unknown(report, w->command, place, word);
}

/* ---- words that are right ---- */

static bool set_option(struct options *options, const struct option *option, const char *value,
                       struct report *report)
{
    size_t at = (size_t)(option - option_table);

    if (option->value != NULL && options->given[at] != NULL)
        return refuse(report, MMD_ERR_INPUT, "--%s may be given only once.", option->name);
    const char *takes = option->set((char *)options + option->field, value);
    if (takes != NULL)
        return refuse(report, MMD_ERR_INPUT, "--%s takes %s; see 'mmdclose %s --help'.",
                      option->name, takes, name_of_command(options->command));
    options->given[at] = value != NULL ? value : "yes";
    options->sources[at] = SOURCE_COMMAND_LINE;
    return true;
}

static bool set_next(struct options *options, struct words *w, struct report *report)
{
    int place = w->next;
    struct item item = next_item(w);

    if (item.option == NULL)
        return refuse_word(report, w, place);
    if (item.option->value != NULL && item.value == NULL)
        return refuse(report, MMD_ERR_INPUT, "--%s needs a value; see 'mmdclose %s --help'.",
                      item.option->name, name_of_command(w->command));
    return set_option(options, item.option, item.value, report);
}

bool asks_for(size_t field, unsigned command, int argc, char **argv)
{
    struct words words = {command, argc, argv, 1};

    while (words.next < words.count) {
        const struct option *option = next_item(&words).option;
        if (option != NULL && option->field == field)
            return true;
    }
    return false;
}

bool read_command_line(struct options *options, unsigned command, int argc, char **argv,
                       struct report *report)
{
    struct words words = {command, argc, argv, 1};

    /* how a wrong word is reported depends on --json, which may come after that word */
    options->json = asks_for(FIELD(json), command, argc, argv);
    while (words.next < words.count)
        if (!set_next(options, &words, report))
            return false;
    return true;
}
