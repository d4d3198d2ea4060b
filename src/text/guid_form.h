/* SPDX-License-Identifier: MIT */
/* The written form of a GUID: hexadecimal digits, 8-4-4-4-12. Pure. */
#ifndef MMD_GUID_FORM_H
#define MMD_GUID_FORM_H

#include <stdbool.h>
#include <stddef.h>

/* How many bytes of a text, from its start, are as in a GUID. */
size_t mmd_guid_span(const char *text);

/* Whether the text is a GUID, and nothing else. */
bool mmd_is_guid(const char *text);

#endif
