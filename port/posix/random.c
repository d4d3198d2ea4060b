/* Random bytes: for the port, and for Mbed TLS's PSA side (TLS 1.3), which has no context to find a
 * port by. */
#include "random.h"

#include <errno.h>
#include <psa/crypto.h>
#include <stdbool.h>
#include <sys/random.h>

#include "mmdclose/error.h"

int mmd_posix_random(void *context, void *data, size_t len)
{
    unsigned char *p = data;

    (void)context;
    while (len > 0) {
        ssize_t n = getrandom(p, len, GRND_NONBLOCK);
        if (n < 0 && errno != EINTR)
            return MMD_ERR_ENTROPY;
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return MMD_OK;
}

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *out, size_t size, size_t *out_len)
{
    bool filled = mmd_posix_random(context, out, size) == MMD_OK;

    *out_len = filled ? size : 0;
    return filled ? PSA_SUCCESS : PSA_ERROR_INSUFFICIENT_ENTROPY;
}
