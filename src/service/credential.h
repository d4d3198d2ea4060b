/* SPDX-License-Identifier: MIT */
/* What the messages that come of a credential share. Pure. */
#ifndef MMD_CREDENTIAL_H
#define MMD_CREDENTIAL_H

#include "mmdclose/token.h"
#include "text/writer.h"

#define MMD_PATH_PIECES 3

/* The path of the token endpoint, in pieces, one after the other; borrowed from the credential. */
void mmd_credential_path(const struct mmd_credential *credential,
                         const char *pieces[MMD_PATH_PIECES]);

/* Checks what every credential has: host, path, ids and scope. Returns the first field that cannot
 * be used, and sets *fault; or MMD_TOKEN_FIELD_NONE. */
enum mmd_token_field mmd_credential_common(const struct mmd_credential *credential,
                                           struct mmd_fault *fault);

/* Puts the path of the token endpoint. */
void mmd_credential_put_path(struct mmd_writer *w, const struct mmd_credential *credential);

/* Puts what follows the target of a POST with a form, up to the length of its body. */
void mmd_credential_put_fields(struct mmd_writer *w, const struct mmd_credential *credential,
                               const char *client_request_id);

#endif
