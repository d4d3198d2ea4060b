/* SPDX-License-Identifier: MIT */
/* What --verbose prints. */
#include "progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "mmdclose/trust.h"
#include "printable.h"
#include "report.h"

#define LINE_CAP 384

void progress_begin(struct progress *progress, const struct mmd_port *port)
{
    *progress = (struct progress){.port = port, .begin_ms = port->monotonic_ms(port->context)};
}

uint32_t progress_now(const struct progress *progress)
{
    return progress->port->monotonic_ms(progress->port->context);
}

uint32_t progress_ms(const struct progress *progress)
{
    return progress_now(progress) - progress->begin_ms;
}

void print_progress(const struct progress *progress, const char *format, ...)
{
    char line[LINE_CAP];
    va_list arguments;

    if (!progress->verbose)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    make_printable(line);
    fprintf(stderr, "%6" PRIu32 " ms  %s\n", progress_ms(progress), line);
}

void print_phase(const struct progress *progress, enum mmd_phase phase)
{
    static const char *const texts[] = {
        [MMD_PHASE_HANDSHAKE] = "connected; TLS handshake",
        [MMD_PHASE_SEND] = "verified; sending the request",
        [MMD_PHASE_RECEIVE] = "sent; waiting for the response",
    };

    if (phase != MMD_PHASE_CONNECT && phase != MMD_PHASE_DONE)
        print_progress(progress, "%s", texts[phase]);
}

void print_result(const struct progress *progress, const struct mmd_result *result)
{
    if (result->error != MMD_OK)
        print_progress(progress, "%s", mmd_error_text(result->error));
    if (result->tls_version[0] != '\0')
        print_progress(progress, "%s %s, status %u", result->tls_version, result->tls_suite,
                       result->status);
}

void print_certificate(void *context, int depth, const uint8_t *der, size_t len)
{
    struct mmd_certificate certificate;
    char date[TIME_CAP];

    if (mmd_certificate_read(&certificate, der, len) != MMD_OK)
        return;
    put_date(date, certificate.not_after);
    print_progress(context, "certificate %d: %s, valid until %s", depth, certificate.subject, date);
}
