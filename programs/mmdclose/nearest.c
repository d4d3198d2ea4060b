/* SPDX-License-Identifier: MIT */
/* The option that a wrong name was probably meant to be. */
#include <string.h>

#include "config_file.h"

#define NEAR_MAX 32 /* bytes; a longer name is like none that is known */

/* How many bytes have to be put in, taken out or changed to make one name of the other. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NEAR_MAX + 1], len = strlen(b);

    for (size_t j = 0; j <= len; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
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

const struct option *nearest_stored(const char *name)
{
    const struct option *found = NULL;
    size_t len = strlen(name), least = len / 2 + 1;

    for (const struct option *o = option_table; o < option_table + OPTION_COUNT; o++) {
        size_t d = is_stored(o) && len <= NEAR_MAX ? distance(name, o->name) : least;
        if (d < least) {
            least = d;
            found = o;
        }
    }
    return found;
}
