/* The errors' sentences and names. */
#include "mmdclose/error.h"

#include <stddef.h>
#include <stdint.h>

static size_t index_of(int error)
{
    return error <= 0 ? (size_t)0 - (size_t)error : SIZE_MAX;
}

const char *mmd_error_text(int error)
{
    static const char *const text[] = {
        [-MMD_OK] = "done",
        [-MMD_PENDING] = "not finished yet",
        [-MMD_CLOSED] = "the connection was closed in order",
        [-MMD_ERR_INPUT] = "an argument cannot be used",
        [-MMD_ERR_CAPACITY] = "the buffer is too small",
        [-MMD_ERR_MEMORY] = "the memory for TLS is exhausted",
        [-MMD_ERR_ENTROPY] = "there are no random bytes",
        [-MMD_ERR_TRUST] = "there is no usable trust anchor",
        [-MMD_ERR_CLOCK] = "the clock is not set, so certificates cannot be verified",
        [-MMD_ERR_NAME] = "the host's name has no address",
        [-MMD_ERR_LOOKUP] = "no name server answers",
        [-MMD_ERR_CONNECT] = "the host cannot be reached",
        [-MMD_ERR_NETWORK] = "the connection broke",
        [-MMD_ERR_TIMEOUT] = "the time allowed is over",
        [-MMD_ERR_TLS] = "the TLS handshake failed",
        [-MMD_ERR_TLS_VERSION] = "the server speaks neither TLS 1.2 nor TLS 1.3",
        [-MMD_ERR_CERT_NAME] = "the server's certificate is for another host",
        [-MMD_ERR_CERT_DATE] = "a certificate of the server's has expired or is not valid yet",
        [-MMD_ERR_CERT_ISSUER] =
            "the server's certificate comes from an issuer that is not trusted",
        [-MMD_ERR_CERT_SELF_SIGNED] = "the server's certificate is self-signed",
        [-MMD_ERR_CERT_CHAIN] = "the server does not send its intermediate certificate",
        [-MMD_ERR_CERT] = "the server's certificate cannot be accepted",
        [-MMD_ERR_PROTOCOL] = "the answer is not valid HTTP",
        [-MMD_ERR_TOO_LARGE] = "the answer's head is too large",
        [-MMD_ERR_EMPTY] = "the connection ended without an answer",
        [-MMD_ERR_TRUNCATED] = "the connection ended within the answer",
        [-MMD_ERR_GATEWAY] = "something other than the service answered",
        [-MMD_ERR_STATUS] = "the service refused the request",
    };
    size_t at = index_of(error);

    return at < sizeof text / sizeof *text ? text[at] : "unknown error";
}

const char *mmd_error_name(int error)
{
    static const char *const name[] = {"ok",         "pending",   "closed",      "input",
                                       "capacity",   "memory",    "entropy",     "trust",
                                       "clock",      "name",      "lookup",      "connect",
                                       "network",    "timeout",   "tls",         "tls_version",
                                       "cert_name",  "cert_date", "cert_issuer", "cert_self_signed",
                                       "cert_chain", "cert",      "protocol",    "too_large",
                                       "empty",      "truncated", "gateway",     "status"};
    size_t at = index_of(error);

    return at < sizeof name / sizeof *name ? name[at] : "unknown";
}
