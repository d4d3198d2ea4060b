/* IMF-fixdate (RFC 9110, 5.6.7). The two obsolete forms are taken as no date: all that hangs on one
 * is how long to wait. */
#include "http_date.h"

#include <string.h>

#include "bytes.h"

int64_t mmd_seconds_since_1970(int year, int month, int day, int hour, int minute, int second)
{
    /* Years begin in March here, so that the leap day is the last and months have a formula. */
    int64_t y = month > 2 ? year : year - 1;
    int64_t days = (month + 9) % 12 * 153 + 2;

    days = days / 5 + day - 1 + y * 365 + y / 4 - y / 100 + y / 400 - 719468;
    return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

/* The number that two digits write, or -1. */
static int two_digits(const char *s)
{
    if (!mmd_is_digit((unsigned char)s[0]) || !mmd_is_digit((unsigned char)s[1]))
        return -1;
    return (s[0] - '0') * 10 + (s[1] - '0');
}

static int month_of(const char *s)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++)
        if (memcmp(s, names + 3 * i, 3) == 0)
            return i + 1;
    return -1;
}

int64_t mmd_http_date(const char *text, size_t len)
{
    if (len != 29 || memcmp(text + 3, ", ", 2) != 0 || text[7] != ' ' || text[11] != ' ' ||
        text[16] != ' ' || text[19] != ':' || text[22] != ':' || memcmp(text + 25, " GMT", 4) != 0)
        return -1;

    int day = two_digits(text + 5), month = month_of(text + 8);
    int century = two_digits(text + 12), year = two_digits(text + 14);
    int hour = two_digits(text + 17), minute = two_digits(text + 20),
        second = two_digits(text + 23);
    if (day < 1 || day > 31 || month < 0 || century < 19 || year < 0 || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 60)
        return -1;
    return mmd_seconds_since_1970(century * 100 + year, month, day, hour, minute, second);
}
