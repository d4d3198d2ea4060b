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

/* ---- back ---- */

#define DAY_S        86400
#define AFTER_9999   253402300800 /* seconds */
#define DAYS_400Y    146097
#define FROM_MARCH_0 719468 /* days from 0000-03-01 to 1970-01-01 */

/* Puts two digits. */
static void put_two(struct mmd_writer *w, unsigned n)
{
    mmd_put(w, (const char[]){(char)('0' + n / 10 % 10), (char)('0' + n % 10)}, 2);
}

void mmd_put_date(struct mmd_writer *w, int64_t seconds)
{
    if (seconds < 0 || seconds >= AFTER_9999) {
        mmd_put_text(w, "?");
        return;
    }
    /* Here, too, years begin in March. */
    unsigned days = (unsigned)(seconds / DAY_S) + FROM_MARCH_0;
    unsigned era = days / DAYS_400Y, day = days % DAYS_400Y;
    unsigned y = (day - day / 1460 + day / 36524 - day / 146096) / 365; /* of the era */
    unsigned of_year = day - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
    unsigned year = era * 400 + y + (m >= 10);
    put_two(w, year / 100);
    put_two(w, year % 100);
    mmd_put_text(w, "-");
    put_two(w, m < 10 ? m + 3 : m - 9);
    mmd_put_text(w, "-");
    put_two(w, of_year - (153 * m + 2) / 5 + 1);
}

void mmd_put_time(struct mmd_writer *w, int64_t seconds)
{
    mmd_put_date(w, seconds);
    if (seconds < 0 || seconds >= AFTER_9999)
        return;
    unsigned second = (unsigned)(seconds % DAY_S);
    mmd_put_text(w, "T");
    put_two(w, second / 3600);
    mmd_put_text(w, ":");
    put_two(w, second / 60 % 60);
    mmd_put_text(w, ":");
    put_two(w, second % 60);
    mmd_put_text(w, "Z");
}
