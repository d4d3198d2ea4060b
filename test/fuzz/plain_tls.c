/* SPDX-License-Identifier: MIT */
/* The seam of src/tls.h without TLS, to reach what is above it: bytes pass as they are. The
 * handshake is one byte each way, and the server's tells what kind of connection it is. */
#include "tls/tls.h"

#include <string.h>

struct plain {
    const struct mmd_port *port;
    bool greeted; /* our byte is sent */
    char kind;    /* the server's byte: V verified, P also pauses, T also ends without notice */
    bool paused;  /* the last call */
    bool skips;   /* the last receiving: the next one gets to the port */
    int detail;
};

_Static_assert(sizeof(struct plain) <= sizeof(union mmd_tls_context), "");

static struct plain *plain_of(union mmd_tls_context *tls)
{
    return (struct plain *)(void *)tls;
}

int mmd_tls_begin(union mmd_tls_context *tls, const struct mmd_tls_config *config,
                  const struct mmd_port *port)
{
    (void)config;
    *plain_of(tls) = (struct plain){.port = port};
    return MMD_OK;
}

/* Any other byte of the server's stands for one of the reasons to refuse it. */
static int refuse(struct plain *p)
{
    static const signed char errors[] = {
        MMD_ERR_TLS,         MMD_ERR_TLS_VERSION, MMD_ERR_CERT_NAME, MMD_ERR_CERT_DATE,
        MMD_ERR_CERT_ISSUER, MMD_ERR_CERT_CHAIN,  MMD_ERR_CERT,      MMD_ERR_CERT_SELF_SIGNED,
        MMD_ERR_CLOCK,       MMD_ERR_MEMORY,      MMD_ERR_ENTROPY,   MMD_ERR_NETWORK};

    p->detail = p->kind;
    return errors[(unsigned char)p->kind % sizeof errors];
}

int mmd_tls_handshake(union mmd_tls_context *tls, bool *done)
{
    struct plain *p = plain_of(tls);
    const struct mmd_port *port = p->port;

    *done = false;
    if (!p->greeted) {
        int n = port->send(port->context, "?", 1);
        p->greeted = n > 0;
        return n > 0 ? MMD_OK : n;
    }
    int n = port->receive(port->context, &p->kind, 1);
    if (n <= 0)
        return n == MMD_END_OF_STREAM ? MMD_ERR_NETWORK : n;
    *done = p->kind == 'V' || p->kind == 'P' || p->kind == 'T';
    return *done ? MMD_OK : refuse(p);
}

int mmd_tls_send(union mmd_tls_context *tls, const void *data, size_t len)
{
    struct plain *p = plain_of(tls);
    const struct mmd_port *port = p->port;

    p->paused = false;
    return port->send(port->context, data, len);
}

int mmd_tls_receive(union mmd_tls_context *tls, void *data, size_t cap)
{
    struct plain *p = plain_of(tls);
    const struct mmd_port *port = p->port;

    p->paused = p->skips = p->kind == 'P' && !p->skips;
    if (p->paused)
        return MMD_PENDING;
    int n = port->receive(port->context, data, cap);
    return n == MMD_END_OF_STREAM && p->kind == 'T' ? MMD_ERR_TRUNCATED : n;
}

void mmd_tls_close_notify(union mmd_tls_context *tls)
{
    const struct mmd_port *port = plain_of(tls)->port;

    (void)port->send(port->context, "!", 1);
}

bool mmd_tls_has_paused(const union mmd_tls_context *tls)
{
    return ((const struct plain *)(const void *)tls)->paused;
}

void mmd_tls_info(const union mmd_tls_context *tls, struct mmd_tls_info *out)
{
    const struct plain *p = (const struct plain *)(const void *)tls;

    *out = (struct mmd_tls_info){
        .detail = {MMD_DETAIL_TLS, p->detail}, .version = "none", .suite = "none"};
}

void mmd_tls_end(union mmd_tls_context *tls)
{
    memset(tls, 0, sizeof *tls);
}
