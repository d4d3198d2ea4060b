/* SPDX-License-Identifier: MIT */
/* PEM (RFC 7468): finding what lies between two marks. Pure. */
#ifndef MMD_PEM_H
#define MMD_PEM_H

#include <stdbool.h>
#include <stddef.h>

/* The first place of mark, which begins with '-', in from..end; or NULL. */
const char *mmd_pem_find(const char *from, const char *end, const char *mark);

/* A certificate's base64, or what stands in its place. */
struct mmd_pem_certificate {
    const char *text;
    size_t len;
    bool supported; /* its label is */
};

/* The next certificate in *at..end; moves *at past its base64. False if there is none. */
bool mmd_pem_next(struct mmd_pem_certificate *out, const char **at, const char *end);

#endif
