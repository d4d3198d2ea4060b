/* SPDX-License-Identifier: MIT */
/* HTTP's dates (RFC 9110, 5.6.7). Pure. */
#ifndef MMD_HTTP_DATE_H
#define MMD_HTTP_DATE_H

#include <stddef.h>
#include <stdint.h>

/* The time that an HTTP date in the preferred form says ("Sun, 06 Nov 1994 08:49:37 GMT"), or -1.
 */
int64_t mmd_http_date(const char *text, size_t len);

#endif
