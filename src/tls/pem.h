/* SPDX-License-Identifier: MIT */
/* PEM (RFC 7468): finding what lies between two marks. Pure. */
#ifndef MMD_PEM_H
#define MMD_PEM_H

/* The first place of mark, which begins with '-', in from..end; or NULL. */
char *mmd_pem_find(char *from, const char *end, const char *mark);

#endif
