/* SPDX-License-Identifier: MIT */
/* What a Bearer challenge says (RFC 6750, 3; the grammar is RFC 9110's, 11.6.1). Pure. */
#ifndef MMD_CHALLENGE_H
#define MMD_CHALLENGE_H

#include <stdbool.h>
#include <stddef.h>

/* Reads the value of a WWW-Authenticate field, or its first part. Returns whether it has a Bearer
 * challenge, and writes the first one's error and error_description into out, as "error:
 * description", cut at cap (at least 1) with its NUL. out is not written to if there is none. */
bool mmd_challenge_read(const char *value, size_t len, char *out, size_t cap);

#endif
