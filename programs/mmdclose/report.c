/* SPDX-License-Identifier: MIT */
/* Printing what the command reports. */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>

#include "calendar.h"
#include "printable.h"

static void put(char out[TIME_CAP], int64_t seconds,
                void (*put_text)(struct mmd_writer *w, int64_t seconds))
{
    struct mmd_writer w = {out, TIME_CAP - 1, 0};

    put_text(&w, seconds);
    out[w.len] = '\0';
}

void put_date(char out[TIME_CAP], int64_t seconds)
{
    put(out, seconds, mmd_put_date);
}

void put_time(char out[TIME_CAP], int64_t seconds)
{
    put(out, seconds, mmd_put_time);
}

static bool flush_output(void)
{
    return fflush(stdout) == 0 && !ferror(stdout);
}

enum mmd_outcome end_output(void)
{
    if (flush_output())
        return MMD_OUTCOME_CLOSED;
    fputs("mmdclose: cannot write to the standard output; check where it goes.\n", stderr);
    return MMD_OUTCOME_INTERNAL;
}

bool refuse(struct report *report, int error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(report->sentence, sizeof report->sentence, format, arguments);
    va_end(arguments);
    make_printable(report->sentence);
    if (report->amend != NULL)
        report->amend(report->options, report->sentence);
    report->result = (struct mmd_result)MMD_RESULT_NONE;
    report->result.error = error;
    mmd_closing_judge(&report->verdict, &report->result);
    report->outcome = report->verdict.outcome;
    report->delivery = MMD_NOT_SENT;
    return false;
}

bool refuse_no_memory(struct report *report)
{
    return refuse(report, MMD_ERR_MEMORY, "there is no memory left.");
}

/* That it was closed must not get lost: it cannot be undone, and need not be done again. What is
 * stored is on its way, so that stays a success: a caller would store it again. */
static enum mmd_outcome print_unprinted(const struct report *report, bool json,
                                        enum mmd_outcome status)
{
    if (status == MMD_OUTCOME_CLOSED && !report->queued)
        status = MMD_OUTCOME_INTERNAL;
    if (json)
        print_json(report, status, stderr);
    else
        fprintf(stderr, "mmdclose: %s\n", report->sentence);
    fputs("mmdclose: cannot write this to the standard output; check where it goes.\n", stderr);
    return status;
}

enum mmd_outcome exit_status(const struct report *report)
{
    bool is_success = report->queued ||
                      (report->already_closed_ok && report->outcome == MMD_OUTCOME_ALREADY_CLOSED);

    return is_success ? MMD_OUTCOME_CLOSED : report->outcome;
}

static bool print(const struct report *report, bool json, enum mmd_outcome status)
{
    bool printed = true;

    if (json)
        printed = print_json(report, status, stdout);
    else if (status == MMD_OUTCOME_CLOSED)
        puts(report->sentence);
    else
        fprintf(stderr, "mmdclose: %s\n", report->sentence);
    return flush_output() && printed;
}

enum mmd_outcome print_report(const struct report *report, bool json)
{
    enum mmd_outcome status = exit_status(report);
    bool success = status == MMD_OUTCOME_CLOSED;

    if (print(report, json, status) || (!success && !json))
        return status;
    return print_unprinted(report, json, status);
}
