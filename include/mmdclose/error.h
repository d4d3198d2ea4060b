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
    MMD_ERR_TOKEN = -9,    /* for programs: there is no token now */
    MMD_ERR_SYSTEM = -10,  /* the system refuses what a connection needs: see the result's detail */

    /* The network. */
    MMD_ERR_NAME = -11,    /* the host's name has no address */
    MMD_ERR_LOOKUP = -12,  /* no name server could answer: try again */
    MMD_ERR_CONNECT = -13, /* no address of the host accepts a connection */
    MMD_ERR_NETWORK = -14, /* the connection broke */
    MMD_ERR_TIMEOUT = -15, /* the deadline passed */

    /* The server could not be verified: nothing was sent. MMD_ERR_TLS and MMD_ERR_CLIENT_CERT may
     * come later, too. */
    MMD_ERR_TLS = -16,              /* not TLS, nothing in common, a damaged record, fatal alert */
    MMD_ERR_TLS_VERSION = -17,      /* the server speaks neither TLS 1.2 nor 1.3 */
    MMD_ERR_TLS_SIZE = -18,         /* a message of the handshake is larger than this build takes */
    MMD_ERR_CLIENT_CERT = -19,      /* the server demands a certificate of the client */
    MMD_ERR_CERT_NAME = -20,        /* the certificate is for another host */
    MMD_ERR_CERT_DATE = -21,        /* a certificate has expired */
    MMD_ERR_CERT_FUTURE = -22,      /* a certificate is not valid yet: mostly a stale clock */
    MMD_ERR_CERT_ISSUER = -23,      /* the chain ends at an issuer that is not trusted */
    MMD_ERR_CERT_ANCHOR = -24,      /* ... whose anchor is there, but this build cannot use it */
    MMD_ERR_CERT_SELF_SIGNED = -25, /* the certificate vouches for itself */
    MMD_ERR_CERT_CHAIN = -26,       /* a lone certificate: its intermediate is missing */
    MMD_ERR_CERT = -27,             /* weak key or hash, wrong usage, or cannot be read */

    /* The response. */
    MMD_ERR_PROTOCOL = -28,  /* not HTTP/1.x by RFC 9112, or ambiguous */
    MMD_ERR_TOO_LARGE = -29, /* the response's head is over its bound */
    MMD_ERR_EMPTY = -30,     /* the connection ended before a byte of a response */
    MMD_ERR_TRUNCATED = -31, /* the connection ended within the response */
    /* Judged, of a complete response: see mmd_closing_judge. */
    MMD_ERR_CODED = -32,    /* the body has a coding that was not asked for */
    MMD_ERR_REDIRECT = -33, /* 3xx, which is not followed */
    MMD_ERR_GATEWAY = -34,  /* not the service's own word: something in between answered */
    MMD_ERR_STATUS = -35,   /* the service answered with an error */

    /* The proxy answered the CONNECT with a status of its own, which the result's detail holds;
     * nothing was sent. */
    MMD_ERR_PROXY_AUTH = -36,    /* 407, 401: it wants credentials, or other ones */
    MMD_ERR_PROXY_REFUSED = -37, /* another one below 500: it does not open this connection */
    MMD_ERR_PROXY_GATEWAY = -38, /* one from 500 up: it cannot reach the host */

    /* On the way to a token; nothing was sent to the service. */
    MMD_ERR_TOKEN_REFUSED = -39, /* the token server does not accept the credential */
    MMD_ERR_TOKEN_SIZE = -40,    /* the token is longer than the memory for it */
    MMD_ERR_CLOCK_SKEW = -41,    /* the token server's clock and ours differ too much */
    MMD_ERR_SIGN = -42,          /* the key's owner gave no signature */
    MMD_ERR_SIGN_KEY = -43,      /* it is not of the certificate's key, or not PS256 at all */
    MMD_ERR_SIGN_SALT = -44      /* it has a salt of another length than the 32 bytes of PS256 */
};

/* One English sentence, without a newline, for an enum mmd_error; static storage, never NULL. */
const char *mmd_error_text(int error);

/* The same as one word for scripts and logs: "ok", "cert_name", ... */
const char *mmd_error_name(int error);

#ifdef __cplusplus
}
#endif
#endif
