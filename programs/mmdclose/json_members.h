/* SPDX-License-Identifier: MIT */
/* Members of JSON objects (RFC 8259), put one after the other. Pure. */
#ifndef MMD_JSON_MEMBERS_H
#define MMD_JSON_MEMBERS_H

#include <stdbool.h>

#include "writer.h"

/* Each begins a member, after a comma unless "{" is all there is of the line so far. */
void put_name(struct mmd_writer *w, const char *name);
void put_text_member(struct mmd_writer *w, const char *name, const char *value);
void put_number(struct mmd_writer *w, const char *name, long value);
void put_bool(struct mmd_writer *w, const char *name, bool value);

#endif
