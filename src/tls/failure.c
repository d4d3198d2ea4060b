/* SPDX-License-Identifier: MIT */
/* What Mbed TLS's errors mean. */
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h> /* error codes of the transport */
#include <string.h>

#include "tls/connection.h"
#include "tls/no_memory.h"

static bool is_out_of_memory(const struct connection *t, int error)
{
    return mmd_count_failures(t) != t->failures || mmd_is_out_of_memory(error);
}

/* Mbed TLS has no function that reports it; the message is still where it was read. */
static uint8_t alert_of(const struct connection *t)
{
    return t->detail == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE ? t->ssl.MBEDTLS_PRIVATE(in_msg)[1] : 0;
}

struct mmd_detail mmd_tls_detail(const struct connection *t)
{
    uint8_t alert = alert_of(t);

    if (alert != 0)
        return (struct mmd_detail){MMD_DETAIL_ALERT, alert};
    return (struct mmd_detail){t->detail != 0 ? MMD_DETAIL_TLS : MMD_DETAIL_NONE, t->detail};
}

/* What Mbed TLS itself found wrong stands, whether or not the alert about it can leave. */
static int first_cause(const struct connection *t, int error)
{
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    if (t->ssl.MBEDTLS_PRIVATE(alert_reason) != 0)
        return t->ssl.MBEDTLS_PRIVATE(alert_reason);
#endif
    (void)t;
    return error;
}

/* The server knows none of the versions that were offered. While a session is held only TLS 1.2 is
 * offered: the next try offers both. */
static int no_common_version(const struct connection *t)
{
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    if (t->offered)
        return MMD_ERR_NETWORK;
#endif
    (void)t;
    return MMD_ERR_TLS_VERSION;
}

/* X.509, ASN.1 and public key errors: only the server's certificates can be meant. */
static bool is_of_certificates(int error)
{
    unsigned high = (unsigned)-error & 0xFF80;

    return high >= 0x2080 && high <= 0x3F80;
}

/* What servers say to a client that has no certificate to show: certificate_required in TLS 1.3
 * (RFC 8446, 4.4.2.4), handshake_failure in TLS 1.2 (RFC 5246, 7.4.6), and some bad_certificate or
 * no_certificate. */
static bool is_demand(const struct connection *t)
{
    static const uint8_t alerts[] = {MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE,
                                     MBEDTLS_SSL_ALERT_MSG_NO_CERT, MBEDTLS_SSL_ALERT_MSG_BAD_CERT,
                                     116 /* certificate_required */};

    return t->asked && memchr(alerts, alert_of(t), sizeof alerts) != NULL;
}

/* Whether a message of the handshake does not fit into Mbed TLS's buffers. For one that is put
 * together from records there is no error of its own. */
static bool is_too_large(const struct connection *t, int error)
{
    if (t->ssl.MBEDTLS_PRIVATE(state) >= MBEDTLS_SSL_HANDSHAKE_OVER)
        return false;
    return error == MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL ||
           ((error == MBEDTLS_ERR_SSL_BAD_INPUT_DATA ||
             error == MBEDTLS_ERR_ERROR_CORRUPTION_DETECTED) &&
            t->ssl.MBEDTLS_PRIVATE(in_hslen) > MBEDTLS_SSL_IN_CONTENT_LEN);
}

static int meaning_of(const struct connection *t, int error)
{
    switch (error) {
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
#if !defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
    case MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED: /* not one anchor could be used */
#endif
        return mmd_verify_error(t, mbedtls_ssl_get_verify_result(&t->ssl));
    case MBEDTLS_ERR_NET_SEND_FAILED:
    case MBEDTLS_ERR_NET_RECV_FAILED:
    case MBEDTLS_ERR_SSL_CONN_EOF: return MMD_ERR_NETWORK;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: return MMD_END_OF_STREAM;
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION: return MMD_ERR_TLS_VERSION;
    case MBEDTLS_ERR_SSL_BAD_CERTIFICATE: return MMD_ERR_CERT;
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    case MBEDTLS_ERR_ERROR_GENERIC_ERROR: return MMD_ERR_ENTROPY; /* what it makes of PSA's */
#endif
    default:
        if (alert_of(t) == MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION)
            return no_common_version(t);
        if (is_demand(t))
            return MMD_ERR_CLIENT_CERT;
        if (is_too_large(t, error))
            return MMD_ERR_TLS_SIZE;
        return is_of_certificates(error) ? MMD_ERR_CERT : MMD_ERR_TLS;
    }
}

/* Whether the connection ended without a fatal alert, in either direction. */
static bool is_end(int error)
{
    return error == MBEDTLS_ERR_NET_SEND_FAILED || error == MBEDTLS_ERR_NET_RECV_FAILED ||
           error == MBEDTLS_ERR_SSL_CONN_EOF || error == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY;
}

int mmd_tls_failure(struct connection *t, int error)
{
    error = first_cause(t, error);
    if (error == MBEDTLS_ERR_SSL_WANT_READ || error == MBEDTLS_ERR_SSL_WANT_WRITE)
        return MMD_PENDING;
    t->detail = error;
    t->broken = true;
    if (is_out_of_memory(t, error))
        return MMD_ERR_MEMORY;
    if (t->cause != MMD_OK)
        return t->cause;
    t->broken = !is_end(error);
    return meaning_of(t, error);
}
