/* SPDX-License-Identifier: MIT */
/* Checks of the fields that several messages share. Each returns whether a text can be used; if
 * not, it sets *fault. Pure. */
#ifndef MMD_FIELDS_H
#define MMD_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "mmdclose/rule.h"

/* Sets *fault and returns false. */
bool mmd_refuse(struct mmd_fault *fault, enum mmd_rule rule, size_t offset);

/* Whether a text is neither empty nor longer than max, and all of it is good: so many of its
 * characters are, from the first on. */
bool mmd_check_span(const char *s, size_t good, size_t max, struct mmd_fault *fault);

/* 1-128 unreserved characters (RFC 3986, 2.3), but neither "." nor "..". */
bool mmd_check_id(const char *s, struct mmd_fault *fault);

/* A b64token (RFC 6750, 2.1) of at least one character and at most max. */
bool mmd_check_b64token(const char *s, size_t max, struct mmd_fault *fault);

#endif
