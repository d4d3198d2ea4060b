/* SPDX-License-Identifier: MIT */
/* mmdclose trust: lists the trust anchors. */
#include <stdio.h>
#include <time.h>

#include "command.h"
#include "input.h"
#include "mmdclose/port/linux.h"
#include "printable.h"

#define TIMEOUT_MS 30000 /* for reading: a pipe may have no writer */

/* Why it is of no use, or of little, in a line below its own. */
static bool print_defect(const uint8_t *der, size_t len)
{
    const char *reason;
    int error = mmd_trust_check(der, len, &reason);

    return reason[0] == '\0' ||
           printf("%-22s%s%s\n", "", error == MMD_OK ? "" : "cannot be used here: ", reason) > 0;
}

static bool print_anchor(const uint8_t *der, size_t len)
{
    struct mmd_certificate certificate;
    char date[TIME_CAP];

    if (mmd_certificate_read(&certificate, der, len) != MMD_OK)
        return printf("unreadable            (%zu bytes)\n", len) > 0;
    put_date(date, certificate.not_after);
    make_printable(certificate.subject);
    return printf("%s %s  %s\n", date, time(NULL) > certificate.not_after ? "expired " : "        ",
                  certificate.subject) > 0;
}

static enum mmd_outcome print_anchors(const struct mmd_trust *trust)
{
    size_t at = 0, len;
    const uint8_t *der;
    bool printed = true;

    while (printed && (der = mmd_trust_next(trust, &at, &len)) != NULL)
        printed = print_anchor(der, len) && print_defect(der, len);
    return end_output();
}

static enum mmd_outcome run(const struct options *options, struct report *report)
{
    struct anchors anchors = {.searched = NULL};
    struct mmd_linux clock;
    struct mmd_port port;

    mmd_linux_init(&clock, &port);
    const struct deadline deadline = {&port, port.monotonic_ms(port.context), TIMEOUT_MS};
    bool ready = read_trust(options->ca_file, false, &deadline, &anchors, report);
    enum mmd_outcome outcome =
        ready ? print_anchors(&anchors.bundle.found) : print_report(report, false);
    free_trust(&anchors);
    return outcome;
}

enum mmd_outcome command_trust(int argc, char **argv)
{
    return run_with_options(FOR_TRUST, argc, argv, run);
}
