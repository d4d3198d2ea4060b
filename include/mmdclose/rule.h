/* Which rule a text breaks, and where: for whoever explains a refusal to a person. */
#ifndef MMDCLOSE_RULE_H
#define MMDCLOSE_RULE_H

#include <stddef.h>

enum mmd_rule {
    MMD_RULE_NONE,
    MMD_RULE_EMPTY,     /* it has at least one character */
    MMD_RULE_LENGTH,    /* it is too long */
    MMD_RULE_CHARACTER, /* a character that the field does not take */
    MMD_RULE_DOTS,      /* an id of dots only, which a path takes for a way up */
    MMD_RULE_LABEL,     /* a host's name that ends in a dot */
    MMD_RULE_ADDRESS,   /* a host's name that ends in a number: an address */
    MMD_RULE_UTF8       /* malformed UTF-8 */
};

struct mmd_fault {
    enum mmd_rule rule;
    size_t offset; /* the first byte at fault; its length: it ends too soon */
};

#endif
