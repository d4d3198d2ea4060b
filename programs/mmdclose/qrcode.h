/* SPDX-License-Identifier: MIT */
/* A text as a QR code on a terminal, for a technician's telephone. Only with QRCODE=yes, by
 * libqrencode; MMD_QRCODE is defined then. */
#ifndef MMD_QRCODE_H
#define MMD_QRCODE_H

#include <stdbool.h>
#include <stdio.h>

/* Prints it with half blocks of UTF-8, black on white. Returns false, with nothing printed, if out
 * is no terminal, the code is too large for it, or there is no memory. */
bool print_qrcode(FILE *out, const char *text);

#endif
