/* SPDX-License-Identifier: MIT */
/* Trust anchors: the bytes as a PEM bundle, and as DER.
 *
 * Input: the bytes. */
#include "tls/trust.h"

#include "fuzz.h"

static void describe(const uint8_t *der, size_t len)
{
    struct mmd_certificate certificate;
    char *copy = exact_copy(der, len);
    size_t subject_len = 0;
    const uint8_t *whole = (const uint8_t *)copy;
    const uint8_t *subject = mmd_trust_subject(whole, len, &subject_len);

    if (subject != NULL)
        CHECK(subject > whole && subject_len >= 2 && subject_len <= len &&
              subject <= whole + len - subject_len);
    int error = mmd_certificate_read(&certificate, whole, len);
    CHECK(error == MMD_OK || error == MMD_ERR_CERT);
    if (error == MMD_OK)
        CHECK(memchr(certificate.subject, '\0', sizeof certificate.subject) != NULL);
    free(copy);
}

/* Goes through them; returns how many there are. */
static size_t go_through(const struct mmd_trust *trust)
{
    const uint8_t *der;
    size_t at = 0, len, count = 0, behind = 0;

    while ((der = mmd_trust_next(trust, &at, &len)) != NULL) {
        CHECK(der == trust->der + behind && len >= 2 && at == behind + len && at <= trust->len);
        behind = at;
        describe(der, len);
        count++;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *bytes = exact_copy(data, len);
    struct mmd_trust trust = {(const uint8_t *)bytes, len};
    size_t skipped;

    (void)go_through(&trust);
    describe((const uint8_t *)bytes, len);
    size_t count = mmd_trust_from_pem(bytes, len, &trust, &skipped);
    CHECK(trust.der == (const uint8_t *)bytes && trust.len <= len);
    CHECK(go_through(&trust) == count);
    free(bytes);
    return 0;
}
