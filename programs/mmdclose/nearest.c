/* SPDX-License-Identifier: MIT */
/* The option that a wrong name was probably meant to be. */
#include <string.h>

#include "options.h"

size_t distance(const char *a, size_t a_len, const char *b)
{
    size_t row[NEAR_MAX + 1], len = strlen(b);

    for (size_t j = 0; j <= len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= len; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            best = best <= row[j] ? best : row[j] + 1;
            row[j] = best <= row[j - 1] ? best : row[j - 1] + 1;
        }
    }
    return row[len];
}

const struct option *nearest_option(unsigned commands, const char *name, size_t len)
{
    const struct option *found = NULL;
    size_t least = len / 2 + 1;

    for (const struct option *o = option_table; o < option_table + OPTION_COUNT; o++) {
        bool is_one = (o->commands & commands) == commands && len <= NEAR_MAX;
        size_t d = is_one ? distance(name, len, o->name) : least;
        if (d < least) {
            least = d;
            found = o;
        }
    }
    return found;
}
