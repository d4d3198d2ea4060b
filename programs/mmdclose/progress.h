/* SPDX-License-Identifier: MIT */
/* What --verbose prints while a closing runs: lines on the standard error, each with its time. */
#ifndef MMD_PROGRESS_H
#define MMD_PROGRESS_H

#include <stdbool.h>

#include "mmdclose/client.h"

struct progress {
    const struct mmd_port *port; /* for its clock; borrowed */
    uint32_t begin_ms;
    bool verbose; /* false: nothing is printed */
};

void progress_begin(struct progress *progress, const struct mmd_port *port);
uint32_t progress_now(const struct progress *progress); /* by the port's clock */
uint32_t progress_ms(const struct progress *progress);  /* since the begin */

/* Prints a line, made printable and cut at 383 bytes. */
void print_progress(const struct progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints that a phase has begun, other than the first and the last. */
void print_phase(const struct progress *progress, enum mmd_phase phase);

void print_result(const struct progress *progress, const struct mmd_result *result);

/* As mmd_tls_config's on_certificate; context: the struct progress. */
void print_certificate(void *context, int depth, const uint8_t *der, size_t len);

#endif
