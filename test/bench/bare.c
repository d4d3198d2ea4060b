/* SPDX-License-Identifier: MIT */
/* The floor for bench.py: the least that a client on Mbed TLS can do, of the same configuration,
 * with the calls of its manual and nothing of this project's. It is linked with Mbed TLS as it
 * comes, without what stands in front of its files.
 *
 *     bare HOST PORT ROOT REQUEST ROUNDS
 *
 * Connects to loopback, trusts the one certificate in the file ROOT (DER), and sends the file
 * REQUEST as often as ROUNDS says, on one connection. Each answer must be a 204.
 */
#include <arpa/inet.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <netinet/tcp.h>
#include <psa/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX 16384

static int fill_random(void *context, unsigned char *out, size_t len)
{
    (void)context;
    return getrandom(out, len, 0) == (ssize_t)len ? 0 : -1;
}

/* The configuration leaves random bytes for TLS 1.3 to the program. */
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *out, size_t size, size_t *out_len)
{
    (void)context;
    *out_len = size;
    return fill_random(NULL, out, size) == 0 ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_ENTROPY;
}

static int send_some(void *context, const unsigned char *data, size_t len)
{
    ssize_t n = send(*(const int *)context, data, len, MSG_NOSIGNAL);

    return n < 0 ? MBEDTLS_ERR_NET_SEND_FAILED : (int)n;
}

static int receive_some(void *context, unsigned char *data, size_t cap)
{
    ssize_t n = recv(*(const int *)context, data, cap, 0);

    return n < 0 ? MBEDTLS_ERR_NET_RECV_FAILED : (int)n;
}

static int connect_to(const char *port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)atoi(port)),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return -1;
    return fd;
}

static size_t read_file(const char *path, unsigned char *out)
{
    FILE *file = fopen(path, "rb");
    size_t len = file != NULL ? fread(out, 1, MESSAGE_MAX, file) : 0;

    if (file != NULL)
        fclose(file);
    return len;
}

/* One request, and its answer to the end of its head: a 204 has no body. */
static bool exchange(mbedtls_ssl_context *ssl, const unsigned char *request, size_t len)
{
    static char answer[MESSAGE_MAX];
    size_t got = 0, sent = 0;
    int n;

    for (; sent < len; sent += (size_t)n)
        if ((n = mbedtls_ssl_write(ssl, request + sent, len - sent)) <= 0)
            return false;
    while (got < 4 || memcmp(answer + got - 4, "\r\n\r\n", 4) != 0) {
        n = mbedtls_ssl_read(ssl, (unsigned char *)answer + got, sizeof answer - got);
        if (n == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
            continue;
        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return strncmp(answer, "HTTP/1.1 204 ", 13) == 0;
}

int main(int argc, char **argv)
{
    static unsigned char root[MESSAGE_MAX], request[MESSAGE_MAX];
    mbedtls_x509_crt trusted;
    mbedtls_ssl_config conf;
    mbedtls_ssl_context ssl;
    int fd = argc == 6 ? connect_to(argv[2]) : -1;

    if (fd < 0)
        return 2;
    mbedtls_x509_crt_init(&trusted);
    mbedtls_ssl_config_init(&conf);
    mbedtls_ssl_init(&ssl);
    if (psa_crypto_init() != PSA_SUCCESS ||
        mbedtls_x509_crt_parse_der(&trusted, root, read_file(argv[3], root)) != 0 ||
        mbedtls_ssl_config_defaults(&conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0)
        return 1;
    mbedtls_ssl_conf_authmode(&conf, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&conf, &trusted, NULL);
    mbedtls_ssl_conf_rng(&conf, fill_random, NULL);
    mbedtls_ssl_set_bio(&ssl, &fd, send_some, receive_some, NULL);
    bool right = mbedtls_ssl_setup(&ssl, &conf) == 0 &&
                 mbedtls_ssl_set_hostname(&ssl, argv[1]) == 0 && mbedtls_ssl_handshake(&ssl) == 0;
    size_t len = read_file(argv[4], request);
    for (int rounds = atoi(argv[5]); rounds > 0 && right; rounds--)
        right = exchange(&ssl, request, len);
    mbedtls_ssl_close_notify(&ssl);
    mbedtls_ssl_free(&ssl);
    mbedtls_ssl_config_free(&conf);
    mbedtls_x509_crt_free(&trusted);
    close(fd);
    return right ? 0 : 1;
}
