/* Dates: HTTP's (RFC 9110, 5.6.7) and the calendar arithmetic under them. Pure. */
#ifndef MMD_HTTP_DATE_H
#define MMD_HTTP_DATE_H

#include <stddef.h>
#include <stdint.h>

/* Seconds since 1970-01-01T00:00:00Z of a Gregorian date and time; month 1-12, day 1-31. */
int64_t mmd_seconds_since_1970(int year, int month, int day, int hour, int minute, int second);

/* The time that an HTTP date in the preferred form says ("Sun, 06 Nov 1994 08:49:37 GMT"), or -1.
 */
int64_t mmd_http_date(const char *text, size_t len);

#endif
