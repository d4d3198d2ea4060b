/* SPDX-License-Identifier: MIT */
/* A program that also uses another Mbed TLS, the distribution's: a handshake by that one, a closing
 * by ours, another handshake. Around the other one's structs lie bytes that must not change.
 *
 *   beside HOST PORT CA-FILE TENANT REQUEST TOKEN       ends with 0 if all of it was as it should
 * be
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mmdclose/close.h>
#include <mmdclose/port/linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARK = 0x5a, MARKS = 4096 };

static struct {
    unsigned char before[MARKS];
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
    mbedtls_x509_crt ca;
    mbedtls_ctr_drbg_context drbg;
    mbedtls_entropy_context entropy;
    mbedtls_net_context net;
    unsigned char after[MARKS];
} other;

static void check(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "beside: %s\n", what);
        exit(1);
    }
}

/* With a context of its own each time, verified. */
static void handshake(char **words)
{
    memset(&other, MARK, sizeof other);
    mbedtls_ssl_init(&other.ssl);
    mbedtls_ssl_config_init(&other.config);
    mbedtls_x509_crt_init(&other.ca);
    mbedtls_ctr_drbg_init(&other.drbg);
    mbedtls_entropy_init(&other.entropy);
    mbedtls_net_init(&other.net);
    check(mbedtls_ctr_drbg_seed(&other.drbg, mbedtls_entropy_func, &other.entropy, NULL, 0) == 0,
          "seed");
    check(mbedtls_x509_crt_parse_file(&other.ca, words[3]) == 0, "CA file");
    check(mbedtls_net_connect(&other.net, "127.0.0.1", words[2], MBEDTLS_NET_PROTO_TCP) == 0,
          "connect");
    mbedtls_ssl_config_defaults(&other.config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                MBEDTLS_SSL_PRESET_DEFAULT);
    mbedtls_ssl_conf_ca_chain(&other.config, &other.ca, NULL);
    mbedtls_ssl_conf_rng(&other.config, mbedtls_ctr_drbg_random, &other.drbg);
    check(mbedtls_ssl_setup(&other.ssl, &other.config) == 0, "setup");
    mbedtls_ssl_set_hostname(&other.ssl, words[1]);
    mbedtls_ssl_set_bio(&other.ssl, &other.net, mbedtls_net_send, mbedtls_net_recv, NULL);
    check(mbedtls_ssl_handshake(&other.ssl) == 0, "the other one's handshake");
}

static void release(void)
{
    mbedtls_ssl_close_notify(&other.ssl);
    mbedtls_ssl_free(&other.ssl);
    mbedtls_ssl_config_free(&other.config);
    mbedtls_x509_crt_free(&other.ca);
    mbedtls_ctr_drbg_free(&other.drbg);
    mbedtls_entropy_free(&other.entropy);
    mbedtls_net_free(&other.net);
    for (size_t i = 0; i < MARKS; i++)
        check(other.before[i] == MARK && other.after[i] == MARK, "a mark has changed");
}

static enum mmd_outcome closing(char **words)
{
    static char pem[1 << 20], buf[16384], bytes[8192];
    struct mmd_linux state;
    struct mmd_port port;
    struct mmd_trust trust;
    struct mmd_close run;
    size_t skipped;
    FILE *file = fopen(words[3], "r");
    struct mmd_token token = {.bytes = bytes, .cap = sizeof bytes};
    struct mmd_closing closing = {.host = words[1],
                                  .port = (uint16_t)atoi(words[2]),
                                  .tenant_id = words[4],
                                  .elevation_request_id = words[5],
                                  .client_request_id = words[5],
                                  .actions_taken = "Beside.",
                                  .actions_taken_len = 7};
    struct mmd_close_config config = {.port = &port,
                                      .tls = {.trust = &trust},
                                      .address = "127.0.0.1",
                                      .try_timeout_ms = 30000,
                                      .total_timeout_ms = 30000};

    check(file != NULL, "CA file");
    mmd_linux_init(&state, &port);
    mmd_trust_from_pem(pem, fread(pem, 1, sizeof pem, file), &trust, &skipped);
    fclose(file);
    mmd_token_keep(&token, words[6], strlen(words[6]), MMD_TOKEN_LIFETIME_UNKNOWN, 0);
    mmd_close_start(&run, &config, &token, &closing, buf, sizeof buf);
    mmd_close_run(&run);
    fprintf(stderr, "beside: %s\n", mmd_error_text(run.verdict.error));
    return run.outcome;
}

int main(int argc, char **argv)
{
    char version[18];

    check(argc == 7, "HOST PORT CA-FILE TENANT REQUEST TOKEN");
    mbedtls_version_get_string_full(version);
    check(strcmp(version, MBEDTLS_VERSION_STRING_FULL) == 0,
          "the other one is not the one of its headers");
    handshake(argv);
    check(closing(argv) == MMD_OUTCOME_CLOSED, "not closed");
    release();
    handshake(argv);
    release();
    return 0;
}
