/* SPDX-License-Identifier: MIT */
/* The command line: words become options.
 *
 * getopt would take "--token SECRET" for an abbreviation of --token-file. Here a name must be
 * complete, and a word that is not an option is not printed: it may be a secret in the wrong
 * place. */
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

/* Shows of the word only what cannot be a secret. */
static bool refuse_word(struct report *report, int place, const char *word)
{
    int shown = word[0] == '-' ? (int)strcspn(word, "=") : 0;

    return refuse(report, MMD_ERR_INPUT,
                  "argument %d%s%.*s%s is not a known option%s; see 'mmdclose COMMAND --help'.",
                  place, shown > 0 ? " ('" : "", shown < SHOWN_MAX ? shown : SHOWN_MAX, word,
                  shown > 0 ? "')" : "", shown > 0 ? " of this command" : "; is a quote missing?");
}

static bool set_next(struct options *options, struct words *w, struct report *report)
{
    int place = w->next;
    struct item item = next_item(w);

    if (item.option == NULL)
        return refuse_word(report, place + 1, w->word[place]);
    if (item.option->value != NULL && item.value == NULL)
        return refuse(report, MMD_ERR_INPUT, "--%s needs a value; see 'mmdclose COMMAND --help'.",
                      item.option->name);
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
