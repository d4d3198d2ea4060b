/* SPDX-License-Identifier: MIT */
/* Calendar arithmetic. */
#include "calendar.h"

int64_t mmd_seconds_since_1970(int year, int month, int day, int hour, int minute, int second)
{
    /* Years begin in March here, so that the leap day is the last and months have a formula; and
     * 400 years earlier, so that none is negative. */
    unsigned y = (unsigned)year + 400, m = (unsigned)month + 9;

    if (month < 3)
        y--;
    else
        m -= 12;
    unsigned centuries = y / 100;
    int days = (int)(y * 365 + y / 4 - centuries + centuries / 4 + (m * 153 + 2) / 5) + day;
    return (days - 865566) * (int64_t)86400 + (hour * 60 + minute) * 60 + second;
}
