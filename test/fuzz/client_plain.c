/* SPDX-License-Identifier: MIT */
/* The engine above TLS: connecting, sending, receiving, judging, with a fault at any call and the
 * bytes cut anywhere. See exchange.h for the input; the server's first byte is for plain_tls.c. */
#include "exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t anchor[] = {0x30, 0x00}; /* looked at by nobody */
    static const struct mmd_trust trust = {anchor, sizeof anchor};
    static const struct exchange_server server = {.greeting = 1, .expects = 1, .is_plain = true};
    struct input in = {data, len};

    (void)exchange(&in, &server,
                   (struct mmd_client_config){.tls.trust = &trust, .tls.host = "mmdls.test"});
    return 0;
}
