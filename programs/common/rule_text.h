/* SPDX-License-Identifier: MIT */
/* What a rule that a field breaks is called. */
#ifndef MMD_RULE_TEXT_H
#define MMD_RULE_TEXT_H

#include "mmdclose/rule.h"

/* A clause in English, such as "it is empty"; static storage. For any rule but MMD_RULE_NONE. */
const char *rule_text(enum mmd_rule rule);

#endif
