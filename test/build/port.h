/* SPDX-License-Identifier: MIT */
#ifndef TEST_BUILD_PORT_H
#define TEST_BUILD_PORT_H

#include "mmdclose/port.h"

extern const struct mmd_port port_mine; /* refuses every connection */

#endif
