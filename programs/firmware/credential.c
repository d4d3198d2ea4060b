/* SPDX-License-Identifier: MIT */
/* What the board's storage has for a token server: a client secret, which ends in a NUL; or, in a
 * build with KEY=yes, a certificate and right after it its key, both in DER. Erased flash, or a NUL
 * at once, is neither. Nothing is copied to RAM, but for the time of a message. */
#include <string.h>

#include "firmware.h"

static bool is_empty(const uint8_t *stored, size_t cap)
{
    return stored == NULL || cap == 0 || stored[0] == 0 || stored[0] == 0xFF;
}

#if defined(MMD_KEY)

#define DER_SEQUENCE    0x30
#define DER_TWO_LENGTHS 0x82 /* two bytes with the length follow, as in all that is meant here */
#define DER_HEADER      4

static struct mmd_memory_key key;
static bool is_verbose;

/* Of what begins here in DER, or 0. No secret begins so: it would not be UTF-8. */
static size_t der_len(const uint8_t *der, size_t cap)
{
    if (cap < DER_HEADER || der[0] != DER_SEQUENCE || der[1] != DER_TWO_LENGTHS)
        return 0;
    size_t len = DER_HEADER + ((size_t)der[2] << 8 | der[3]);
    return len <= cap ? len : 0;
}

static int sign(void *context, const uint8_t sha256[MMD_SHA256_LEN], uint8_t *out, size_t cap)
{
    uint32_t start = board_us();
    int len = mmd_sign_in_memory(context, sha256, out, cap);
    char us[12];

    if (is_verbose)
        SAY("signature: ", number(us, board_us() - start), " us of computing");
    return len;
}

/* Whether there is a certificate. */
static bool find_certificate(struct mmd_credential *out, const uint8_t *stored, size_t cap,
                             const struct mmd_port *port)
{
    size_t len = der_len(stored, cap);

    if (len == 0)
        return false;
    key = (struct mmd_memory_key){stored + len, der_len(stored + len, cap - len), port};
    out->certificate = stored;
    out->certificate_len = len;
    out->sign = sign;
    out->sign_context = &key;
    return true;
}

#endif

const char *load_credential(struct mmd_credential *out, const struct options *o,
                            const struct mmd_port *port)
{
    size_t cap = 0;
    const uint8_t *stored = board_secret(&cap);

    *out = (struct mmd_credential){.host = o->authority.host,
                                   .port = o->authority.port,
                                   .tenant_id = o->tenant,
                                   .client_id = o->client_id,
                                   .scope = o->scope};
    if (is_empty(stored, cap))
        return "there is no credential for --client-id in this device's storage; put one there";
#if defined(MMD_KEY)
    is_verbose = o->verbose;
    if (find_certificate(out, stored, cap, port))
        return key.len > 0 ? NULL : "this device's storage has a certificate, but no key after it";
#endif
    (void)port;
    if (memchr(stored, '\0', cap) == NULL)
        return "the client secret in this device's storage has no NUL at its end";
    out->client_secret = (const char *)stored;
    return NULL;
}
