/* SPDX-License-Identifier: MIT */
/* A token that is kept between runs: a token server throttles clients that ask for one each time.
 *
 * Only in the runtime folder, only if that is in memory (tmpfs, ramfs), belongs to us and is closed
 * to others. The file (mode 0600) is bound to what the token was fetched with and for: with another
 * credential, host, scope or tenant, in another boot, or when its time is over, it is overwritten
 * and removed. */
#ifndef MMD_TOKEN_FILE_H
#define MMD_TOKEN_FILE_H

#include "job.h"

#define FINGERPRINT_CAP 65

/* What tells one credential from another: SHA-256, in hexadecimal digits, over the options and
 * files of the credential. "" if it cannot be computed. */
void credential_fingerprint(const struct job *job, char out[FINGERPRINT_CAP]);

/* Puts the kept token of the tenant into job->token, if there is one that is still good. */
void load_token(struct job *job, const char *tenant, const char *fingerprint);

/* Keeps job->token for the next run; without one, or with --no-token-cache, removes what is kept.
 * Not being able to is no failure: the next run fetches one. */
void save_token(struct job *job, const char *tenant, const char *fingerprint);

#endif
