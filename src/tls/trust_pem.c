/* SPDX-License-Identifier: MIT */
/* PEM to DER in place. */
#include <string.h>

#include "text/base64.h"
#include "tls/pem.h"
#include "tls/trust.h"

/* RFC 7468, 5: parsers also know the older label X509 CERTIFICATE. OpenSSL's own has more after
 * the certificate: what it is trusted for, which is not understood here. */
static const struct label {
    const char *begin, *end;
    bool supported;
} labels[] = {
    {"-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", true},
    {"-----BEGIN X509 CERTIFICATE-----", "-----END X509 CERTIFICATE-----", true},
    {"-----BEGIN TRUSTED CERTIFICATE-----", "-----END TRUSTED CERTIFICATE-----", false},
};

const char *mmd_pem_find(const char *from, const char *end, const char *mark)
{
    size_t len = strlen(mark);

    while (from < end && (from = memchr(from, '-', (size_t)(end - from))) != NULL) {
        if ((size_t)(end - from) >= len && memcmp(from, mark, len) == 0)
            return from;
        from++;
    }
    return NULL;
}

/* The first place in from..end where a certificate begins, or NULL. */
static const char *find_begin(const char *from, const char *end, const struct label **label)
{
    static const char begin[] = "-----BEGIN ";

    for (; (from = mmd_pem_find(from, end, begin)) != NULL; from++)
        for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
            size_t len = strlen(labels[i].begin);
            if ((size_t)(end - from) >= len && memcmp(from, labels[i].begin, len) == 0) {
                *label = &labels[i];
                return from;
            }
        }
    return NULL;
}

bool mmd_pem_next(struct mmd_pem_certificate *out, const char **at, const char *end)
{
    const struct label *label, *ignored;
    const char *begin = find_begin(*at, end, &label), *stop, *next;

    if (begin == NULL)
        return false;
    out->text = begin + strlen(label->begin);
    if ((stop = mmd_pem_find(out->text, end, label->end)) == NULL)
        stop = end;
    if ((next = find_begin(out->text, stop, &ignored)) != NULL)
        stop = next; /* its own end is missing */
    out->len = (size_t)(stop - out->text);
    out->supported = label->supported;
    *at = stop;
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
