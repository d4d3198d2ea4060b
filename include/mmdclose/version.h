/* SPDX-License-Identifier: MIT */
/* The library's version, and what other languages have to know of it. Before 1.0, another minor
 * version may change any of these headers; a shared library's name says so. */
#ifndef MMDCLOSE_VERSION_H
#define MMDCLOSE_VERSION_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MMD_VERSION "0.2.0"

/* MMD_VERSION of the library that was linked or loaded. */
const char *mmd_version(void);

/* The size in bytes of a struct or union of these headers, such as "mmd_close"; 0 if none has this
 * name. For languages that cannot read a header: to reserve memory, and to see that a declaration
 * of their own still fits. */
size_t mmd_size_of(const char *name);

#ifdef __cplusplus
}
#endif
#endif
