/* What the command says at the end: a sentence (what, why, what to do) and a line of JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "utf8.h"
#include "writer.h"

#define PIECE 16 /* bytes of a secret that are already too many */

void make_printable(char *text)
{
    unsigned char *p = (unsigned char *)text;

    for (size_t left = strlen(text), n; left > 0; left -= n, p += n) {
        n = mmd_utf8_sequence((const char *)p, left);
        bool c1 = n == 2 && p[0] == 0xC2 && p[1] < 0xA0; /* U+0080 to U+009F */
        if (n == 0 || c1 || *p < 0x20 || *p == 0x7F) {
            *p = '?';
            n = 1; /* what is left of a C1 control is no character either */
        }
    }
}

void put_date(char out[DATE_LEN], int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm;

    if (gmtime_r(&time, &tm) == NULL || strftime(out, DATE_LEN, "%Y-%m-%d", &tm) == 0)
        snprintf(out, DATE_LEN, "?");
}

void cover(char *text, size_t len, const char *secret)
{
    size_t secret_len = strlen(secret), run;

    for (size_t at = 0; at + PIECE <= len; at += run > 0 ? run : 1) {
        run = 0;
        while (at + run + PIECE <= len &&
               memmem(secret, secret_len, text + at + run, PIECE) != NULL)
            run++;
        if (run > 0)
            memset(text + at, '*', run += PIECE - 1);
    }
}

bool flush_output(const char *done)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    fprintf(stderr, "mmdclose: %scannot write to the standard output; check where it goes.\n",
            done);
    return false;
}

bool refuse(struct report *report, enum mmd_outcome outcome, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(report->sentence, sizeof report->sentence, format, arguments);
    va_end(arguments);
    make_printable(report->sentence);
    report->outcome = outcome;
    return false;
}

/* ---- the sentence ---- */

#define CODE_SHOWN    60 /* bytes of the service's code and message; --json has them whole */
#define MESSAGE_SHOWN 600

/* What the service said, to be put in brackets: "401 Unauthorized: the message; request-id ...".
 * The code is left out where it only says the status again. */
static const char *answer_of(const struct mmd_result *result, char *out, size_t cap)
{
    char status[8];
    const char *code = result->code;

    snprintf(status, sizeof status, "%u", result->status);
    if (strcmp(code, status) == 0)
        code = "";
    bool cut = result->message_cut || strlen(result->message) > MESSAGE_SHOWN;
    snprintf(out, cap, "%s%s%.*s%s%.*s%s%s%s", status, code[0] != '\0' ? " " : "", CODE_SHOWN, code,
             result->message[0] != '\0' ? ": " : "", MESSAGE_SHOWN, result->message,
             cut ? "..." : "", result->request_id[0] != '\0' ? "; request-id " : "",
             result->request_id);
    return out;
}

static const char *advice_on_certificate(int error)
{
    switch (error) {
    case MMD_ERR_CERT_NAME: return "check --host, and whether something intercepts the connection";
    case MMD_ERR_CERT_DATE: return "check this device's clock; else the server's operator must act";
    case MMD_ERR_CERT_ISSUER: return "if a proxy of yours inspects TLS, give its CA with --ca-file";
    case MMD_ERR_CERT_SELF_SIGNED:
        return "this is not the service, but perhaps a proxy or a login page";
    case MMD_ERR_CERT_CHAIN: return "the server's operator must add it, or check --ca-file";
    case MMD_ERR_CERT: return "the server's operator must replace it";
    case MMD_ERR_TLS_VERSION: return "the server or a proxy on the way is outdated";
    default: return "check --host and --port, and whether a proxy is on the way";
    }
}

static void say_not_verified(struct report *report, const struct options *options,
                             const struct mmd_result *result)
{
    char alert[48] = "";

    if (result->alert != 0)
        snprintf(alert, sizeof alert, " (TLS alert %u)", result->alert);
    refuse(report, MMD_OUTCOME_NOT_VERIFIED, "cannot verify %s, so nothing was sent: %s%s; %s.",
           options->host, mmd_error_text(result->error), alert,
           advice_on_certificate(result->error));
}

static void say_try_later(struct report *report, const struct options *options,
                          const struct mmd_result *result)
{
    const char *address = options->connect != NULL ? options->connect : options->host;
    char answer[1024], when[64] = "later";

    if (result->retry_after_s > 0)
        snprintf(when, sizeof when, "in %ld s", (long)result->retry_after_s);
    answer_of(result, answer, sizeof answer);
    if (result->error == MMD_ERR_STATUS)
        refuse(report, MMD_OUTCOME_TRY_LATER,
               "the service cannot take the request now (%s); try again %s.", answer, when);
    else if (result->delivery == MMD_NOT_SENT)
        refuse(report, MMD_OUTCOME_TRY_LATER,
               "the request was not sent: %s (%s port %u); check the network, then try again.",
               mmd_error_text(result->error), address, options->port);
    else if (result->delivery == MMD_ANSWERED)
        refuse(report, MMD_OUTCOME_TRY_LATER,
               "%s (%s); check for a login page or a gateway on the way, then try again.",
               mmd_error_text(result->error), answer);
    else
        refuse(report, MMD_OUTCOME_TRY_LATER,
               "the request may have been received: %s%s%s; try again, closing twice does no harm.",
               mmd_error_text(result->error), result->status != 0 ? ", status " : "",
               result->status != 0 ? answer : "");
}

static void say_clock_not_set(struct report *report)
{
    char today[DATE_LEN];

    put_date(today, time(NULL));
    refuse(report, MMD_OUTCOME_CLOCK_NOT_SET,
           "the clock is not set (it says %s), so the server cannot be verified and nothing was "
           "sent; set the clock, then try again.",
           today);
}

void report_result(struct report *report, const struct options *options,
                   const struct mmd_result *result)
{
    char answer[1024];
    enum mmd_outcome outcome = mmd_outcome(result);

    answer_of(result, answer, sizeof answer);
    switch (outcome) {
    case MMD_OUTCOME_CLOSED:
        refuse(report, outcome, "closed elevation request %s.", options->request);
        break;
    case MMD_OUTCOME_ALREADY_CLOSED:
        refuse(report, outcome,
               "elevation request %s was closed already (%s); there is nothing left to do.",
               options->request, answer);
        break;
    case MMD_OUTCOME_NO_SUCH_REQUEST:
        refuse(report, outcome,
               "elevation request %s does not exist (%s); check --request and --tenant.",
               options->request, answer);
        break;
    case MMD_OUTCOME_REFUSED:
        refuse(report, outcome,
               "the service refused the request (%s); it will refuse the same again, so act on "
               "that, or check --host and --port.",
               answer);
        break;
    case MMD_OUTCOME_NOT_AUTHORISED:
        refuse(report, outcome,
               "the service does not accept the token (%s); get a new one, with the permission "
               "MmdSupport.ReadWrite for this tenant.",
               answer);
        break;
    case MMD_OUTCOME_TRY_LATER: say_try_later(report, options, result); break;
    case MMD_OUTCOME_NOT_VERIFIED: say_not_verified(report, options, result); break;
    case MMD_OUTCOME_CLOCK_NOT_SET: say_clock_not_set(report); break;
    case MMD_OUTCOME_USAGE:
    case MMD_OUTCOME_INTERNAL: /* with these, nothing was: see outcome.c */
        refuse(report, outcome, "nothing was sent: %s.", mmd_error_text(result->error));
        break;
    }
}

/* ---- the line of JSON ---- */

static void put_member(struct mmd_writer *w, const char *name, const char *value)
{
    mmd_put_text(w, "\"");
    mmd_put_text(w, name);
    mmd_put_text(w, "\":\"");
    mmd_put_json(w, value, strlen(value));
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

static void put_result(struct mmd_writer *w, const struct report *report,
                       const struct mmd_result *result, const char *client_request_id,
                       uint32_t elapsed_ms)
{
    static const char *const outcomes[] = {
        "closed",  "internal",       "usage",     "already_closed", "no_such_request",
        "refused", "not_authorised", "try_later", "not_verified",   "clock_not_set"};
    static const char *const deliveries[] = {"not_sent", "maybe_sent", "answered"};

    mmd_put_text(w, "{");
    put_member(w, "outcome", outcomes[report->outcome]);
    put_number(w, "exit", report->outcome);
    put_member(w, "sentence", report->sentence);
    put_member(w, "error", mmd_error_name(result->error));
    put_member(w, "delivery", deliveries[result->delivery]);
    put_number(w, "status", result->status);
    put_member(w, "code", result->code);
    put_member(w, "message", result->message);
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

static void print_json(const struct report *report, const struct mmd_result *result,
                       const char *client_request_id, uint32_t elapsed_ms)
{
    struct mmd_writer w = {NULL, 0, 0};

    put_result(&w, report, result, client_request_id, elapsed_ms);
    w = (struct mmd_writer){malloc(w.len), w.len, 0};
    if (w.buf == NULL)
        return;
    put_result(&w, report, result, client_request_id, elapsed_ms);
    fwrite(w.buf, 1, w.len, stdout);
    free(w.buf);
}

enum mmd_outcome print_report(const struct report *report, bool json,
                              const struct mmd_result *result, const char *client_request_id,
                              uint32_t elapsed_ms)
{
    bool closed = report->outcome == MMD_OUTCOME_CLOSED;

    if (json)
        print_json(report, result, client_request_id, elapsed_ms);
    else if (closed)
        printf("%s\n", report->sentence);
    if (closed)
        return flush_output("closed the request, but ") ? report->outcome : MMD_OUTCOME_INTERNAL;
    fflush(stdout); /* if that fails: the sentence and the exit status tell it all */
    fprintf(stderr, "mmdclose: %s\n", report->sentence);
    return report->outcome;
}
