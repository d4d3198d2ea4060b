/* The sentences. They are put together without printf, which a board has no room for. */
#include "sentence.h"

#include <string.h>

#include "printable.h"
#include "writer.h"

#define NAME_SHOWN    255
#define CODE_SHOWN    60 /* bytes of the service's code and message; --json has them whole */
#define MESSAGE_SHOWN 600

static void put_up_to(struct mmd_writer *w, const char *text, size_t max)
{
    size_t len = strlen(text);

    mmd_put(w, text, len < max ? len : max);
}

/* Puts texts, names among them, up to a NULL. */
static void put_all(struct mmd_writer *w, const char *const texts[])
{
    for (; *texts != NULL; texts++)
        put_up_to(w, *texts, NAME_SHOWN);
}

#define PUT(w, ...) put_all(w, (const char *const[]){__VA_ARGS__, NULL})

static bool is_same(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && memcmp(a, b, strlen(a)) == 0;
}

/* What the service said, to be put in brackets: "401 Unauthorized: the message; request-id ...".
 * The code is left out where it only says the status again. */
static void put_answer(struct mmd_writer *w, const struct mmd_result *result,
                       const struct mmd_verdict *verdict)
{
    char status[8] = "";
    struct mmd_writer number = {status, sizeof status - 1, 0};
    bool cut = verdict->message_cut || strlen(verdict->message) > MESSAGE_SHOWN;

    mmd_put_decimal(&number, result->status);
    mmd_put_text(w, status);
    if (verdict->code[0] != '\0' && !is_same(verdict->code, status)) {
        mmd_put_text(w, " ");
        put_up_to(w, verdict->code, CODE_SHOWN);
    }
    if (verdict->message[0] != '\0')
        mmd_put_text(w, ": ");
    put_up_to(w, verdict->message, MESSAGE_SHOWN);
    PUT(w, cut ? "..." : "", result->request_id[0] != '\0' ? "; request-id " : "",
        result->request_id);
}

static const char *advice_on_certificate(int error)
{
    switch (error) {
    case MMD_ERR_CERT_NAME: return "check --host, and whether something intercepts the connection";
    case MMD_ERR_CERT_DATE:
        return "check this device's clock; else the server's operator must act, or renew ";
    case MMD_ERR_CERT_ISSUER: return "if a proxy of yours inspects TLS, give its CA with ";
    case MMD_ERR_CERT_SELF_SIGNED:
        return "this is not the service, but perhaps a proxy or a login page";
    case MMD_ERR_CERT_CHAIN: return "the server's operator must add it, or check ";
    case MMD_ERR_CERT: return "the server's operator must replace it";
    case MMD_ERR_TLS_VERSION: return "the server or a proxy on the way is outdated";
    default: return "check --host and --port, and whether a proxy is on the way";
    }
}

static void put_alert(struct mmd_writer *w, const struct mmd_result *result)
{
    if (result->alert == 0)
        return;
    mmd_put_text(w, " (TLS alert ");
    mmd_put_decimal(w, result->alert);
    mmd_put_text(w, ")");
}

static void put_not_verified(struct mmd_writer *w, const struct told *told,
                             const struct mmd_result *result, const struct mmd_verdict *verdict)
{
    bool ca = verdict->error == MMD_ERR_CERT_ISSUER || verdict->error == MMD_ERR_CERT_CHAIN ||
              verdict->error == MMD_ERR_CERT_DATE;

    PUT(w, "cannot verify ", told->host, ", so nothing was sent: ", mmd_error_text(verdict->error));
    put_alert(w, result);
    PUT(w, "; ", advice_on_certificate(verdict->error), ca ? told->ca_option : "", ".");
}

static void put_try_later(struct mmd_writer *w, const struct told *told,
                          const struct mmd_result *result, const struct mmd_verdict *verdict)
{
    const char *error = mmd_error_text(verdict->error);

    if (verdict->error == MMD_ERR_STATUS) {
        mmd_put_text(w, "the service cannot take the request now (");
        put_answer(w, result, verdict);
        mmd_put_text(w, "); try again ");
        if (result->retry_after_s > 0) {
            mmd_put_text(w, "in ");
            mmd_put_decimal(w, (size_t)result->retry_after_s);
        }
        mmd_put_text(w, result->retry_after_s > 0 ? " s." : "later.");
    } else if (result->delivery == MMD_NOT_SENT) {
        PUT(w, "the request was not sent: ", error, " (", told->address, " port ");
        mmd_put_decimal(w, told->port);
        mmd_put_text(w, "); check the network, then try again.");
    } else if (result->delivery == MMD_ANSWERED) {
        PUT(w, error, " (");
        put_answer(w, result, verdict);
        mmd_put_text(w, "); check for a login page or a gateway on the way, then try again.");
    } else {
        PUT(w, "the request may have been received: ", error);
        put_alert(w, result);
        if (result->status != 0) {
            mmd_put_text(w, ", status ");
            put_answer(w, result, verdict);
        }
        mmd_put_text(w, "; try again, closing twice does no harm.");
    }
}

/* One that the service answered for good: before, its answer, behind. */
static void put_answered(struct mmd_writer *w, const struct mmd_result *result,
                         const struct mmd_verdict *verdict, const char *before, const char *request,
                         const char *middle, const char *behind)
{
    PUT(w, before, request, middle, " (");
    put_answer(w, result, verdict);
    PUT(w, "); ", behind);
}

void sentence(char out[SENTENCE_MAX], const struct told *told, const struct mmd_result *result,
              const struct mmd_verdict *verdict)
{
    struct mmd_writer w = {out, SENTENCE_MAX - 1, 0};
    const char *request = told->request;

    switch (verdict->outcome) {
    case MMD_OUTCOME_CLOSED: PUT(&w, "closed elevation request ", request, "."); break;
    case MMD_OUTCOME_ALREADY_CLOSED:
        put_answered(&w, result, verdict, "elevation request ", request, " was closed already",
                     "there is nothing left to do.");
        break;
    case MMD_OUTCOME_NO_SUCH_REQUEST:
        put_answered(&w, result, verdict, "elevation request ", request, " does not exist",
                     "check --request and --tenant.");
        break;
    case MMD_OUTCOME_REFUSED:
        put_answered(&w, result, verdict, "the service refused the request", "", "",
                     "it will refuse the same again, so act on that, or check --host and --port.");
        break;
    case MMD_OUTCOME_NOT_AUTHORISED:
        put_answered(&w, result, verdict, "the service does not accept the token", "", "",
                     "get a new one, with the permission MmdSupport.ReadWrite for this tenant.");
        break;
    case MMD_OUTCOME_TRY_LATER: put_try_later(&w, told, result, verdict); break;
    case MMD_OUTCOME_NOT_VERIFIED: put_not_verified(&w, told, result, verdict); break;
    case MMD_OUTCOME_CLOCK_NOT_SET:
        PUT(&w, "the clock is not set (", told->clock,
            "), so the server cannot be verified and nothing was sent; set the clock, then try "
            "again.");
        break;
    case MMD_OUTCOME_USAGE:
    case MMD_OUTCOME_INTERNAL: /* with these, nothing was: see outcome.c */
        PUT(&w, "nothing was sent: ", mmd_error_text(verdict->error), ".");
        break;
    }
    out[w.len < SENTENCE_MAX ? w.len : SENTENCE_MAX - 1] = '\0';
    make_printable(out);
}
