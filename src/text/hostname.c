/* SPDX-License-Identifier: MIT */
/* The names of hosts. */
#include "hostname.h"

#include <string.h>

#include "charclass.h"

#define HOSTNAME_MAX 253 /* RFC 1035, 2.3.4: what its 255 bytes leave of a text */

static enum mmd_rule rule_of(const char *s, size_t *at)
{
    size_t len = s != NULL ? strlen(s) : 0;

    *at = 0;
    if (len == 0)
        return MMD_RULE_EMPTY;
    *at = mmd_span(s, len < HOSTNAME_MAX ? len : HOSTNAME_MAX, MMD_CHAR_HOST);
    if (*at == HOSTNAME_MAX && len > HOSTNAME_MAX)
        return MMD_RULE_LENGTH;
    if (*at < len)
        return MMD_RULE_CHARACTER;
    while (*at > 0 && mmd_is_char(s[*at - 1], MMD_CHAR_DIGIT))
        --*at;
    if (*at > 0 && s[*at - 1] != '.')
        return MMD_RULE_NONE;
    return *at == len ? MMD_RULE_LABEL : MMD_RULE_ADDRESS;
}

bool mmd_check_hostname(const char *s, struct mmd_fault *fault)
{
    fault->rule = rule_of(s, &fault->offset);
    return fault->rule == MMD_RULE_NONE;
}
