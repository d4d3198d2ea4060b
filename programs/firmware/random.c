/* Random bytes of a seed: CTR_DRBG (NIST SP 800-90A). Neither board has a source of entropy, so the
 * device's seed is all there is, and the same seed must never be used twice: before the first byte
 * is given out, the seed is replaced by its successor, which the generator makes. Who later reads
 * that cannot compute what was given out before.
 *
 * A product gives each device a seed of its own when it is made, keeps it where nobody else can
 * read it, and stirs in what entropy it has (an ADC's noise, a radio) as additional input. */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/platform_util.h>
#include <string.h>

#include "firmware.h"

static mbedtls_ctr_drbg_context drbg;
static bool seeded;

static int give_seed(void *seed, unsigned char *out, size_t len)
{
    memcpy(out, seed, len);
    return 0;
}

/* One byte again and again, as in flash that nobody has written. */
static bool is_erased(const uint8_t seed[SEED_LEN])
{
    return memcmp(seed, seed + 1, SEED_LEN - 1) == 0;
}

bool random_start(void)
{
    uint8_t seed[SEED_LEN];

    mbedtls_ctr_drbg_init(&drbg);
    mbedtls_ctr_drbg_set_entropy_len(&drbg, SEED_LEN);
    mbedtls_ctr_drbg_set_reseed_interval(&drbg, INT32_MAX); /* there is nothing to do it with */
    seeded = board_load_seed(seed) && !is_erased(seed) &&
             mbedtls_ctr_drbg_seed(&drbg, give_seed, seed, NULL, 0) == 0 &&
             mbedtls_ctr_drbg_random(&drbg, seed, sizeof seed) == 0 && board_store_seed(seed);
    mbedtls_platform_zeroize(seed, sizeof seed);
    return seeded;
}

int random_fill(void *context, void *data, size_t len)
{
    unsigned char *p = data;

    (void)context;
    for (size_t n; len > 0; len -= n, p += n) {
        n = len < MBEDTLS_CTR_DRBG_MAX_REQUEST ? len : MBEDTLS_CTR_DRBG_MAX_REQUEST;
        if (!seeded || mbedtls_ctr_drbg_random(&drbg, p, n) != 0)
            return MMD_ERR_ENTROPY;
    }
    return MMD_OK;
}

int mmd_random(void *data, size_t len)
{
    return random_fill(NULL, data, len);
}
