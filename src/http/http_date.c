/* SPDX-License-Identifier: MIT */
/* IMF-fixdate (RFC 9110, 5.6.7). The two obsolete forms are taken as no date: all that hangs on one
 * is how long to wait. */
#include "http/http_date.h"

#include <string.h>

#include "text/calendar.h"
#include "text/charclass.h"

static int month_of(const char *s)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++)
        if (memcmp(s, names + 3 * i, 3) == 0)
            return i + 1;
    return 0;
}

int64_t mmd_http_date(const char *text, size_t len)
{
    static const char form[] = "aaa, 00 aaa 0000 00:00:00 GMT"; /* 0: a digit; a: see below */
    int numbers[6] = {0}, n = 0;

    if (len != sizeof form - 1)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (form[i] == '0') {
            if (!mmd_is_char(text[i], MMD_CHAR_DIGIT))
                return -1;
            numbers[n] = numbers[n] * 10 + (text[i] - '0');
        } else if (form[i] == 'a' || text[i] == form[i]) {
            n += i > 0 && form[i - 1] == '0';
        } else {
            return -1;
        }
    }
    int day = numbers[0], month = month_of(text + 8), year = numbers[1];
    int hour = numbers[2], minute = numbers[3], second = numbers[4];
    if (day < 1 || day > 31 || month == 0 || year < 1900 || hour > 23 || minute > 59 || second > 60)
        return -1;
    return mmd_seconds_since_1970(year, month, day, hour, minute, second);
}
