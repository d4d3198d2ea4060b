/* SPDX-License-Identifier: MIT */
/* Random bytes of the device's seed. No board here has a source of entropy, and the same seed must
 * never be used twice: it is replaced by its successor before the first byte is given out. Whoever
 * reads the successor later cannot compute what was given out before.
 *
 * A product gives each device a seed of its own when it is made and keeps it where only the device
 * can read it. If it has a source of entropy (an ADC's noise, a radio), it mixes that into the seed
 * before the start. */
#include <string.h>

#include "firmware.h"
#include "mmdclose/drbg.h"
#include "wipe.h"

_Static_assert(SEED_LEN == MMD_DRBG_SEED_LEN, "a board keeps the generator's seed");

static struct mmd_drbg drbg; /* mmd_random gets no context */

/* One byte repeated, as in flash that was never written. */
static bool is_erased(const uint8_t seed[SEED_LEN])
{
    return memcmp(seed, seed + 1, SEED_LEN - 1) == 0;
}

bool random_start(void)
{
    uint8_t seed[SEED_LEN];
    bool done = board_load_seed(seed) && !is_erased(seed) &&
                mmd_drbg_start(&drbg, seed) == MMD_OK && board_store_seed(seed);

    mmd_wipe(seed, sizeof seed);
    if (!done)
        mmd_wipe(&drbg, sizeof drbg); /* what cannot be followed by another start is not used */
    return done;
}

int random_fill(void *context, void *data, size_t len)
{
    (void)context;
    return mmd_drbg_random(&drbg, data, len);
}

int mmd_random(void *data, size_t len)
{
    return random_fill(NULL, data, len);
}
