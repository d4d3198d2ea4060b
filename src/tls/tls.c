/* TLS by Mbed TLS 3.6. Verification is always required, dates are checked against the port's clock,
 * and what can go wrong is told apart: see failure() and distrust(). */
#include "tls/tls.h"

#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h> /* error codes of the transport */
#include <mbedtls/oid.h>
#include <mbedtls/ssl.h>
#include <string.h>
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
#include <psa/crypto.h>
#endif

#include "text/wipe.h"
#include "tls/session.h"
#include "tls/trust.h"
#include "tls/x509_time.h"

/* Bytes that one call may take from the port, so that a peer that never pauses cannot keep us in it
 * past the deadline: a few records. */
#define BUDGET 65536

struct tls {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config conf;
    const struct mmd_tls_config *config;
    const struct mmd_port *port;
    int64_t now;       /* seconds since 1970; below the floor: not set */
    size_t budget;     /* bytes that this call may still take */
    int cause;         /* no random bytes or no memory: the error behind Mbed TLS's */
    int detail;        /* Mbed TLS's */
    unsigned failures; /* of the allocator, when we began */
    int chain_top;     /* depth of the topmost certificate found; -1: none looked at yet */
    bool self_signed;  /* that one vouches for itself */
    bool ended;        /* the peer's stream */
    bool offered;      /* a session, to be resumed */
    bool broken;       /* by a fatal alert, in either direction */
    struct mmd_chain chain;
};

_Static_assert(sizeof(struct tls) <= sizeof(union mmd_tls_room), "raise MMD_TLS_WORDS");
_Static_assert(_Alignof(struct tls) <= _Alignof(union mmd_tls_room), "raise its alignment");

static unsigned count_failures(const struct tls *t)
{
    return t->config->allocation_failures != NULL ? *t->config->allocation_failures : 0;
}

static struct tls *tls_of(union mmd_tls_room *room)
{
    return (struct tls *)(void *)room;
}

/* ---- what Mbed TLS calls ---- */

static int bio_send(void *context, const unsigned char *data, size_t len)
{
    struct tls *t = context;
    const struct mmd_port *port = t->port;
    int n = port->send(port->context, data, len);

    if (n > 0)
        return n;
    return n == MMD_PENDING ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_NET_SEND_FAILED;
}

static int bio_receive(void *context, unsigned char *data, size_t cap)
{
    struct tls *t = context;
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
    struct tls *t = context;
    const struct mmd_port *port = t->port;
    int error = port->random(port->context, data, len);

    if (error != MMD_OK)
        t->cause = MMD_ERR_ENTROPY;
    return error;
}

/* An RSA exponent may be as long as the modulus, and each check of a signature then takes a hundred
 * times as long; nobody has one of more than 32 bits. */
static bool is_slow(const mbedtls_pk_context *key)
{
    return mbedtls_pk_get_type(key) == MBEDTLS_PK_RSA &&
           mbedtls_mpi_bitlen(&mbedtls_pk_rsa(*key)->MBEDTLS_PRIVATE(E)) > 32;
}

/* Is asked for a certificate's issuer before its signature is checked with any key. What the server
 * sent to vouch for it stands behind it, and its keys are used before they are trusted. */
static int find_anchors(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **out)
{
    struct tls *t = context;

    for (const mbedtls_x509_crt *crt = child->next; crt != NULL; crt = crt->next)
        if (is_slow(&crt->pk))
            return MBEDTLS_ERR_X509_FATAL_ERROR;
    int error = mmd_trust_find(t->config->trust, t->now, child, out);

    if (error == MBEDTLS_ERR_X509_ALLOC_FAILED)
        t->cause = MMD_ERR_MEMORY;
    return error;
}

static bool is_self_issued(const mbedtls_x509_crt *crt)
{
    return crt->issuer_raw.len != 0 && crt->issuer_raw.len == crt->subject_raw.len &&
           memcmp(crt->issuer_raw.p, crt->subject_raw.p, crt->subject_raw.len) == 0;
}

/* What Mbed TLS leaves out for the certificates of authorities: an extended key usage binds what is
 * below it, too, and name constraints (RFC 5280, 4.2.1.10) it does not know; they are refused. */
static bool may_issue_for_servers(const mbedtls_x509_crt *crt)
{
    static const unsigned char name_constraints[] = {0x06, 0x03, 0x55, 0x1D, 0x1E};
    const unsigned char *p = crt->v3_ext.p;

    for (size_t at = 0; at + sizeof name_constraints <= crt->v3_ext.len; at++)
        if (memcmp(p + at, name_constraints, sizeof name_constraints) == 0)
            return false;
    return mbedtls_x509_crt_check_extended_key_usage(
               crt, MBEDTLS_OID_SERVER_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) == 0;
}

/* The first certificate of a chain to be looked at: its topmost, the anchor if it leads to one. */
static void begin_chain(struct tls *t, const mbedtls_x509_crt *crt, int depth)
{
    const struct mmd_trust *trust = t->config->trust;

    t->chain_top = depth;
    t->self_signed = is_self_issued(crt);
    t->chain = (struct mmd_chain){.not_before = INT64_MIN, .not_after = INT64_MAX};
    if (crt->raw.p >= trust->der && crt->raw.p < trust->der + trust->len) {
        t->chain.anchor_at = (size_t)(crt->raw.p - trust->der);
        t->chain.anchor_len = crt->raw.len;
    }
}

/* Whether only a DNS name can have been taken for the host's (RFC 9525, 2). Mbed TLS takes the
 * common name where there is no other name, and a URI that is the host's name; which is none, for
 * a URI has a colon. */
static bool is_named_by_dns(const mbedtls_x509_crt *crt)
{
    const mbedtls_x509_sequence *name = &crt->subject_alt_names;

    for (; name != NULL; name = name->next)
        if ((name->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) ==
                MBEDTLS_X509_SAN_UNIFORM_RESOURCE_IDENTIFIER &&
            memchr(name->buf.p, ':', name->buf.len) == NULL)
            return false;
    return mbedtls_x509_crt_has_ext_type(crt, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME);
}

/* Adds the dates to the verdict on one certificate of the chain, from the top (depth > 0) down to
 * the server's own (0). A clock below the floor agrees with no date. */
static int check_certificate(void *context, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    struct tls *t = context;
    const struct mmd_tls_config *config = t->config;
    int64_t from = mmd_x509_seconds(&crt->valid_from), to = mmd_x509_seconds(&crt->valid_to);

    if (t->chain_top < 0)
        begin_chain(t, crt, depth);
    if (from > t->chain.not_before)
        t->chain.not_before = from;
    if (to < t->chain.not_after)
        t->chain.not_after = to;
    if (t->now < mmd_clock_floor || t->now < from)
        *flags |= MBEDTLS_X509_BADCERT_FUTURE;
    if (t->now > to)
        *flags |= MBEDTLS_X509_BADCERT_EXPIRED;
    if (depth == 0 && !is_named_by_dns(crt))
        *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
    if (depth > 0 && !may_issue_for_servers(crt))
        *flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    if (config->on_certificate != NULL) {
        unsigned before = count_failures(t);
        config->on_certificate(config->on_certificate_context, depth, crt->raw.p, crt->raw.len);
        t->failures += count_failures(t) - before; /* its own, not the handshake's */
    }
    return 0;
}

/* ---- what its errors mean ---- */

static bool is_out_of_memory(const struct tls *t, int error)
{
    unsigned high = (unsigned)-error & 0xFF80, low = (unsigned)-error & 0x7F;
    static const uint16_t out_of_memory[] = {
        -MBEDTLS_ERR_SSL_ALLOC_FAILED,    -MBEDTLS_ERR_X509_ALLOC_FAILED,
        -MBEDTLS_ERR_PK_ALLOC_FAILED,     -MBEDTLS_ERR_ECP_ALLOC_FAILED,
        -MBEDTLS_ERR_MD_ALLOC_FAILED,     -MBEDTLS_ERR_MPI_ALLOC_FAILED,
        -MBEDTLS_ERR_CIPHER_ALLOC_FAILED, -MBEDTLS_ERR_ASN1_ALLOC_FAILED,
    };

    if (count_failures(t) != t->failures)
        return true;
    for (size_t i = 0; i < sizeof out_of_memory / sizeof *out_of_memory; i++)
        if (high == out_of_memory[i] || low == out_of_memory[i])
            return true;
    return false;
}

/* The most telling of the things that are wrong with the chain. */
static int distrust(const struct tls *t, uint32_t flags)
{
    const uint32_t dates = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;

    if ((flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0) {
        if (t->chain_top > 0)
            return MMD_ERR_CERT_ISSUER;
        return t->self_signed ? MMD_ERR_CERT_SELF_SIGNED : MMD_ERR_CERT_CHAIN;
    }
    if ((flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0)
        return MMD_ERR_CERT_NAME;
    if ((flags & ~dates) != 0)
        return MMD_ERR_CERT;
    return t->now < mmd_clock_floor ? MMD_ERR_CLOCK : MMD_ERR_CERT_DATE;
}

/* The fatal alert that the server sent, or 0. Mbed TLS has no function that tells it; the message
 * is still where it was read. */
static uint8_t alert_of(const struct tls *t)
{
    return t->detail == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE ? t->ssl.MBEDTLS_PRIVATE(in_msg)[1] : 0;
}

static int failure(struct tls *t, int error)
{
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    /* What it found wrong stands, whether or not the alert about it can leave. */
    if (t->ssl.MBEDTLS_PRIVATE(alert_reason) != 0)
        error = t->ssl.MBEDTLS_PRIVATE(alert_reason);
#endif
    if (error == MBEDTLS_ERR_SSL_WANT_READ || error == MBEDTLS_ERR_SSL_WANT_WRITE)
        return MMD_PENDING;
    t->detail = error;
    t->broken = true;
    if (is_out_of_memory(t, error))
        return MMD_ERR_MEMORY;
    if (t->cause != MMD_OK)
        return t->cause;
    switch (error) {
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
        return distrust(t, mbedtls_ssl_get_verify_result(&t->ssl));
    case MBEDTLS_ERR_NET_SEND_FAILED:
    case MBEDTLS_ERR_NET_RECV_FAILED:
    case MBEDTLS_ERR_SSL_CONN_EOF: t->broken = false; return MMD_ERR_NETWORK;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: t->broken = false; return MMD_END_OF_STREAM;
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION: return MMD_ERR_TLS_VERSION;
    case MBEDTLS_ERR_SSL_BAD_CERTIFICATE: return MMD_ERR_CERT;
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    case MBEDTLS_ERR_ERROR_GENERIC_ERROR: return MMD_ERR_ENTROPY; /* what it makes of PSA's */
#endif
    default: break;
    }
    if (alert_of(t) == MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION) {
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
        if (t->offered) /* with a session, its version alone was; the next try offers both */
            return MMD_ERR_NETWORK;
#endif
        return MMD_ERR_TLS_VERSION;
    }
    /* X.509, ASN.1 and public key errors: only the server's certificates can be meant. */
    unsigned high = (unsigned)-error & 0xFF80;
    if (high >= 0x2080 && high <= 0x3F80)
        return MMD_ERR_CERT;
    return MMD_ERR_TLS;
}

/* ---- the interface ---- */

static int set_up(struct tls *t)
{
    mbedtls_ssl_config *conf = &t->conf;
    int error = mbedtls_ssl_config_defaults(
        conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);

    if (error != 0)
        return error;
    mbedtls_ssl_conf_authmode(conf, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_cb(conf, find_anchors, t);
    mbedtls_ssl_conf_verify(conf, check_certificate, t);
    mbedtls_ssl_conf_rng(conf, fill_random, t);
    mbedtls_ssl_conf_session_tickets(conf, t->config->session != NULL);
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
static struct tls *enter(union mmd_tls_room *room)
{
    struct tls *t = tls_of(room);

    t->budget = BUDGET;
    t->failures = count_failures(t);
    return t;
}

/* No certificate was looked at, for none was sent. */
static bool is_resumed(const struct tls *t)
{
    return t->chain_top < 0;
}

int mmd_tls_begin(union mmd_tls_room *room, const struct mmd_tls_config *config,
                  const struct mmd_port *port)
{
    struct tls *t = tls_of(room);

    memset(t, 0, sizeof *t);
    t->config = config;
    t->port = port;
    t->now = port->calendar_s(port->context);
    t->chain_top = -1;
    enter(room);
    mbedtls_ssl_init(&t->ssl);
    mbedtls_ssl_config_init(&t->conf);
    int error = set_up(t);
    if (error == 0)
        return MMD_OK;
    error = failure(t, error);
    mmd_tls_end(room);
    return error;
}

int mmd_tls_handshake(union mmd_tls_room *room, bool *done)
{
    struct tls *t = enter(room);
    int error = mbedtls_ssl_handshake_step(&t->ssl);

    if (error == 0 && count_failures(t) != t->failures)
        error = MBEDTLS_ERR_SSL_ALLOC_FAILED; /* Mbed TLS 3.6.7 overlooks one at Finished */
    *done = error == 0 && mbedtls_ssl_is_handshake_over(&t->ssl);
    if (*done && t->offered && !is_resumed(t))
        mmd_session_forget(t->config->session); /* Mbed TLS may still have the ticket refused */
    else if (*done)
        mmd_session_keep(t->config, is_resumed(t) ? NULL : &t->chain, &t->ssl);
    if (error == 0)
        return MMD_OK;
    error = failure(t, error);
    return error == MMD_END_OF_STREAM ? MMD_ERR_NETWORK : error;
}

int mmd_tls_send(union mmd_tls_room *room, const void *data, size_t len)
{
    struct tls *t = enter(room);
    int n = mbedtls_ssl_write(&t->ssl, data, len);

    return n > 0 ? n : failure(t, n);
}

int mmd_tls_receive(union mmd_tls_room *room, void *data, size_t cap)
{
    struct tls *t = enter(room);
    size_t unsent = t->ssl.MBEDTLS_PRIVATE(out_left);

    int n = mbedtls_ssl_read(&t->ssl, data, cap);
    /* A request to renegotiate makes Mbed TLS send, and so a record that still waits would leave
     * without the one who waits with it hearing of it. */
    if (unsent != 0 && unsent != t->ssl.MBEDTLS_PRIVATE(out_left)) {
        t->broken = true;
        return MMD_ERR_TLS;
    }
    if (n > 0 || (n == 0 && !t->ended)) /* 0: an empty record, and there may be more at once */
        return n;
    /* 0 is the end of TCP without close_notify: anyone on the way can cause that. */
    return n == 0 ? MMD_ERR_TRUNCATED : failure(t, n);
}

/* After a fatal alert there is nothing more to send (RFC 8446, 6.2). */
void mmd_tls_close_notify(union mmd_tls_room *room)
{
    struct tls *t = tls_of(room);

    if (!t->broken)
        (void)mbedtls_ssl_close_notify(&t->ssl);
}

bool mmd_tls_has_paused(const union mmd_tls_room *room)
{
    return ((const struct tls *)(const void *)room)->budget == 0;
}

void mmd_tls_info(const union mmd_tls_room *room, struct mmd_tls_info *out)
{
    const struct tls *t = (const struct tls *)(const void *)room;
    const mbedtls_ssl_context *ssl = &t->ssl;

    out->detail = t->detail;
    out->alert = alert_of(t);
    out->version = mbedtls_ssl_get_version(ssl);
    out->suite = mbedtls_ssl_get_ciphersuite(ssl);
    out->resumed = is_resumed(t);
}

void mmd_tls_end(union mmd_tls_room *room)
{
    struct tls *t = tls_of(room);
    bool begun = t->ssl.MBEDTLS_PRIVATE(state) != MBEDTLS_SSL_HELLO_REQUEST;
    bool over = mbedtls_ssl_is_handshake_over(&t->ssl);

    /* A handshake that was begun with a session and did not end: the next one is without. So it is
     * after a fatal alert on what was kept (RFC 5246, 7.2.2). */
    if (begun && t->config->session != NULL && (over ? t->broken : t->offered))
        mmd_session_forget(t->config->session);
    mbedtls_ssl_free(&t->ssl);
    mbedtls_ssl_config_free(&t->conf);
    mmd_wipe(t, sizeof *t);
}
