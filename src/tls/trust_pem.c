/* SPDX-License-Identifier: MIT */
/* PEM to DER in place. */
#include <string.h>

#include "text/base64.h"
#include "tls/pem.h"
#include "tls/trust.h"

#define BEGIN      "-----BEGIN "
#define MARK(text) text, sizeof(text) - 1

/* RFC 7468, 5: parsers also know the older label X509 CERTIFICATE. OpenSSL's own has more after
 * the certificate: what it is trusted for, which is not understood here. */
static const struct label {
    struct mark {
        const char *text;
        size_t len;
    } begin, end;
    bool supported;
} labels[] = {
    {{MARK(BEGIN "CERTIFICATE-----")}, {MARK("-----END CERTIFICATE-----")}, true},
    {{MARK(BEGIN "X509 CERTIFICATE-----")}, {MARK("-----END X509 CERTIFICATE-----")}, true},
    {{MARK(BEGIN "TRUSTED CERTIFICATE-----")}, {MARK("-----END TRUSTED CERTIFICATE-----")}, false},
};

static bool is_at(const char *from, const char *end, const struct mark *mark)
{
    return (size_t)(end - from) >= mark->len && memcmp(from, mark->text, mark->len) == 0;
}

/* The label of the certificate that begins right here, or NULL. */
static const struct label *label_at(const char *from, const char *end)
{
    if ((size_t)(end - from) < sizeof BEGIN - 1 || memcmp(from, BEGIN, sizeof BEGIN - 1) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (is_at(from, end, &labels[i].begin))
            return &labels[i];
    return NULL;
}

static const char *find_dash(const char *from, const char *end)
{
    return from < end ? memchr(from, '-', (size_t)(end - from)) : NULL;
}

const char *mmd_pem_find(const char *from, const char *end, const char *mark)
{
    const struct mark whole = {mark, strlen(mark)};

    for (; (from = find_dash(from, end)) != NULL; from++)
        if (is_at(from, end, &whole))
            return from;
    return NULL;
}

/* The first place in from..end where a certificate begins, or NULL. */
static const char *find_begin(const char *from, const char *end, const struct label **label)
{
    for (; (from = find_dash(from, end)) != NULL; from++)
        if ((*label = label_at(from, end)) != NULL)
            return from;
    return NULL;
}

/* Where the certificate ends that began before; else where the next one begins, or all ends. */
static const char *find_end(const char *from, const char *end, const struct label *label)
{
    for (; (from = find_dash(from, end)) != NULL; from++)
        if (is_at(from, end, &label->end) || label_at(from, end) != NULL)
            return from;
    return end;
}

bool mmd_pem_next(struct mmd_pem_certificate *out, const char **at, const char *end)
{
    const struct label *label;
    const char *begin = find_begin(*at, end, &label);

    if (begin == NULL)
        return false;
    out->text = begin + label->begin.len;
    *at = find_end(out->text, end, label);
    out->len = (size_t)(*at - out->text);
    out->supported = label->supported;
    return true;
}

/* Whether what was decoded is one certificate, as far as it matters here. */
static bool is_certificate(const uint8_t *der, size_t len)
{
    struct mmd_trust one = {der, len};
    size_t at = 0, size;

    return mmd_trust_next(&one, &at, &size) == der && size == len;
}

size_t mmd_trust_from_pem(char *pem, size_t len, struct mmd_trust *out, size_t *skipped)
{
    uint8_t *to = (uint8_t *)pem;
    struct mmd_pem_certificate next;
    const char *at = pem;
    size_t count = 0;

    *skipped = 0;
    while (mmd_pem_next(&next, &at, pem + len)) {
        size_t size = next.supported ? mmd_base64_decode(to, next.text, next.len) : 0;
        if (size > 0 && is_certificate(to, size)) {
            to += size;
            count++;
        } else {
            ++*skipped;
        }
    }
    out->der = (const uint8_t *)pem;
    out->len = (size_t)(to - (uint8_t *)pem);
    return count;
}
