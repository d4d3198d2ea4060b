/* SPDX-License-Identifier: MIT */
/* TLS by Mbed TLS 3.6, over a port. Verification is always required: see verify.c. */
#include "tls/tls.h"

#include <mbedtls/net_sockets.h> /* error codes of the transport */
#include <string.h>
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
#include <psa/crypto.h>
#endif

#include "text/wipe.h"
#include "tls/connection.h"
#include "tls/session.h"
#include "tls/trust.h"

/* Bytes that one call may take from the port: a few records. A peer that never pauses cannot keep
 * the call past the deadline. */
#define BUDGET 65536

_Static_assert(sizeof(struct connection) <= sizeof(union mmd_tls_context), "raise MMD_TLS_WORDS");
_Static_assert(_Alignof(struct connection) <= _Alignof(union mmd_tls_context),
               "raise its alignment");

static struct connection *connection_of(union mmd_tls_context *tls)
{
    return (struct connection *)(void *)tls;
}

/* ---- what Mbed TLS calls ---- */

static int bio_send(void *context, const unsigned char *data, size_t len)
{
    struct connection *t = context;
    const struct mmd_port *port = t->port;
    int n = port->send(port->context, data, len);

    if (n > 0)
        return n;
    return n == MMD_PENDING ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_NET_SEND_FAILED;
}

static int bio_receive(void *context, unsigned char *data, size_t cap)
{
    struct connection *t = context;
    const struct mmd_port *port = t->port;

    if (t->budget == 0)
        return MBEDTLS_ERR_SSL_WANT_READ;
    int n = port->receive(port->context, data, cap < t->budget ? cap : t->budget);
    if (n > 0) {
        t->budget -= (size_t)n;
        return n;
    }
    if (n == MMD_END_OF_STREAM) {
        t->ended = true;
        return 0;
    }
    return n == MMD_PENDING ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_NET_RECV_FAILED;
}

static int fill_random(void *context, unsigned char *data, size_t len)
{
    struct connection *t = context;
    const struct mmd_port *port = t->port;
    int error = port->random(port->context, data, len);

    if (error != MMD_OK)
        t->cause = MMD_ERR_ENTROPY;
    return error;
}

/* ---- the interface ---- */

#if defined(MBEDTLS_KEY_EXCHANGE_RSA_ENABLED) || defined(MBEDTLS_CIPHER_MODE_CBC)
/* Of a Mbed TLS that has others, too: only suites with forward secrecy and AEAD are offered. */
static const int suites[] = {MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
                             MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
                             MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
                             MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                             MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
                             MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                             MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                             MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                             MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                             0};
#define SUITES suites
#endif

static int set_up(struct connection *t)
{
    mbedtls_ssl_config *conf = &t->conf;
    int error = mbedtls_ssl_config_defaults(
        conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);

    if (error != 0)
        return error;
    mbedtls_ssl_conf_authmode(conf, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_verify(conf, mmd_verify_certificate, t);
    mbedtls_ssl_conf_rng(conf, fill_random, t);
    mbedtls_ssl_conf_session_tickets(conf, t->config->session != NULL);
#if defined(SUITES)
    mbedtls_ssl_conf_ciphersuites(conf, SUITES);
#endif
#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
    mbedtls_ssl_conf_ca_cb(conf, mmd_verify_find_anchors, t);
#else
    if ((error = mmd_verify_load_anchors(t)) != 0)
        return error;
    mbedtls_ssl_conf_ca_chain(conf, t->anchors, NULL);
#endif
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    if (psa_crypto_init() != PSA_SUCCESS) {
        t->cause = MMD_ERR_ENTROPY;
        return MBEDTLS_ERR_SSL_NO_RNG;
    }
#endif
    if ((error = mbedtls_ssl_setup(&t->ssl, conf)) != 0 ||
        (error = mbedtls_ssl_set_hostname(&t->ssl, t->config->host)) != 0 ||
        (error = mmd_session_offer(t->config, t->now, &t->ssl, &t->offered)) != 0)
        return error;
    mbedtls_ssl_set_bio(&t->ssl, t, bio_send, bio_receive, NULL);
    return 0;
}

/* Begins a call that may read and allocate. */
static struct connection *enter(union mmd_tls_context *tls)
{
    struct connection *t = connection_of(tls);

    t->budget = BUDGET;
    t->failures = mmd_count_failures(t);
    return t;
}

/* In a resumed handshake no certificate is sent. */
static bool is_resumed(const struct connection *t)
{
    return t->chain_top < 0;
}

int mmd_tls_begin(union mmd_tls_context *tls, const struct mmd_tls_config *config,
                  const struct mmd_port *port)
{
    struct connection *t = connection_of(tls);

    memset(t, 0, sizeof *t);
    t->config = config;
    t->port = port;
    t->now = port->calendar_s(port->context);
    t->chain_top = -1;
    enter(tls);
    mbedtls_ssl_init(&t->ssl);
    mbedtls_ssl_config_init(&t->conf);
    int error = set_up(t);
    if (error == 0)
        return MMD_OK;
    error = mmd_tls_failure(t, error);
    mmd_tls_end(tls);
    return error;
}

int mmd_tls_handshake(union mmd_tls_context *tls, bool *done)
{
    struct connection *t = enter(tls);
    bool may_ask = t->ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_CERTIFICATE_REQUEST;
    int error = mbedtls_ssl_handshake_step(&t->ssl);

    /* Mbed TLS forgets it with the handshake, and the alert may come later. */
    if (error == 0 && may_ask)
        t->asked = t->ssl.MBEDTLS_PRIVATE(in_msg)[0] == MBEDTLS_SSL_HS_CERTIFICATE_REQUEST;
    if (error == 0 && mmd_count_failures(t) != t->failures)
        error = MBEDTLS_ERR_SSL_ALLOC_FAILED; /* Mbed TLS 3.6.7 overlooks one at Finished */
    *done = error == 0 && mbedtls_ssl_is_handshake_over(&t->ssl);
    if (*done && t->offered && !is_resumed(t))
        mmd_session_forget(t->config->session); /* Mbed TLS may still have the ticket refused */
    else if (*done)
        mmd_session_keep(t->config, is_resumed(t) ? NULL : &t->chain, &t->ssl);
    if (error == 0)
        return MMD_OK;
    error = mmd_tls_failure(t, error);
    return error == MMD_END_OF_STREAM ? MMD_ERR_NETWORK : error;
}

int mmd_tls_send(union mmd_tls_context *tls, const void *data, size_t len)
{
    struct connection *t = enter(tls);
    int n = mbedtls_ssl_write(&t->ssl, data, len);

    return n > 0 ? n : mmd_tls_failure(t, n);
}

int mmd_tls_receive(union mmd_tls_context *tls, void *data, size_t cap)
{
    struct connection *t = enter(tls);
    size_t unsent = t->ssl.MBEDTLS_PRIVATE(out_left);

    int n = mbedtls_ssl_read(&t->ssl, data, cap);
    /* Declining a HelloRequest flushes output: a pending record would go out unreported. */
    if (unsent != 0 && unsent != t->ssl.MBEDTLS_PRIVATE(out_left)) {
        t->broken = true;
        return MMD_ERR_TLS;
    }
    if (n > 0 || (n == 0 && !t->ended)) /* 0: an empty record, and there may be more at once */
        return n;
    /* 0 is the end of TCP without close_notify: anyone in between can cause that. */
    return n == 0 ? MMD_ERR_TRUNCATED : mmd_tls_failure(t, n);
}

/* After a fatal alert there is nothing more to send (RFC 8446, 6.2). */
void mmd_tls_close_notify(union mmd_tls_context *tls)
{
    struct connection *t = connection_of(tls);

    if (!t->broken)
        (void)mbedtls_ssl_close_notify(&t->ssl);
}

bool mmd_tls_has_paused(const union mmd_tls_context *tls)
{
    return ((const struct connection *)(const void *)tls)->budget == 0;
}

void mmd_tls_info(const union mmd_tls_context *tls, struct mmd_tls_info *out)
{
    const struct connection *t = (const struct connection *)(const void *)tls;
    const mbedtls_ssl_context *ssl = &t->ssl;

    *out = (struct mmd_tls_info){0};
    out->detail = mmd_tls_detail(t);
    if (t->chain_top >= 0) {
        out->valid_from = t->chain.not_before;
        out->valid_to = t->chain.not_after;
        out->checked_at = t->now;
    }
    out->version = mbedtls_ssl_get_version(ssl);
    out->suite = mbedtls_ssl_get_ciphersuite(ssl);
    out->resumed = is_resumed(t);
}

void mmd_tls_end(union mmd_tls_context *tls)
{
    struct connection *t = connection_of(tls);
    bool begun = t->ssl.MBEDTLS_PRIVATE(state) != MBEDTLS_SSL_HELLO_REQUEST;
    bool over = mbedtls_ssl_is_handshake_over(&t->ssl);

    /* Forget a session with which a handshake was begun but not ended, and one whose connection met
     * a fatal alert (RFC 5246, 7.2.2). */
    if (begun && t->config->session != NULL && (over ? t->broken : t->offered))
        mmd_session_forget(t->config->session);
    mbedtls_ssl_free(&t->ssl);
    mbedtls_ssl_config_free(&t->conf);
#if !defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
    mmd_free_signers(t->anchors);
#endif
    mmd_wipe(t, sizeof *t);
}
