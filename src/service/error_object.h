/* SPDX-License-Identifier: MIT */
/* What a JSON error body says: {"error":{"code":"400","message":"..."}} and its relatives (the
 * OData and OAuth 2.0 shapes). Pure. */
#ifndef MMD_ERROR_OBJECT_H
#define MMD_ERROR_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

/* UTF-8 with the escapes resolved, NUL-terminated, pointing into the body; "" where there is none.
 * They may hold control characters that the server chose: neutralise them before printing. */
struct mmd_error_object {
    char *code;
    char *message;
    bool message_cut; /* the body ended within the message */
};

/* Reads the error object of a body and resolves its strings in place: the body is not JSON after
 * that. cut: body is only the first part of what was sent. Anything that is not JSON (RFC 8259)
 * gives two empty strings; of a long body, only the first twenty names and values are searched.
 * Needs about 0.5 KB of stack. */
void mmd_error_object_read(struct mmd_error_object *out, char *body, size_t len, bool cut);

#endif
