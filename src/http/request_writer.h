/* Writing an HTTP/1.1 request (RFC 9112, 3), piece by piece, on the sticky writer: begin, the
 * pieces of the target, the host, fields, the body's length, the body. Nothing is checked here:
 * what is put must hold no line end, and the target no space. Pure. */
#ifndef MMD_REQUEST_WRITER_H
#define MMD_REQUEST_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "text/writer.h"

/* The method; the target follows. */
void mmd_request_begin(struct mmd_writer *w, const char *method);

/* Ends the target and puts the Host field; https's own port, 443, is left out (RFC 9110, 7.2). */
void mmd_request_host(struct mmd_writer *w, const char *host, uint16_t port);

void mmd_request_field(struct mmd_writer *w, const char *name, const char *value);

/* The length of the body, and the empty line: the body follows. */
void mmd_request_body(struct mmd_writer *w, size_t len);

/* A member of a form body (application/x-www-form-urlencoded; RFC 6749, appendix B), "&" before it
 * unless it is the first. The name is put as it is. */
void mmd_put_form(struct mmd_writer *w, bool first, const char *name, const char *value);

#endif
