/* SPDX-License-Identifier: MIT */
/* The sentences. They are put together without printf, which is too large for a small board. */
#include "sentence.h"

#include <string.h>

#include "calendar.h"
#include "printable.h"
#include "writer.h"

#define NAME_SHOWN    255
#define CODE_SHOWN    60 /* bytes of the service's code and message; --json prints all of them */
#define MESSAGE_SHOWN 600

/* A sentence, and what it is made from. */
struct draft {
    struct mmd_writer w;
    const struct subject *subject;
    const struct mmd_result *result;
    const struct mmd_verdict *verdict;
};

static void put_up_to(struct draft *d, const char *text, size_t max)
{
    size_t len = strlen(text);

    mmd_put(&d->w, text, len < max ? len : max);
}

/* Puts texts, names among them, up to a NULL. */
static void put_all(struct draft *d, const char *const texts[])
{
    for (; *texts != NULL; texts++)
        put_up_to(d, *texts, NAME_SHOWN);
}

#define PUT(d, ...) put_all(d, (const char *const[]){__VA_ARGS__, NULL})

/* ---- what was received ---- */

/* Puts the service's code, unless it only repeats the status. */
static void put_code(struct draft *d, const char *status)
{
    const char *code = d->verdict->code;

    if (code[0] == '\0' || strcmp(code, status) == 0)
        return;
    PUT(d, " ");
    put_up_to(d, code, CODE_SHOWN);
}

static const char *nothing_was_sent(const struct draft *d)
{
    return d->subject->sent_before
               ? "nothing was sent by the last try, though an earlier one may have been received"
               : "nothing was sent";
}

/* "401 Unauthorized: the message; request-id the id" */
static void put_response(struct draft *d)
{
    const struct mmd_result *r = d->result;
    const char *message = d->verdict->message;
    char status[8] = "";
    struct mmd_writer number = {status, sizeof status - 1, 0};

    mmd_put_decimal(&number, r->status);
    PUT(d, status);
    put_code(d, status);
    if (message[0] != '\0')
        PUT(d, ": ");
    put_up_to(d, message, MESSAGE_SHOWN);
    if (d->verdict->message_cut || strlen(message) > MESSAGE_SHOWN)
        PUT(d, "...");
    if (r->request_id[0] != '\0')
        PUT(d, "; ", r->request_id_name, " ", r->request_id);
}

/* What the system or the server itself said of the failure. */
static void put_detail(struct draft *d)
{
    if (d->subject->system_text[0] != '\0')
        PUT(d, ": ", d->subject->system_text);
    bool is_alert = d->result->detail.kind == MMD_DETAIL_ALERT;
    if (!is_alert && d->result->detail.kind != MMD_DETAIL_PROXY)
        return;
    PUT(d, is_alert ? " (TLS alert " : " (status ");
    mmd_put_decimal(&d->w, (size_t)d->result->detail.code);
    PUT(d, ")");
}

static void put_error_text(struct draft *d)
{
    PUT(d, mmd_error_text(d->verdict->error));
    put_detail(d);
}

/* ---- what is about to be said of which closing ---- */

static void put_time(struct draft *d)
{
    if (d->subject->now < 0)
        return;
    PUT(d, " (");
    mmd_put_time(&d->w, d->subject->now);
    PUT(d, ")");
}

static void put_name(struct draft *d)
{
    PUT(d, "elevation request ", d->subject->request, " of tenant ", d->subject->tenant);
}

static void put_not_closed(struct draft *d)
{
    if (d->subject->only_why)
        return;
    if (d->subject->request == NULL) {
        PUT(d, "no access token could be got");
    } else {
        put_name(d);
        PUT(d, " was not closed");
    }
    put_time(d);
    PUT(d, ": ");
}

/* ---- the outcomes ---- */

/* "what (401 Unauthorized: the message; request-id the id); advice" */
static void put_decision(struct draft *d, const char *what, const char *advice)
{
    PUT(d, what, " (");
    put_response(d);
    PUT(d, "); ", advice);
}

/* "in 12 s.", or "later." */
static void put_when(struct draft *d)
{
    uint32_t seconds = (d->subject->again_ms + 999) / 1000;

    if (d->result->retry_after_s > 0 && (uint32_t)d->result->retry_after_s > seconds)
        seconds = (uint32_t)d->result->retry_after_s;
    if (seconds == 0) {
        PUT(d, "later.");
        return;
    }
    PUT(d, "in ");
    mmd_put_decimal(&d->w, seconds);
    PUT(d, " s.");
}

static bool is_of_token_server(const struct draft *d)
{
    return d->subject->stage == MMD_STAGE_TOKEN_SERVER;
}

static const char *host_option(const struct draft *d)
{
    return is_of_token_server(d) ? "--authority" : "--host";
}

static void put_unavailable(struct draft *d)
{
    const char *what = is_of_token_server(d) ? "the token server cannot give a token now"
                       : d->verdict->cause == MMD_CAUSE_SERVICE
                           ? "the service cannot take the request now"
                           : "the service, or something before it, cannot take the request now";

    put_decision(d, what, "try again ");
    put_when(d);
}

static void put_redirect(struct draft *d)
{
    const char *to = d->result->location;

    PUT(d, "the response leads ", to[0] != '\0' ? "to " : "elsewhere", to);
    put_decision(d, ", and redirects are not followed",
                 to[0] == '\0' ? "try again later."
                 : is_of_token_server(d)
                     ? "check --authority, and for a login page in between, then try again."
                     : "check --host, and for a login page in between, then try again.");
}

static void put_gateway(struct draft *d)
{
    put_decision(d,
                 is_of_token_server(d) ? "something other than the token server answered"
                                       : mmd_error_text(d->verdict->error),
                 is_of_token_server(d)
                     ? "try again later; if it stays so, check --authority, and for a proxy or a "
                       "login page in between."
                     : "try again later; if it stays so, check --host, and for a proxy, a login "
                       "page or a gateway in between.");
}

/* What to check when nothing came through. */
static const char *to_check(const struct draft *d)
{
    bool at_proxy = d->subject->stage == MMD_STAGE_PROXY;

    switch (d->verdict->error) {
    case MMD_ERR_PROXY_AUTH: return "the user and password for the proxy";
    case MMD_ERR_PROXY_REFUSED: return "what the proxy allows";
    case MMD_ERR_PROXY_GATEWAY: return "the proxy's own network, and the host's name";
    case MMD_ERR_NAME:
    case MMD_ERR_LOOKUP:
        return at_proxy                ? "the proxy's name and this device's name servers"
               : is_of_token_server(d) ? "--authority and this device's name servers"
                                       : "--host and this device's name servers";
    default: return at_proxy ? "the proxy and the network" : "the network";
    }
}

static void put_not_sent(struct draft *d)
{
    bool at_proxy = d->subject->stage == MMD_STAGE_PROXY;

    PUT(d, d->subject->request == NULL ? "" /* that was said */
           : is_of_token_server(d)     ? "there is no token: "
           : d->subject->sent_before
               ? "an earlier try may have been received, the last one was not "
                 "sent: "
               : "the request was not sent: ");
    put_error_text(d);
    PUT(d,
        at_proxy                ? " (the proxy "
        : is_of_token_server(d) ? " (the token server, "
                                : " (",
        d->subject->address, " port ");
    mmd_put_decimal(&d->w, d->subject->port);
    PUT(d, at_proxy ? ", on the way to " : "", at_proxy ? d->subject->host : "", "); check ",
        to_check(d));
    if (d->subject->again_ms > 0) {
        PUT(d, ", then try again ");
        put_when(d);
    } else {
        PUT(d, ", then try again.");
    }
    PUT(d, d->subject->hint);
}

static void put_maybe_sent(struct draft *d)
{
    PUT(d, "the request may have been received: ");
    put_error_text(d);
    if (d->result->status != 0) {
        PUT(d, ", status ");
        put_response(d);
    }
    PUT(d, "; try again: closing twice does no harm.");
}

static void put_try_later(struct draft *d)
{
    bool answered = d->result->delivery == MMD_ANSWERED;

    put_not_closed(d);
    if (d->verdict->error == MMD_ERR_STATUS)
        put_unavailable(d);
    else if (d->verdict->error == MMD_ERR_REDIRECT)
        put_redirect(d);
    else if (d->result->delivery == MMD_NOT_SENT || (is_of_token_server(d) && !answered))
        put_not_sent(d);
    else if (d->result->delivery == MMD_MAYBE_SENT)
        put_maybe_sent(d);
    else
        put_gateway(d);
}

/* What to do about a server that cannot be verified. The last row is for all other errors. */
static const struct advice {
    int error;
    bool names_host_option; /* which then is what to check first */
    bool names_ca_option;   /* which then follows the text */
    const char *text;
} advices[] = {
    {MMD_ERR_CERT_NAME, true, false, ", and whether something intercepts the connection"},
    {MMD_ERR_CERT_DATE, false, true,
     "check this device's clock; if it is right, the server's operator must renew the certificate, "
     "or your trust anchors are out of date: see "},
    {MMD_ERR_CERT_ISSUER, false, true, "if your own proxy inspects TLS, give its CA with "},
    {MMD_ERR_CERT_ANCHOR, false, true,
     "its key or an extension is of a kind that is not supported; give another anchor with "},
    {MMD_ERR_CERT_SELF_SIGNED, false, true,
     "it may be a proxy or a login page that answers. If it is a server of your own, give its "
     "certificate with "},
    {MMD_ERR_CERT_CHAIN, false, true, "the server's operator must add it; or check "},
    {MMD_ERR_CERT, false, false, "the server's operator must replace it"},
    {MMD_ERR_CLIENT_CERT, true, false,
     ", and for a proxy in between; mmdclose has no certificate for TLS"},
    {MMD_ERR_TLS_SIZE, false, false,
     "it may have 16,384 bytes at most; check for a proxy in between"},
    {MMD_ERR_TLS_VERSION, false, false, "the server, or a proxy in between, is out of date"},
    {MMD_OK, true, false, " and its port, and whether a proxy is in between"},
};

/* The dates that a certificate and the clock disagree about. */
static void put_dates(struct draft *d)
{
    const struct mmd_result *r = d->result;
    bool future = d->verdict->error == MMD_ERR_CERT_FUTURE;

    if (r->checked_at == 0)
        return;
    PUT(d, future ? " (it begins at " : " (it ended at ");
    mmd_put_time(&d->w, future ? r->valid_from : r->valid_to);
    PUT(d, ", and the clock says ");
    mmd_put_time(&d->w, r->checked_at);
    PUT(d, ")");
}

static void put_not_verified(struct draft *d)
{
    const struct advice *advice = advices;
    int error = d->verdict->error;

    while (advice->error != MMD_OK && advice->error != error)
        advice++;
    put_not_closed(d);
    if (error != MMD_ERR_CLIENT_CERT)
        PUT(d, "cannot verify ", d->subject->host, ", so ", nothing_was_sent(d), ": ");
    put_error_text(d);
    if (error == MMD_ERR_CERT_DATE)
        put_dates(d);
    PUT(d, "; ");
    if (advice->names_host_option)
        PUT(d, "check ", host_option(d));
    PUT(d, advice->text, advice->names_ca_option ? d->subject->ca_option : "", ".");
}

static void put_closed(struct draft *d)
{
    PUT(d, "closed ");
    put_name(d);
    put_time(d);
    PUT(d, d->subject->by_earlier_try ? ", by an earlier try, whose response was lost." : ".");
}

static void put_already_closed(struct draft *d)
{
    put_name(d);
    put_decision(d, " was closed already", "there is nothing left to do.");
}

static void put_no_such_request(struct draft *d)
{
    put_name(d);
    put_decision(d, " does not exist", "check --request and --tenant.");
}

static void put_refused(struct draft *d)
{
    put_not_closed(d);
    put_decision(d, "the service refused the request",
                 "the same request will be refused again: fix what the response names.");
}

static void put_not_authorised(struct draft *d)
{
    put_not_closed(d);
    if (is_of_token_server(d)) {
        bool is_scope = strcmp(d->verdict->code, "invalid_scope") == 0;
        put_decision(d, mmd_error_text(MMD_ERR_TOKEN_REFUSED),
                     is_scope ? "check --scope" : "check --client-id and --tenant, ");
        PUT(d, is_scope ? "" : d->subject->credential, ".");
        return;
    }
    put_decision(d, "the service does not accept the token", "get a new one, with the permission ");
    PUT(d, d->subject->permission, " for this tenant.");
}

static void put_clock_not_set(struct draft *d)
{
    put_not_closed(d);
    if (d->verdict->error == MMD_ERR_CERT_FUTURE) {
        PUT(d, mmd_error_text(MMD_ERR_CERT_FUTURE));
        put_dates(d);
        PUT(d, ", so ", nothing_was_sent(d), "; set the clock, then try again.");
    } else if (d->verdict->error == MMD_ERR_CLOCK_SKEW) {
        put_decision(d, mmd_error_text(MMD_ERR_CLOCK_SKEW), "set the clock, then try again.");
    } else {
        PUT(d, "the clock is not set (", d->subject->clock,
            "), so the server cannot be verified and ", nothing_was_sent(d),
            "; set the clock, then try again.");
    }
}

static const char *error_advice(int error)
{
    switch (error) {
    case MMD_ERR_SYSTEM:
        return "; check this device's limits, such as open files, threads and sandboxes.";
    case MMD_ERR_SIGN_KEY: return "; check that the key belongs to the certificate.";
    case MMD_ERR_SIGN_SALT: return "; have it signed with a salt as long as the hash.";
    case MMD_ERR_SIGN: return "; check what signs, then try again.";
    case MMD_ERR_TOKEN_SIZE:
        return "; have the token server give one with fewer claims, such as groups.";
    default: return ".";
    }
}

/* Of usage and internal errors; with these the last try sent nothing: see outcome.c. */
static void put_error(struct draft *d)
{
    put_not_closed(d);
    PUT(d, nothing_was_sent(d), ": ");
    put_error_text(d);
    PUT(d, error_advice(d->verdict->error));
}

void sentence(char out[SENTENCE_MAX], const struct subject *subject,
              const struct mmd_result *result, const struct mmd_verdict *verdict)
{
    static void (*const puts_by_outcome[])(struct draft *) = {
        [MMD_OUTCOME_CLOSED] = put_closed,
        [MMD_OUTCOME_INTERNAL] = put_error,
        [MMD_OUTCOME_USAGE] = put_error,
        [MMD_OUTCOME_ALREADY_CLOSED] = put_already_closed,
        [MMD_OUTCOME_NO_SUCH_REQUEST] = put_no_such_request,
        [MMD_OUTCOME_REFUSED] = put_refused,
        [MMD_OUTCOME_NOT_AUTHORISED] = put_not_authorised,
        [MMD_OUTCOME_TRY_LATER] = put_try_later,
        [MMD_OUTCOME_NOT_VERIFIED] = put_not_verified,
        [MMD_OUTCOME_CLOCK_NOT_SET] = put_clock_not_set,
        [MMD_OUTCOME_NO_TOKEN] = put_error,
    };
    struct draft d = {{out, SENTENCE_MAX - 1, 0}, subject, result, verdict};

    puts_by_outcome[verdict->outcome](&d);
    out[d.w.len < SENTENCE_MAX ? d.w.len : SENTENCE_MAX - 1] = '\0';
    make_printable(out);
}
