/* SPDX-License-Identifier: MIT */
/* What the messages that come of a credential share. Pure. */
#ifndef MMD_CREDENTIAL_H
#define MMD_CREDENTIAL_H

#include "mmdclose/token.h"

#define MMD_PATH_PIECES 3

/* The path of the token endpoint, in pieces, one after the other; borrowed from the credential. */
void mmd_credential_path(const struct mmd_credential *credential,
                         const char *pieces[MMD_PATH_PIECES]);

#endif
