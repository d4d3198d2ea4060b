/* SPDX-License-Identifier: MIT */
/* Whose fault an error is. Pure. */
#ifndef MMD_CAUSE_H
#define MMD_CAUSE_H

#include "mmdclose/closing.h"

/* The cause of an enum mmd_error but MMD_ERR_STATUS, whose cause depends on the response. */
enum mmd_cause mmd_cause_of(int error);

#endif
