/* SPDX-License-Identifier: MIT */
/* The outcome of an exchange without a complete response. Pure. */
#ifndef MMD_OUTCOME_H
#define MMD_OUTCOME_H

#include <stdbool.h>

#include "mmdclose/closing.h"

/* The outcome of an enum mmd_error but MMD_ERR_STATUS, whose outcome depends on the response.
 * was_sent: the request may have been received. */
enum mmd_outcome mmd_outcome_of(int error, bool was_sent);

#endif
