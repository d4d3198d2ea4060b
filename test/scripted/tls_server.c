/* SPDX-License-Identifier: MIT */
/* OpenSSL over two buffers in memory. */
#include "tls_server.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static void must(bool done)
{
    if (!done) {
        ERR_print_errors_fp(stderr);
        abort();
    }
}

/* ---- the certificates: a root, and what it signs for the host ---- */

static void extend(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    must(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* Two parts, as most have: a parser needs memory for the second. */
static void set_name(X509_NAME *to, const char *name)
{
    const unsigned char *text = (const unsigned char *)name;

    must(X509_NAME_add_entry_by_txt(to, "O", MBSTRING_ASC, (const unsigned char *)"Test", -1, -1,
                                    0) == 1);
    must(X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1);
}

static X509 *certify(const char *name, EVP_PKEY *key, const char *issuer, EVP_PKEY *by)
{
    X509 *certificate = X509_new();

    must(certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1);
    must(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1);
    must(ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20200101000000Z") == 1);
    must(ASN1_TIME_set_string(X509_getm_notAfter(certificate), "21200101000000Z") == 1);
    set_name(X509_get_subject_name(certificate), name);
    set_name(X509_get_issuer_name(certificate), issuer);
    must(X509_set_pubkey(certificate, key) == 1);
    if (key == by)
        extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
    else
        extend(certificate, NID_subject_alt_name, "DNS:" TLS_SERVER_HOST);
    must(X509_sign(certificate, by, EVP_sha256()) > 0);
    return certificate;
}

static void set_certificates(struct tls_server *server)
{
    EVP_PKEY *root_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
    X509 *root = certify("Test Root", root_key, "Test Root", root_key);
    X509 *leaf = certify(TLS_SERVER_HOST, key, "Test Root", root_key);
    uint8_t *to = server->anchor;

    must(i2d_X509(root, NULL) <= (int)sizeof server->anchor);
    server->anchor_len = (size_t)i2d_X509(root, &to);
    must(SSL_CTX_use_certificate(server->context, leaf) == 1);
    must(SSL_CTX_use_PrivateKey(server->context, key) == 1);
    X509_free(root);
    X509_free(leaf);
    EVP_PKEY_free(root_key);
    EVP_PKEY_free(key);
}

/* ---- a connection ---- */

static void peer_accept(void *context)
{
    struct tls_server *server = context;

    must((server->connection = SSL_new(server->context)) != NULL);
    SSL_set_bio(server->connection, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(SSL_get_rbio(server->connection), -1);
    BIO_set_mem_eof_return(SSL_get_wbio(server->connection), -1);
    SSL_set_accept_state(server->connection);
    if (server->ticketless)
        SSL_set_options(server->connection, SSL_OP_NO_TICKET);
    server->received = server->given = 0;
    server->text[0] = '\0';
    server->answered = server->failed = false;
    server->connections++;
}

static void peer_take(void *context, const void *data, size_t len)
{
    struct tls_server *server = context;

    must(BIO_write(SSL_get_rbio(server->connection), data, (int)len) == (int)len);
}

static void peer_ended(void *context)
{
    struct tls_server *server = context;

    SSL_free(server->connection);
    server->connection = NULL;
}

void tls_server_say(struct tls_server *server, const char *text)
{
    must(SSL_write(server->connection, text, (int)strlen(text)) > 0);
}

void tls_server_end(struct tls_server *server, bool in_order)
{
    if (in_order)
        SSL_shutdown(server->connection);
    server->answered = true;
}

/* Whether all of a message has come. */
static bool is_complete(const struct tls_server *server)
{
    const char *end = strstr(server->text, "\r\n\r\n"), *length;

    if (server->request_len != 0)
        return server->received >= server->request_len;
    if (end == NULL || (length = strstr(server->text, "Content-Length: ")) == NULL)
        return false;
    return server->received >= (size_t)(end + 4 - server->text) + strtoul(length + 16, NULL, 10);
}

static void read_some(struct tls_server *server)
{
    char *to = server->text;
    int n;

    while ((n = SSL_read(server->connection, to + server->received,
                         (int)(sizeof server->text - 1 - server->received))) > 0)
        server->received += (size_t)n;
    to[server->received] = '\0';
    if (SSL_get_error(server->connection, n) != SSL_ERROR_WANT_READ)
        server->failed = true;
    ERR_clear_error();
}

static bool is_delimited(const char *answer)
{
    return strstr(answer, " 204 ") != NULL || strstr(answer, "Content-Length: ") != NULL;
}

/* Reads what has come, and answers when that is all. */
static void go_on(struct tls_server *server)
{
    read_some(server);
    if (server->failed || server->answered || !is_complete(server))
        return;
    server->requests++;
    if (server->on_request != NULL)
        server->on_request(server->text);
    if (server->script != NULL)
        server->answer = *server->script++;
    if (server->answer[0] == '\0' || (server->keeps && server->given++ >= server->answers)) {
        tls_server_end(server, false);
        return;
    }
    bool keeps = server->keeps && strstr(server->text, "Connection: close") == NULL &&
                 is_delimited(server->answer);
    tls_server_say(server, server->answer);
    if (keeps)
        server->received = 0;
    else
        tls_server_end(server, true);
}

static int peer_give(void *context, void *data, size_t cap)
{
    struct tls_server *server = context;

    if (!server->failed && !server->answered)
        go_on(server);
    int n = BIO_read(SSL_get_wbio(server->connection), data, (int)cap);
    if (n > 0)
        return n;
    return server->failed || server->answered ? MMD_END_OF_STREAM : MMD_PENDING;
}

#if OPENSSL_VERSION_NUMBER >= 0x30300000L
#define set_time SSL_SESSION_set_time_ex
#else
#define set_time SSL_SESSION_set_time
#endif

/* Changes the session that a ticket is made of: it is of 1970, or says much more. */
static int on_ticket(SSL *connection, void *context)
{
    static const char more[1024];
    const struct tls_server *server = context;
    SSL_SESSION *session = SSL_get_session(connection);

    if (server->stale)
        set_time(session, 1);
    if (server->verbose)
        must(SSL_SESSION_set1_ticket_appdata(session, more, sizeof more) == 1);
    return 1;
}

/* ---- the interface ---- */

void tls_server_open(struct tls_server *server, int version)
{
    int number = version == 12 ? TLS1_2_VERSION : TLS1_3_VERSION;

    memset(server, 0, sizeof *server);
    must((server->context = SSL_CTX_new(TLS_server_method())) != NULL);
    must(SSL_CTX_set_min_proto_version(server->context, number) == 1);
    must(SSL_CTX_set_max_proto_version(server->context, number) == 1);
    must(SSL_CTX_set_session_ticket_cb(server->context, on_ticket, NULL, server) == 1);
    set_certificates(server);
    server->peer = (struct peer){.context = server,
                                 .accept = peer_accept,
                                 .take = peer_take,
                                 .give = peer_give,
                                 .ended = peer_ended};
}

void tls_server_close(struct tls_server *server)
{
    SSL_CTX_free(server->context);
}
