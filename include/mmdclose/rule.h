/* SPDX-License-Identifier: MIT */
/* Which rule a text breaks, and where: for programs that explain a refusal to a person. */
#ifndef MMDCLOSE_RULE_H
#define MMDCLOSE_RULE_H

#include <stddef.h>

enum mmd_rule {
    MMD_RULE_NONE,
    MMD_RULE_EMPTY,     /* it is empty */
    MMD_RULE_LENGTH,    /* it is too long */
    MMD_RULE_CHARACTER, /* it has a character that the field does not take */
    MMD_RULE_DOTS,      /* an id or a segment is "." or "..", which a path resolves (RFC
                           3986, 5.2.4) */
    MMD_RULE_LABEL,     /* a host name ends in a dot */
    MMD_RULE_ADDRESS,   /* a host name ends in a number: it is an address */
    MMD_RULE_UTF8       /* it is malformed UTF-8 */
};

struct mmd_fault {
    enum mmd_rule rule;
    size_t offset; /* of the first byte at fault; the text's length if that is its end */
};

#endif
