/* SPDX-License-Identifier: MIT */
/* Writing an HTTP/1.1 request (RFC 9112, 3) on the sticky writer, in this order: the method, the
 * target in any pieces, the host, fields, the body's length, the body. Nothing is checked: what is
 * put holds no line end, and the target no space. Pure. */
#ifndef MMD_REQUEST_WRITER_H
#define MMD_REQUEST_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/writer.h"

/* Puts the method; the target follows. */
void mmd_request_begin(struct mmd_writer *w, const char *method);

/* Ends the target and puts the Host field, without the port if it is 443 (RFC 9110, 7.2). */
void mmd_request_host(struct mmd_writer *w, const char *host, uint16_t port);

/* Puts a field line. */
void mmd_request_field(struct mmd_writer *w, const char *name, const char *value);

/* Ends the head with the length of the body, which follows. */
void mmd_request_body(struct mmd_writer *w, size_t len);

/* Puts a member of a form body (application/x-www-form-urlencoded; RFC 6749, appendix B), after an
 * "&" unless it is the first. The name is put as it is, the value is encoded. */
void mmd_put_form(struct mmd_writer *w, bool first, const char *name, const char *value);

#endif
