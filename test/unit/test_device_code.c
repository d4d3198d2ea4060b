/* SPDX-License-Identifier: MIT */
/* Tests of the device-code flow: both requests to the byte, what is refused; what any response
 * gives, whole and cut; and what follows from a poll. Every string ends at a guard page, as does
 * the buffer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mmdclose/device_code.h"
#include "mmdclose/version.h"

#define ID      "9a1b2c3d-0000-4111-8222-333344445555"
#define CLIENT  "11112222-3333-4444-5555-666677778888"
#define REQUEST "00010203-0405-4607-8809-0a0b0c0d0e0f"
#define CODE    "GMMhmHCXhWEzkobqIHGG_EnNYYsAkukHspeYUk9E8"
#define NOW     1767225600

static struct guard field_memory[6], out_memory, body_memory;

static int open_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof field_memory / sizeof *field_memory; i++)
        field_memory[i] = guard_open(4096);
    out_memory = guard_open(32768);
    body_memory = guard_open(32768);
    return 0;
}

/* ---- the requests ---- */

/* What both are written from; without a device code, the request for one. */
struct request {
    struct mmd_credential credential;
    const char *device_code, *client_request_id;
};

static const struct request plain = {
    {.host = "login.microsoftonline.com",
     .port = 443,
     .tenant_id = ID,
     .client_id = CLIENT,
     .scope = MMD_DEVICE_SCOPE},
    NULL,
    REQUEST,
};

static struct request guarded(struct request r)
{
    const char **fields[] = {&r.credential.host,  &r.credential.tenant_id, &r.credential.client_id,
                             &r.credential.scope, &r.device_code,          &r.client_request_id};

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (*fields[i] != NULL)
            *fields[i] = guard_text(&field_memory[i], *fields[i]);
    return r;
}

static struct request poll_with(const char *device_code)
{
    struct request r = plain;

    r.device_code = device_code;
    return guarded(r);
}

static int write_to(char *buf, size_t cap, const struct request *r, struct mmd_token_info *info)
{
    memset(info, 0x5A, sizeof *info);
    if (r->device_code == NULL)
        return mmd_device_code_write(buf, cap, &r->credential, r->client_request_id, info);
    return mmd_device_poll_write(buf, cap, &r->credential, r->device_code, r->client_request_id,
                                 info);
}

static char *write_message(const struct request *r)
{
    struct mmd_token_info info;
    char *buf = guard_room(&out_memory, out_memory.size);
    int len = write_to(buf, out_memory.size - 1, r, &info);

    assert_true(len > 0);
    assert_int_equal(info.needed, len);
    assert_int_equal(info.field, MMD_TOKEN_FIELD_NONE);
    buf[len] = '\0';
    assert_int_equal(strlen(buf), len);
    return buf;
}

static void expect_message(const struct request *r, const char *path, const char *form)
{
    char expected[2048];

    snprintf(expected, sizeof expected,
             "POST %s HTTP/1.1\r\n"
             "Host: login.microsoftonline.com\r\n"
             "Accept: application/json\r\n"
             "Accept-Encoding: identity\r\n"
             "Content-Type: application/x-www-form-urlencoded\r\n"
             "User-Agent: mmdclose/" MMD_VERSION "\r\n"
             "client-request-id: " REQUEST "\r\n"
             "Connection: close\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             path, strlen(form), form);
    assert_string_equal(write_message(r), expected);
}

static void expect_refused(const struct request *r, enum mmd_token_field field, enum mmd_rule rule,
                           size_t offset)
{
    struct mmd_token_info info, checked;
    int result = write_to(guard_room(&out_memory, 16384), 16384, r, &info);

    if (result != MMD_ERR_INPUT || info.field != field || info.fault.rule != rule ||
        info.fault.offset != offset || info.needed != 0)
        fail_msg("field %d, rule %d, offset %zu: got %d, field %d, rule %d, offset %zu", field,
                 rule, offset, result, info.field, info.fault.rule, info.fault.offset);
    bool is_credential = field < MMD_TOKEN_FIELD_CLIENT_REQUEST_ID;
    assert_int_equal(mmd_device_check(&r->credential, &checked),
                     is_credential ? MMD_ERR_INPUT : MMD_OK);
    if (is_credential)
        assert_memory_equal(&checked, &info, sizeof info);
}

#define FORM_OF_POLL                                                                               \
    "client_id=" CLIENT "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"       \
    "&device_code="

static void test_whole_messages(void **state)
{
    struct request r = guarded(plain);

    (void)state;
    expect_message(&r, "/" ID "/oauth2/v2.0/devicecode",
                   "client_id=" CLIENT "&scope=https%3A%2F%2Fmwaas-services-customerapi-prod."
                   "azurewebsites.net%2FMWaaSDevice.Read");
    r = poll_with(CODE);
    expect_message(&r, "/" ID "/oauth2/v2.0/token", FORM_OF_POLL CODE);
}

/* Fault 900: a token endpoint with a path of its own -> codes come from "devicecode" beside it */
static void test_paths(void **state)
{
    static const struct {
        const char *token, *code;
    } table[] = {
        {"/adfs/oauth2/token", "/adfs/oauth2/devicecode"},
        {"/token", "/devicecode"},
        {"/", "/devicecode"},
        {"/a/b/", "/a/b/devicecode"},
        {"//", "//devicecode"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct request r = plain;
        r.credential.path = table[i].token;
        r.credential.tenant_id = NULL;
        r = guarded(r);
        expect_message(&r, table[i].code,
                       "client_id=" CLIENT "&scope=https%3A%2F%2Fmwaas-services-customerapi-prod."
                       "azurewebsites.net%2FMWaaSDevice.Read");
        r.device_code = guard_text(&field_memory[4], CODE);
        expect_message(&r, table[i].token, FORM_OF_POLL CODE);
    }
}

/* Secret and certificate are not looked at: one that could not be used is no fault. */
static void test_a_secret_does_not_count(void **state)
{
    struct request r = plain;

    (void)state;
    r.credential.client_secret = "";
    r = guarded(r);
    assert_null(strstr(write_message(&r), "secret"));
}

/* Fault 901: a buffer for either request that is too small by any number of bytes -> refused, the
 * size needed is reported, nothing is written beyond the buffer */
static void test_every_capacity(void **state)
{
    char whole[2048];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct request r = i == 0 ? guarded(plain) : poll_with(CODE);
        struct mmd_token_info info;
        size_t needed = strlen(strcpy(whole, write_message(&r)));
        for (size_t cap = 0; cap <= needed + 9; cap++) {
            char *buf = guard_room(&out_memory, cap);
            int result = write_to(cap == 0 ? NULL : buf, cap, &r, &info);
            assert_int_equal(result, cap < needed ? MMD_ERR_CAPACITY : (int)needed);
            assert_int_equal(info.needed, needed);
            assert_true(guard_intact(&out_memory, cap));
            if (cap >= needed)
                assert_memory_equal(buf, whole, needed);
        }
    }
}

/* Fault 902: a field of the credential that cannot be used -> neither request is written */
static void test_wrong_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct request r = i == 0 ? guarded(plain) : poll_with("\n");
        const struct request right = r;
        r.credential.host = "\x7F";
        r.credential.path = "token";
        r.credential.client_id = "..";
        r.credential.scope = "";
        r.client_request_id = "a b";
        expect_refused(&r, MMD_TOKEN_FIELD_HOST, MMD_RULE_CHARACTER, 0);
        r.credential.host = right.credential.host;
        expect_refused(&r, MMD_TOKEN_FIELD_PATH, MMD_RULE_CHARACTER, 0);
        r.credential.path = NULL;
        r.credential.tenant_id = "";
        expect_refused(&r, MMD_TOKEN_FIELD_TENANT_ID, MMD_RULE_EMPTY, 0);
        r.credential.tenant_id = right.credential.tenant_id;
        expect_refused(&r, MMD_TOKEN_FIELD_CLIENT_ID, MMD_RULE_DOTS, 2);
        r.credential.client_id = right.credential.client_id;
        expect_refused(&r, MMD_TOKEN_FIELD_SCOPE, MMD_RULE_EMPTY, 0);
        r.credential.scope = right.credential.scope;
        expect_refused(&r, MMD_TOKEN_FIELD_CLIENT_REQUEST_ID, MMD_RULE_CHARACTER, 1);
    }
}

/* Fault 903: a device code with any byte at any place, or of none, 2048 and 2049 characters -> sent
 * if it is visible ASCII, percent-encoded; else refused */
static void test_device_codes(void **state)
{
    char code[MMD_DEVICE_CODE_MAX + 2];

    (void)state;
    for (size_t at = 0; at < 4; at++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[] = "aaaa";
            text[at] = (char)byte;
            struct request r = poll_with(text);
            if (byte == 0 && at == 0)
                expect_refused(&r, MMD_TOKEN_FIELD_DEVICE_CODE, MMD_RULE_EMPTY, 0);
            else if (byte == 0 || (byte > 0x20 && byte < 0x7F))
                write_message(&r);
            else
                expect_refused(&r, MMD_TOKEN_FIELD_DEVICE_CODE, MMD_RULE_CHARACTER, at);
        }
    }
    struct request r = poll_with("a&b=c%d+e");
    expect_message(&r, "/" ID "/oauth2/v2.0/token", FORM_OF_POLL "a%26b%3Dc%25d%2Be");
    memset(code, '&', sizeof code);
    code[MMD_DEVICE_CODE_MAX + 1] = '\0';
    r = poll_with(code);
    expect_refused(&r, MMD_TOKEN_FIELD_DEVICE_CODE, MMD_RULE_LENGTH, MMD_DEVICE_CODE_MAX);
    code[MMD_DEVICE_CODE_MAX] = '\0';
    r = poll_with(code);
    assert_in_range(strlen(write_message(&r)), 3 * MMD_DEVICE_CODE_MAX, 8192);
}

static void test_no_device_code(void **state)
{
    struct request r = guarded(plain);
    struct mmd_token_info info;

    (void)state;
    assert_int_equal(
        mmd_device_poll_write(NULL, 0, &r.credential, NULL, r.client_request_id, &info),
        MMD_ERR_INPUT);
    assert_int_equal(info.field, MMD_TOKEN_FIELD_DEVICE_CODE);
    assert_int_equal(info.fault.rule, MMD_RULE_EMPTY);
}

/* ---- the code ---- */

#define URI "https://microsoft.com/devicelogin"

static struct mmd_result answered(uint16_t status, const char *body, size_t len, bool cut)
{
    struct mmd_result result = MMD_RESULT_NONE;

    result.delivery = MMD_ANSWERED;
    result.status = status;
    result.body = guard_put(&body_memory, body, len);
    result.body_len = len;
    result.body_cut = cut;
    return result;
}

static void expect_within(const char *text, const struct mmd_result *result)
{
    if (*text != '\0')
        assert_true(text >= result->body && text + strlen(text) < result->body + result->body_len);
}

/* Judges, and checks what holds for any verdict. */
static struct mmd_token_verdict judge(struct mmd_device_code *code, const struct mmd_result *result)
{
    struct mmd_token_verdict v;

    memset(&v, 0x5A, sizeof v);
    memset(code, 0x5A, sizeof *code);
    mmd_device_code_judge(code, &v, result);
    assert_true(guard_intact(&body_memory, result->body_len));
    expect_within(code->device_code, result);
    expect_within(code->user_code, result);
    expect_within(code->verification_uri, result);
    expect_within(v.code, result);
    expect_within(v.message, result);
    assert_string_equal(v.token, "");
    assert_int_equal(v.outcome == MMD_OUTCOME_CLOSED, v.error == MMD_OK);
    assert_int_equal(code->device_code[0] != '\0', v.error == MMD_OK);
    assert_int_equal(code->user_code[0] != '\0', v.error == MMD_OK);
    assert_int_equal(code->verification_uri[0] != '\0', v.error == MMD_OK);
    assert_in_range(code->lifetime_s, 1, MMD_DEVICE_LIFETIME_MAX);
    assert_in_range(code->interval_s, 1, MMD_DEVICE_LIFETIME_MAX);
    return v;
}

static struct mmd_device_code expect_code(const char *body)
{
    struct mmd_result result = answered(200, body, strlen(body), false);
    struct mmd_device_code code;
    struct mmd_token_verdict v = judge(&code, &result);

    if (v.error != MMD_OK)
        fail_msg("%s: %d", body, v.error);
    assert_int_equal(v.cause, MMD_CAUSE_NONE);
    assert_string_equal(v.code, "");
    assert_string_equal(v.message, "");
    return code;
}

static void expect_error(uint16_t status, const char *body, int error, enum mmd_outcome outcome,
                         enum mmd_cause cause)
{
    struct mmd_result result = answered(status, body, strlen(body), false);
    struct mmd_device_code code;
    struct mmd_token_verdict v = judge(&code, &result);

    if (v.error != error || v.outcome != outcome || v.cause != cause)
        fail_msg("%u %s: error %d, outcome %d, cause %d", status, body, v.error, v.outcome,
                 v.cause);
}

#define THREE(device, user, uri)                                                                   \
    "{\"user_code\":" user ",\"device_code\":" device ",\"verification_uri\":" uri

static void test_code(void **state)
{
    struct mmd_device_code code = expect_code(THREE(
        "\"" CODE "\"", "\"DJFGC45RA\"", "\"" URI "\"") ",\"expires_in\":1200,\"interval\":7,"
                                                        "\"message\":\"To sign in, use ...\"}");

    (void)state;
    assert_string_equal(code.device_code, CODE);
    assert_string_equal(code.user_code, "DJFGC45RA");
    assert_string_equal(code.verification_uri, URI);
    assert_int_equal(code.lifetime_s, 1200);
    assert_int_equal(code.interval_s, 7);
    code = expect_code(THREE("\"a\\u0062\"", "\"WDJB MJ-HT\"", "\"https:\\/\\/a\"") "}");
    assert_string_equal(code.device_code, "ab");
    assert_string_equal(code.user_code, "WDJB MJ-HT");
    assert_string_equal(code.verification_uri, "https://a");
    assert_int_equal(code.lifetime_s, 900);
    assert_int_equal(code.interval_s, 5);
}

/* Fault 904: the address as `verification_url`, as some servers call it -> used, but not before
 * `verification_uri` (RFC 8628, 3.2) */
static void test_other_name_of_the_address(void **state)
{
    struct mmd_device_code code =
        expect_code("{\"device_code\":\"a\",\"user_code\":\"b\",\"verification_url\":\"" URI "\"}");

    (void)state;
    assert_string_equal(code.verification_uri, URI);
    code = expect_code("{\"verification_url\":\"https://b\",\"device_code\":\"a\",\"user_code\":"
                       "\"b\",\"verification_uri\":\"https://a\"}");
    assert_string_equal(code.verification_uri, "https://a");
}

static const struct {
    const char *life, *interval;
    uint32_t lifetime_s, interval_s;
} times[] = {
    {"900", "5", 900, 5},
    {"\"900\"", "\"5\"", 900, 5},
    {"1", "1", 1, 1},
    /* Fault 905: `expires_in` of the device code as 0, a negative number, with a fraction, no
     * number, missing, above an hour -> 15 minutes; an hour (RFC 8628, 3.2) */
    {"0", "5", 900, 5},
    {"-900", "5", 900, 5},
    {"1.5", "5", 900, 5},
    {"9e2", "5", 900, 5},
    {"\"\"", "5", 900, 5},
    {"null", "5", 900, 5},
    {"[900]", "5", 900, 5},
    {"3600", "5", 3600, 5},
    {"3601", "5", 3600, 5},
    {"4294967296", "5", 3600, 5},
    {"4294967297", "5", 3600, 5},
    {"999999999999999999", "5", 3600, 5},
    {"1000000000000000000", "5", 900, 5},
    /* Fault 906: `interval` as 0, a negative number, no number, missing -> 5 s; above the code's
     * life -> no poll, never an earlier one (RFC 8628, 3.2) */
    {"900", "0", 900, 5},
    {"900", "-1", 900, 5},
    {"900", "\"soon\"", 900, 5},
    {"900", "null", 900, 5},
    {"900", "{}", 900, 5},
    {"900", "60", 900, 60},
    {"900", "600", 900, 600},
    {"900", "900", 900, 900},
    {"900", "901", 900, 900},
    {"900", "4294967297", 900, 900},
    {"900", "999999999999999999", 900, 900},
    {"3", "60", 3, 3},
    {"3", "0", 3, 5},
};

static void test_times(void **state)
{
    char body[256];

    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        snprintf(body, sizeof body,
                 THREE("\"a\"", "\"b\"", "\"https://c\"") ",\"interval\":%s,\"expires_in\":%s}",
                 times[i].interval, times[i].life);
        struct mmd_device_code code = expect_code(body);
        if (code.lifetime_s != times[i].lifetime_s || code.interval_s != times[i].interval_s)
            fail_msg("%s: %u s, every %u s", body, (unsigned)code.lifetime_s,
                     (unsigned)code.interval_s);
    }
}

/* Fault 907: any byte in the user code, the address or the device code -> taken if it is printable
 * ASCII, else something in between; nothing that a terminal obeys is shown */
static void test_every_byte(void **state)
{
    static const char *const forms[] = {
        THREE("\"a%cz\"", "\"b\"", "\"https://c\"") "}",
        THREE("\"a\"", "\"b%cz\"", "\"https://c\"") "}",
        THREE("\"a\"", "\"b\"", "\"https://c%cz\"") "}",
    };
    char body[256];

    (void)state;
    for (size_t f = 0; f < 3; f++) {
        for (int byte = 1; byte < 256; byte++) {
            if (byte == '"' || byte == '\\')
                continue;
            snprintf(body, sizeof body, forms[f], byte);
            if ((byte > 0x20 && byte < 0x7F) || (byte == 0x20 && f == 1))
                expect_code(body);
            else
                expect_error(200, body, MMD_ERR_GATEWAY, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_BETWEEN);
        }
    }
}

/* Fault 908: a success without a code that can be used: empty, blank, HTML, no object, a member
 * that is missing, empty, no string, has an escaped control character, an address that is not https
 * -> something in between, passing */
static void test_no_code(void **state)
{
    static const char *const bodies[] = {
        "",
        " \r\n",
        "<html>sign in</html>",
        "null",
        "[]",
        "{}",
        "{\"error\":\"invalid_client\"}",
        "{\"access_token\":\"a\"}",
        "{\"user_code\":\"b\",\"verification_uri\":\"https://c\"}",
        "{\"device_code\":\"a\",\"verification_uri\":\"https://c\"}",
        "{\"device_code\":\"a\",\"user_code\":\"b\"}",
        THREE("\"\"", "\"b\"", "\"https://c\"") "}",
        THREE("\"a\"", "\"\"", "\"https://c\"") "}",
        THREE("\"a\"", "\"b\"", "\"\"") "}",
        THREE("1", "\"b\"", "\"https://c\"") "}",
        THREE("\"a\"", "123456", "\"https://c\"") "}",
        THREE("\"a\"", "\"b\"", "null") "}",
        THREE("[\"a\"]", "\"b\"", "\"https://c\"") "}",
        THREE("\"a\"", "{\"x\":\"b\"}", "\"https://c\"") "}",
        THREE("\"a\\u0000\"", "\"b\"", "\"https://c\"") "}",
        THREE("\"a\"", "\"b\\u001b[2J\"", "\"https://c\"") "}",
        THREE("\"a\"", "\"b\\r\\nOr call 555\"", "\"https://c\"") "}",
        THREE("\"a\"", "\"b\\u202e\"", "\"https://c\"") "}",
        THREE("\"a\"", "\"b\\u009b\"", "\"https://c\"") "}",
        THREE("\"a\"", "\"b\"", "\"https://c d\"") "}",
        THREE("\"a\"", "\"b\"", "\"https://\\u0441\"") "}",
        THREE("\"a\"", "\"b\"", "\"https://\"") "}",
        THREE("\"a\"", "\"b\"", "\"https:/c\"") "}",
        THREE("\"a\"", "\"b\"", "\"http://c\"") "}",
        THREE("\"a\"", "\"b\"", "\"HTTPS://c\"") "}",
        THREE("\"a\"", "\"b\"", "\" https://c\"") "}",
        THREE("\"a\"", "\"b\"", "\"javascript:c\"") "}",
        THREE("\"a\"", "\"b\"", "\"c\"") "}",
        THREE("\"a\"", "\"b\"", "\"https://c\",\"verification_uri\":\"http://c\"") "}",
        THREE("\"a\"", "\"b\"", "\"https://c\"") "",
        THREE("\"a\"", "\"b\"", "\"https://c\"") "}x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        expect_error(200, bodies[i], MMD_ERR_GATEWAY, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_BETWEEN);
    for (uint16_t status = 201; status < 300; status++)
        expect_error(status, THREE("\"a\"", "\"b\"", "\"https://c\"") "}", MMD_ERR_GATEWAY,
                     MMD_OUTCOME_TRY_LATER, MMD_CAUSE_BETWEEN);
}

static bool fits(size_t device, size_t user, size_t uri)
{
    static char texts[3][4096], body[16384];
    const size_t lengths[] = {device, user, uri};

    for (size_t i = 0; i < 3; i++) {
        memset(texts[i], 'a', lengths[i]);
        texts[i][lengths[i]] = '\0';
    }
    memcpy(texts[2], "https://", 8);
    snprintf(body, sizeof body, THREE("\"%s\"", "\"%s\"", "\"%s\"") "}", texts[1], texts[0],
             texts[2]);
    struct mmd_result result = answered(200, body, strlen(body), false);
    struct mmd_device_code code;
    return judge(&code, &result).error == MMD_OK;
}

/* Fault 909: a device code, user code or address of its greatest length, of one more -> taken;
 * something in between */
static void test_lengths(void **state)
{
    (void)state;
    assert_true(fits(MMD_DEVICE_CODE_MAX, MMD_DEVICE_USER_MAX, MMD_DEVICE_URI_MAX));
    assert_false(fits(MMD_DEVICE_CODE_MAX + 1, MMD_DEVICE_USER_MAX, MMD_DEVICE_URI_MAX));
    assert_false(fits(MMD_DEVICE_CODE_MAX, MMD_DEVICE_USER_MAX + 1, MMD_DEVICE_URI_MAX));
    assert_false(fits(MMD_DEVICE_CODE_MAX, MMD_DEVICE_USER_MAX, MMD_DEVICE_URI_MAX + 1));
    assert_true(fits(1, 1, 9));
}

/* Fault 910: a response with a code that the buffer cuts at any byte -> the code if all three texts
 * are whole, else something in between; never a part of one */
static void test_cut_responses(void **state)
{
    static const char body[] = THREE("\"" CODE "\"", "\"DJFGC45RA\"",
                                     "\"" URI "\"") ",\"expires_in\":1200,\"interval\":7}";
    size_t whole = (size_t)(strstr(body, URI) - body) + sizeof URI;

    (void)state;
    for (size_t n = 0; n < sizeof body - 1; n++) {
        struct mmd_result result = answered(200, body, n, true);
        struct mmd_device_code code;
        struct mmd_token_verdict v = judge(&code, &result);
        assert_int_equal(v.error, n >= whole ? MMD_OK : MMD_ERR_GATEWAY);
        if (n < whole)
            continue;
        assert_string_equal(code.device_code, CODE);
        assert_string_equal(code.user_code, "DJFGC45RA");
        assert_string_equal(code.verification_uri, URI);
        assert_true(code.lifetime_s == 1200 || code.lifetime_s == MMD_DEVICE_LIFETIME_DEFAULT);
        assert_true(code.interval_s == 7 || code.interval_s == MMD_DEVICE_INTERVAL_DEFAULT);
    }
}

/* Fault 911: the request for a code is refused, is answered by a coding that was not asked for, an
 * overload, a redirect, a login page, or not at all -> judged as one for a token */
static void test_errors(void **state)
{
    static const char refused[] =
        "{\"error\":\"unauthorized_client\",\"error_description\":\"AADSTS700016: No.\"}";
    struct mmd_result result = answered(400, refused, sizeof refused - 1, false);
    struct mmd_device_code code;
    struct mmd_token_verdict v = judge(&code, &result);

    (void)state;
    assert_int_equal(v.error, MMD_ERR_TOKEN_REFUSED);
    assert_int_equal(v.outcome, MMD_OUTCOME_NOT_AUTHORISED);
    assert_string_equal(v.code, "unauthorized_client");
    assert_string_equal(v.message, "AADSTS700016: No.");
    expect_error(503, "busy", MMD_ERR_STATUS, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_BETWEEN);
    expect_error(302, "", MMD_ERR_REDIRECT, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_BETWEEN);
    expect_error(403, "<html>", MMD_ERR_GATEWAY, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_BETWEEN);
    result = answered(200, "x", 1, false);
    result.coded = true;
    assert_int_equal(judge(&code, &result).error, MMD_ERR_CODED);
    result = answered(0, "", 0, false);
    result.delivery = MMD_NOT_SENT;
    result.error = MMD_ERR_NAME;
    v = judge(&code, &result);
    assert_int_equal(v.error, MMD_ERR_NAME);
    assert_int_equal(v.outcome, MMD_OUTCOME_TRY_LATER);
}

/* ---- after a poll ---- */

static enum mmd_device_next after_result(const struct mmd_result *result)
{
    struct mmd_token_verdict v;

    mmd_token_judge(&v, result, NOW);
    return mmd_device_next_of(&v);
}

static enum mmd_device_next after(uint16_t status, const char *body, int64_t date)
{
    struct mmd_result result = answered(status, body, strlen(body), false);

    result.date = date;
    return after_result(&result);
}

static const struct {
    uint16_t status;
    const char *body;
    enum mmd_device_next next;
} answers[] = {
    {200, "{\"access_token\":\"a\"}", MMD_DEVICE_SIGNED_IN},
    /* Fault 912: `authorization_pending`, `slow_down` -> polled again, after a longer interval
     * (RFC 8628, 3.5) */
    {400, "{\"error\":\"authorization_pending\"}", MMD_DEVICE_POLL},
    {400, "{\"error\":\"slow_down\"}", MMD_DEVICE_SLOWER},
    {429, "{\"error\":\"slow_down\"}", MMD_DEVICE_SLOWER},
    /* Fault 913: `authorization_declined`, `access_denied`, `expired_token`,
     * `bad_verification_code` -> the code is spent (RFC 8628, 3.5) */
    {400, "{\"error\":\"authorization_declined\"}", MMD_DEVICE_DECLINED},
    {400, "{\"error\":\"access_denied\"}", MMD_DEVICE_DECLINED},
    {403, "{\"error\":\"access_denied\"}", MMD_DEVICE_DECLINED},
    {400, "{\"error\":\"expired_token\"}", MMD_DEVICE_EXPIRED},
    {400, "{\"error\":\"bad_verification_code\"}", MMD_DEVICE_UNKNOWN},
    /* Fault 914: another error of the token server in a poll -> for good, as of any token */
    {400, "{\"error\":\"invalid_grant\"}", MMD_DEVICE_FAILED},
    {401, "{\"error\":\"invalid_client\"}", MMD_DEVICE_FAILED},
    {400, "{\"error\":\"\"}", MMD_DEVICE_FAILED},
    /* Fault 915: a poll is answered by somebody in between, who may use the same words -> polled
     * again */
    {407, "{\"error\":\"access_denied\"}", MMD_DEVICE_POLL},
    {503, "{\"error\":\"access_denied\"}", MMD_DEVICE_POLL},
    {400, "{\"code\":\"access_denied\"}", MMD_DEVICE_POLL},
    {400, "{\"error\":{\"code\":\"expired_token\"}}", MMD_DEVICE_POLL},
    {403, "<html>access_denied</html>", MMD_DEVICE_POLL},
    {200, "<html>sign in</html>", MMD_DEVICE_POLL},
    {200, "{}", MMD_DEVICE_POLL},
    {302, "", MMD_DEVICE_POLL},
    {502, "", MMD_DEVICE_POLL},
};

static void test_after_a_poll(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (after(answers[i].status, answers[i].body, -1) != answers[i].next)
            fail_msg("%u %s", answers[i].status, answers[i].body);
}

/* A response whose date is not ours says the same. */
static void test_another_clock(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        assert_int_equal(after(answers[i].status, answers[i].body, NOW + 3600), answers[i].next);
}

/* Fault 916: a poll that fails in the network, of any kind -> polled again; after a timeout less
 * often (RFC 8628, 3.5); a server that cannot be verified -> for good */
static void test_after_a_failure(void **state)
{
    static const int passing[] = {MMD_ERR_NAME,     MMD_ERR_LOOKUP,    MMD_ERR_CONNECT,
                                  MMD_ERR_NETWORK,  MMD_ERR_EMPTY,     MMD_ERR_TRUNCATED,
                                  MMD_ERR_PROTOCOL, MMD_ERR_PROXY_AUTH};
    static const int final[] = {MMD_ERR_CERT_NAME, MMD_ERR_CERT_ISSUER, MMD_ERR_MEMORY,
                                MMD_ERR_INPUT, MMD_ERR_TRUST};
    struct mmd_result result = MMD_RESULT_NONE;

    (void)state;
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        result.error = passing[i];
        assert_int_equal(after_result(&result), MMD_DEVICE_POLL);
    }
    for (size_t i = 0; i < sizeof final / sizeof *final; i++) {
        result.error = final[i];
        assert_int_equal(after_result(&result), MMD_DEVICE_FAILED);
    }
    result.error = MMD_ERR_TIMEOUT;
    assert_int_equal(after_result(&result), MMD_DEVICE_SLOWER);
    result.delivery = MMD_MAYBE_SENT;
    assert_int_equal(after_result(&result), MMD_DEVICE_SLOWER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_messages),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_a_secret_does_not_count),
        cmocka_unit_test(test_every_capacity),
        cmocka_unit_test(test_wrong_fields),
        cmocka_unit_test(test_device_codes),
        cmocka_unit_test(test_no_device_code),
        cmocka_unit_test(test_code),
        cmocka_unit_test(test_other_name_of_the_address),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_no_code),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_cut_responses),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_after_a_poll),
        cmocka_unit_test(test_another_clock),
        cmocka_unit_test(test_after_a_failure),
    };

    return cmocka_run_group_tests(tests, open_memory, NULL);
}
