/* SPDX-License-Identifier: MIT */
/* The assertion that a certificate's key signs, to get a token with it. */
#include "close/attempt.h"
#include "mmdclose/guid.h"
#include "text/wipe.h"

static int write_assertion(struct mmd_close *c)
{
    const struct mmd_credential *credential = c->config->credential;
    const struct mmd_port *port = c->config->port;
    uint8_t thumbprint[MMD_SHA256_LEN], random[16];
    char jti[MMD_GUID_LEN + 1], *assertion = c->buf + c->cap / 2;
    int64_t now = port->calendar_s(port->context);

    if (now < mmd_clock_floor)
        return MMD_ERR_CLOCK;
    if (port->random(port->context, random, sizeof random) != MMD_OK)
        return MMD_ERR_ENTROPY;
    mmd_guid(jti, random);
    int error = mmd_sha256(credential->certificate, credential->certificate_len, thumbprint);
    if (error != MMD_OK)
        return error;
    int len = mmd_assertion_write(assertion, c->cap - c->cap / 2, credential, thumbprint, jti, now);
    if (len < 0)
        return len;
    c->assertion_len = (size_t)len;
    return mmd_sha256(assertion, c->assertion_len, c->digest);
}

static unsigned failures(const struct mmd_close *c)
{
    const unsigned *count = c->config->tls.allocation_failures;

    return count != NULL ? *count : 0;
}

/* Every signature is verified before it is sent: some keys' owners take another salt. */
static int sign(struct mmd_close *c)
{
    const struct mmd_credential *credential = c->config->credential;
    uint8_t signature[MMD_SIGNATURE_MAX];
    char *assertion = c->buf + c->cap / 2;
    int len = credential->sign(credential->sign_context, c->digest, signature, sizeof signature);

    if (len < 0)
        return len;
    int error = mmd_verify_ps256(credential->certificate, credential->certificate_len, c->digest,
                                 signature, (size_t)len);
    if (error == MMD_ERR_CERT) { /* ours, not a server's */
        c->token_info.field = MMD_TOKEN_FIELD_CERTIFICATE;
        error = MMD_ERR_INPUT;
    }
    if (error != MMD_OK)
        return error;
    len =
        mmd_assertion_end(assertion, c->cap - c->cap / 2, c->assertion_len, signature, (size_t)len);
    return len < 0 ? len : MMD_OK;
}

void mmd_close_begin_assertion(struct mmd_close *c)
{
    c->step = MMD_CLOSE_SIGN;
    int error = write_assertion(c);
    if (error != MMD_OK)
        mmd_close_fail(c, error);
}

int mmd_close_sign(struct mmd_close *c, uint32_t *wait_ms)
{
    unsigned before = failures(c);
    int error = mmd_close_poll_owner(c, sign(c), wait_ms);

    if (error == MMD_PENDING)
        return error;
    if (failures(c) != before) /* which may look like another error */
        error = MMD_ERR_MEMORY;
    if (error != MMD_OK)
        mmd_close_fail(c, error);
    else
        mmd_close_request_token(c, c->buf + c->cap / 2);
    return MMD_OK;
}
