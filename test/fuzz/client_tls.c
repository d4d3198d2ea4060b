/* The whole client with Mbed TLS, against a recorded server: the port's random bytes repeat, so the
 * client's keys and all that it sends do, and what a server once answered holds again, up to the
 * last record of the HTTP answer. record.c makes such seeds.
 *
 * Input: the length of the trust anchors (two bytes), the anchors in DER, then see exchange.h. */
#include <psa/crypto.h>

#include "exchange.h"

static const struct mmd_port *port; /* of this run: PSA has no context to find it by */

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *out, size_t size, size_t *out_len)
{
    bool filled = port->random(port->context, out, size) == MMD_OK;

    (void)context;
    *out_len = filled ? size : 0;
    return filled ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_ENTROPY;
}

static void start(const struct mmd_port *of_this_run)
{
    port = of_this_run;
}

int exchange_over_tls(const uint8_t *data, size_t len)
{
    static const struct exchange_server server = {.start = start};
    struct input in = {data, len};
    struct mmd_session session = {0};
    size_t anchors_len = take_two(&in);

    if (anchors_len > in.len)
        anchors_len = in.len;
    uint8_t *anchors = (uint8_t *)exact_copy(in.p, anchors_len);
    struct mmd_trust trust = {anchors, anchors_len};
    in.p += anchors_len;
    in.len -= anchors_len;
    int error = exchange(
        &in, &server,
        (struct mmd_client_config){.trust = &trust, .host = "mmdls.test", .session = &session});
    mmd_session_forget(&session);
    free(anchors);
    return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    (void)exchange_over_tls(data, len);
    return 0;
}
