/* SPDX-License-Identifier: MIT */
/* Writing a request. */
#include "http/request_writer.h"

#include "text/charclass.h"

#define HTTPS_PORT 443

void mmd_request_begin(struct mmd_writer *w, const char *method)
{
    mmd_put_text(w, method);
    mmd_put_text(w, " ");
}

void mmd_request_host(struct mmd_writer *w, const char *host, uint16_t port)
{
    mmd_put_text(w, " HTTP/1.1\r\nHost: ");
    mmd_put_text(w, host);
    if (port != HTTPS_PORT) {
        mmd_put_text(w, ":");
        mmd_put_decimal(w, port);
    }
    mmd_put_text(w, "\r\n");
}

void mmd_request_field(struct mmd_writer *w, const char *name, const char *value)
{
    mmd_put_text(w, name);
    mmd_put_text(w, ": ");
    mmd_put_text(w, value);
    mmd_put_text(w, "\r\n");
}

void mmd_request_body(struct mmd_writer *w, size_t len)
{
    mmd_put_text(w, "Content-Length: ");
    mmd_put_decimal(w, len);
    mmd_put_text(w, "\r\n\r\n");
}

/* Percent-encodes all but unreserved characters. A space becomes "%20", which every decoder of
 * forms takes as it takes "+". */
static void put_encoded(struct mmd_writer *w, const char *value)
{
    static const char hex[] = "0123456789ABCDEF";

    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;
        if (mmd_is_char(*value, MMD_CHAR_UNRESERVED))
            mmd_put(w, value, 1);
        else
            mmd_put(w, (const char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
    }
}

void mmd_put_form(struct mmd_writer *w, bool first, const char *name, const char *value)
{
    mmd_put_text(w, first ? "" : "&");
    mmd_put_text(w, name);
    mmd_put_text(w, "=");
    put_encoded(w, value);
}
