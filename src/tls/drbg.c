/* SPDX-License-Identifier: MIT */
/* CTR_DRBG by Mbed TLS, seeded once: what asks for more entropy later is refused. */
#include "mmdclose/drbg.h"

#include <mbedtls/ctr_drbg.h>
#include <stdbool.h>
#include <string.h>

#include "text/wipe.h"

struct generator {
    mbedtls_ctr_drbg_context ctr;
    const uint8_t *seed; /* while it is being seeded; else NULL */
    bool started;
};

_Static_assert(sizeof(struct generator) <= sizeof(struct mmd_drbg), "raise MMD_DRBG_WORDS");
_Static_assert(_Alignof(struct generator) <= _Alignof(struct mmd_drbg), "raise its alignment");

static struct generator *generator_of(struct mmd_drbg *drbg)
{
    return (struct generator *)(void *)drbg;
}

static int give_seed(void *context, unsigned char *out, size_t len)
{
    const struct generator *g = context;

    if (g->seed == NULL || len > MMD_DRBG_SEED_LEN)
        return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
    memcpy(out, g->seed, len);
    return 0;
}

int mmd_drbg_start(struct mmd_drbg *drbg, uint8_t seed[MMD_DRBG_SEED_LEN])
{
    struct generator *g = generator_of(drbg);

    mmd_wipe(g, sizeof *g);
    mbedtls_ctr_drbg_init(&g->ctr);
    mbedtls_ctr_drbg_set_entropy_len(&g->ctr, MMD_DRBG_SEED_LEN);
    mbedtls_ctr_drbg_set_reseed_interval(&g->ctr, INT32_MAX);
    g->seed = seed;
    g->started = mbedtls_ctr_drbg_seed(&g->ctr, give_seed, g, NULL, 0) == 0;
    g->seed = NULL;
    int error = mmd_drbg_random(drbg, seed, MMD_DRBG_SEED_LEN);
    if (error != MMD_OK)
        mmd_wipe(seed, MMD_DRBG_SEED_LEN);
    return error;
}

int mmd_drbg_random(struct mmd_drbg *drbg, void *data, size_t len)
{
    struct generator *g = generator_of(drbg);
    unsigned char *p = data;

    for (size_t n; len > 0; len -= n, p += n) {
        n = len < MBEDTLS_CTR_DRBG_MAX_REQUEST ? len : MBEDTLS_CTR_DRBG_MAX_REQUEST;
        if (!g->started || mbedtls_ctr_drbg_random(&g->ctr, p, n) != 0)
            return MMD_ERR_ENTROPY;
    }
    return MMD_OK;
}
