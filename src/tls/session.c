/* SPDX-License-Identifier: MIT */
/* Keeping and proposing a session. Only TLS 1.2's are kept: resuming one of TLS 1.3 still takes a
 * key exchange, which is most of what a small board waits for. */
#include "tls/session.h"

#include <mbedtls/sha256.h>
#include <string.h>

#include "mmdclose/port.h"
#include "text/wipe.h"

void mmd_session_forget(struct mmd_session *session)
{
    mmd_wipe(session, sizeof *session);
}

/* For RAM that lost bits, not against an attacker (FNV-1a): one changed byte is always seen,
 * several but for one case in four billion. */
static uint32_t sum_up(uint32_t sum, const void *data, size_t len)
{
    const uint8_t *byte = data;

    for (; len > 0; len--)
        sum = (sum ^ *byte++) * 16777619u;
    return sum;
}

static uint32_t sum_of(const struct mmd_session *session)
{
    const size_t from = offsetof(struct mmd_session, chain);
    uint32_t sum = sum_up(2166136261u, (const uint8_t *)session + from,
                          offsetof(struct mmd_session, sum) - from);

    return sum_up(sum, session->bytes, session->len);
}

/* The digest of the host's name and of the anchor, if that lies among those that are trusted. */
static bool bind(uint8_t out[32], const struct mmd_tls_config *config,
                 const struct mmd_chain *chain)
{
    const struct mmd_trust *trust = config->trust;
    mbedtls_sha256_context sha;

    if (chain->anchor_len == 0 || chain->anchor_at > trust->len ||
        chain->anchor_len > trust->len - chain->anchor_at)
        return false;
    mbedtls_sha256_init(&sha);
    bool done =
        mbedtls_sha256_starts(&sha, 0) == 0 &&
        mbedtls_sha256_update(&sha, (const unsigned char *)config->host,
                              strlen(config->host) + 1) == 0 &&
        mbedtls_sha256_update(&sha, trust->der + chain->anchor_at, chain->anchor_len) == 0 &&
        mbedtls_sha256_finish(&sha, out) == 0;
    mbedtls_sha256_free(&sha);
    return done;
}

static bool holds(const struct mmd_tls_config *config, int64_t now)
{
    const struct mmd_session *session = config->session;
    uint8_t binding[32];

    return session != NULL && session->len > 0 && session->len <= sizeof session->bytes &&
           session->sum == sum_of(session) && now >= mmd_clock_floor &&
           now >= session->chain.not_before && now <= session->chain.not_after &&
           bind(binding, config, &session->chain) &&
           memcmp(binding, session->binding, sizeof binding) == 0;
}

int mmd_session_offer(const struct mmd_tls_config *config, int64_t now, mbedtls_ssl_context *ssl,
                      bool *offered)
{
    mbedtls_ssl_session session;

    *offered = false;
    if (!holds(config, now))
        return 0;
    mbedtls_ssl_session_init(&session);
    int error = mbedtls_ssl_session_load(&session, config->session->bytes, config->session->len);
    if (error == 0)
        error = mbedtls_ssl_set_session(ssl, &session);
    mbedtls_ssl_session_free(&session);
    *offered = error == 0;
    if (error == MBEDTLS_ERR_SSL_ALLOC_FAILED)
        return error;
    if (error != 0)
        mmd_session_forget(config->session); /* of another build */
    return 0;
}

void mmd_session_keep(const struct mmd_tls_config *config, const struct mmd_chain *chain,
                      const mbedtls_ssl_context *ssl)
{
    struct mmd_session *kept = config->session;

    if (kept == NULL)
        return;
    if (chain != NULL) {
        kept->chain = *chain;
        kept->len = bind(kept->binding, config, chain);
    }
    bool bound = kept->len > 0 && ssl->MBEDTLS_PRIVATE(tls_version) == MBEDTLS_SSL_VERSION_TLS1_2;
    mbedtls_ssl_session session = *ssl->MBEDTLS_PRIVATE(session);
#if defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
    session.MBEDTLS_PRIVATE(peer_cert) = NULL; /* some KB, and it is not needed again */
#endif
    if (!bound || session.MBEDTLS_PRIVATE(ticket_len) == 0 ||
        mbedtls_ssl_session_save(&session, kept->bytes, sizeof kept->bytes, &kept->len) != 0)
        mmd_session_forget(kept);
    else
        kept->sum = sum_of(kept);
    mmd_wipe(&session, sizeof session);
}
