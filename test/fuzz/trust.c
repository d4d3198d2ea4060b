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
    const uint8_t *whole = (const uint8_t *)copy;
    struct mmd_outline outline;
    const char *reason = NULL;

    if (mmd_outline_read(&outline, whole, len))
        CHECK(outline.len <= len && outline.validity > whole &&
              outline.subject > outline.validity && outline.subject_len >= 2 &&
              outline.subject + outline.subject_len < whole + outline.len);
    int use = mmd_trust_check(whole, len, &reason);
    CHECK((use == MMD_OK || use == MMD_ERR_CERT_ANCHOR) && reason != NULL);
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
    size_t at = 0, len, count = 0, behind = 0, passed_over = 0;

    while ((der = mmd_trust_next(trust, &at, &len)) != NULL) {
        CHECK(der >= trust->der + behind && len >= 2 && at <= trust->len &&
              der + len == trust->der + at);
        passed_over += at - len - behind;
        behind = at;
        describe(der, len);
        count++;
    }
    size_t damaged = mmd_trust_damaged(trust);
    CHECK(damaged >= passed_over && damaged <= passed_over + trust->len - behind);
    return count;
}

/* ---- searching ---- */

static size_t count_of(const struct mmd_trust *trust, const struct mmd_outline *wanted)
{
    struct mmd_outline outline;
    const uint8_t *der;
    size_t at = 0, len, count = 0;

    while ((der = mmd_trust_next(trust, &at, &len)) != NULL)
        count += mmd_outline_read(&outline, der, len) &&
                 outline.subject_len == wanted->subject_len &&
                 memcmp(outline.subject, wanted->subject, wanted->subject_len) == 0;
    return count;
}

/* A search for the subject of each finds what decoding all has shown. */
static void search(const char *pem, size_t len, const struct mmd_trust *whole, size_t count)
{
    struct mmd_bundle b = {
        .pem = pem, .len = len, .memory = (uint8_t *)exact_copy(pem, len), .cap = len};
    struct mmd_outline outline;
    const uint8_t *der;
    size_t at = 0, size;

    CHECK(mmd_bundle_open(&b) == (count > 0 ? MMD_OK : MMD_ERR_TRUST));
    while ((der = mmd_trust_next(whole, &at, &size)) != NULL) {
        CHECK(mmd_outline_read(&outline, der, size));
        CHECK(mmd_bundle_find(&b, outline.subject, outline.subject_len) == MMD_OK);
        CHECK(count_of(&b.found, &outline) == count_of(whole, &outline));
    }
    CHECK(b.found.len == whole->len && mmd_trust_damaged(&b.found) == 0);
    free(b.memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *bytes = exact_copy(data, len), *pem = exact_copy(data, len);
    struct mmd_trust trust = {(const uint8_t *)bytes, len};
    size_t skipped;

    (void)go_through(&trust);
    describe((const uint8_t *)bytes, len);
    size_t count = mmd_trust_from_pem(bytes, len, &trust, &skipped);
    CHECK(trust.der == (const uint8_t *)bytes && trust.len <= len);
    CHECK(go_through(&trust) == count && mmd_trust_damaged(&trust) == 0);
    search(pem, len, &trust, count);
    free(bytes);
    free(pem);
    return 0;
}
