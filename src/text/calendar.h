/* SPDX-License-Identifier: MIT */
/* Calendar arithmetic. Pure. */
#ifndef MMD_CALENDAR_H
#define MMD_CALENDAR_H

#include <stdint.h>

/* Seconds since 1970-01-01T00:00:00Z of a Gregorian date and time; month 1-12, day 1-31. */
int64_t mmd_seconds_since_1970(int year, int month, int day, int hour, int minute, int second);

#endif
