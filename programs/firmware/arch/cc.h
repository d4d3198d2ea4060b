/* SPDX-License-Identifier: MIT */
/* What lwIP asks of the compiler and the platform. */
#ifndef MMD_ARCH_CC_H
#define MMD_ARCH_CC_H

#include <sys/types.h> /* ssize_t, which lwIP does not include */

#define LWIP_NO_CTYPE_H       1
#define LWIP_PLATFORM_DIAG(x) ((void)0)
#if !defined(LWIP_NOASSERT)
#include <stdlib.h>
#define LWIP_PLATFORM_ASSERT(x) abort()
#endif

#endif
