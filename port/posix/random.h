/* Random bytes of the system's. */
#ifndef MMD_POSIX_RANDOM_H
#define MMD_POSIX_RANDOM_H

#include <stddef.h>

/* Fills data; MMD_OK or MMD_ERR_ENTROPY. */
int mmd_posix_random(void *context, void *data, size_t len);

#endif
