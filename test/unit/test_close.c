/* SPDX-License-Identifier: MIT */
/* Tests of a closing from the credential to the outcome: which requests are sent in which order,
 * what is tried again and when, and that no secret is left. The engine, Mbed TLS and the pool are
 * the real ones, and so is the server, OpenSSL's, which plays token server and service in turn;
 * only the network lies in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "failing_allocator.h"
#include "mmdclose/close.h"
#include "mmdclose/tls_pool.h"
#include "scripted_port.h"
#include "tls_server.h"

#define STEPS_MAX    200000
#define REQUESTS_MAX 16

#define SECRET  "the+client's secret"
#define SENT    "the%2Bclient%27s%20secret"
#define TOKEN_1 "first.token.kept-from-everybody"
#define TOKEN_2 "second.token.kept-from-everybody"
#define TOKEN_3 "third.token.kept-from-everybody"
#define OK_JSON "HTTP/1.1 200 OK\r\n\r\n"
#define GIVES(t)                                                                                   \
    OK_JSON "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"" t "\"}"
#define NO_CONTENT "HTTP/1.1 204 No Content\r\n\r\n"
#define ERROR(status, message)                                                                     \
    "HTTP/1.1 " status " X\r\n\r\n{\"error\":{\"code\":\"" status "\",\"message\":\"" message "\"" \
    "}}"
#define DENIED                   "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
#define ALREADY                  ERROR("400", "This elevation request was already closed.")
#define REFUSES(status, code, n) "HTTP/1.1 " status " X\r\n" OAUTH(code, n)
#define OAUTH(code, n)                                                                             \
    "\r\n{\"error\":\"" code "\",\"error_description\":\"AADSTS" n ": no\",\"error_codes\":[" n "]}"
#define LOST "" /* the connection ends without a response */

static _Alignas(8) unsigned char pool_memory[256 * 1024];
static const struct mmd_tls_pool *pool;

static struct fixture {
    struct tls_server server;
    struct scripted_port scripted;
    struct mmd_port port;
    struct mmd_trust trust;
    struct mmd_credential credential;
    struct mmd_closing closing;
    struct mmd_token token;
    char token_bytes[4096];
    struct mmd_close_config config;
    struct mmd_close close;
    char buf[8192];
    size_t base;       /* of the pool, between closings */
    int fetches;       /* how often fetch was called, */
    int fetch_pending; /* and how often it says "not yet" */
    int fetch_result;  /* 0: TOKEN_1 */
    int closings;      /* requests that came, with answers_by_kind */
    int cancel_at;     /* the step before which all is cancelled; -1: none */
} f;

static bool answers_by_kind; /* the server, in place of a script */
static char requests[REQUESTS_MAX][6144];
static unsigned request_count;

static void note_request(const char *text)
{
    assert_true(request_count < REQUESTS_MAX && strlen(text) < sizeof *requests);
    strcpy(requests[request_count++], text);
    if (!answers_by_kind)
        return;
    bool is_token = strncmp(text, "POST", 4) == 0;
    f.server.answer = is_token ? GIVES(TOKEN_1) : f.closings++ == 0 ? NO_CONTENT : ALREADY;
}

static int open_fixture(void **state)
{
    (void)state;
    memset(&f, 0, sizeof f);
    request_count = 0;
    answers_by_kind = false;
    tls_server_open(&f.server, 13);
    f.server.on_request = note_request;
    scripted_port_init(&f.scripted, &f.server.peer, &f.port);
    f.scripted.waits_in_full = true;
    f.trust = (struct mmd_trust){f.server.anchor, f.server.anchor_len};
    f.credential = (struct mmd_credential){.host = TLS_SERVER_HOST,
                                           .port = MMD_TOKEN_PORT,
                                           .tenant_id = "tenant",
                                           .client_id = "client",
                                           .scope = MMD_TOKEN_SCOPE,
                                           .client_secret = SECRET};
    f.closing = (struct mmd_closing){.host = TLS_SERVER_HOST,
                                     .port = MMD_SERVICE_PORT,
                                     .tenant_id = "tenant",
                                     .elevation_request_id = "request",
                                     .client_request_id = "919108f7-52d1-4320-9bac-f847db4148a8",
                                     .actions_taken = "done",
                                     .actions_taken_len = 4};
    f.token = (struct mmd_token){.bytes = f.token_bytes, .cap = sizeof f.token_bytes};
    f.config = (struct mmd_close_config){.port = &f.port,
                                         .tls.trust = &f.trust,
                                         .tls.allocation_failures = &pool->failures,
                                         .credential = &f.credential,
                                         .try_timeout_ms = 30000,
                                         .total_timeout_ms = 600000,
                                         .retries = 3,
                                         .backoff_ms = 1000,
                                         .backoff_max_ms = 60000};
    f.base = pool->used;
    f.cancel_at = -1;
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    mmd_close_disconnect(&f.close);
    mmd_token_forget(&f.token);
    tls_server_close(&f.server);
    return 0;
}

static bool holds(const void *memory, size_t len, const char *text)
{
    return memmem(memory, len, text, strlen(text)) != NULL;
}

static void expect_no_secret(const void *memory, size_t len)
{
    static const char *const secrets[] = {SECRET, SENT, "kept-from-everybody", "eyJ"};

    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (holds(memory, len, secrets[i]))
            fail_msg("%s is left", secrets[i]);
}

static enum mmd_outcome finish(void)
{
    uint32_t wait_ms;
    int result, steps = 0;

    for (;;) {
        if (steps == f.cancel_at)
            mmd_close_cancel(&f.close);
        if ((result = mmd_close_step(&f.close, &wait_ms)) != MMD_PENDING)
            break;
        assert_true(steps++ < STEPS_MAX);
        if (wait_ms > 0)
            mmd_close_port(&f.close)->wait(&f.scripted, wait_ms);
        else
            f.scripted.now_ms += f.scripted.now_ms % 7 == 0;
    }
    bool closed = f.close.outcome == MMD_OUTCOME_CLOSED;
    assert_int_equal(result, closed ? MMD_OK : f.close.verdict.error);
    assert_int_equal(mmd_close_step(&f.close, &wait_ms), result);
    expect_no_secret(f.buf, sizeof f.buf);
    expect_no_secret(&f.close, sizeof f.close);
    if (!f.config.keep_alive)
        assert_int_equal(pool->used, f.base);
    return f.close.outcome;
}

static enum mmd_outcome run(const char *const *script)
{
    f.server.script = script;
    mmd_close_start(&f.close, &f.config, &f.token, &f.closing, f.buf, sizeof f.buf);
    return finish();
}

/* Runs with a server that does what is asked, and counts calls up to a fault at the k-th. */
static enum mmd_outcome run_with_fault(enum scripted_fault fault, unsigned long k)
{
    mmd_token_forget(&f.token);
    answers_by_kind = true;
    request_count = 0;
    f.closings = 0;
    f.scripted.fault = fault;
    f.scripted.calls = f.scripted.asked = 0;
    f.scripted.at = k;
    f.scripted.happened = false;
    enum mmd_outcome outcome = run(NULL);
    f.scripted.fault = SCRIPTED_NONE;
    return outcome;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__})

/* Which requests were sent: "T" for a token's, "C" for a closing. */
static void expect_requests(const char *expected)
{
    char kinds[REQUESTS_MAX + 1] = "";

    for (unsigned i = 0; i < request_count; i++)
        kinds[i] = strncmp(requests[i], "POST /tenant/oauth2/v2.0/token HTTP/1.1\r\n", 41) == 0
                       ? 'T'
                       : 'C';
    assert_string_equal(kinds, expected);
}

static void expect_token(unsigned request, const char *token)
{
    char field[256];

    snprintf(field, sizeof field, "\r\nAuthorization: Bearer %s\r\n", token);
    assert_non_null(strstr(requests[request], field));
}

/* ---- the token ---- */

static void test_a_secret_gets_a_token_that_closes(void **state)
{
    (void)state;
    assert_int_equal(RUN(GIVES(TOKEN_1), NO_CONTENT), MMD_OUTCOME_CLOSED);
    expect_requests("TC");
    assert_non_null(strstr(requests[0], "client_secret=" SENT));
    assert_null(strstr(requests[1], SENT));
    expect_token(1, TOKEN_1);
    assert_int_equal(f.close.attempts, 1);
    assert_int_equal(f.close.stage, MMD_STAGE_SERVICE);
    assert_int_equal(f.close.delivery, MMD_ANSWERED);
    assert_string_equal(f.token.bytes, TOKEN_1);
}

/* A token that is fresh is used again; not one that is old, or nearly. */
static void test_the_token_is_kept(void **state)
{
    (void)state;
    assert_int_equal(RUN(GIVES(TOKEN_1), NO_CONTENT), MMD_OUTCOME_CLOSED);
    f.scripted.now_ms += (3599 - 310) * 1000;
    assert_int_equal(RUN(NO_CONTENT), MMD_OUTCOME_CLOSED);
    expect_requests("TCC");
    expect_token(2, TOKEN_1);
    f.scripted.now_ms += 20000;
    assert_int_equal(RUN(GIVES(TOKEN_2), NO_CONTENT), MMD_OUTCOME_CLOSED);
    expect_requests("TCCTC");
    expect_token(4, TOKEN_2);
}

/* Fault 57: a 401, then 204 -> exactly one renewal of the token; a 401 twice -> the end */
static void test_a_401_renews_the_token_once(void **state)
{
    (void)state;
    assert_int_equal(RUN(GIVES(TOKEN_1), DENIED, GIVES(TOKEN_2), NO_CONTENT), MMD_OUTCOME_CLOSED);
    expect_requests("TCTC");
    expect_token(3, TOKEN_2);
    assert_int_equal(f.close.attempts, 1);
    request_count = 0;
    assert_int_equal(RUN(DENIED, GIVES(TOKEN_3), DENIED), MMD_OUTCOME_NOT_AUTHORISED);
    expect_requests("CTC");
}

/* Fault 650: a 401 for a token that nothing can renew, and a 403 -> no other is asked for */
static void test_a_token_that_is_not_renewed(void **state)
{
    (void)state;
    f.config.credential = NULL;
    mmd_token_keep(&f.token, TOKEN_1, strlen(TOKEN_1), MMD_TOKEN_LIFETIME_UNKNOWN, 0);
    assert_int_equal(RUN(DENIED), MMD_OUTCOME_NOT_AUTHORISED);
    expect_requests("C");
    f.config.credential = &f.credential;
    assert_int_equal(RUN(ERROR("403", "no")), MMD_OUTCOME_NOT_AUTHORISED);
    expect_requests("CC");
}

/* Fault 651: the token server refuses the credential -> final, nothing sent to the service; it, or
 * what is before it, fails -> tried again; it speaks of the clock -> exit 9, tried again */
static void test_errors_of_the_token_server(void **state)
{
    static const struct {
        const char *answer;
        enum mmd_outcome outcome;
        int error;
        unsigned tries;
    } table[] = {
        {REFUSES("401", "invalid_client", "7000215"), MMD_OUTCOME_NOT_AUTHORISED,
         MMD_ERR_TOKEN_REFUSED, 1},
        {REFUSES("400", "unauthorized_client", "700016"), MMD_OUTCOME_NOT_AUTHORISED,
         MMD_ERR_TOKEN_REFUSED, 1},
        {REFUSES("401", "invalid_client", "700024"), MMD_OUTCOME_CLOCK_NOT_SET, MMD_ERR_CLOCK_SKEW,
         4},
        {"HTTP/1.1 401 X\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n" OAUTH("invalid_client", "1"),
         MMD_OUTCOME_CLOCK_NOT_SET, MMD_ERR_CLOCK_SKEW, 4},
        {REFUSES("503", "temporarily_unavailable", "90033"), MMD_OUTCOME_TRY_LATER, MMD_ERR_STATUS,
         4},
        {"HTTP/1.1 429 X\r\n\r\n", MMD_OUTCOME_TRY_LATER, MMD_ERR_STATUS, 4},
        {OK_JSON "<html>", MMD_OUTCOME_TRY_LATER, MMD_ERR_GATEWAY, 4},
        {"HTTP/1.1 302 X\r\nLocation: https://elsewhere.test/\r\n\r\n", MMD_OUTCOME_TRY_LATER,
         MMD_ERR_REDIRECT, 4},
        {LOST, MMD_OUTCOME_TRY_LATER, MMD_ERR_EMPTY, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *a = table[i].answer;
        request_count = 0;
        assert_int_equal(RUN(a, a, a, a), table[i].outcome);
        assert_int_equal(f.close.verdict.error, table[i].error);
        assert_int_equal(f.close.attempts, table[i].tries);
        assert_int_equal(request_count, table[i].tries);
        assert_int_equal(f.close.stage, MMD_STAGE_TOKEN_SERVER);
        assert_int_equal(f.close.delivery, MMD_NOT_SENT);
    }
}

/* Fault 652: a token that is longer than the memory for it -> its own error, nothing sent */
static void test_a_token_that_does_not_fit(void **state)
{
    (void)state;
    f.token.cap = strlen(TOKEN_1);
    assert_int_equal(RUN(GIVES(TOKEN_1)), MMD_OUTCOME_INTERNAL);
    assert_int_equal(f.close.verdict.error, MMD_ERR_TOKEN_SIZE);
    f.token.cap++;
    assert_int_equal(RUN(GIVES(TOKEN_1), NO_CONTENT), MMD_OUTCOME_CLOSED);
}

static int fetch(void *context, char *out, size_t cap, uint32_t *lifetime_s)
{
    assert_ptr_equal(context, &f);
    f.fetches++;
    if (f.fetch_pending-- > 0)
        return MMD_PENDING;
    if (f.fetch_result != 0)
        return f.fetch_result;
    assert_true(cap > strlen(TOKEN_1));
    strcpy(out, TOKEN_1);
    *lifetime_s = 1000;
    return (int)strlen(TOKEN_1);
}

static void test_another_source_of_tokens(void **state)
{
    (void)state;
    f.config.credential = NULL;
    f.config.fetch = fetch;
    f.config.fetch_context = &f;
    f.fetch_pending = 5;
    assert_int_equal(RUN(NO_CONTENT), MMD_OUTCOME_CLOSED);
    assert_int_equal(f.fetches, 6);
    expect_token(0, TOKEN_1);
    assert_int_equal(f.token.lifetime_s, 1000);
    assert_int_equal(RUN(DENIED, NO_CONTENT), MMD_OUTCOME_CLOSED); /* fetched anew */
    assert_int_equal(f.fetches, 7);
    f.config.fetch_once = true;
    assert_int_equal(RUN(DENIED), MMD_OUTCOME_NOT_AUTHORISED);
    assert_int_equal(f.fetches, 7);
}

/* Fault 653: a source that has no token -> exit 10, tried again; that never answers -> the try's
 * end
 */
static void test_a_source_that_has_none(void **state)
{
    (void)state;
    f.config.credential = NULL;
    f.config.fetch = fetch;
    f.config.fetch_context = &f;
    f.fetch_result = MMD_ERR_TOKEN;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_NO_TOKEN);
    assert_int_equal(f.fetches, 4);
    f.fetch_pending = 1 << 30;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_TRY_LATER);
    assert_int_equal(f.close.verdict.error, MMD_ERR_TIMEOUT);
    f.config.fetch = NULL;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_NO_TOKEN);
    assert_int_equal(request_count, 0);
}

static void test_only_a_token(void **state)
{
    (void)state;
    f.config.token_only = true;
    f.closing = (struct mmd_closing){.client_request_id = f.closing.client_request_id};
    assert_int_equal(RUN(GIVES(TOKEN_1)), MMD_OUTCOME_CLOSED);
    expect_requests("T");
    assert_string_equal(f.token.bytes, TOKEN_1);
}

/* Then there is no exchange, but a result of none. */
static void test_only_a_token_of_another_source(void **state)
{
    (void)state;
    f.config.token_only = true;
    f.config.credential = NULL;
    f.config.fetch = fetch;
    f.config.fetch_context = &f;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_CLOSED);
    assert_int_equal(request_count, 0);
    assert_string_equal(f.token.bytes, TOKEN_1);
    assert_string_equal(f.close.client.result.request_id, "");
    assert_string_equal(f.close.client.result.tls_version, "");
}

/* ---- a certificate ---- */

static EVP_PKEY *key;
static uint8_t certificate[2048], key_der[4096];
static size_t certificate_len;
static struct mmd_memory_key memory_key;
static int sign_pending, sign_result;

static int sign(void *context, const uint8_t sha256[MMD_SHA256_LEN], uint8_t *out, size_t cap)
{
    if (sign_pending-- > 0)
        return MMD_PENDING;
    if (sign_result > 0)
        memset(out, 0x5A, (size_t)sign_result);
    return sign_result != 0 ? sign_result : mmd_sign_in_memory(context, sha256, out, cap);
}

static void use_certificate(void)
{
    uint8_t *at = certificate, *key_at = key_der;

    if (key == NULL) {
        X509 *x509 = X509_new();
        key = EVP_RSA_gen(2048);
        ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
        ASN1_TIME_set_string(X509_getm_notBefore(x509), "20200101000000Z");
        ASN1_TIME_set_string(X509_getm_notAfter(x509), "21200101000000Z");
        X509_NAME *name = X509_get_subject_name(x509);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"client", -1, -1, 0);
        X509_set_issuer_name(x509, name);
        X509_set_pubkey(x509, key);
        assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
        certificate_len = (size_t)i2d_X509(x509, &at);
        memory_key.len = (size_t)i2d_PrivateKey(key, &key_at);
        memory_key.der = key_der;
        X509_free(x509);
    }
    memory_key.port = &f.port;
    f.credential.client_secret = NULL;
    f.credential.certificate = certificate;
    f.credential.certificate_len = certificate_len;
    f.credential.sign = sign;
    f.credential.sign_context = &memory_key;
    sign_pending = sign_result = 0;
}

static void test_a_certificate_gets_a_token(void **state)
{
    (void)state;
    use_certificate();
    sign_pending = 3;
    assert_int_equal(RUN(GIVES(TOKEN_1), NO_CONTENT), MMD_OUTCOME_CLOSED);
    expect_requests("TC");
    assert_non_null(strstr(requests[0], "&client_assertion=eyJ"));
    assert_null(strstr(requests[0], "client_secret"));
    assert_int_equal(sign_pending, -1);
    f.token.len = 0;
    f.config.tls.allocation_failures = NULL; /* a program that does not count them */
    assert_int_equal(RUN(GIVES(TOKEN_1), NO_CONTENT), MMD_OUTCOME_CLOSED);
}

static void test_a_buffer_without_room_for_an_assertion(void **state)
{
    (void)state;
    use_certificate();
    f.server.script = (const char *const[]){LOST};
    for (size_t cap = 2; cap < 1500; cap += 7) {
        mmd_close_start(&f.close, &f.config, &f.token, &f.closing, f.buf, cap);
        assert_int_equal(finish(), MMD_OUTCOME_USAGE);
        assert_int_equal(f.close.verdict.error, MMD_ERR_CAPACITY);
    }
    assert_int_equal(request_count, 0);
}

/* Fault 654: no signature -> exit 10, tried again; one of another key -> exit 2, at once; a clock
 * that is not set -> exit 9; none of them is sent */
static void test_a_signature_that_is_not_right(void **state)
{
    (void)state;
    use_certificate();
    f.credential.certificate_len = 0;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_USAGE);
    use_certificate();
    sign_result = MMD_ERR_SIGN;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_NO_TOKEN);
    assert_int_equal(f.close.attempts, 4);
    sign_result = 256; /* bytes that are no signature */
    assert_int_equal(RUN(LOST), MMD_OUTCOME_USAGE);
    assert_int_equal(f.close.verdict.error, MMD_ERR_SIGN_KEY);
    sign_result = MMD_ERR_INPUT;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_USAGE);
    assert_int_equal(f.close.attempts, 1);
    sign_result = 256;
    f.credential.certificate_len--;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_USAGE);
    assert_int_equal(f.close.verdict.error, MMD_ERR_INPUT);
    assert_int_equal(f.close.token_info.field, MMD_TOKEN_FIELD_CERTIFICATE);
    use_certificate();
    f.scripted.calendar = 0;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_CLOCK_NOT_SET);
    assert_int_equal(request_count, 0);
}

/* ---- trying again ---- */

static void test_what_passes_is_tried_again(void **state)
{
    (void)state;
    assert_int_equal(RUN(GIVES(TOKEN_1), ERROR("503", "busy"), ERROR("429", "busy"), NO_CONTENT),
                     MMD_OUTCOME_CLOSED);
    expect_requests("TCCC");
    assert_int_equal(f.close.attempts, 3);
    assert_int_equal(f.close.again_ms, 0);
    for (unsigned i = 1; i < request_count; i++) /* one id over all tries */
        assert_non_null(strstr(requests[i], f.closing.client_request_id));
}

static void test_what_is_final_is_not(void **state)
{
    static const char *const answers[] = {ALREADY, ERROR("404", "none"), ERROR("409", "no")};

    (void)state;
    mmd_token_keep(&f.token, TOKEN_1, strlen(TOKEN_1), MMD_TOKEN_LIFETIME_UNKNOWN, 0);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        (void)RUN(answers[i]);
        assert_int_equal(f.close.attempts, 1);
        assert_int_equal(f.close.again_ms, 0);
    }
    assert_int_equal(RUN(ALREADY), MMD_OUTCOME_ALREADY_CLOSED);
    assert_false(f.close.by_earlier_try);
}

/* Fault 655: a response is lost, and the next try is told "already closed" -> that try closed it */
static void test_a_lost_response(void **state)
{
    static const char *const lost[] = {LOST, "HTTP/1.1 502 X\r\n\r\n<html>", OK_JSON "<html>"};

    (void)state;
    mmd_token_keep(&f.token, TOKEN_1, strlen(TOKEN_1), MMD_TOKEN_LIFETIME_UNKNOWN, 0);
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        assert_int_equal(RUN(lost[i], ALREADY), MMD_OUTCOME_CLOSED);
        assert_true(f.close.by_earlier_try);
    }
    assert_int_equal(RUN(ERROR("429", "busy"), ALREADY), MMD_OUTCOME_ALREADY_CLOSED);
    f.config.retries = 1;
    f.config.try_timeout_ms = 1000;
    f.scripted.fault = SCRIPTED_NONE;
    assert_int_equal(RUN(LOST, LOST), MMD_OUTCOME_TRY_LATER);
    assert_int_equal(f.close.delivery, MMD_MAYBE_SENT);
}

/* Fault 1032: a response that repeats the token is longer than the next request -> nothing of it is
 * left when that is answered */
static void test_a_long_response_is_forgotten(void **state)
{
    static char said[2048];

    (void)state;
    snprintf(said, sizeof said, "HTTP/1.1 503 X\r\n\r\n%1500s" TOKEN_1, "");
    mmd_token_keep(&f.token, TOKEN_1, strlen(TOKEN_1), MMD_TOKEN_LIFETIME_UNKNOWN, 0);
    assert_int_equal(RUN(said, NO_CONTENT), MMD_OUTCOME_CLOSED);
}

/* Fault 58, 656: Retry-After is waited for, and up to a half of it more; beyond the total deadline
 * -> "again at", at once */
static void test_the_server_says_when(void **state)
{
    (void)state;
    mmd_token_keep(&f.token, TOKEN_1, strlen(TOKEN_1), MMD_TOKEN_LIFETIME_UNKNOWN, 0);
    uint32_t began = f.scripted.now_ms;
    assert_int_equal(RUN("HTTP/1.1 503 X\r\nRetry-After: 120\r\n\r\n", NO_CONTENT),
                     MMD_OUTCOME_CLOSED);
    assert_in_range(f.scripted.now_ms - began, 120000, 190000);
    began = f.scripted.now_ms;
    assert_int_equal(RUN("HTTP/1.1 503 X\r\nRetry-After: 601\r\n\r\n"), MMD_OUTCOME_TRY_LATER);
    assert_in_range(f.scripted.now_ms - began, 0, 10000);
    assert_in_range(f.close.again_ms, 601000, 901500);
    assert_int_equal(f.close.attempts, 1);
}

/* Fault 657: the network stalls, in each stage -> the try ends at its time, all at the total's */
static void test_the_deadlines(void **state)
{
    unsigned long k = 0;

    (void)state;
    f.config.retries = 1000;
    f.config.total_timeout_ms = 100000;
    f.config.try_timeout_ms = 10000;
    do {
        uint32_t began = f.scripted.now_ms;
        assert_int_equal(run_with_fault(SCRIPTED_STALL, ++k), MMD_OUTCOME_CLOSED);
        bool again = f.close.attempts > 1; /* not if it stalls after the response */
        assert_in_range(f.scripted.now_ms - began, again ? 10000 : 0, again ? 20000 : 1000);
    } while (f.scripted.happened);
    assert_true(k > 10);
}

/* ---- several closings on one connection ---- */

static void test_several_on_one_connection(void **state)
{
    (void)state;
    f.config.keep_alive = true;
    f.server.keeps = true;
    f.server.answers = 100;
    f.server.script = (const char *const[]){NO_CONTENT, NO_CONTENT, DENIED, GIVES(TOKEN_2),
                                            NO_CONTENT, LOST,       ALREADY};
    mmd_token_keep(&f.token, TOKEN_1, strlen(TOKEN_1), MMD_TOKEN_LIFETIME_UNKNOWN, 0);
    mmd_close_start(&f.close, &f.config, &f.token, &f.closing, f.buf, sizeof f.buf);
    assert_int_equal(finish(), MMD_OUTCOME_CLOSED);
    mmd_close_next(&f.close, &f.closing);
    assert_int_equal(finish(), MMD_OUTCOME_CLOSED);
    assert_int_equal(f.server.connections, 1);
    assert_null(strstr(requests[1], "Connection:"));
    mmd_close_next(&f.close, &f.closing); /* the token's turn on a connection of its own */
    assert_int_equal(finish(), MMD_OUTCOME_CLOSED);
    expect_requests("CCCTC");
    assert_int_equal(f.server.connections, 3);
    mmd_close_next(&f.close, &f.closing); /* ended unseen: sent again */
    assert_int_equal(finish(), MMD_OUTCOME_CLOSED);
    assert_true(f.close.by_earlier_try);
    assert_int_equal(f.close.attempts, 1);
    assert_int_equal(f.server.connections, 4);
}

/* Goes on with a connection that is kept; the server then answers by the script. */
static enum mmd_outcome run_kept(const char *const *script)
{
    static const char *answers[REQUESTS_MAX + 1] = {NO_CONTENT};

    for (size_t i = 1; i < REQUESTS_MAX && script[i - 1] != NULL; i++)
        answers[i] = script[i - 1];
    mmd_token_keep(&f.token, TOKEN_1, strlen(TOKEN_1), MMD_TOKEN_LIFETIME_UNKNOWN, 0);
    assert_int_equal(run(answers), MMD_OUTCOME_CLOSED);
    mmd_close_next(&f.close, &f.closing);
    enum mmd_outcome outcome = finish();
    mmd_close_disconnect(&f.close);
    return outcome;
}

/* Fault 1030: a closing that was sent again because a kept connection ended, and then is refused
 * for another reason, may have been received all the same -> "already closed" is its own doing */
static void test_a_repeated_closing_counts(void **state)
{
    (void)state;
    f.config.keep_alive = true;
    f.server.keeps = true;
    f.server.answers = 100;
    assert_int_equal(run_kept((const char *const[]){LOST, DENIED, GIVES(TOKEN_2), ALREADY, NULL}),
                     MMD_OUTCOME_CLOSED);
    assert_true(f.close.by_earlier_try);
    assert_int_equal(run_kept((const char *const[]){LOST, ERROR("429", "busy"), ALREADY, NULL}),
                     MMD_OUTCOME_CLOSED);
    assert_true(f.close.by_earlier_try);
}

/* Fault 1031: the next closing is for another host -> it does not go to the one of the connection
 * that is kept; and the text of the last one's host is not used again */
static void test_another_host_than_the_kept_ones(void **state)
{
    char host[] = TLS_SERVER_HOST, same[] = TLS_SERVER_HOST, other[] = "other.example";

    (void)state;
    f.config.keep_alive = true;
    f.config.retries = 0;
    f.server.keeps = true;
    f.server.answers = 100;
    mmd_token_keep(&f.token, TOKEN_1, strlen(TOKEN_1), MMD_TOKEN_LIFETIME_UNKNOWN, 0);
    f.closing.host = host;
    assert_int_equal(RUN(NO_CONTENT, LOST, NO_CONTENT), MMD_OUTCOME_CLOSED);
    f.closing.host = same;
    mmd_close_next(&f.close, &f.closing);
    memset(host, '-', sizeof host - 1);
    assert_int_equal(finish(), MMD_OUTCOME_CLOSED);
    assert_true(f.close.client.connected);
    f.closing.host = other;
    mmd_close_next(&f.close, &f.closing);
    assert_int_equal(finish(), MMD_OUTCOME_NOT_VERIFIED);
    expect_requests("CCC");
}

/* ---- whatever fails ---- */

/* Fault 658: what cannot be used -> exit 2 before anything is sent */
static void test_what_cannot_be_used(void **state)
{
    (void)state;
    f.closing.tenant_id = "a/b";
    assert_int_equal(RUN(LOST), MMD_OUTCOME_USAGE);
    assert_int_equal(f.close.info.field, MMD_FIELD_TENANT_ID);
    f.closing.tenant_id = "tenant";
    f.credential.client_id = "";
    assert_int_equal(RUN(LOST), MMD_OUTCOME_USAGE);
    assert_int_equal(f.close.token_info.field, MMD_TOKEN_FIELD_CLIENT_ID);
    f.credential.client_id = "client";
    f.closing.elevation_request_id = NULL; /* as a member that was forgotten is */
    assert_int_equal(RUN(LOST), MMD_OUTCOME_USAGE);
    assert_int_equal(f.close.info.field, MMD_FIELD_ELEVATION_REQUEST_ID);
    f.closing.elevation_request_id = "request";
    f.credential.scope = NULL;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_USAGE);
    assert_int_equal(f.close.token_info.field, MMD_TOKEN_FIELD_SCOPE);
    f.credential.scope = MMD_TOKEN_SCOPE;
    f.credential.host = NULL;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_USAGE);
    assert_int_equal(f.close.token_info.field, MMD_TOKEN_FIELD_HOST);
    f.credential.host = TLS_SERVER_HOST;
    f.config.tls.trust = NULL;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_USAGE);
    assert_int_equal(f.close.verdict.error, MMD_ERR_TRUST);
    f.config.tls.trust = &f.trust;
    f.config.total_timeout_ms = 0;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_USAGE);
    assert_int_equal(request_count, 0);
    assert_int_equal(f.scripted.calls, 0);
}

/* Fault 661: a buffer in which the closing, or the token's request, does not fit; no anchors -> its
 * own error; nothing is sent */
static void test_what_cannot_begin(void **state)
{
    static const struct mmd_trust none;

    (void)state;
    f.server.script = (const char *const[]){LOST};
    mmd_close_start(&f.close, &f.config, &f.token, &f.closing, f.buf, 200);
    assert_int_equal(finish(), MMD_OUTCOME_USAGE);
    assert_int_equal(f.close.verdict.error, MMD_ERR_CAPACITY);
    assert_in_range(f.close.token_info.needed, 300, 900);
    mmd_token_keep(&f.token, TOKEN_1, strlen(TOKEN_1), MMD_TOKEN_LIFETIME_UNKNOWN, 0);
    mmd_close_start(&f.close, &f.config, &f.token, &f.closing, f.buf, 200);
    assert_int_equal(finish(), MMD_OUTCOME_USAGE);
    assert_in_range(f.close.info.needed, 300, 900);
    f.config.tls.trust = &none;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_USAGE);
    assert_int_equal(f.close.verdict.error, MMD_ERR_TRUST);
    assert_int_equal(request_count, 0);
}

/* As mmd_tls_config's find_anchors, with the server's anchor, with nothing, or with an error. */
static struct {
    struct mmd_trust trust;
    bool has_any;
    int result, asked;
} finder;

static int find_anchors(void *context, const uint8_t *issuer, size_t issuer_len)
{
    assert_ptr_equal(context, &finder);
    assert_true(issuer_len > 2 && issuer[0] == 0x30);
    finder.asked++;
    if (finder.has_any)
        finder.trust = f.trust;
    return finder.result;
}

static void test_anchors_that_are_found_when_they_are_wanted(void **state)
{
    (void)state;
    memset(&finder, 0, sizeof finder);
    f.config.tls.trust = &finder.trust;
    f.config.tls.find_anchors = find_anchors;
    f.config.tls.find_anchors_context = &finder;
    f.config.retries = 0;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_NOT_VERIFIED);
    assert_in_range(finder.asked, 1, 3);
    finder.result = MMD_ERR_MEMORY;
    (void)RUN(LOST);
    assert_int_equal(f.close.verdict.error, MMD_ERR_MEMORY);
    assert_int_equal(f.close.delivery, MMD_NOT_SENT);
    assert_int_equal(request_count, 0);
    finder.result = MMD_OK;
    finder.has_any = true;
    assert_int_equal(RUN(GIVES(TOKEN_1), NO_CONTENT), MMD_OUTCOME_CLOSED);
}

static char stages[16];

static void note_stage(void *context, enum mmd_stage stage, unsigned attempt)
{
    size_t at = strlen(stages);

    assert_ptr_equal(context, &f);
    assert_true(at + 2 < sizeof stages);
    stages[at] = mmd_stage_name(stage)[0];
    stages[at + 1] = (char)('0' + attempt);
}

/* The blocking helper; who hears of each stage; the token server on a port of its own; a wait for
 * bytes that are random but cannot be drawn. */
static void test_to_the_end_at_once(void **state)
{
    static struct mmd_port other;

    (void)state;
    other = f.port;
    stages[0] = '\0';
    f.config.token_port = &other;
    f.config.on_stage = note_stage;
    f.config.on_stage_context = &f;
    f.server.script = (const char *const[]){GIVES(TOKEN_1), ERROR("503", "busy"), NO_CONTENT};
    mmd_close_start(&f.close, &f.config, &f.token, &f.closing, f.buf, sizeof f.buf);
    assert_int_equal(mmd_close_run(&f.close), MMD_OK);
    assert_string_equal(stages, "t1s1w1s2");
    assert_ptr_equal(mmd_close_port(&f.close), &f.port);
    f.server.script = (const char *const[]){ERROR("404", "none")};
    mmd_close_next(&f.close, &f.closing);
    assert_int_equal(mmd_close_run(&f.close), MMD_ERR_STATUS);
    mmd_close_cancel(&f.close); /* of nothing */
    assert_int_equal(f.close.outcome, MMD_OUTCOME_NO_SUCH_REQUEST);
    assert_string_equal(mmd_stage_name(MMD_STAGE_PROXY), "proxy");
    assert_string_equal(mmd_stage_name((enum mmd_stage)99), "none");
}

/* Cancelled while a token, or a signature, is awaited. */
static void test_cancelled_while_an_owner_is_asked(void **state)
{
    (void)state;
    f.config.credential = NULL;
    f.config.fetch = fetch;
    f.config.fetch_context = &f;
    f.fetch_pending = 1000;
    f.cancel_at = 5;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_TRY_LATER);
    assert_int_equal(f.close.verdict.error, MMD_ERR_TIMEOUT);
    f.config.credential = &f.credential;
    use_certificate();
    sign_pending = 1000;
    assert_int_equal(RUN(LOST), MMD_OUTCOME_TRY_LATER);
    assert_int_equal(request_count, 0);
}

/* Fault 662: an allocation fails, each in its turn (of 17 one, unless all is tested), while a token
 * is got by a certificate and the request is closed -> said so, or closed; nothing is left */
static void test_each_allocation(void **state)
{
    const unsigned long step = getenv("MMDCLOSE_WHOLE") != NULL ? 1 : 17;
    unsigned long k = 1, failed = 0;

    (void)state;
    use_certificate();
    f.config.retries = 0;
    for (;; k += step) {
        allocator.calls = 0;
        allocator.happened = false;
        allocator.at = k;
        enum mmd_outcome outcome = run_with_fault(SCRIPTED_NONE, 0);
        allocator.at = 0;
        if (k == 1)
            f.base = pool->used; /* what PSA keeps for good */
        bool is_said = f.close.verdict.error == MMD_ERR_MEMORY;
        assert_true(is_said || outcome == MMD_OUTCOME_CLOSED ||
                    f.close.client.result.delivery == MMD_ANSWERED);
        failed += is_said;
        if (!allocator.happened)
            break;
    }
    assert_int_equal(f.close.outcome, MMD_OUTCOME_CLOSED);
    assert_true(failed > 100 / step);
}

/* Fault 659: cancelled before each step -> over at once, nothing is left */
static void test_cancelled(void **state)
{
    int k = 0;

    (void)state;
    f.config.retries = 1;
    do {
        mmd_token_forget(&f.token);
        request_count = 0;
        f.cancel_at = k++;
        (void)RUN(GIVES(TOKEN_1), ERROR("503", "busy"), NO_CONTENT);
        assert_true(f.close.outcome == MMD_OUTCOME_CLOSED ||
                    f.close.outcome == MMD_OUTCOME_TRY_LATER);
    } while (f.close.outcome != MMD_OUTCOME_CLOSED);
    assert_true(k > 20);
}

/* Fault 660: each call of the port fails, ends, says "not yet" or gives a byte at a time, through
 * all stages -> closed by one more try; random bytes that fail -> said so, or closed */
static void test_each_call(void **state)
{
    (void)state;
    use_certificate();
    f.config.retries = 1;
    for (enum scripted_fault fault = SCRIPTED_FAIL; fault <= SCRIPTED_ENTROPY; fault++) {
        unsigned long k = 0;
        if (fault == SCRIPTED_STALL)
            continue; /* test_the_deadlines */
        do {
            enum mmd_outcome outcome = run_with_fault(fault, ++k);
            assert_true(outcome == MMD_OUTCOME_CLOSED ||
                        (fault == SCRIPTED_ENTROPY &&
                         (outcome == MMD_OUTCOME_INTERNAL || outcome == MMD_OUTCOME_NO_TOKEN)));
        } while (f.scripted.happened);
        assert_true(k > 4);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(test_a_secret_gets_a_token_that_closes),
        TEST(test_the_token_is_kept),
        TEST(test_a_401_renews_the_token_once),
        TEST(test_a_token_that_is_not_renewed),
        TEST(test_errors_of_the_token_server),
        TEST(test_a_token_that_does_not_fit),
        TEST(test_another_source_of_tokens),
        TEST(test_a_source_that_has_none),
        TEST(test_only_a_token),
        TEST(test_only_a_token_of_another_source),
        TEST(test_a_certificate_gets_a_token),
        TEST(test_a_buffer_without_room_for_an_assertion),
        TEST(test_a_signature_that_is_not_right),
        TEST(test_what_passes_is_tried_again),
        TEST(test_what_is_final_is_not),
        TEST(test_a_lost_response),
        TEST(test_a_long_response_is_forgotten),
        TEST(test_the_server_says_when),
        TEST(test_the_deadlines),
        TEST(test_several_on_one_connection),
        TEST(test_a_repeated_closing_counts),
        TEST(test_another_host_than_the_kept_ones),
        TEST(test_what_cannot_be_used),
        TEST(test_what_cannot_begin),
        TEST(test_anchors_that_are_found_when_they_are_wanted),
        TEST(test_to_the_end_at_once),
        TEST(test_cancelled_while_an_owner_is_asked),
        TEST(test_each_allocation),
        TEST(test_cancelled),
        TEST(test_each_call),
    };

    pool = mmd_tls_pool_init(pool_memory, sizeof pool_memory);
    return cmocka_run_group_tests_name("close", tests, NULL, NULL);
}
