/* SPDX-License-Identifier: MIT */
/* Calendar arithmetic. Pure. */
#ifndef MMD_CALENDAR_H
#define MMD_CALENDAR_H

#include <stdint.h>

#include "writer.h"

/* Seconds since 1970-01-01T00:00:00Z of a Gregorian date and time; month 1-12, day 1-31. */
int64_t mmd_seconds_since_1970(int year, int month, int day, int hour, int minute, int second);

/* Puts a time as RFC 3339 has it, "2026-01-31T08:05:00Z", or its date, "2026-01-31"; in place of
 * one that is before 1970 or after 9999, "?". */
void mmd_put_time(struct mmd_writer *w, int64_t seconds_since_1970);
void mmd_put_date(struct mmd_writer *w, int64_t seconds_since_1970);

#endif
