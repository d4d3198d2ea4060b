/* SPDX-License-Identifier: MIT */
/* A certificate's dates as seconds. */
#ifndef MMD_X509_TIME_H
#define MMD_X509_TIME_H

#include <mbedtls/x509.h>

#include "text/calendar.h"

static inline int64_t mmd_x509_seconds(const mbedtls_x509_time *t)
{
    return mmd_seconds_since_1970(t->year, t->mon, t->day, t->hour, t->min, t->sec);
}

#endif
