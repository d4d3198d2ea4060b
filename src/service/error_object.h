/* SPDX-License-Identifier: MIT */
/* What a JSON error body says. Pure. The first of these shapes that fits is read:
 *
 *   {"error":{"code":"400","message":"..."}}                  the service's own, as documented
 *   {"error":{"code":"...","message":{"value":"..."}}}        the same in OData 3.0
 *   {"odata.error":{"code":"...","message":{"value":"..."}}}  OData 3.0, light
 *   an object with any of these members, the first of each row:
 *     code:    code, statusCode, status, error
 *     message: message, Message, error_description, detail, title
 *   which are front doors' shapes, OAuth 2.0's (RFC 6749, 5.2) and Problem Details (RFC 9457). */
#ifndef MMD_ERROR_OBJECT_H
#define MMD_ERROR_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

/* Texts with the escapes resolved, NUL-terminated, pointing into the body; "" where there is none.
 * They may hold control characters that the server chose: neutralise them before printing. */
struct mmd_error_object {
    char *code;
    char *message;
    bool message_cut; /* the body ended within the message */
    bool documented;  /* "error" is an object, which only the service's own word is */
};

/* Reads the error object of a body and resolves its strings in place: the body is not JSON after
 * that. cut: body is only the first part of what was sent. Anything that is not JSON (RFC 8259)
 * gives two empty strings; of a long body, only the first twenty names and values are searched.
 * Needs about 0.5 KB of stack. */
void mmd_error_object_read(struct mmd_error_object *out, char *body, size_t len, bool cut);

#endif
