/* SPDX-License-Identifier: MIT */
/* A private key's PEM to DER, in place. */
#include <string.h>

#include "mmdclose/key.h"
#include "text/base64.h"
#include "text/wipe.h"
#include "tls/pem.h"

/* PKCS #8 (RFC 5958) and PKCS #1 (RFC 8017), neither encrypted. What OpenSSL encrypts under the
 * second label begins with a line that is not base64. */
static const struct label {
    const char *begin, *end;
} labels[] = {
    {"-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"},
    {"-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"},
};

static size_t decode(char *pem, size_t len, const struct label *label)
{
    const char *end = pem + len, *from = mmd_pem_find(pem, end, label->begin);

    if (from == NULL)
        return 0;
    from += strlen(label->begin);
    const char *stop = mmd_pem_find(from, end, label->end);
    return stop != NULL ? mmd_base64_decode((uint8_t *)pem, from, (size_t)(stop - from)) : 0;
}

size_t mmd_key_from_pem(char *pem, size_t len, const uint8_t **der)
{
    size_t size = 0;

    for (size_t i = 0; i < sizeof labels / sizeof *labels && size == 0; i++)
        size = decode(pem, len, &labels[i]);
    mmd_wipe(pem + size, len - size); /* what is left of the text is the key, too */
    *der = (const uint8_t *)pem;
    return size;
}
