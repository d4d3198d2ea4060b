/* What the command says at the end: a sentence (what, why, what to do) and a line of JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "printable.h"
#include "utf8.h"
#include "writer.h"

void put_date(char out[DATE_LEN], int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm;

    if (time != seconds || gmtime_r(&time, &tm) == NULL ||
        strftime(out, DATE_LEN, "%Y-%m-%d", &tm) == 0)
        snprintf(out, DATE_LEN, "?");
}

bool flush_output(const char *done)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    fprintf(stderr, "mmdclose: %scannot write to the standard output; check where it goes.\n",
            done);
    return false;
}

bool refuse(struct report *report, int error, const char *format, ...)
{
    const struct mmd_result result = {.error = error};
    struct mmd_verdict verdict;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(report->sentence, sizeof report->sentence, format, arguments);
    va_end(arguments);
    make_printable(report->sentence);
    report->error = error;
    mmd_closing_judge(&verdict, &result);
    report->outcome = verdict.outcome;
    return false;
}

void report_result(struct report *report, const struct options *options,
                   const struct mmd_result *result, const struct mmd_verdict *verdict)
{
    char today[DATE_LEN], clock[8 + DATE_LEN];

    put_date(today, time(NULL));
    snprintf(clock, sizeof clock, "it says %s", today);
    const struct told told = {
        .request = options->request,
        .host = options->host,
        .address = options->connect != NULL ? options->connect : options->host,
        .port = options->port,
        .ca_option = "--ca-file",
        .clock = clock,
    };

    report->outcome = verdict->outcome;
    sentence(report->sentence, &told, result, verdict);
}

/* ---- the line of JSON ---- */

/* A JSON string that a terminal takes no commands from: RFC 8259 would leave DEL and U+0080 to
 * U+009F as they are. What is no UTF-8 becomes U+FFFD. */
static void put_string(struct mmd_writer *w, const char *value)
{
    static const char hex[] = "0123456789abcdef";

    for (size_t left = strlen(value), n; left > 0; left -= n, value += n) {
        n = mmd_utf8_sequence(value, left);
        unsigned char c = (unsigned char)value[n == 2 && value[0] == '\xC2'];
        if (n == 0) {
            mmd_put_text(w, "\\ufffd");
            n = 1;
        } else if (c >= 0x7F && c < 0xA0) {
            mmd_put(w, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
        } else {
            mmd_put_json(w, value, n);
        }
    }
}

static void put_member(struct mmd_writer *w, const char *name, const char *value)
{
    mmd_put_text(w, "\"");
    mmd_put_text(w, name);
    mmd_put_text(w, "\":\"");
    put_string(w, value);
    mmd_put_text(w, "\",");
}

static void put_number(struct mmd_writer *w, const char *name, long value)
{
    mmd_put_text(w, "\"");
    mmd_put_text(w, name);
    mmd_put_text(w, value < 0 ? "\":-" : "\":");
    mmd_put_decimal(w, (size_t)(value < 0 ? -value : value));
    mmd_put_text(w, ",");
}

static void put_truth(struct mmd_writer *w, const char *name, bool value)
{
    mmd_put_text(w, "\"");
    mmd_put_text(w, name);
    mmd_put_text(w, value ? "\":true," : "\":false,");
}

static void put_result(struct mmd_writer *w, const struct report *report,
                       const struct mmd_result *result, const struct mmd_verdict *verdict,
                       const char *client_request_id, uint32_t elapsed_ms)
{
    static const char *const outcomes[] = {
        "closed",  "internal",       "usage",     "already_closed", "no_such_request",
        "refused", "not_authorised", "try_later", "not_verified",   "clock_not_set"};
    static const char *const deliveries[] = {"not_sent", "maybe_sent", "answered"};

    mmd_put_text(w, "{");
    put_member(w, "outcome", outcomes[report->outcome]);
    put_number(w, "exit", (long)report->outcome);
    put_member(w, "sentence", report->sentence);
    put_member(w, "error", mmd_error_name(verdict->error));
    put_member(w, "delivery", deliveries[result->delivery]);
    put_number(w, "status", result->status);
    put_member(w, "code", verdict->code);
    put_member(w, "message", verdict->message);
    put_truth(w, "message_cut", verdict->message_cut);
    put_member(w, "request_id", result->request_id);
    put_member(w, "client_request_id", client_request_id);
    if (result->retry_after_s >= 0)
        put_number(w, "retry_after_s", result->retry_after_s);
    else
        mmd_put_text(w, "\"retry_after_s\":null,");
    put_member(w, "tls_version", result->tls_version);
    put_member(w, "tls_suite", result->tls_suite);
    put_number(w, "alert", result->alert);
    put_number(w, "detail", result->detail);
    put_number(w, "elapsed_ms", (long)elapsed_ms);
    w->len--; /* the last comma */
    mmd_put_text(w, "}\n");
}

/* False: there is no memory for it, which was told. */
static bool print_json(const struct report *report, const struct mmd_result *result,
                       const struct mmd_verdict *verdict, const char *client_request_id,
                       uint32_t elapsed_ms)
{
    struct mmd_writer w = {NULL, 0, 0};

    put_result(&w, report, result, verdict, client_request_id, elapsed_ms);
    w = (struct mmd_writer){malloc(w.len), w.len, 0};
    if (w.buf == NULL) {
        fputs("mmdclose: there is no memory for the line of JSON.\n", stderr);
        return false;
    }
    put_result(&w, report, result, verdict, client_request_id, elapsed_ms);
    fwrite(w.buf, 1, w.len, stdout);
    free(w.buf);
    return true;
}

enum mmd_outcome print_report(const struct report *report, bool json,
                              const struct mmd_result *result, const struct mmd_verdict *verdict,
                              const char *client_request_id, uint32_t elapsed_ms)
{
    bool closed = report->outcome == MMD_OUTCOME_CLOSED, told = true;

    if (json)
        told = print_json(report, result, verdict, client_request_id, elapsed_ms);
    else if (closed)
        printf("%s\n", report->sentence);
    if (closed)
        return flush_output("closed the request, but ") && told ? report->outcome
                                                                : MMD_OUTCOME_INTERNAL;
    fflush(stdout); /* if that fails: the sentence and the exit status tell it all */
    fprintf(stderr, "mmdclose: %s\n", report->sentence);
    return report->outcome;
}
