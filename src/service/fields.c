/* SPDX-License-Identifier: MIT */
/* Fields that several messages share. */
#include "service/fields.h"

#include <string.h>

#include "text/charclass.h"

#define ID_MAX 128

bool mmd_refuse(struct mmd_fault *fault, enum mmd_rule rule, size_t offset)
{
    *fault = (struct mmd_fault){rule, offset};
    return false;
}

/* How many characters from the start of a text belong to the class. */
static size_t span(const char *s, enum mmd_char_class kind)
{
    size_t len = 0;

    while (mmd_is_char(s[len], kind)) /* no class has the NUL */
        len++;
    return len;
}

bool mmd_check_span(const char *s, size_t good, size_t max, struct mmd_fault *fault)
{
    if (s[0] == '\0')
        return mmd_refuse(fault, MMD_RULE_EMPTY, 0);
    if (good > max)
        return mmd_refuse(fault, MMD_RULE_LENGTH, max);
    if (s[good] != '\0')
        return mmd_refuse(fault, MMD_RULE_CHARACTER, good);
    return true;
}

bool mmd_check_id(const char *s, struct mmd_fault *fault)
{
    if (s == NULL)
        return mmd_refuse(fault, MMD_RULE_EMPTY, 0);
    size_t good = span(s, MMD_CHAR_UNRESERVED);

    if (!mmd_check_span(s, good, ID_MAX, fault))
        return false;
    if (strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
        return mmd_refuse(fault, MMD_RULE_DOTS, good);
    return true;
}

bool mmd_check_b64token(const char *s, size_t max, struct mmd_fault *fault)
{
    if (s == NULL)
        return mmd_refuse(fault, MMD_RULE_EMPTY, 0);
    size_t good = span(s, MMD_CHAR_B64TOKEN);

    while (good > 0 && s[good] == '=')
        good++;
    return mmd_check_span(s, good, max, fault);
}
