/* SPDX-License-Identifier: MIT */
/* The written form of a GUID (RFC 9562, 4); letters of either case. */
#include "text/guid_form.h"

#include "mmdclose/guid.h"
#include "text/charclass.h"

size_t mmd_guid_span(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t len = 0;

    while (len < MMD_GUID_LEN &&
           (form[len] == '-' ? text[len] == '-' : mmd_hex_digit(text[len]) >= 0))
        len++; /* no NUL is either */
    return len;
}

bool mmd_is_guid(const char *text)
{
    return mmd_guid_span(text) == MMD_GUID_LEN && text[MMD_GUID_LEN] == '\0';
}
