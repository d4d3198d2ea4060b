/* mmdclose trust: lists the trust anchors. */
#include <stdio.h>
#include <time.h>

#include "command.h"
#include "printable.h"

static bool print_anchor(const uint8_t *der, size_t len)
{
    struct mmd_certificate certificate;
    char date[DATE_LEN];

    if (mmd_certificate_read(&certificate, der, len) != MMD_OK)
        return printf("unreadable            (%zu bytes)\n", len) > 0;
    put_date(date, certificate.not_after);
    make_printable(certificate.subject);
    return printf("%s %s  %s\n", date, time(NULL) > certificate.not_after ? "expired " : "        ",
                  certificate.subject) > 0;
}

enum mmd_outcome command_trust(int argc, char **argv)
{
    static struct report report;
    struct options options;
    struct data file = {NULL, 0};
    struct mmd_trust trust;
    size_t at = 0, len;
    const uint8_t *der;
    bool printed = true;

    if (!parse_trust_options(argc, argv, &options, &report) ||
        !read_trust(options.ca_file, &file, &trust, &report)) {
        fprintf(stderr, "mmdclose: %s\n", report.sentence);
        wipe_and_free(&file);
        return report.outcome;
    }
    while (printed && (der = mmd_trust_next(&trust, &at, &len)) != NULL)
        printed = print_anchor(der, len);
    wipe_and_free(&file);
    return flush_output("") ? MMD_OUTCOME_CLOSED : MMD_OUTCOME_INTERNAL;
}
