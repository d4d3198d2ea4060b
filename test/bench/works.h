/* SPDX-License-Identifier: MIT */
/* The pieces of pure work that are measured: building a request, parsing a response. One at a time:
 * all state is static. */
#ifndef WORKS_H
#define WORKS_H

#include <stdbool.h>
#include <stddef.h>

#ifndef WORKS_MAX
#define WORKS_MAX 65536 /* bytes of what grows */
#endif

/* build-30, build-1000, parse-204, parse-400, parse-404; or text, token, head, of size bytes.
 * False: there is no such work. */
bool works_choose(const char *work, size_t size);

/* Does it once. False: its result is wrong. */
bool works_do(void);

#endif
