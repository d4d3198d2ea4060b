/* SPDX-License-Identifier: MIT */
/* The assertion: a JSON Web Token (RFC 7519) by which a client shows that it has a certificate's
 * key. Its JSON is put in base64url piece by piece, so that no memory for it is needed. Nothing in
 * it has an escape: no field that was checked takes a quote, a backslash, or what is not printable
 * ASCII. */
#include <limits.h>
#include <string.h>

#include "mmdclose/token.h"
#include "service/credential.h"
#include "service/fields.h"
#include "text/base64.h"
#include "text/writer.h"

#define HTTPS_PORT 443

/* Base64url of what is put: three bytes become four characters. */
struct sink {
    struct mmd_writer *w;
    uint8_t bytes[3];
    size_t len;
};

static void flush(struct sink *s)
{
    mmd_put_base64url(s->w, s->bytes, s->len);
    s->len = 0;
}

static void put_bytes(struct sink *s, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        s->bytes[s->len++] = (uint8_t)data[i];
        if (s->len == sizeof s->bytes)
            flush(s);
    }
}

static void put_text(struct sink *s, const char *text)
{
    put_bytes(s, text, strlen(text));
}

static void put_number(struct sink *s, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    put_bytes(s, digits + at, sizeof digits - at);
}

/* ---- header and claims ---- */

static void put_thumbprint(struct sink *s, const uint8_t thumbprint[MMD_SHA256_LEN])
{
    char text[(MMD_SHA256_LEN * 4 + 2) / 3];
    struct mmd_writer w = {text, sizeof text, 0};

    mmd_put_base64url(&w, thumbprint, MMD_SHA256_LEN);
    put_bytes(s, text, sizeof text);
}

static void put_header(struct sink *s, const uint8_t thumbprint[MMD_SHA256_LEN])
{
    put_text(s, "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"");
    put_thumbprint(s, thumbprint);
    put_text(s, "\"}");
    flush(s);
}

/* The URL of the token endpoint. */
static void put_audience(struct sink *s, const struct mmd_credential *c)
{
    const char *path[MMD_PATH_PIECES];

    mmd_credential_path(c, path);
    put_text(s, "https://");
    put_text(s, c->host);
    if (c->port != HTTPS_PORT) {
        put_text(s, ":");
        put_number(s, c->port);
    }
    for (size_t i = 0; i < MMD_PATH_PIECES; i++)
        put_text(s, path[i]);
}

static void put_claims(struct sink *s, const struct mmd_credential *c, const char *jti,
                       uint64_t now)
{
    put_text(s, "{\"aud\":\"");
    put_audience(s, c);
    put_text(s, "\",\"iss\":\"");
    put_text(s, c->client_id);
    put_text(s, "\",\"sub\":\"");
    put_text(s, c->client_id);
    put_text(s, "\",\"jti\":\"");
    put_text(s, jti);
    put_text(s, "\",\"iat\":");
    put_number(s, now);
    put_text(s, ",\"nbf\":");
    put_number(s, now);
    put_text(s, ",\"exp\":");
    put_number(s, now + MMD_ASSERTION_LIFE_S);
    put_text(s, "}");
    flush(s);
}

static int length_or_error(const struct mmd_writer *w)
{
    return w->len <= w->cap && w->len <= INT_MAX ? (int)w->len : MMD_ERR_CAPACITY;
}

int mmd_assertion_write(char *buf, size_t cap, const struct mmd_credential *credential,
                        const uint8_t thumbprint[MMD_SHA256_LEN], const char *jti, int64_t now)
{
    struct mmd_writer w = {buf, cap, 0};
    struct sink s = {&w, {0}, 0};
    struct mmd_token_info info;

    if (mmd_credential_check(credential, &info) != MMD_OK || !mmd_check_id(jti, &info.fault))
        return MMD_ERR_INPUT;
    if (now < 0)
        return MMD_ERR_CLOCK;
    put_header(&s, thumbprint);
    mmd_put_text(&w, ".");
    put_claims(&s, credential, jti, (uint64_t)now);
    return length_or_error(&w);
}

int mmd_assertion_end(char *buf, size_t cap, size_t len, const uint8_t *signature,
                      size_t signature_len)
{
    struct mmd_writer w = {buf, cap, len};

    if (signature_len > MMD_SIGNATURE_MAX)
        return MMD_ERR_CAPACITY;
    mmd_put_text(&w, ".");
    mmd_put_base64url(&w, signature, signature_len);
    int end = length_or_error(&w);
    mmd_put(&w, "", 1);
    return w.len <= cap ? end : MMD_ERR_CAPACITY;
}
