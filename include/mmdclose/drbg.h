/* SPDX-License-Identifier: MIT */
/* A generator of random bytes for a device that has no source of entropy but a secret seed of its
 * own: CTR_DRBG with AES-256 (NIST SP 800-90A, 10.2.1). Its bytes are fit for keys, so a port's
 * random can hand them out. The library itself uses none. */
#ifndef MMDCLOSE_DRBG_H
#define MMDCLOSE_DRBG_H

#include <stddef.h>
#include <stdint.h>

#include "mmdclose/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MMD_DRBG_SEED_LEN 48

/* Words for the generator's state, checked in src/tls/drbg.c. A build setting: the same in the
 * library and in all that includes this. */
#ifndef MMD_DRBG_WORDS
#define MMD_DRBG_WORDS 88
#endif

/* The caller's memory, all zeros at first; for one thread at a time. */
struct mmd_drbg {
    uintptr_t words[MMD_DRBG_WORDS];
};

/* Starts the generator from seed and overwrites seed with its successor. The same seed would give
 * the same bytes again: store the successor, for the next start, before the first byte is used. It
 * does not disclose what this start gives out. Returns MMD_OK, or MMD_ERR_ENTROPY with the seed
 * wiped. */
int mmd_drbg_start(struct mmd_drbg *drbg, uint8_t seed[MMD_DRBG_SEED_LEN]);

/* Fills data with len random bytes. Returns MMD_OK, or MMD_ERR_ENTROPY if the generator was not
 * started, or has given out 2^31 pieces of 1 KiB or less: then data is not to be used. */
int mmd_drbg_random(struct mmd_drbg *drbg, void *data, size_t len);

#ifdef __cplusplus
}
#endif
#endif
