/* SPDX-License-Identifier: MIT */
/* CONNECT (RFC 9110, 9.3.6), and then what the port beneath does. */
#include "mmdclose/proxy.h"

#include <stdbool.h>
#include <string.h>

#include "http/request_writer.h"
#include "mmdclose/version.h"
#include "text/base64.h"
#include "text/charclass.h"
#include "text/wipe.h"
#include "text/writer.h"

#define HOST_MAX 253 /* characters of a name (RFC 1035, 2.3.4) */

enum state { CONNECTING, SENDING, RECEIVING, OPEN };

static struct mmd_port under(void *context)
{
    return *((struct mmd_proxy *)context)->under;
}

/* ---- the request ---- */

/* Whether it can stand in a request line: no character ends it, or begins another part of a URI.
 * A zone ("%eth0") means nothing to another machine. */
static bool is_host(const char *host)
{
    size_t len = 0;

    while (mmd_is_char(host[len], MMD_CHAR_HOST) || host[len] == ':')
        len++;
    return host[len] == '\0' && len > 0 && len <= HOST_MAX;
}

/* An IPv6 address stands in brackets (RFC 3986, 3.2.2). */
static void put_authority(struct mmd_writer *w, const char *host, uint16_t tcp_port)
{
    bool is_v6 = strchr(host, ':') != NULL;

    mmd_put_text(w, is_v6 ? "[" : "");
    mmd_put_text(w, host);
    mmd_put_text(w, is_v6 ? "]:" : ":");
    mmd_put_decimal(w, tcp_port);
}

/* All of it fits: MMD_PROXY_BUFFER is more than two of the longest names and the credentials. */
static void write_request(struct mmd_proxy *p, const char *host, uint16_t tcp_port)
{
    struct mmd_writer w = {p->buf, sizeof p->buf, 0};
    const char *credentials = p->config->credentials;

    mmd_request_begin(&w, "CONNECT");
    put_authority(&w, host, tcp_port);
    mmd_put_text(&w, " HTTP/1.1\r\nHost: ");
    put_authority(&w, host, tcp_port);
    mmd_put_text(&w, "\r\n");
    mmd_request_field(&w, "User-Agent", "mmdclose/" MMD_VERSION);
    if (credentials != NULL) {
        mmd_put_text(&w, "Proxy-Authorization: Basic ");
        mmd_put_base64(&w, (const uint8_t *)credentials, strlen(credentials));
        mmd_put_text(&w, "\r\n");
    }
    mmd_put_text(&w, "\r\n");
    p->at = 0;
    p->len = w.len;
}

/* ---- connecting: MMD_OK means that there may be more to do at once ---- */

static int connect_to_proxy(struct mmd_proxy *p, const char *host, uint16_t tcp_port)
{
    if (!is_host(host))
        return MMD_ERR_NAME;
    int error = p->under->connect(p->under->context, p->config->host, p->config->port);
    if (error != MMD_OK)
        return error;
    write_request(p, host, tcp_port);
    p->state = SENDING;
    return MMD_OK;
}

/* A proxy that hangs up may have answered before. */
static int send_request(struct mmd_proxy *p)
{
    int n = p->under->send(p->under->context, p->buf + p->at, p->len - p->at);

    if (n == MMD_PENDING)
        return n;
    p->unsent = n < 0;
    p->at += p->unsent ? 0 : (size_t)n;
    if (p->at < p->len && !p->unsent)
        return MMD_OK;
    mmd_wipe(p->buf, sizeof p->buf); /* the credentials */
    p->at = p->len = 0;
    mmd_response_begin_connect(&p->response, NULL, 0);
    p->state = RECEIVING;
    return MMD_OK;
}

/* Of 401, too, which is a server's: tinyproxy answers wrong credentials with it. */
static int error_of_status(unsigned status)
{
    if (status < 300)
        return MMD_OK;
    if (status == 407 || status == 401)
        return MMD_ERR_PROXY_AUTH;
    return status < 500 ? MMD_ERR_PROXY_REFUSED : MMD_ERR_PROXY_GATEWAY;
}

/* What comes after the head of a 2xx belongs to TLS, and stays in buf. The body of any other
 * response is not read: whether it is right depends on how much of it happens to be here. */
static int receive_response(struct mmd_proxy *p)
{
    struct mmd_response *r = &p->response;
    int n = p->under->receive(p->under->context, p->buf, sizeof p->buf);

    if (n == MMD_END_OF_STREAM)
        return p->unsent ? MMD_ERR_NETWORK : mmd_response_end_of_stream(r);
    if (n < 0)
        return n;
    p->len = (size_t)n;
    int taken = mmd_response_feed(r, p->buf, p->len);
    if (!r->head_complete)
        return taken < 0 ? taken : MMD_OK;
    p->at = taken < 0 ? p->len : (size_t)taken;
    mmd_wipe(p->buf, p->at);
    mmd_wipe(p->buf + p->len, sizeof p->buf - p->len); /* of earlier pieces */
    p->state = OPEN;
    return error_of_status(r->status);
}

static int advance(struct mmd_proxy *p, const char *host, uint16_t tcp_port)
{
    switch (p->state) {
    case CONNECTING: return connect_to_proxy(p, host, tcp_port);
    case SENDING: return send_request(p);
    default: return receive_response(p);
    }
}

/* A proxy may say the credentials back: of its response only the status is kept. */
static void forget_response(struct mmd_proxy *p)
{
    uint16_t status = p->response.head_complete ? p->response.status : 0;

    mmd_wipe(&p->response, sizeof p->response);
    p->response.status = status;
}

static int proxy_connect(void *context, const char *host, uint16_t tcp_port)
{
    struct mmd_proxy *p = context;
    int error = p->failure;

    if (error != MMD_OK || p->state == OPEN)
        return error;
    while (error == MMD_OK && p->state != OPEN)
        error = advance(p, host, tcp_port);
    if (error == MMD_PENDING)
        return error;
    forget_response(p);
    p->failure = error;
    if (error != MMD_OK) {
        mmd_wipe(p->buf, sizeof p->buf);
        p->at = p->len = 0;
    }
    return error;
}

/* ---- the stream ----
 * TLS servers wait for the client's first bytes; one that does not may have its own in buf. What is
 * sent beside them leaves with the port's next receive or wait, beneath: both come soon. */

static int proxy_send(void *context, const void *data, size_t len)
{
    return under(context).send(under(context).context, data, len);
}

static int proxy_receive(void *context, void *data, size_t cap)
{
    struct mmd_proxy *p = context;
    size_t n = p->len - p->at;

    if (n == 0)
        return p->under->receive(p->under->context, data, cap);
    if (n > cap)
        n = cap;
    memcpy(data, p->buf + p->at, n);
    p->at += n;
    return (int)n;
}

/* ---- the rest ---- */

static void proxy_wait(void *context, uint32_t timeout_ms)
{
    const struct mmd_proxy *p = context;
    bool has_bytes = p->state == OPEN && p->at < p->len;

    p->under->wait(p->under->context, has_bytes ? 0 : timeout_ms);
}

static void proxy_report(void *context, struct mmd_port_report *out)
{
    const struct mmd_proxy *p = context;

    p->under->report(p->under->context, out);
    out->at_proxy = p->state != OPEN || p->failure != MMD_OK;
    if (p->response.status != 0 && p->failure != MMD_OK)
        out->detail = (struct mmd_detail){MMD_DETAIL_PROXY, p->response.status};
}

static void forget(struct mmd_proxy *p)
{
    p->state = CONNECTING;
    p->unsent = false;
    p->failure = MMD_OK;
    p->at = p->len = 0;
    mmd_wipe(p->buf, sizeof p->buf);
    mmd_wipe(&p->response, sizeof p->response);
}

static void proxy_disconnect(void *context)
{
    struct mmd_proxy *p = context;

    p->under->disconnect(p->under->context);
    forget(p);
}

static uint32_t proxy_monotonic_ms(void *context)
{
    return under(context).monotonic_ms(under(context).context);
}

static int64_t proxy_calendar_s(void *context)
{
    return under(context).calendar_s(under(context).context);
}

static int proxy_random(void *context, void *data, size_t len)
{
    return under(context).random(under(context).context, data, len);
}

/* RFC 7617, 2: a user has no colon, and neither has control characters. */
static bool are_usable(const char *credentials)
{
    size_t len = strlen(credentials);

    for (size_t i = 0; i < len; i++)
        if ((unsigned char)credentials[i] < ' ' || credentials[i] == 0x7F)
            return false;
    return len <= MMD_PROXY_CREDENTIALS_MAX && strchr(credentials, ':') != NULL;
}

int mmd_proxy_init(struct mmd_proxy *proxy, const struct mmd_proxy_config *config,
                   const struct mmd_port *under_port, struct mmd_port *port)
{
    if (config->credentials != NULL && !are_usable(config->credentials))
        return MMD_ERR_INPUT;
    proxy->config = config;
    proxy->under = under_port;
    forget(proxy);
    *port = (struct mmd_port){.context = proxy,
                              .connect = proxy_connect,
                              .send = proxy_send,
                              .receive = proxy_receive,
                              .wait = proxy_wait,
                              .report = proxy_report,
                              .disconnect = proxy_disconnect,
                              .monotonic_ms = proxy_monotonic_ms,
                              .calendar_s = proxy_calendar_s,
                              .random = proxy_random};
    return MMD_OK;
}
