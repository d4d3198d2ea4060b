/* SPDX-License-Identifier: MIT */
/* Printing what the command reports. */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "printable.h"

void put_date(char out[DATE_LEN], int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm;

    if (time != seconds || gmtime_r(&time, &tm) == NULL ||
        strftime(out, DATE_LEN, "%Y-%m-%d", &tm) == 0)
        snprintf(out, DATE_LEN, "?");
}

/* False: the standard output cannot be written, which is reported after what was done. */
static bool flush_output(const char *done)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    fprintf(stderr, "mmdclose: %scannot write to the standard output; check where it goes.\n",
            done);
    return false;
}

enum mmd_outcome end_output(void)
{
    return flush_output("") ? MMD_OUTCOME_CLOSED : MMD_OUTCOME_INTERNAL;
}

bool refuse(struct report *report, int error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(report->sentence, sizeof report->sentence, format, arguments);
    va_end(arguments);
    make_printable(report->sentence);
    report->result = (struct mmd_result)MMD_RESULT_NONE;
    report->result.error = error;
    mmd_closing_judge(&report->verdict, &report->result);
    report->outcome = report->verdict.outcome;
    return false;
}

bool refuse_no_memory(struct report *report)
{
    return refuse(report, MMD_ERR_MEMORY, "there is no memory left.");
}

static enum mmd_outcome print_closed(const struct report *report, bool json)
{
    bool printed = json ? print_json(report) : printf("%s\n", report->sentence) > 0;

    return flush_output("closed the request, but ") && printed ? MMD_OUTCOME_CLOSED
                                                               : MMD_OUTCOME_INTERNAL;
}

enum mmd_outcome print_report(const struct report *report, bool json)
{
    if (report->outcome == MMD_OUTCOME_CLOSED)
        return print_closed(report, json);
    if (json)
        print_json(report);
    fflush(stdout); /* if that fails, the sentence and the exit status still say what happened */
    fprintf(stderr, "mmdclose: %s\n", report->sentence);
    return report->outcome;
}
