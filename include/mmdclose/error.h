/* SPDX-License-Identifier: MIT */
/* What a call of the library can return. Bytes and success are >= 0, errors are negative; each
 * error has a cause of its own, which its sentence names. */
#ifndef MMDCLOSE_ERROR_H
#define MMDCLOSE_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

enum mmd_error {
    MMD_OK = 0,
    MMD_PENDING = -1,       /* not yet: call again when the port can do more */
    MMD_END_OF_STREAM = -2, /* receiving: the peer ended the stream in order */

    /* The caller's side: nothing was sent, unless the result's delivery says otherwise. */
    MMD_ERR_INPUT = -3,    /* an argument cannot be used; see the function */
    MMD_ERR_CAPACITY = -4, /* the caller's buffer is too small; the size needed is reported */
    MMD_ERR_MEMORY = -5,   /* the TLS pool (or heap) is exhausted: give it more */
    MMD_ERR_ENTROPY = -6,  /* the port has no random bytes to give */
    MMD_ERR_TRUST = -7,    /* no usable trust anchor was given */
    MMD_ERR_CLOCK = -8,    /* the calendar clock is not set: dates cannot be verified */

    /* The network. */
    MMD_ERR_NAME = -9,     /* the host's name has no address */
    MMD_ERR_LOOKUP = -10,  /* no name server could answer: try again */
    MMD_ERR_CONNECT = -11, /* no address of the host accepts a connection */
    MMD_ERR_NETWORK = -12, /* the connection broke */
    MMD_ERR_TIMEOUT = -13, /* the deadline passed */

    /* The server could not be verified: nothing was sent; MMD_ERR_TLS may come later, too. */
    MMD_ERR_TLS = -14,              /* not TLS, nothing in common, a damaged record, fatal alert */
    MMD_ERR_TLS_VERSION = -15,      /* the server speaks neither TLS 1.2 nor 1.3 */
    MMD_ERR_CERT_NAME = -16,        /* the certificate is for another host */
    MMD_ERR_CERT_DATE = -17,        /* a certificate has expired or is not valid yet */
    MMD_ERR_CERT_ISSUER = -18,      /* the chain ends at an issuer that is not trusted */
    MMD_ERR_CERT_SELF_SIGNED = -19, /* the certificate vouches for itself */
    MMD_ERR_CERT_CHAIN = -20,       /* a lone certificate: its intermediate is missing */
    MMD_ERR_CERT = -21,             /* weak key or hash, wrong usage, or cannot be read */

    /* The response. */
    MMD_ERR_PROTOCOL = -22,  /* not HTTP/1.x by RFC 9112, or ambiguous */
    MMD_ERR_TOO_LARGE = -23, /* the response's head is over its bound */
    MMD_ERR_EMPTY = -24,     /* the connection ended before a byte of a response */
    MMD_ERR_TRUNCATED = -25, /* the connection ended within the response */
    MMD_ERR_GATEWAY = -26,   /* judged: a 2xx whose body is not JSON, so not the service's */
    MMD_ERR_STATUS = -27     /* judged: a status other than 2xx */
};

/* One English sentence, without a newline, for an enum mmd_error; static storage, never NULL. */
const char *mmd_error_text(int error);

/* The same as one word for scripts and logs: "ok", "cert_name", ... */
const char *mmd_error_name(int error);

#ifdef __cplusplus
}
#endif
#endif
