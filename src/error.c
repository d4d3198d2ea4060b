/* SPDX-License-Identifier: MIT */
/* The errors' names and sentences. One string, not pointers: those would have to be relocated in
 * RAM. */
#include "mmdclose/error.h"

#include <string.h>

/* A name and a sentence each, in the order of enum mmd_error; then those of any other number. */
/* clang-format off */
static const char list[] =
    "ok\0" "done\0"
    "pending\0" "not finished yet\0"
    "end_of_stream\0" "the peer ended the stream in order\0"
    "input\0" "an argument cannot be used\0"
    "capacity\0" "the buffer is too small\0"
    "memory\0" "the memory for TLS is exhausted\0"
    "entropy\0" "there are no random bytes\0"
    "trust\0" "there is no usable trust anchor\0"
    "clock\0" "the clock is not set, so certificates cannot be verified\0"
    "token\0" "there is no token now\0"
    "system\0" "the system refuses what a connection needs\0"
    "name\0" "the host's name has no address\0"
    "lookup\0" "no name server answers\0"
    "connect\0" "the host cannot be reached\0"
    "network\0" "the connection broke\0"
    "timeout\0" "the time allowed is over\0"
    "tls\0" "TLS failed\0"
    "tls_version\0" "the server speaks neither TLS 1.2 nor TLS 1.3\0"
    "tls_size\0" "a message of the TLS handshake is larger than this build takes\0"
    "client_cert\0" "the server demands a certificate of the client\0"
    "cert_name\0" "the server's certificate is for another host\0"
    "cert_date\0" "a certificate of the server has expired\0"
    "cert_future\0" "a certificate of the server is not valid yet\0"
    "cert_issuer\0" "the server's certificate comes from an issuer that is not trusted\0"
    "cert_anchor\0" "this build cannot use the trust anchor that the server's chain ends at\0"
    "cert_self_signed\0" "the server's certificate is self-signed\0"
    "cert_chain\0" "the server does not send its intermediate certificate\0"
    "cert\0" "the server's certificate cannot be accepted\0"
    "protocol\0" "the response is not valid HTTP\0"
    "too_large\0" "the response's head is too large\0"
    "empty\0" "the connection ended without a response\0"
    "truncated\0" "the connection ended within the response\0"
    "coded\0" "the response has a coding that was not asked for\0"
    "redirect\0" "the response leads elsewhere, and redirects are not followed\0"
    "gateway\0" "something other than the service answered\0"
    "status\0" "the service answered with an error\0"
    "proxy_auth\0" "the proxy wants credentials, or does not accept these\0"
    "proxy_refused\0" "the proxy refuses to open this connection\0"
    "proxy_gateway\0" "the proxy cannot reach the host\0"
    "token_refused\0" "the token server does not accept the credential\0"
    "token_size\0" "the token is longer than the memory for it\0"
    "clock_skew\0" "the clock differs from the token server's by more than five minutes\0"
    "sign\0" "there is no signature from the owner of the key\0"
    "sign_key\0" "the signature is not by the certificate's key\0"
    "sign_salt\0" "the signature's salt is not of the 32 bytes that PS256 has\0"
    "unknown\0" "unknown error";
/* clang-format on */

static const char *find(int error, int column)
{
    const char *at = list;
    int row = error > 0 || error < MMD_ERR_SIGN_SALT ? 1 - MMD_ERR_SIGN_SALT : -error;

    for (int n = 2 * row + column; n > 0; n--)
        at += strlen(at) + 1;
    return at;
}

const char *mmd_error_text(int error)
{
    return find(error, 1);
}

const char *mmd_error_name(int error)
{
    return find(error, 0);
}
