/* SPDX-License-Identifier: MIT */
/* Where the values come from that a sentence names by their options: of those in the configuration
 * file it also says file and line. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "printable.h"

static bool is_name(char c)
{
    return c == '-' || isalnum((unsigned char)c);
}

/* The end of the first "--name" in it; NULL: there is none. */
static char *find_name(char *sentence, const char *name)
{
    size_t len = strlen(name);

    for (char *at = sentence; (at = strstr(at, name)) != NULL; at++)
        if (at - sentence >= 2 && strncmp(at - 2, "--", 2) == 0 && !is_name(at[len]) &&
            (at - sentence == 2 || (!is_name(at[-3]) && at[-3] != '/'))) /* not in a path */
            return at + len;
    return NULL;
}

/* Unless it is there already, or has no place. */
static void insert(char *sentence, char *at, const char *text)
{
    size_t len = strlen(text), rest = strlen(at) + 1;

    if (strncmp(at, text, len) == 0 || (size_t)(at - sentence) + rest + len > SENTENCE_MAX)
        return;
    memmove(at + len, at, rest);
    memcpy(at, text, len);
}

void name_origins(const struct options *options, char sentence[SENTENCE_MAX])
{
    char origin[SENTENCE_MAX];

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char *end =
            options->sources[i] == SOURCE_FILE ? find_name(sentence, option_table[i].name) : NULL;
        if (end == NULL)
            continue;
        bool in_brackets = *end == ')';
        snprintf(origin, sizeof origin, "%s%.1000s:%u%s", in_brackets ? ", " : " (", options->file,
                 options->lines[i], in_brackets ? "" : ")");
        make_printable(origin);
        insert(sentence, end, origin);
    }
}
