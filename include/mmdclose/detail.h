/* SPDX-License-Identifier: MIT */
/* What lies beneath an error: the words of the system or of the TLS library, and the address. */
#ifndef MMDCLOSE_DETAIL_H
#define MMDCLOSE_DETAIL_H

/* What the number in a detail is. */
enum mmd_detail_kind {
    MMD_DETAIL_NONE,
    MMD_DETAIL_ERRNO,       /* the system's */
    MMD_DETAIL_GETADDRINFO, /* an EAI_ code of the system's resolver */
    MMD_DETAIL_TLS,         /* the TLS library's code */
    MMD_DETAIL_ALERT,       /* the fatal alert that the server sent (RFC 8446, 6) */
    MMD_DETAIL_PROXY        /* the HTTP status that the proxy answered with */
};

/* What the system or the TLS library itself said of a failure. */
struct mmd_detail {
    enum mmd_detail_kind kind;
    int code;
};

/* An IPv6 address as text, with its NUL. */
#define MMD_ADDRESS_CAP 46

#endif
