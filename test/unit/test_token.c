/* SPDX-License-Identifier: MIT */
/* Tests of tokens: the request to the byte, what is refused, by which rule and where; the
 * assertion, decoded again; what any response means, whole and cut; and the cache. Every string
 * ends at a guard page, as does the buffer. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mmdclose/token.h"
#include "mmdclose/version.h"
#include "reference.h"

#define ID        "9a1b2c3d-0000-4111-8222-333344445555"
#define CLIENT    "11112222-3333-4444-5555-666677778888"
#define REQUEST   "00010203-0405-4607-8809-0a0b0c0d0e0f"
#define ASSERTION "eyJhbGciOiJQUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln-_"
#define FIELDS    (MMD_TOKEN_FIELD_CLIENT_REQUEST_ID + 1)

static struct guard field_memory[FIELDS], out_memory, body_memory;

static int open_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIELDS; i++)
        field_memory[i] = guard_open(4096);
    out_memory = guard_open(65536);
    body_memory = guard_open(65536);
    return 0;
}

static int never_sign(void *context, const uint8_t sha256[MMD_SHA256_LEN], uint8_t *out, size_t cap)
{
    (void)context;
    (void)sha256;
    (void)out;
    (void)cap;
    return MMD_ERR_SIGN;
}

/* ---- the request ---- */

/* What mmd_token_write is called with. */
struct request {
    struct mmd_credential credential;
    const char *assertion, *client_request_id;
};

static const struct request plain = {
    {.host = "login.microsoftonline.com",
     .port = 443,
     .tenant_id = ID,
     .client_id = CLIENT,
     .scope = MMD_TOKEN_SCOPE,
     .client_secret = "a~b c&d=e+f%g\xC3\xA9"},
    NULL,
    REQUEST,
};

static const char golden_head[] = "POST /" ID "/oauth2/v2.0/token HTTP/1.1\r\n"
                                  "Host: login.microsoftonline.com\r\n"
                                  "Accept: application/json\r\n"
                                  "Accept-Encoding: identity\r\n"
                                  "Content-Type: application/x-www-form-urlencoded\r\n"
                                  "User-Agent: mmdclose/" MMD_VERSION "\r\n"
                                  "client-request-id: " REQUEST "\r\n"
                                  "Connection: close\r\n";
#define GOLDEN_SCOPE "https%3A%2F%2Fmwaas-services-customerapi-prod.azurewebsites.net%2F.default"
static const char golden_form[] =
    "client_id=" CLIENT "&scope=" GOLDEN_SCOPE "&client_secret=a~b%20c%26d%3De%2Bf%25g%C3%A9"
    "&grant_type=client_credentials";
static const char golden_form_of_assertion[] =
    "client_id=" CLIENT "&scope=" GOLDEN_SCOPE "&client_assertion_type="
    "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
    "&client_assertion=" ASSERTION "&grant_type=client_credentials";

/* A request's text fields, by the number that errors call them. */
static const char **field_of(struct request *r, enum mmd_token_field field)
{
    switch (field) {
    case MMD_TOKEN_FIELD_HOST: return &r->credential.host;
    case MMD_TOKEN_FIELD_PATH: return &r->credential.path;
    case MMD_TOKEN_FIELD_TENANT_ID: return &r->credential.tenant_id;
    case MMD_TOKEN_FIELD_CLIENT_ID: return &r->credential.client_id;
    case MMD_TOKEN_FIELD_SCOPE: return &r->credential.scope;
    case MMD_TOKEN_FIELD_CLIENT_SECRET: return &r->credential.client_secret;
    case MMD_TOKEN_FIELD_ASSERTION: return &r->assertion;
    case MMD_TOKEN_FIELD_CLIENT_REQUEST_ID: return &r->client_request_id;
    default: return NULL;
    }
}

/* The same request with every string against a guard page. */
static struct request guarded(struct request r)
{
    for (enum mmd_token_field f = MMD_TOKEN_FIELD_HOST; f < FIELDS; f++) {
        const char **field = field_of(&r, f);
        if (field != NULL && *field != NULL)
            *field = guard_text(&field_memory[f], *field);
    }
    return r;
}

static struct request with_certificate(void)
{
    static const uint8_t der[] = {0x30, 0x00};
    struct request r = plain;

    r.credential.client_secret = NULL;
    r.credential.certificate = der;
    r.credential.certificate_len = sizeof der;
    r.credential.sign = never_sign;
    r.assertion = ASSERTION;
    return guarded(r);
}

/* A request in which this field is used. */
static struct request with(enum mmd_token_field field)
{
    struct request r = plain;

    if (field == MMD_TOKEN_FIELD_ASSERTION)
        return with_certificate();
    if (field == MMD_TOKEN_FIELD_PATH)
        r.credential.path = "/token";
    return guarded(r);
}

static int write_to(char *buf, size_t cap, const struct request *r, struct mmd_token_info *info)
{
    memset(info, 0x5A, sizeof *info);
    return mmd_token_write(buf, cap, &r->credential, r->assertion, r->client_request_id, info);
}

/* Writes into a large buffer, and returns the message as a string. */
static char *write_message(const struct request *r)
{
    struct mmd_token_info info;
    char *buf = guard_room(&out_memory, out_memory.size);
    int len = write_to(buf, out_memory.size - 1, r, &info);

    assert_true(len > 0);
    assert_int_equal(info.needed, len);
    assert_int_equal(info.field, MMD_TOKEN_FIELD_NONE);
    assert_int_equal(info.fault.rule, MMD_RULE_NONE);
    buf[len] = '\0';
    assert_int_equal(strlen(buf), len);
    return buf;
}

static void expect_message(const struct request *r, const char *head, const char *form)
{
    char expected[2048];
    int len = snprintf(expected, sizeof expected, "%sContent-Length: %zu\r\n\r\n%s", head,
                       strlen(form), form);

    assert_in_range(len, 1, sizeof expected - 1);
    assert_string_equal(write_message(r), expected);
}

static void expect_refused(const struct request *r, enum mmd_token_field field, enum mmd_rule rule,
                           size_t offset)
{
    struct mmd_token_info info, checked;
    int result = write_to(guard_room(&out_memory, 32768), 32768, r, &info);

    if (result != MMD_ERR_INPUT || info.field != field || info.fault.rule != rule ||
        info.fault.offset != offset)
        fail_msg("field %d, rule %d, offset %zu: got %d, field %d, rule %d, offset %zu", field,
                 rule, offset, result, info.field, info.fault.rule, info.fault.offset);
    assert_int_equal(info.needed, 0);
    if (field >= MMD_TOKEN_FIELD_ASSERTION) {
        assert_int_equal(mmd_credential_check(&r->credential, &checked), MMD_OK);
        return;
    }
    assert_int_equal(mmd_credential_check(&r->credential, &checked), MMD_ERR_INPUT);
    assert_memory_equal(&checked, &info, sizeof info);
}

static void expect_accepted(const struct request *r)
{
    struct mmd_token_info info;
    int result = write_to(guard_room(&out_memory, 32768), 32768, r, &info);

    if (result < 0 || info.field != MMD_TOKEN_FIELD_NONE || info.fault.rule != MMD_RULE_NONE)
        fail_msg("got %d, field %d, rule %d, offset %zu", result, info.field, info.fault.rule,
                 info.fault.offset);
    assert_int_equal(mmd_credential_check(&r->credential, &info), MMD_OK);
    assert_int_equal(info.field, MMD_TOKEN_FIELD_NONE);
}

static void test_whole_message(void **state)
{
    struct request r = guarded(plain);

    (void)state;
    expect_message(&r, golden_head, golden_form);
    r = with_certificate();
    expect_message(&r, golden_head, golden_form_of_assertion);
}

/* Fault 750: both a secret and a certificate are given -> the secret is used */
static void test_a_secret_comes_first(void **state)
{
    struct request r = with_certificate();

    (void)state;
    r.credential.client_secret = plain.credential.client_secret;
    expect_message(&r, golden_head, golden_form);
}

/* A national cloud, and an authority on a port of its own. */
static void test_path_and_port(void **state)
{
    static const char line[] =
        "POST /a/b;v=1/%7Etoken HTTP/1.1\r\nHost: login.microsoftonline.us:8443\r\nAccept: ";
    struct request r = plain;

    (void)state;
    r.credential.host = "login.microsoftonline.us";
    r.credential.port = 8443;
    r.credential.path = "/a/b;v=1/%7Etoken";
    r.credential.tenant_id = NULL;
    r = guarded(r);
    assert_memory_equal(write_message(&r), line, sizeof line - 1);
}

/* Fault 751: a buffer for the request that is too small by any number of bytes -> refused, the size
 * needed is reported, nothing is written beyond the buffer */
static void test_every_capacity(void **state)
{
    char whole[2048];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct request r = i == 0 ? guarded(plain) : with_certificate();
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

/* The assertion right after the bytes for the message, as one buffer for both has it. */
static void test_assertion_after_the_buffer(void **state)
{
    struct request r = with_certificate();
    struct mmd_token_info info;
    char whole[2048];

    (void)state;
    size_t needed = strlen(strcpy(whole, write_message(&r)));
    char *buf = guard_room(&out_memory, needed + sizeof ASSERTION);
    r.assertion = strcpy(buf + needed, ASSERTION);
    assert_int_equal(write_to(buf, needed, &r, &info), needed);
    assert_memory_equal(buf, whole, needed);
    assert_string_equal(r.assertion, ASSERTION);
}

/* ---- the fields ---- */

static const struct {
    enum mmd_token_field field;
    const char *others; /* what may stand in it besides letters and digits */
    size_t max;         /* characters */
    char first;         /* what a text of it begins with; 0: anything */
} alphabets[] = {
    {MMD_TOKEN_FIELD_HOST, "-._", 253, 0},
    {MMD_TOKEN_FIELD_PATH, "-._~!$&'()*+,;=:@/%", 512, '/'},
    {MMD_TOKEN_FIELD_TENANT_ID, "-._~", 128, 0},
    {MMD_TOKEN_FIELD_CLIENT_ID, "-._~", 128, 0},
    {MMD_TOKEN_FIELD_SCOPE, " !#$%&'()*+,-./:;<=>?@[]^_`{|}~", 512, 0},
    {MMD_TOKEN_FIELD_CLIENT_SECRET, NULL, 1024, 0},
    {MMD_TOKEN_FIELD_ASSERTION, "-._~+/", MMD_ASSERTION_MAX, 0},
    {MMD_TOKEN_FIELD_CLIENT_REQUEST_ID, "-._~", 128, 0},
};
#define ALPHABETS (sizeof alphabets / sizeof *alphabets)

static bool is_of(const char *others, int byte)
{
    return others == NULL || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || strchr(others, byte) != NULL;
}

/* The fault there must be if this byte stands at that place of a path of letters. */
static struct mmd_fault fault_of_path(size_t a, size_t len, size_t at, int byte)
{
    bool is_wrong = at == 0 ? byte != '/' : !is_of(alphabets[a].others, byte);

    if (is_wrong || (byte == '%' && at + 2 >= len)) /* "%aa" is an escape */
        return (struct mmd_fault){MMD_RULE_CHARACTER, at};
    if (byte == '.' && at == 1 && len == 2)
        return (struct mmd_fault){MMD_RULE_DOTS, 1};
    return (struct mmd_fault){MMD_RULE_NONE, 0};
}

/* The same of any field. */
static struct mmd_fault fault_of(size_t a, size_t len, size_t at, int byte)
{
    const struct mmd_fault none = {MMD_RULE_NONE, 0};
    enum mmd_token_field field = alphabets[a].field;
    bool is_host = field == MMD_TOKEN_FIELD_HOST;

    if (byte == 0) /* the field ends here */
        return at > 0 ? none : (struct mmd_fault){MMD_RULE_EMPTY, 0};
    if (field == MMD_TOKEN_FIELD_PATH)
        return fault_of_path(a, len, at, byte);
    if (is_host && byte == '.' && at + 1 == len)
        return (struct mmd_fault){MMD_RULE_LABEL, len};
    if (is_host && byte >= '0' && byte <= '9' && len == 1)
        return (struct mmd_fault){MMD_RULE_ADDRESS, 0};
    if (field == MMD_TOKEN_FIELD_ASSERTION && byte == '=' && at > 0)
        return at + 1 == len ? none : (struct mmd_fault){MMD_RULE_CHARACTER, at + 1};
    if (alphabets[a].max == 128 && byte == '.' && len == 1)
        return (struct mmd_fault){MMD_RULE_DOTS, 1};
    return is_of(alphabets[a].others, byte) ? none : (struct mmd_fault){MMD_RULE_CHARACTER, at};
}

/* A text of letters that the field takes. */
static void letters(size_t a, size_t len, char *text)
{
    memset(text, 'a', len);
    text[len] = '\0';
    if (alphabets[a].first != 0 && len > 0)
        text[0] = alphabets[a].first;
}

static void try_every_byte(size_t a, size_t len)
{
    enum mmd_token_field field = alphabets[a].field;
    struct request r = with(field);
    char text[256];

    letters(a, len, text);
    char *s = guard_text(&field_memory[field], text);
    *field_of(&r, field) = s;
    for (size_t at = 0; at < len; at++) {
        for (int byte = 0; byte < 256; byte++) {
            struct mmd_fault fault = fault_of(a, len, at, byte);
            s[at] = (char)byte;
            if (fault.rule == MMD_RULE_NONE)
                expect_accepted(&r);
            else
                expect_refused(&r, field, fault.rule, fault.offset);
        }
        s[at] = text[at];
    }
}

/* At every place of fields of several lengths.
 * Fault 752: each byte at each place of each field of the token's request -> only those of its
 * alphabet (RFC 3986, 3.3; RFC 6749, 3.3) */
static void test_every_byte_in_every_field(void **state)
{
    static const size_t lengths[] = {1, 2, 3, 8, 65, 127};

    (void)state;
    for (size_t a = 0; a < ALPHABETS; a++)
        for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
            try_every_byte(a, lengths[l]);
}

/* Fault 753: a secret, scope, path, id or assertion of its greatest length, of one more, of none ->
 * accepted; refused */
static void test_lengths(void **state)
{
    char text[3000];

    (void)state;
    for (size_t a = 0; a < ALPHABETS; a++) {
        enum mmd_token_field field = alphabets[a].field;
        for (size_t len = 0; len < sizeof text; len++) {
            struct request r = with(field);
            letters(a, len, text);
            *field_of(&r, field) = guard_text(&field_memory[field], text);
            if (len == 0)
                expect_refused(&r, field, MMD_RULE_EMPTY, 0);
            else if (len > alphabets[a].max)
                expect_refused(&r, field, MMD_RULE_LENGTH, alphabets[a].max);
            else
                expect_accepted(&r);
        }
    }
}

/* Fault 754: a path of the token endpoint with a segment "." or "..", a query, a fragment, a "%"
 * without two digits, or without the first slash -> refused, with its place (RFC 3986, 3.3) */
static void test_paths(void **state)
{
    static const struct {
        const char *path;
        enum mmd_rule rule;
        size_t offset;
    } table[] = {
        {"/", MMD_RULE_NONE, 0},
        {"//", MMD_RULE_NONE, 0},
        {"/a/b/", MMD_RULE_NONE, 0},
        {"/...", MMD_RULE_NONE, 0},
        {"/.a/..b/c../d.", MMD_RULE_NONE, 0},
        {"/%00%fF%2f", MMD_RULE_NONE, 0},
        {"/:@!$&'()*+,;=-._~", MMD_RULE_NONE, 0},
        {"/.", MMD_RULE_DOTS, 1},
        {"/..", MMD_RULE_DOTS, 1},
        {"/./a", MMD_RULE_DOTS, 1},
        {"/../a", MMD_RULE_DOTS, 1},
        {"/a/.", MMD_RULE_DOTS, 3},
        {"/a/..", MMD_RULE_DOTS, 3},
        {"/a/b/../c", MMD_RULE_DOTS, 5},
        {"//..", MMD_RULE_DOTS, 2},
        {"a", MMD_RULE_CHARACTER, 0},
        {"https://login.example/token", MMD_RULE_CHARACTER, 0},
        {"/a?b", MMD_RULE_CHARACTER, 2},
        {"/a#b", MMD_RULE_CHARACTER, 2},
        {"/a b", MMD_RULE_CHARACTER, 2},
        {"/a HTTP/1.1\r\nX: y", MMD_RULE_CHARACTER, 2},
        {"/%", MMD_RULE_CHARACTER, 1},
        {"/%4", MMD_RULE_CHARACTER, 1},
        {"/%4g", MMD_RULE_CHARACTER, 1},
        {"/%g4", MMD_RULE_CHARACTER, 1},
        {"/%41%", MMD_RULE_CHARACTER, 4},
        {"/%%41", MMD_RULE_CHARACTER, 1},
        {"/\xC3\xA9", MMD_RULE_CHARACTER, 1},
        {"/a\\b", MMD_RULE_CHARACTER, 2},
        {"/a\"b", MMD_RULE_CHARACTER, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct request r = plain;
        r.credential.path = table[i].path;
        r = guarded(r);
        if (table[i].rule == MMD_RULE_NONE)
            expect_accepted(&r);
        else
            expect_refused(&r, MMD_TOKEN_FIELD_PATH, table[i].rule, table[i].offset);
    }
}

/* With every field at fault, and each set right in turn. */
static void test_the_first_field_counts(void **state)
{
    const struct request right = with_certificate();
    struct request r = right;

    (void)state;
    for (enum mmd_token_field f = MMD_TOKEN_FIELD_HOST; f < FIELDS; f++)
        if (f != MMD_TOKEN_FIELD_CERTIFICATE && f != MMD_TOKEN_FIELD_CLIENT_SECRET)
            *field_of(&r, f) = "\x7F";
    r.credential.sign = NULL;
    for (enum mmd_token_field f = MMD_TOKEN_FIELD_HOST; f < FIELDS; f++) {
        if (f == MMD_TOKEN_FIELD_CERTIFICATE) {
            expect_refused(&r, f, MMD_RULE_EMPTY, 0);
            r.credential.sign = never_sign;
        } else if (f == MMD_TOKEN_FIELD_PATH) { /* a tenant stands in place of a path */
            expect_refused(&r, f, MMD_RULE_CHARACTER, 0);
            r.credential.path = NULL;
        } else if (f != MMD_TOKEN_FIELD_CLIENT_SECRET) {
            expect_refused(&r, f, MMD_RULE_CHARACTER, 0);
            *field_of(&r, f) = *field_of((struct request *)&right, f);
        }
    }
    expect_accepted(&r);
}

/* Fault 755: neither a secret nor a whole certificate, or no assertion of it -> refused */
static void test_what_is_missing(void **state)
{
    struct request r = with_certificate();

    (void)state;
    r.credential.sign = NULL;
    expect_refused(&r, MMD_TOKEN_FIELD_CERTIFICATE, MMD_RULE_EMPTY, 0);
    r = with_certificate();
    r.credential.certificate = NULL;
    expect_refused(&r, MMD_TOKEN_FIELD_CERTIFICATE, MMD_RULE_EMPTY, 0);
    r = with_certificate();
    r.credential.certificate_len = 0;
    expect_refused(&r, MMD_TOKEN_FIELD_CERTIFICATE, MMD_RULE_EMPTY, 0);
    r = with_certificate();
    r.assertion = NULL;
    expect_refused(&r, MMD_TOKEN_FIELD_ASSERTION, MMD_RULE_EMPTY, 0);
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes a form's value up to "&" or the end; returns where it ends. */
static const char *decode_value(const char *s, char *out)
{
    for (; *s != '&' && *s != '\0'; s++) {
        if (*s == '%') {
            assert_true(digit_of(s[1]) >= 0 && digit_of(s[2]) >= 0);
            *out++ = (char)(digit_of(s[1]) * 16 + digit_of(s[2]));
            s += 2;
        } else {
            *out++ = *s == '+' ? ' ' : *s;
        }
    }
    *out = '\0';
    return s;
}

/* Fault 756: a secret with any bytes, "&" and "=" and line ends too -> comes back as it was, and
 * adds no member to the form and no line (RFC 6749, appendix B) */
static void test_secret_of_every_byte(void **state)
{
    char secret[1025], decoded[1025];
    struct request r = plain;

    (void)state;
    for (size_t i = 0; i < sizeof secret - 1; i++)
        secret[i] = (char)(1 + i % 255);
    secret[sizeof secret - 1] = '\0';
    r.credential.client_secret = secret;
    r = guarded(r);
    char *message = write_message(&r), *body = strstr(message, "\r\n\r\n");
    assert_non_null(body);
    assert_null(strpbrk(body + 4, "\r\n"));
    char *value = strstr(body, "&client_secret=");
    assert_non_null(value);
    value = strchr(value, '=') + 1;
    assert_string_equal(decode_value(value, decoded), "&grant_type=client_credentials");
    assert_string_equal(decoded, secret);
}

/* Every field at its greatest length: in the 16 KiB that are ample for a message. */
static void test_the_longest_message(void **state)
{
    static char texts[FIELDS][3000];
    struct request r = plain;

    (void)state;
    for (size_t a = 0; a < ALPHABETS; a++) {
        enum mmd_token_field field = alphabets[a].field;
        bool is_encoded = field == MMD_TOKEN_FIELD_SCOPE || field == MMD_TOKEN_FIELD_CLIENT_SECRET;
        letters(a, alphabets[a].max, texts[field]);
        if (is_encoded)
            memset(texts[field], ' ', alphabets[a].max);
        if (field != MMD_TOKEN_FIELD_ASSERTION)
            *field_of(&r, field) = texts[field];
    }
    r = guarded(r);
    assert_in_range(strlen(write_message(&r)), 5000, 16384);
}

/* ---- the assertion ---- */

static uint8_t thumbprint[MMD_SHA256_LEN]; /* 0, 1, 2, ... */
#define THUMBPRINT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

/* Decodes len characters of base64url without padding (RFC 4648, 5), and ends it with a NUL. */
static size_t decode(const char *s, size_t len, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0, count = 0;
    size_t n = 0;

    assert_true(len % 4 != 1);
    for (size_t i = 0; i < len; i++) {
        const char *digit = memchr(digits, s[i], 64);
        assert_non_null(digit);
        bits = (bits << 6 | (unsigned)(digit - digits)) & 0xFFFF;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[n++] = (char)(bits >> count);
        }
    }
    assert_int_equal(bits & ((1u << count) - 1), 0); /* no bit is left over */
    out[n] = '\0';
    return n;
}

static void prepare_thumbprint(void)
{
    for (size_t i = 0; i < sizeof thumbprint; i++)
        thumbprint[i] = (uint8_t)i;
}

/* Writes what is signed, and compares what it says: header and claims, decoded. */
static void expect_assertion(const struct request *r, const char *jti, int64_t now,
                             const char *audience)
{
    char *buf = guard_room(&out_memory, 4096), decoded[4096], expected[4096];

    prepare_thumbprint();
    int len = mmd_assertion_write(buf, 4096, &r->credential, thumbprint, jti, now);
    assert_in_range(len, 1, MMD_ASSERTION_MAX);
    const char *dot = memchr(buf, '.', (size_t)len);
    assert_non_null(dot);
    decode(buf, (size_t)(dot - buf), decoded);
    assert_string_equal(decoded,
                        "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"" THUMBPRINT "\"}");
    decode(dot + 1, (size_t)(buf + len - dot - 1), decoded);
    snprintf(expected, sizeof expected,
             "{\"aud\":\"%s\",\"iss\":\"%s\",\"sub\":\"%s\",\"jti\":\"%s\",\"iat\":%lld,"
             "\"nbf\":%lld,\"exp\":%lld}",
             audience, r->credential.client_id, r->credential.client_id, jti, (long long)now,
             (long long)now, (long long)now + 600);
    assert_string_equal(decoded, expected);
}

static void test_assertion(void **state)
{
    struct request r = with_certificate();

    (void)state;
    expect_assertion(&r, REQUEST, 1767225600,
                     "https://login.microsoftonline.com/" ID "/oauth2/v2.0/token");
}

/* With claims of each length, modulo three.
 * Fault 757: an authority with a port, a path of its own -> aud is its URL */
static void test_audience(void **state)
{
    static const uint16_t ports[] = {443, 1, 80, 444, 8443, 65535};
    struct request r = with_certificate();
    char id[9] = "", port[8], url[256];

    (void)state;
    r.credential.host = "login.chinacloudapi.cn";
    r.credential.path = "/adfs/oauth2/token('x');v=%2F";
    for (size_t n = 0; n < sizeof ports / sizeof *ports; n++) {
        id[n] = 'c';
        r.credential.client_id = id;
        r.credential.port = ports[n];
        port[0] = '\0';
        if (ports[n] != 443)
            snprintf(port, sizeof port, ":%u", ports[n]);
        snprintf(url, sizeof url, "https://%s%s%s", r.credential.host, port, r.credential.path);
        expect_assertion(&r, "j", 0, url);
    }
}

/* Fault 758: a clock in 1970, 2038, 2106 and after -> its seconds to the digit; one that is not set
 * -> no assertion */
static void test_time_of_an_assertion(void **state)
{
    static const int64_t times[] = {0,          1,          9,          2147483047,   2147483647,
                                    4294967295, 4294967296, 9999999999, 1000000000000};
    struct request r = with_certificate();

    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        expect_assertion(&r, REQUEST, times[i],
                         "https://login.microsoftonline.com/" ID "/oauth2/v2.0/token");
    char *buf = guard_room(&out_memory, 4096);
    assert_int_equal(
        mmd_assertion_write(buf, 4096, &r.credential, thumbprint, REQUEST, MMD_CLOCK_NOT_SET),
        MMD_ERR_CLOCK);
    assert_int_equal(mmd_assertion_write(buf, 4096, &r.credential, thumbprint, REQUEST, INT64_MIN),
                     MMD_ERR_CLOCK);
    assert_true(mmd_assertion_write(buf, 4096, &r.credential, thumbprint, REQUEST, INT64_MAX) > 0);
}

/* Fault 759: a credential or a jti that cannot be used -> no assertion */
static void test_assertion_of_wrong_fields(void **state)
{
    static const char *const wrong[] = {"", ".", "..", "a\"b", "a\\b", "a b", "\x01", "\xC3\xA9"};
    char *buf = guard_room(&out_memory, 4096);

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct request r = with_certificate();
        assert_int_equal(
            mmd_assertion_write(buf, 4096, &r.credential, thumbprint, wrong[i], 1767225600),
            MMD_ERR_INPUT);
        r.credential.client_id = wrong[i];
        assert_int_equal(
            mmd_assertion_write(buf, 4096, &r.credential, thumbprint, REQUEST, 1767225600),
            MMD_ERR_INPUT);
    }
}

/* Makes a whole assertion in cap bytes: returns its length, or the first error. */
static int make_assertion(char *buf, size_t cap, const struct request *r, const char *jti,
                          int64_t now, size_t signature_len)
{
    static const uint8_t signature[MMD_SIGNATURE_MAX + 1] = {0xFB, 0xFF, 0xFE};
    int len = mmd_assertion_write(buf, cap, &r->credential, thumbprint, jti, now);

    return len < 0 ? len : mmd_assertion_end(buf, cap, (size_t)len, signature, signature_len);
}

/* Fault 760: a buffer for the assertion that is too small by any number of bytes, its NUL too ->
 * refused, nothing is written beyond it */
static void test_every_capacity_of_an_assertion(void **state)
{
    struct request r = with_certificate();
    char whole[4096], decoded[1024];

    (void)state;
    prepare_thumbprint();
    int len = make_assertion(whole, sizeof whole, &r, REQUEST, 1767225600, 256);
    assert_int_equal(strlen(whole), len);
    const char *end = strrchr(whole, '.');
    assert_int_equal(decode(end + 1, strlen(end + 1), decoded), 256);
    assert_memory_equal(decoded, "\xFB\xFF\xFE\x00", 4);
    for (size_t cap = 0; cap <= (size_t)len + 9; cap++) {
        char *buf = guard_room(&out_memory, cap);
        int got = make_assertion(buf, cap, &r, REQUEST, 1767225600, 256);
        assert_int_equal(got, cap <= (size_t)len ? MMD_ERR_CAPACITY : len);
        assert_true(guard_intact(&out_memory, cap));
        if (got > 0)
            assert_string_equal(buf, whole);
    }
}

/* Fault 761: a signature of none to the most bytes, and of one more -> appended; refused */
static void test_every_length_of_a_signature(void **state)
{
    struct request r = with_certificate();
    char *buf = guard_room(&out_memory, 4096), decoded[1024];

    (void)state;
    for (size_t n = 0; n <= MMD_SIGNATURE_MAX; n++) {
        assert_true(make_assertion(buf, 4096, &r, REQUEST, 1767225600, n) > 0);
        const char *end = strrchr(buf, '.');
        assert_int_equal(decode(end + 1, strlen(end + 1), decoded), n);
    }
    assert_int_equal(make_assertion(buf, 4096, &r, REQUEST, 1767225600, MMD_SIGNATURE_MAX + 1),
                     MMD_ERR_CAPACITY);
}

/* MMD_ASSERTION_MAX is exact, up to the year 9999; and such an assertion is accepted. */
static void test_the_longest_assertion(void **state)
{
    static char texts[FIELDS][600];
    struct request r = with_certificate();

    (void)state;
    for (size_t a = 0; a < ALPHABETS; a++)
        if (alphabets[a].max < sizeof texts[0]) {
            letters(a, alphabets[a].max, texts[alphabets[a].field]);
            *field_of(&r, alphabets[a].field) = texts[alphabets[a].field];
        }
    r.credential.port = 65535;
    r = guarded(r);
    char *buf = guard_room(&out_memory, MMD_ASSERTION_MAX + 1);
    assert_int_equal(make_assertion(buf, MMD_ASSERTION_MAX + 1, &r, r.client_request_id,
                                    253402300799 - 600, MMD_SIGNATURE_MAX),
                     MMD_ASSERTION_MAX);
    r.assertion = guard_text(&field_memory[MMD_TOKEN_FIELD_ASSERTION], buf);
    expect_accepted(&r);
}

/* ---- the verdict ---- */

#define NOW      1767225600
#define NO_DATE  (-1)
#define TOKEN    "eyJ0.eyJh.c2ln-_~+/=="
#define RESPONSE "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,"

static struct mmd_result answered(uint16_t status, const char *body, size_t len)
{
    struct mmd_result result = MMD_RESULT_NONE;

    result.delivery = MMD_ANSWERED;
    result.status = status;
    result.body = guard_put(&body_memory, body, len);
    result.body_len = len;
    return result;
}

static void expect_within(const char *text, const struct mmd_result *result)
{
    if (*text != '\0')
        assert_true(text >= result->body && text + strlen(text) < result->body + result->body_len);
}

/* Judges, and checks what holds for any verdict. */
static struct mmd_token_verdict judge(const struct mmd_result *result, int64_t now)
{
    struct mmd_token_verdict v;

    memset(&v, 0x5A, sizeof v);
    mmd_token_judge(&v, result, now);
    assert_true(guard_intact(&body_memory, result->body_len));
    expect_within(v.token, result);
    expect_within(v.code, result);
    expect_within(v.message, result);
    expect_within(v.correlation_id, result);
    assert_int_equal(v.outcome == MMD_OUTCOME_CLOSED, v.error == MMD_OK);
    if (v.error == MMD_OK) {
        assert_true(v.token[0] != '\0');
        assert_int_equal(v.cause, MMD_CAUSE_NONE);
    }
    assert_in_range(v.lifetime_s, 1, MMD_TOKEN_LIFETIME_MAX);
    return v;
}

static struct mmd_token_verdict judge_body(uint16_t status, const char *body, size_t len, bool cut)
{
    struct mmd_result result = answered(status, body, len);

    result.body_cut = cut;
    return judge(&result, NOW);
}

static void expect_token(const char *body, const char *token, uint32_t lifetime_s)
{
    struct mmd_token_verdict v = judge_body(200, body, strlen(body), false);

    if (v.error != MMD_OK || strcmp(v.token, token) != 0 || v.lifetime_s != lifetime_s)
        fail_msg("%s: %d, \"%s\", %u s", body, v.error, v.token, (unsigned)v.lifetime_s);
    assert_string_equal(v.code, "");
    assert_string_equal(v.message, "");
}

static void expect_error(uint16_t status, const char *body, int error, enum mmd_outcome outcome,
                         enum mmd_cause cause)
{
    struct mmd_token_verdict v = judge_body(status, body, strlen(body), false);

    if (v.error != error || v.outcome != outcome || v.cause != cause)
        fail_msg("%u %s: error %d, outcome %d, cause %d", status, body, v.error, v.outcome,
                 v.cause);
}

static void test_token(void **state)
{
    (void)state;
    expect_token(RESPONSE "\"access_token\":\"" TOKEN "\"}", TOKEN, 3599);
    expect_token("{\"access_token\":\"a\"}", "a", 300);
    expect_token("\xEF\xBB\xBF {\"access_token\" : \"a\" , \"expires_in\" : 1200 }\r\n", "a", 1200);
    expect_token("{\"access_token\":\"a\",\"token_type\":\"bEARER\"}", "a", 300);
    expect_token("{\"access\\u005ftoken\":\"a\\u0062c\\/=\"}", "abc/=", 300);
    expect_token("{\"x\":{\"access_token\":\"no\"},\"access_token\":\"a\"}", "a", 300);
    expect_token("{\"error\":\"e\",\"access_token\":\"a\"}", "a", 300);
    /* of several the last counts, as everywhere */
    expect_token("{\"access_token\":5,\"access_token\":\"b\"}", "b", 300);
    expect_token("{\"token_type\":\"MAC\",\"token_type\":\"Bearer\",\"access_token\":\"a\"}", "a",
                 300);
}

static void test_lifetimes(void **state)
{
    static const struct {
        const char *value;
        uint32_t lifetime_s;
    } table[] = {
        /* Fault 56: `expires_in` as `3599`, `"3599"`, `0`, `-1`, `"abc"`, missing -> used, or a
         * short default */
        {"3599", 3599},
        {"\"3599\"", 3599},
        {"0", 300},
        {"-1", 300},
        {"\"abc\"", 300},
        /* Fault 762: `expires_in` of more than two days, up to 2^31 s -> two days */
        {"172799", 172799},
        {"172800", 172800},
        {"172801", 172800},
        {"2147483648", 172800},
        {"\"2147483648\"", 172800},
        /* Fault 763: `expires_in` above 2^31, beyond any type, with a fraction, an exponent, a
         * sign, blanks, or of another kind -> a short default */
        {"2147483649", 300},
        {"4294967296", 300},
        {"4294970895", 300},
        {"18446744073709555215", 300},
        {"999999999999999999", 300},
        {"1000000000000003599", 300},
        {"\"000000000000003599\"", 3599},
        {"\"0000000000000003599\"", 300},
        {"3599.0", 300},
        {"3.599e3", 300},
        {"\"+3599\"", 300},
        {"\"-3599\"", 300},
        {"\" 3599\"", 300},
        {"\"3599 \"", 300},
        {"\"\"", 300},
        {"\"0x10\"", 300},
        {"\"\\u0033\"", 3},
        {"null", 300},
        {"true", 300},
        {"[3599]", 300},
        {"{\"x\":3599}", 300},
        {"3599,\"expires_in\":7", 7},
    };
    char body[256];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        snprintf(body, sizeof body, "{\"expires_in\":%s,\"access_token\":\"a\"}", table[i].value);
        expect_token(body, "a", table[i].lifetime_s);
        snprintf(body, sizeof body, "{\"access_token\":\"a\",\"expires_in\":%s}", table[i].value);
        expect_token(body, "a", table[i].lifetime_s);
    }
}

#define TEN "1,2,3,4,5,6,7,8,9,0,"

/* Fault 764: a 2xx without a token that can be used: empty, blank, HTML, no object, another type
 * than Bearer, a token that is empty, no string, or has a character that no token has -> something
 * in between, passing */
static void test_successes_without_a_token(void **state)
{
    static const char *const bodies[] = {
        "",
        " \r\n",
        "<html>sign in</html>",
        "OK",
        "null",
        "[]",
        "\"access_token\"",
        "[{\"access_token\":\"a\"}]",
        "{}",
        "{\"access_token\":\"a\"",
        "{\"access_token\":\"a\"}}",
        "{\"access_token\":\"a\"}{\"access_token\":\"b\"}",
        "{\"access_token\":\"a\",}",
        "{'access_token':'a'}",
        "{\"access_token\":a}",
        "{\"access_token\":\"\"}",
        "{\"access_token\":null}",
        "{\"access_token\":5}",
        "{\"access_token\":[\"a\"]}",
        "{\"access_token\":{\"access_token\":\"a\"}}",
        "{\"access_token\":\"a\",\"access_token\":5}",
        "{\"access_token\":\"a\",\"access_token\":\"\"}",
        "{\"Access_Token\":\"a\"}",
        "{\"accessToken\":\"a\"}",
        "{\"access_token\":\"a b\"}",
        "{\"access_token\":\"a\\r\\nX-Header: b\"}",
        "{\"access_token\":\"a\\u0000b\"}",
        "{\"access_token\":\"a\\u0001b\"}",
        "{\"access_token\":\"a\x01z\"}",
        "{\"access_token\":\"a\x7Fz\"}",
        "{\"access_token\":\"a\xC3\xA9\"}",
        "{\"access_token\":\"a\xFFz\"}",
        "{\"access_token\":\"a=b\"}",
        "{\"access_token\":\"=\"}",
        "{\"access_token\":\"a\\\"b\"}",
        "{\"access_token\":\"a\\xb\"}",
        "{\"access_token\":\"a\",\"token_type\":\"MAC\"}",
        "{\"access_token\":\"a\",\"token_type\":\"pop\"}",
        "{\"access_token\":\"a\",\"token_type\":\"Bearer2\"}",
        "{\"access_token\":\"a\",\"token_type\":\"Beare\"}",
        "{\"access_token\":\"a\",\"token_type\":\"\"}",
        "{\"access_token\":\"a\",\"token_type\":null}",
        "{\"access_token\":\"a\",\"token_type\":[\"Bearer\"]}",
        "{\"error\":\"invalid_client\"}",
        /* after the names and values that are searched */
        "{\"a\":[" TEN TEN TEN TEN TEN TEN "1],\"access_token\":\"a\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        expect_error(200, bodies[i], MMD_ERR_GATEWAY, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_BETWEEN);
    for (uint16_t status = 201; status < 300; status++)
        expect_error(status, "{\"access_token\":\"a\"}", MMD_ERR_GATEWAY, MMD_OUTCOME_TRY_LATER,
                     MMD_CAUSE_BETWEEN);
}

/* Fault 765: a token response in a coding that was not asked for -> its own error, passing */
static void test_coded(void **state)
{
    static const char body[] = "{\"access_token\":\"a\",\"error\":\"invalid_client\"}";
    static const uint16_t statuses[] = {200, 400, 401, 407};

    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct mmd_result result = answered(statuses[i], body, sizeof body - 1);
        result.coded = true;
        struct mmd_token_verdict v = judge(&result, NOW);
        assert_int_equal(v.error, MMD_ERR_CODED);
        assert_int_equal(v.outcome, MMD_OUTCOME_TRY_LATER);
        assert_int_equal(v.cause, MMD_CAUSE_BETWEEN);
        assert_string_equal(v.token, "");
        assert_string_equal(v.code, "");
    }
}

/* Of a response with the token, cut to n bytes: the token is whole, or there is none. */
static void expect_cut(const char *body, const char *token, size_t n)
{
    const char *end = strstr(body, token) + strlen(token); /* its quote */
    size_t whole = (size_t)(end - body) + 1;
    struct mmd_token_verdict v = judge_body(200, body, n, true);

    if (n >= whole) {
        assert_int_equal(v.error, MMD_OK);
        assert_string_equal(v.token, token);
        assert_true(v.lifetime_s == 3599 || v.lifetime_s == MMD_TOKEN_LIFETIME_DEFAULT);
    } else if (n > 0) {
        assert_int_equal(v.error, MMD_ERR_TOKEN_SIZE);
        assert_int_equal(v.outcome, MMD_OUTCOME_INTERNAL);
        assert_int_equal(v.cause, MMD_CAUSE_DEVICE);
        assert_string_equal(v.token, "");
    }
    if (n == strlen(body))
        return;
    v = judge_body(200, body, n, false);
    assert_int_equal(v.error, MMD_ERR_GATEWAY);
    assert_string_equal(v.token, "");
}

/* Fault 766: a token response that the buffer cuts at any byte -> the token if it is whole, else
 * that there is no memory for it; never a part of it */
static void test_cut_responses(void **state)
{
    static const char *const bodies[] = {
        RESPONSE "\"access_token\":\"" TOKEN "\"}",
        "{\"access_token\":\"" TOKEN "\",\"token_type\":\"Bearer\",\"expires_in\":\"3599\"}",
        "{\"access_token\":\"" TOKEN "\",\"expires_in\":3599,\"token_type\":\"Bearer\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        for (size_t n = 0; n <= strlen(bodies[i]); n++)
            expect_cut(bodies[i], TOKEN, n);
    assert_int_equal(judge_body(200, "<html>", 6, true).error, MMD_ERR_GATEWAY);
}

/* Fault 767: a token of any length to 8 KiB and more -> read to the byte */
static void test_long_tokens(void **state)
{
    static char body[20000], token[16385];
    static const size_t lengths[] = {1, 2, 1300, 2500, 8191, 8192, 8193, 16384};

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (size_t at = 0; at < lengths[i]; at++)
            token[at] = "abcdefghijklmnopqrstuvwxyz0123456789-._~+/"[at % 42];
        token[lengths[i]] = '\0';
        snprintf(body, sizeof body, RESPONSE "\"access_token\":\"%s\"}", token);
        expect_token(body, token, 3599);
    }
}

/* ---- errors of the token server ---- */

#define AZURE(code, number)                                                                        \
    "{\"error\":\"" code "\",\"error_description\":\"AADSTS" number ": No.\\r\\nTrace ID: x\","    \
    "\"error_codes\":[" number "],\"timestamp\":\"2026-01-01 00:00:00Z\",\"trace_id\":\"" ID "\"," \
    "\"correlation_id\":\"" REQUEST "\",\"error_uri\":\"https://login.example/error?code=" number  \
    "\"}"

static void test_error_is_reported(void **state)
{
    static const char body[] = AZURE("invalid_client", "7000215");
    struct mmd_token_verdict v = judge_body(401, body, sizeof body - 1, false);

    (void)state;
    assert_int_equal(v.error, MMD_ERR_TOKEN_REFUSED);
    assert_int_equal(v.outcome, MMD_OUTCOME_NOT_AUTHORISED);
    assert_int_equal(v.cause, MMD_CAUSE_TOKEN);
    assert_string_equal(v.code, "invalid_client");
    assert_string_equal(v.message, "AADSTS7000215: No.\r\nTrace ID: x");
    assert_string_equal(v.correlation_id, REQUEST);
    assert_string_equal(v.token, "");
    assert_false(v.message_cut);
}

static const struct {
    const char *code;
    bool is_passing;
} codes[] = {
    /* Fault 768: `invalid_client` and the like, also codes that are not known -> refused for good
     * (RFC 6749, 5.2) */
    {"invalid_client", false},
    {"unauthorized_client", false},
    {"invalid_request", false},
    {"invalid_scope", false},
    {"invalid_grant", false},
    {"unsupported_grant_type", false},
    {"invalid_resource", false},
    {"interaction_required", false},
    {"consent_required", false},
    {"access_denied", false},
    {"authorization_declined", false},
    {"expired_token", false},
    {"", false},
    {"something new", false},
    {"SERVER_ERROR", false},
    /* Fault 769: `temporarily_unavailable`, `server_error`, `slow_down`, `authorization_pending` ->
     * passing, the token server's own word (RFC 6749, 4.1.2.1) */
    {"temporarily_unavailable", true},
    {"server_error", true},
    {"slow_down", true},
    {"authorization_pending", true},
    {"server\\u005ferror", true},
};

static void test_codes(void **state)
{
    char body[256];

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        snprintf(body, sizeof body, "{\"error\":\"%s\"}", codes[i].code);
        for (uint16_t status = 400; status < 500; status++) {
            if (status == 407)
                expect_error(status, body, MMD_ERR_GATEWAY, MMD_OUTCOME_TRY_LATER,
                             MMD_CAUSE_BETWEEN);
            else if (codes[i].is_passing || status == 408 || status == 429)
                expect_error(status, body, MMD_ERR_STATUS, MMD_OUTCOME_TRY_LATER,
                             MMD_CAUSE_SERVICE);
            else
                expect_error(status, body, MMD_ERR_TOKEN_REFUSED, MMD_OUTCOME_NOT_AUTHORISED,
                             MMD_CAUSE_TOKEN);
        }
    }
}

/* Fault 770: 408, 429 and any 5xx of the token server or of something in front of it -> passing;
 * the server's own word only with a string as `error` */
static void test_statuses_that_pass(void **state)
{
    (void)state;
    for (uint16_t status = 408; status < 600; status++) {
        if (status > 408 && status < 500 && status != 429)
            continue;
        expect_error(status, AZURE("invalid_client", "700024"), MMD_ERR_STATUS,
                     MMD_OUTCOME_TRY_LATER, MMD_CAUSE_SERVICE);
        expect_error(status, "<html>", MMD_ERR_STATUS, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_BETWEEN);
        expect_error(status, "", MMD_ERR_STATUS, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_BETWEEN);
    }
}

/* Fault 771: a redirect of the token server -> not followed, passing; nothing is believed of it */
static void test_redirects(void **state)
{
    (void)state;
    for (uint16_t status = 300; status < 400; status++)
        expect_error(status, "{\"access_token\":\"a\",\"error\":\"invalid_client\"}",
                     MMD_ERR_REDIRECT, MMD_OUTCOME_TRY_LATER, MMD_CAUSE_BETWEEN);
}

/* Fault 772: a 4xx of the token server without a string as `error`: HTML, empty, nested, cut within
 * it -> something in between, passing; what it says is still reported */
static void test_errors_in_between(void **state)
{
    static const char *const bodies[] = {
        "",
        "<html>",
        "{}",
        "[]",
        "{\"error\":null}",
        "{\"error\":400}",
        "{\"error\":[\"invalid_client\"]}",
        "{\"error\":{\"code\":\"invalid_client\"}}",
        "{\"x\":{\"error\":\"invalid_client\"}}",
        "{\"error\":\"invalid_client\",\"error\":5}",
        "{\"error\":\"invalid_client\"",
        "{\"error\":\"invalid_client\",}",
        "{\"error_description\":\"AADSTS700024\",\"error_codes\":[700024]}",
    };
    static const char other[] = "{\"error\":{\"code\":\"c\",\"message\":\"m\"}}";
    static const char cut[] = "{\"error\":\"invalid_cl";

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        for (uint16_t status = 400; status < 408; status++)
            expect_error(status, bodies[i], MMD_ERR_GATEWAY, MMD_OUTCOME_TRY_LATER,
                         MMD_CAUSE_BETWEEN);
    struct mmd_token_verdict v = judge_body(403, other, sizeof other - 1, false);
    assert_int_equal(v.error, MMD_ERR_GATEWAY);
    assert_string_equal(v.code, "c");
    assert_string_equal(v.message, "m");
    assert_string_equal(v.correlation_id, "");
    assert_int_equal(judge_body(400, cut, sizeof cut - 1, true).error, MMD_ERR_GATEWAY);
}

/* Fault 773: an error of the token server that the buffer cuts at any byte -> its own word as soon
 * as its `error` is whole; the message's beginning, flagged */
static void test_cut_errors(void **state)
{
    static const char body[] = AZURE("invalid_client", "7000215");
    size_t code_end = (size_t)(strstr(body, "invalid_client\"") - body) + 15;
    size_t message_begin = (size_t)(strstr(body, "AADSTS") - body);
    size_t message_end = (size_t)(strstr(body, "ID: x\"") - body) + 6;

    (void)state;
    for (size_t n = 0; n < sizeof body; n++) {
        struct mmd_token_verdict v = judge_body(401, body, n, true);
        assert_int_equal(v.error, n < code_end ? MMD_ERR_GATEWAY : MMD_ERR_TOKEN_REFUSED);
        if (n >= code_end)
            assert_string_equal(v.code, "invalid_client");
        assert_int_equal(v.message_cut, n >= message_begin && n < message_end);
        assert_memory_equal(v.message, "AADSTS7000215: No.\r\nTrace ID: x", strlen(v.message));
        if (n >= message_end)
            assert_string_equal(v.message, "AADSTS7000215: No.\r\nTrace ID: x");
    }
}

/* Fault 774: `error_codes` with 700024 or 50012, at any place -> our clock, passing */
static void test_clock_codes(void **state)
{
    static const struct {
        const char *codes;
        bool is_clock;
    } table[] = {
        {"[700024]", true},
        {"[50012]", true},
        {"[1,2,50012,3]", true},
        {"[[1],{\"x\":2},700024]", true},
        {"[\"700024\"]", true},
        {"[]", false},
        {"[7000240]", false},
        {"[70002]", false},
        {"[-50012]", false},
        {"[50012.0]", false},
        {"[[700024]]", false},
        {"[{\"700024\":50012}]", false},
        {"{\"x\":700024}", false},
        {"700024", false},
        {"\"700024\"", false},
        {"null", false},
        {"[50012],\"error_codes\":[1]", false},
    };
    char body[256];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        snprintf(body, sizeof body, "{\"error_codes\":%s,\"error\":\"invalid_client\"}",
                 table[i].codes);
        if (table[i].is_clock)
            expect_error(401, body, MMD_ERR_CLOCK_SKEW, MMD_OUTCOME_CLOCK_NOT_SET, MMD_CAUSE_CLOCK);
        else
            expect_error(401, body, MMD_ERR_TOKEN_REFUSED, MMD_OUTCOME_NOT_AUTHORISED,
                         MMD_CAUSE_TOKEN);
    }
    expect_error(401, AZURE("invalid_client", "700024"), MMD_ERR_CLOCK_SKEW,
                 MMD_OUTCOME_CLOCK_NOT_SET, MMD_CAUSE_CLOCK);
    expect_error(400, "{\"error\":\"server_error\",\"error_codes\":[700024]}", MMD_ERR_STATUS,
                 MMD_OUTCOME_TRY_LATER, MMD_CAUSE_SERVICE);
}

/* Fault 775: a refusal whose Date is more than five minutes from our clock, either way -> our
 * clock, passing; without a Date or a clock -> refused */
static void test_clock_skew(void **state)
{
    static const struct {
        int64_t date, now;
        bool is_clock;
    } table[] = {
        {NOW, NOW, false},
        {NOW + 300, NOW, false},
        {NOW + 301, NOW, true},
        {NOW - 300, NOW, false},
        {NOW - 301, NOW, true},
        {0, NOW, true},
        {NOW, 0, true},
        {NOW, INT64_MAX, true},
        {INT64_MAX, 0, true},
        {NO_DATE, NOW, false},
        {NOW, MMD_CLOCK_NOT_SET, false},
        {NOW, INT64_MIN, false},
        {NO_DATE, MMD_CLOCK_NOT_SET, false},
    };
    static const char refused[] = "{\"error\":\"invalid_client\"}";
    static const char token[] = "{\"access_token\":\"a\"}";

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct mmd_result result = answered(401, refused, sizeof refused - 1);
        result.date = table[i].date;
        struct mmd_token_verdict v = judge(&result, table[i].now);
        assert_int_equal(v.error, table[i].is_clock ? MMD_ERR_CLOCK_SKEW : MMD_ERR_TOKEN_REFUSED);
        assert_string_equal(v.code, "invalid_client");
        result = answered(200, token, sizeof token - 1);
        result.date = table[i].date;
        assert_int_equal(judge(&result, table[i].now).error, MMD_OK);
    }
}

/* An exchange that ended early, or never began, means what it means for a closing. */
static void test_without_a_response(void **state)
{
    (void)state;
    for (int error = MMD_ERR_INPUT; error >= MMD_ERR_TRUNCATED; error--) {
        for (int delivery = MMD_NOT_SENT; delivery <= MMD_MAYBE_SENT; delivery++) {
            struct mmd_result result = answered(0, "", 0);
            struct mmd_verdict closing;
            result.error = error;
            result.delivery = (enum mmd_delivery)delivery;
            mmd_closing_judge(&closing, &result);
            struct mmd_token_verdict v = judge(&result, NOW);
            assert_int_equal(v.error, error);
            assert_int_equal(v.outcome, closing.outcome);
            assert_int_equal(v.cause, closing.cause);
        }
    }
}

/* ---- what a program prints ---- */

static void expect_printed(const char *text, int64_t now, const char *token, uint32_t lifetime_s)
{
    size_t len = strlen(text);
    char *copy = guard_put(&body_memory, text, len);
    uint32_t got_s = 0;
    char *got = mmd_token_from_json(copy, len, now, &got_s);

    assert_true(guard_intact(&body_memory, len));
    if ((got == NULL) != (token == NULL) || (token != NULL && strcmp(got, token) != 0) ||
        (token != NULL && got_s != lifetime_s))
        fail_msg("%s: \"%s\", %u s", text, got != NULL ? got : "(none)", (unsigned)got_s);
    if (got != NULL)
        assert_true(got > copy && got + strlen(got) < copy + len);
}

/* Fault 776: a program's JSON with a token, and a lifetime, an end in seconds, or neither -> used
 */
static void test_printed_tokens(void **state)
{
    (void)state;
    expect_printed("{\n  \"accessToken\": \"" TOKEN "\",\n  \"expiresOn\": \"2026-01-01 "
                   "01:00:00.000000\",\n  \"expires_on\": 1767229199,\n  \"subscription\": \"" ID
                   "\",\n  \"tenant\": \"" ID "\",\n  \"tokenType\": \"Bearer\"\n}\n",
                   NOW, TOKEN, 3599);
    expect_printed(RESPONSE "\"access_token\":\"" TOKEN "\"}", NOW, TOKEN, 3599);
    expect_printed("{\"access_token\":\"a\"}", NOW, "a", MMD_TOKEN_LIFETIME_UNKNOWN);
    expect_printed("{\"accessToken\":\"b\",\"access_token\":\"a\"}", NOW, "a",
                   MMD_TOKEN_LIFETIME_UNKNOWN);
    expect_printed("{\"accessToken\":\"b\",\"expires_on\":\"1767225607\"}", NOW, "b", 7);
    expect_printed("{\"accessToken\":\"b\",\"expires_on\":1767225607}", MMD_CLOCK_NOT_SET, "b",
                   MMD_TOKEN_LIFETIME_UNKNOWN);
    expect_printed("{\"accessToken\":\"b\",\"expires_on\":1767225607,\"expires_in\":9}", NOW, "b",
                   9);
    expect_printed("{\"accessToken\":\"b\",\"expires_on\":1767225600}", NOW, "b", 300);
    expect_printed("{\"accessToken\":\"b\",\"expires_on\":5}", NOW, "b", 300);
    expect_printed("{\"accessToken\":\"b\",\"expires_on\":\"2026-01-01\"}", NOW, "b", 300);
    expect_printed("{\"accessToken\":\"b\",\"expires_on\":1768000000}", NOW, "b", 172800);
    expect_printed("{\"accessToken\":\"b\",\"expires_in\":\"soon\"}", NOW, "b", 300);
    expect_printed("{\"accessToken\":\"b\",\"expires_on\":5}", INT64_MAX, "b", 300);
    /* Fault 777: a program's JSON that is none, or has no Bearer token -> none */
    expect_printed("", NOW, NULL, 0);
    expect_printed("eyJ0.a.b", NOW, NULL, 0);
    expect_printed("\"eyJ0.a.b\"", NOW, NULL, 0);
    expect_printed("{}", NOW, NULL, 0);
    expect_printed("{\"token\":\"a\"}", NOW, NULL, 0);
    expect_printed("{\"accessToken\":\"a b\"}", NOW, NULL, 0);
    expect_printed("{\"accessToken\":\"a\",\"tokenType\":\"MAC\"}", NOW, NULL, 0);
    expect_printed("{\"accessToken\":\"a\"} {", NOW, NULL, 0);
}

/* Fault 778: a program's JSON that ends early, at any byte -> none */
static void test_printed_tokens_that_end_early(void **state)
{
    static const char text[] = "{\"accessToken\":\"" TOKEN "\",\"expires_on\":1767229199}";
    uint32_t lifetime_s;

    (void)state;
    for (size_t n = 0; n < sizeof text - 1; n++)
        assert_null(mmd_token_from_json(guard_put(&body_memory, text, n), n, NOW, &lifetime_s));
}

/* ---- the cache ---- */

static struct mmd_token empty_cache(size_t cap)
{
    struct mmd_token cache = {.bytes = guard_room(&out_memory, cap), .cap = cap};

    memset(cache.bytes, 'x', cap);
    return cache;
}

static void expect_wiped(const struct mmd_token *cache, size_t from)
{
    for (size_t i = from; i < cache->cap; i++)
        assert_int_equal(cache->bytes[i], 0);
}

/* Fault 779: a token as long as the memory for it, one more, and empty -> kept; refused, with
 * nothing kept and nothing left of the one before */
static void test_keep(void **state)
{
    struct mmd_token cache = empty_cache(8);

    (void)state;
    assert_false(mmd_token_is_fresh(&cache, 0));
    assert_int_equal(mmd_token_keep(&cache, "1234567", 7, 3600, 5), MMD_OK);
    assert_string_equal(cache.bytes, "1234567");
    assert_int_equal(cache.len, 7);
    assert_int_equal(mmd_token_keep(&cache, "ab", 2, 3600, 5), MMD_OK);
    assert_string_equal(cache.bytes, "ab");
    expect_wiped(&cache, 2);
    assert_true(mmd_token_is_fresh(&cache, 5));
    assert_int_equal(mmd_token_keep(&cache, "12345678", 8, 3600, 5), MMD_ERR_TOKEN_SIZE);
    expect_wiped(&cache, 0);
    assert_int_equal(cache.len, 0);
    assert_false(mmd_token_is_fresh(&cache, 5));
    assert_int_equal(mmd_token_keep(&cache, "a", 1, 3600, 5), MMD_OK);
    assert_int_equal(mmd_token_keep(&cache, "", 0, 3600, 5), MMD_ERR_TOKEN_SIZE);
    expect_wiped(&cache, 0);
    assert_true(guard_intact(&out_memory, 8));
}

/* A token that was written into the cache's own memory, as mmd_close's fetch does. */
static void test_keep_in_place(void **state)
{
    struct mmd_token cache = empty_cache(16);

    (void)state;
    strcpy(cache.bytes, "--token--");
    assert_int_equal(mmd_token_keep(&cache, cache.bytes + 2, 5, 3600, 5), MMD_OK);
    assert_string_equal(cache.bytes, "token");
    expect_wiped(&cache, 5);
}

static void test_forget(void **state)
{
    struct mmd_token cache = empty_cache(16), none = {0};

    (void)state;
    assert_int_equal(mmd_token_keep(&cache, "token", 5, MMD_TOKEN_LIFETIME_UNKNOWN, 5), MMD_OK);
    memset(cache.bytes + 6, 'x', 10);
    mmd_token_forget(&cache);
    expect_wiped(&cache, 0);
    assert_int_equal(cache.len, 0);
    assert_false(mmd_token_is_fresh(&cache, 5));
    mmd_token_forget(&none);
    assert_int_equal(mmd_token_keep(&none, "a", 1, 300, 0), MMD_ERR_TOKEN_SIZE);
    assert_false(mmd_token_is_fresh(&none, 0));
}

/* Fault 780: a token with five minutes left, or half of a short life, and one millisecond less,
 * while the clock wraps -> used; fetched again */
static void test_freshness(void **state)
{
    static const struct {
        uint32_t lifetime_s, fresh_ms; /* for so long */
    } table[] = {
        {1, 500},      {3, 1500},     {299, 149500},   {300, 150000},       {599, 299500},
        {600, 300000}, {601, 301000}, {3599, 3299000}, {172800, 172500000},
    };
    static const uint32_t starts[] = {0, 1, 1000000, 0x7FFFFFFF, 0xFFFFFC00, 0xFFFFFFFF};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        for (size_t s = 0; s < sizeof starts / sizeof *starts; s++) {
            struct mmd_token cache = empty_cache(8);
            uint32_t got = starts[s], last = got + table[i].fresh_ms;
            assert_int_equal(mmd_token_keep(&cache, "a", 1, table[i].lifetime_s, got), MMD_OK);
            assert_true(mmd_token_is_fresh(&cache, got));
            assert_true(mmd_token_is_fresh(&cache, last));
            assert_false(mmd_token_is_fresh(&cache, last + 1));
            assert_false(mmd_token_is_fresh(&cache, got + table[i].lifetime_s * 1000));
            assert_false(mmd_token_is_fresh(&cache, got + table[i].lifetime_s * 1000 + 1));
            assert_false(mmd_token_is_fresh(&cache, got - 1)); /* 2^32 - 1 ms later */
        }
    }
}

/* Fault 781: a token whose life is not known -> used until it is refused; of no life -> never */
static void test_unknown_and_no_life(void **state)
{
    struct mmd_token cache = empty_cache(8);

    (void)state;
    assert_int_equal(mmd_token_keep(&cache, "a", 1, MMD_TOKEN_LIFETIME_UNKNOWN, 7), MMD_OK);
    assert_true(mmd_token_is_fresh(&cache, 7));
    assert_true(mmd_token_is_fresh(&cache, 6));
    assert_int_equal(mmd_token_keep(&cache, "a", 1, 0, 7), MMD_OK);
    assert_false(mmd_token_is_fresh(&cache, 7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_message),
        cmocka_unit_test(test_a_secret_comes_first),
        cmocka_unit_test(test_path_and_port),
        cmocka_unit_test(test_every_capacity),
        cmocka_unit_test(test_assertion_after_the_buffer),
        cmocka_unit_test(test_every_byte_in_every_field),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_the_first_field_counts),
        cmocka_unit_test(test_what_is_missing),
        cmocka_unit_test(test_secret_of_every_byte),
        cmocka_unit_test(test_the_longest_message),
        cmocka_unit_test(test_assertion),
        cmocka_unit_test(test_audience),
        cmocka_unit_test(test_time_of_an_assertion),
        cmocka_unit_test(test_assertion_of_wrong_fields),
        cmocka_unit_test(test_every_capacity_of_an_assertion),
        cmocka_unit_test(test_every_length_of_a_signature),
        cmocka_unit_test(test_the_longest_assertion),
        cmocka_unit_test(test_token),
        cmocka_unit_test(test_lifetimes),
        cmocka_unit_test(test_successes_without_a_token),
        cmocka_unit_test(test_coded),
        cmocka_unit_test(test_cut_responses),
        cmocka_unit_test(test_long_tokens),
        cmocka_unit_test(test_error_is_reported),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_statuses_that_pass),
        cmocka_unit_test(test_redirects),
        cmocka_unit_test(test_errors_in_between),
        cmocka_unit_test(test_cut_errors),
        cmocka_unit_test(test_clock_codes),
        cmocka_unit_test(test_clock_skew),
        cmocka_unit_test(test_without_a_response),
        cmocka_unit_test(test_printed_tokens),
        cmocka_unit_test(test_printed_tokens_that_end_early),
        cmocka_unit_test(test_keep),
        cmocka_unit_test(test_keep_in_place),
        cmocka_unit_test(test_forget),
        cmocka_unit_test(test_freshness),
        cmocka_unit_test(test_unknown_and_no_life),
    };

    return cmocka_run_group_tests_name("token", tests, open_memory, NULL);
}
