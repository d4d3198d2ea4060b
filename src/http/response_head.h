/* SPDX-License-Identifier: MIT */
/* The head of a response, line by line: the status line and the fields. A line comes without its
 * CR LF, holds no control character but HTAB, and is cut at what struct mmd_response keeps of it;
 * r->line_cut says whether it was. Pure. */
#ifndef MMD_RESPONSE_HEAD_H
#define MMD_RESPONSE_HEAD_H

#include "mmdclose/response.h"

/* Whether a text is the beginning of a status line, as far as it goes. */
bool mmd_begins_status_line(const char *text, size_t len);

/* Each takes in one line; MMD_OK or MMD_ERR_PROTOCOL. */
int mmd_head_status_line(struct mmd_response *r, const char *line, size_t len);
int mmd_head_field_line(struct mmd_response *r, const char *line, size_t len);

/* Checks a field line after the last chunk. Its meaning is dropped (RFC 9110, 6.5.1). */
int mmd_head_trailer_line(const char *line, size_t len);

/* After the last line of the final response's head: settles what depends on several fields. */
void mmd_head_end(struct mmd_response *r);

#endif
