/* SPDX-License-Identifier: MIT */
/* The whole client with Mbed TLS, against a recorded server: the port's random bytes repeat, so the
 * client's keys and all that it sends do, and what a server once answered holds again, up to the
 * last record of the HTTP answer. record.c makes such seeds. There may be a second exchange, with
 * the session that the first one left.
 *
 * Input: the length of the trust anchors (two bytes), the anchors in DER, then see exchange.h. */
#include <mbedtls/platform.h>
#include <psa/crypto.h>
#include <psa/crypto_extra.h>

#include "exchange.h"
#include "mmdclose/port.h"

static const struct mmd_port *port; /* of this run: PSA has no context to find it by */

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *out, size_t size, size_t *out_len)
{
    bool filled = port->random(port->context, out, size) == MMD_OK;

    (void)context;
    *out_len = filled ? size : 0;
    return filled ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_ENTROPY;
}

/* ---- the heap, which fails at the call of a number ---- */

static struct {
    unsigned calls, at, failures;
    unsigned excused; /* failures in on_certificate, which are not the handshake's */
    unsigned given;   /* blocks that are not given back */
} heap;

static void *heap_calloc(size_t count, size_t size)
{
    void *memory = ++heap.calls != heap.at ? calloc(count, size) : NULL;

    heap.failures += memory == NULL;
    heap.given += memory != NULL;
    return memory;
}

static void heap_free(void *memory)
{
    heap.given -= memory != NULL;
    free(memory);
}

/* ---- the chain, as it is shown ---- */

static int shown; /* the depth last shown, or -1 */

/* Reads it, as the command does. */
static void show(void *context, int depth, const uint8_t *der, size_t len)
{
    struct mmd_certificate certificate;
    unsigned before = heap.failures;

    (void)context;
    CHECK(depth >= 0 && (shown < 0 || depth == shown - 1));
    shown = depth;
    int error = mmd_certificate_read(&certificate, der, len);
    CHECK(error == MMD_OK || heap.failures != before);
    heap.excused += heap.failures - before;
}

/* ---- the exchange ---- */

static void start(const struct mmd_port *of_this_run, unsigned short_at)
{
    port = of_this_run;
    heap.calls = heap.failures = heap.excused = 0;
    heap.at = short_at;
    shown = -1;
}

static void check(const struct mmd_client *c, bool cancelled)
{
    const struct mmd_result *r = &c->result;
    bool is_sent = r->delivery != MMD_NOT_SENT;

    if (port->calendar_s(port->context) < mmd_clock_floor)
        CHECK(!is_sent);
    else
        CHECK(r->error != MMD_ERR_CLOCK);
    if (c->config->tls.on_certificate == NULL || r->resumed)
        CHECK(shown == -1);
    else if (is_sent)
        CHECK(shown == 0);
    CHECK(r->error != MMD_ERR_MEMORY || heap.failures > heap.excused);
    if (c->config->tls.allocation_failures != NULL && heap.failures > heap.excused && !cancelled &&
        r->delivery != MMD_ANSWERED)
        CHECK(r->error == MMD_ERR_MEMORY);
}

struct exchange_end exchange_over_tls(const uint8_t *data, size_t len)
{
    static const struct exchange_server server = {.start = start, .check = check};
    struct input in = {data, len};
    struct mmd_session session = {0};
    size_t anchors_len = take_two(&in);

    if (anchors_len > in.len)
        anchors_len = in.len;
    uint8_t *anchors = (uint8_t *)exact_copy(in.p, anchors_len);
    struct mmd_trust trust = {anchors, anchors_len};
    in.p += anchors_len;
    in.len -= anchors_len;
    struct mmd_client_config config = {.tls.trust = &trust,
                                       .tls.host = "mmdls.test",
                                       .tls.allocation_failures = &heap.failures,
                                       .tls.session = &session,
                                       .tls.on_certificate = show};
    (void)mbedtls_platform_set_calloc_free(heap_calloc, heap_free);
    struct exchange_end end = exchange(&in, &server, config);
    if (in.len > 0)
        end = exchange(&in, &server, config);
    mmd_session_forget(&session);
    mbedtls_psa_crypto_free(); /* what it keeps would make of the next input another one */
    CHECK(heap.given == 0);
    free(anchors);
    return end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    (void)exchange_over_tls(data, len);
    return 0;
}
