/* SPDX-License-Identifier: MIT */
/* The texts of the rules. */
#include "rule_text.h"

const char *rule_text(enum mmd_rule rule)
{
    static const char *const texts[] = {
        [MMD_RULE_EMPTY] = "it is empty",
        [MMD_RULE_LENGTH] = "it is too long",
        [MMD_RULE_CHARACTER] = "this character is not allowed",
        [MMD_RULE_DOTS] = "it is only dots",
        [MMD_RULE_LABEL] = "it ends in a dot",
        [MMD_RULE_ADDRESS] = "it ends in a number, as an address does",
        [MMD_RULE_UTF8] = "it is not UTF-8",
    };

    return texts[rule];
}
