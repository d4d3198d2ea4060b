/* SPDX-License-Identifier: MIT */
/* Members of JSON objects. */
#include "json_members.h"

#include <string.h>

#include "json_string.h"
#include "utf8.h"

/* A JSON string without control characters that a terminal would obey: RFC 8259 would leave DEL and
 * U+0080 to U+009F as they are. Bytes that are not UTF-8 become U+FFFD. */
static void put_string(struct mmd_writer *w, const char *value)
{
    static const char hex[] = "0123456789abcdef";

    for (size_t left = strlen(value), n; left > 0; left -= n, value += n) {
        n = mmd_utf8_sequence(value, left);
        unsigned char c = (unsigned char)value[n == 2 && value[0] == '\xC2'];
        if (n == 0) {
            mmd_put_text(w, "\\ufffd");
            n = 1;
        } else if (c >= 0x7F && c < 0xA0) {
            mmd_put(w, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
        } else {
            mmd_put_json(w, value, n);
        }
    }
}

void put_name(struct mmd_writer *w, const char *name)
{
    mmd_put_text(w, w->len > 1 ? ",\"" : "\"");
    mmd_put_text(w, name);
    mmd_put_text(w, "\":");
}

void put_text_member(struct mmd_writer *w, const char *name, const char *value)
{
    put_name(w, name);
    mmd_put_text(w, "\"");
    put_string(w, value);
    mmd_put_text(w, "\"");
}

void put_number(struct mmd_writer *w, const char *name, long value)
{
    put_name(w, name);
    mmd_put_text(w, value < 0 ? "-" : "");
    mmd_put_decimal(w, (size_t)(value < 0 ? -value : value));
}

void put_bool(struct mmd_writer *w, const char *name, bool value)
{
    put_name(w, name);
    mmd_put_text(w, value ? "true" : "false");
}
