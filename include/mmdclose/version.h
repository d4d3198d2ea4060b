/* SPDX-License-Identifier: MIT */
/* The library's version. */
#ifndef MMDCLOSE_VERSION_H
#define MMDCLOSE_VERSION_H

#define MMD_VERSION "0.1.0"

#endif
