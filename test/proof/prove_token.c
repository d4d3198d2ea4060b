/* SPDX-License-Identifier: MIT */
/* Tokens: the fields of a credential, the end of an assertion, what a response means, the
 * cache; and when to try again. The rest of JSON is proved in prove_error_object.c, form values and
 * the host field in prove_request.c. */
#include "proof.h"

#include "../../src/text/json.c" /* first: it takes jsmn's functions, too */

#include "../../src/http/request_writer.c"
#include "../../src/service/assertion.c"
#include "../../src/service/cause.c"
#include "../../src/service/credential.c"
#include "../../src/service/error_object.c"
#include "../../src/service/fields.c"
#include "../../src/service/outcome.c"
#include "../../src/service/retry.c"
#include "../../src/service/token.c"
#include "../../src/service/token_cache.c"
#include "../../src/service/token_judge.c"
#include "../../src/text/base64.c"
#include "../../src/text/charclass.c"
#include "../../src/text/hostname.c"
#include "../../src/text/json_check.c"
#include "../../src/text/json_string.c"
#include "../../src/text/utf8.c"
#include "../../src/text/wipe.c"
#include "../../src/text/writer.c"

uint32_t nondet_32(void);
int64_t nondet_64(void);

/* ---- when to try again ---- */

/* PROOF mmd_retry_backoff_ms
 * proved: between 0 and the bound: first_ms doubled after each try but the first, or max_ms if that
 * is less
 * bound: all times and tries; of random, none, all and the middle
 * not: other random numbers, which test_retry spreads
 * models: 64 arm
 * with: --unwind 34 */
void prove_retry_backoff(void)
{
    uint32_t first = nondet_32(), max = nondet_32(), random = nondet_32();
    unsigned failed = (unsigned)nondet_32();
    uint64_t bound = first;

    ASSUME(failed > 0 && (random == 0 || random == UINT32_MAX || random == 0x80000000u));
    for (unsigned n = 1; n < failed && bound < max && n <= 32; n++)
        bound *= 2;
    if (bound > max)
        bound = max;
    uint32_t delay = mmd_retry_backoff_ms(failed, first, max, random);
    PROVE(random != 0 || delay == 0);
    PROVE(random != UINT32_MAX || delay == bound);
    PROVE(random != 0x80000000u || delay == (bound + 1) / 2);
    REACHED(failed > 100 && delay == max && max > 5);
    REACHED(failed == 3 && delay == 4 * first && first > 5 && first < 100);
}

/* PROOF mmd_retry_after_ms
 * proved: the longer of the delay and, without the server's Date, the time from our clock, if it is
 * set, to the date; at most MMD_RETRY_AFTER_MAX; 0 without any
 * bound: all numbers
 * models: 64 arm
 * with: --unwind 2 */
void prove_retry_after(void)
{
    struct mmd_result result;
    int64_t now = nondet_64(), least = 0;

    ASSUME(result.retry_after_s >= MMD_RETRY_AFTER_ABSENT && result.retry_at >= -1);
    uint32_t ms = mmd_retry_after_ms(&result, now);
    if (result.retry_after_s > least)
        least = result.retry_after_s;
    if (result.retry_at >= 0 && result.date < 0 && now >= 0 && result.retry_at > now &&
        result.retry_at - now > least)
        least = result.retry_at - now;
    PROVE(ms == (least > MMD_RETRY_AFTER_MAX ? MMD_RETRY_AFTER_MAX : (uint32_t)least) * 1000);
    REACHED(ms == 5000 && result.retry_after_s == -1);
    REACHED(ms == 5000 && result.retry_at == -1);
}

/* PROOF mmd_retry_pause_ms
 * proved: at least what is asked for, at most half of it or the backoff more; the backoff if none
 * is asked for; at most the largest number
 * bound: all times; of random, none, all and the middle
 * not: other random numbers, some of which test_retry tries
 * models: 64 arm
 * with: --unwind 2 */
void prove_retry_pause(void)
{
    uint32_t backoff = nondet_32(), asked = nondet_32(), random = nondet_32();

    ASSUME(random == 0 || random == UINT32_MAX || random == 0x80000000u);
    uint32_t pause = mmd_retry_pause_ms(backoff, asked, random);
    PROVE(pause >= asked && pause >= backoff &&
          pause - asked <= (backoff > asked / 2 ? backoff : asked / 2));
    PROVE(asked > 0 || pause == backoff);
    REACHED(backoff == 0 && random == UINT32_MAX && asked == 1000 && pause == 1499);
}

/* ---- the cache ---- */

/* PROOF mmd_token_is_fresh
 * proved: fresh just if there is a token, and of its life, in milliseconds, 300,000 or half of it
 * are left, or it is not known; whenever the clock wraps
 * bound: lives of up to 1023 s and the longest, all times
 * not: other lives, of which test_token tests some
 * models: 64 arm
 * with: --unwind 2 */
void prove_token_is_fresh(void)
{
    struct mmd_token token;
    uint32_t age = nondet_32();

    ASSUME(token.lifetime_s < 1024 || token.lifetime_s >= UINT32_MAX - 1);
    bool fresh = mmd_token_is_fresh(&token, token.got_ms + age);
    int64_t left = (int64_t)token.lifetime_s * 1000 - age;
    bool is_known = token.lifetime_s != MMD_TOKEN_LIFETIME_UNKNOWN;
    bool is_good = left > 0 && (left >= 300000 || 2 * left >= (int64_t)token.lifetime_s * 1000);
    PROVE(fresh == (token.len > 0 && (!is_known || is_good)));
    REACHED(fresh && is_known && age == 700000);
    REACHED(!fresh && left == 299999);
}

/* PROOF mmd_token_keep
 * proved: in bounds; the token, with its NUL, is kept if it fits and is not empty; all else of the
 * memory is then zeros
 * bound: memory of up to 4 bytes, tokens of up to 5, from another place or within the memory
 * models: 64 arm
 * with: --unwind 7 */
void prove_token_keep(void)
{
    char old[4];
    size_t cap = any_length(4), len = any_length(5), at = any_length(4);
    struct mmd_token token = {any_bytes(cap), cap, any_length(4), nondet_32(), nondet_32()};
    const char *bytes = any_bytes(len);

    if (nondet_bool() && at + len <= cap)
        bytes = token.bytes + at;
    for (size_t i = 0; i < len && i < 4; i++)
        old[i] = bytes[i];
    int result = mmd_token_keep(&token, bytes, len, 5, 7);
    bool fits = len > 0 && len < cap;
    PROVE(result == (fits ? MMD_OK : MMD_ERR_TOKEN_SIZE) && token.len == (fits ? len : 0));
    PROVE(!fits || (token.got_ms == 7 && token.lifetime_s == 5));
    for (size_t i = 0; i < cap; i++)
        PROVE(token.bytes[i] == (fits && i < len ? old[i] : 0));
    REACHED(fits && len == 3 && bytes == token.bytes + 1);
    REACHED(!fits && cap == 4 && len == 5);
}

/* ---- the credential ---- */

#define FAULT(rule, at) ((struct mmd_fault){MMD_RULE_##rule, (size_t)(at)})

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_any_of(char c, const char *list)
{
    for (; *list != '\0'; list++)
        if (*list == c)
            return true;
    return false;
}

static struct mmd_fault fault_of_id(const char *s)
{
    size_t n = 0;

    for (; s[n] != '\0'; n++)
        if (!is_alphanumeric(s[n]) && !is_any_of(s[n], "-._~"))
            return FAULT(CHARACTER, n);
    if (n == 0)
        return FAULT(EMPTY, 0);
    return strcmp(s, ".") == 0 || strcmp(s, "..") == 0 ? FAULT(DOTS, n) : FAULT(NONE, 0);
}

static struct mmd_fault fault_of_path(const char *s)
{
    size_t n = 0;

    for (; s[n] != '\0'; n++) {
        bool is_escape =
            s[n] == '%' && mmd_hex_digit(s[n + 1]) >= 0 && mmd_hex_digit(s[n + 2]) >= 0;
        bool is_right = is_alphanumeric(s[n]) || is_any_of(s[n], "-._~/!$&'()*+,;=:@");
        if (n == 0 ? s[n] != '/' : !is_escape && !is_right)
            return FAULT(CHARACTER, n);
    }
    if (n == 0)
        return FAULT(EMPTY, 0);
    for (size_t at = 1; at <= n; at++) {
        size_t len = 0;
        while (s[at + len] != '/' && s[at + len] != '\0')
            len++;
        if (s[at - 1] == '/' && (len == 1 || len == 2) && s[at] == '.' && s[at + len - 1] == '.')
            return FAULT(DOTS, at);
    }
    return FAULT(NONE, 0);
}

static struct mmd_fault fault_of_scope(const char *s)
{
    for (size_t n = 0; s[n] != '\0'; n++)
        if ((unsigned char)s[n] < ' ' || (unsigned char)s[n] > '~' || s[n] == '"' || s[n] == '\\')
            return FAULT(CHARACTER, n);
    return s[0] == '\0' ? FAULT(EMPTY, 0) : FAULT(NONE, 0);
}

static bool host_is_good;

bool contract_of_check_hostname(const char *s, struct mmd_fault *fault)
{
    PROVE(__CPROVER_r_ok(s, 1));
    *fault = host_is_good ? FAULT(NONE, 0) : FAULT(ADDRESS, 1);
    return host_is_good;
}

static int any_signature(void *context, const uint8_t sha256[MMD_SHA256_LEN], uint8_t *out,
                         size_t cap)
{
    (void)context;
    (void)sha256;
    (void)out;
    (void)cap;
    return MMD_ERR_SIGN;
}

/* PROOF mmd_credential_check(the path)
 * proved: takes just a path of RFC 3986's characters that begins with a slash and has no segment
 * "." or ".."; else reports the rule and exactly where
 * bound: paths of up to 3 characters
 * not: the greatest length, which test_token tests
 * models: 64 arm
 * with: --unwind 20
 * replaced: mmd_check_hostname:contract_of_check_hostname */
void prove_credential_path(void)
{
    struct mmd_credential c = {
        .host = "h", .path = any_text(3), .client_id = "c", .scope = "s", .client_secret = "x"};
    struct mmd_token_info info;

    host_is_good = true;
    int result = mmd_credential_check(&c, &info);
    struct mmd_fault fault = fault_of_path(c.path);
    bool is_good = fault.rule == MMD_RULE_NONE;
    PROVE(result == (is_good ? MMD_OK : MMD_ERR_INPUT));
    PROVE(info.field == (is_good ? MMD_TOKEN_FIELD_NONE : MMD_TOKEN_FIELD_PATH));
    PROVE(info.fault.rule == fault.rule && info.fault.offset == fault.offset && info.needed == 0);
    REACHED(is_good && c.path[1] == '.' && c.path[2] == 'a');
    REACHED(fault.rule == MMD_RULE_DOTS && fault.offset == 2);
    REACHED(fault.rule == MMD_RULE_CHARACTER && fault.offset == 1 && c.path[1] == '%');
}

/* PROOF mmd_credential_check
 * proved: takes just a good host, ids of unreserved characters, a scope of RFC 6749's; and a secret
 * that is not empty, or else a certificate with a function; reports the first field at fault, the
 * rule and exactly where
 * bound: fields of up to 2 characters
 * not: the greatest lengths, which test_token tests; hosts are proved with the closing's fields
 * models: 64 arm
 * with: --unwind 5
 * replaced: mmd_check_hostname:contract_of_check_hostname */
void prove_credential_check(void)
{
    struct mmd_credential c = {.host = "h",
                               .tenant_id = any_text(1),
                               .client_id = any_text(2),
                               .scope = any_text(2),
                               .client_secret = nondet_bool() ? any_text(1) : NULL,
                               .certificate = nondet_bool() ? any_bytes(1) : NULL,
                               .certificate_len = any_length(1),
                               .sign = nondet_bool() ? any_signature : NULL};
    struct mmd_token_info info;
    struct mmd_fault fault = FAULT(ADDRESS, 1);
    enum mmd_token_field field = MMD_TOKEN_FIELD_NONE;
    bool has_certificate = c.certificate != NULL && c.certificate_len > 0 && c.sign != NULL;

    host_is_good = nondet_bool();
    int result = mmd_credential_check(&c, &info);
    if (!host_is_good) {
        field = MMD_TOKEN_FIELD_HOST;
    } else if ((fault = fault_of_id(c.tenant_id)).rule != MMD_RULE_NONE) {
        field = MMD_TOKEN_FIELD_TENANT_ID;
    } else if ((fault = fault_of_id(c.client_id)).rule != MMD_RULE_NONE) {
        field = MMD_TOKEN_FIELD_CLIENT_ID;
    } else if ((fault = fault_of_scope(c.scope)).rule != MMD_RULE_NONE) {
        field = MMD_TOKEN_FIELD_SCOPE;
    } else if (c.client_secret != NULL ? c.client_secret[0] == '\0' : !has_certificate) {
        field =
            c.client_secret != NULL ? MMD_TOKEN_FIELD_CLIENT_SECRET : MMD_TOKEN_FIELD_CERTIFICATE;
        fault = FAULT(EMPTY, 0);
    }
    PROVE(result == (field == MMD_TOKEN_FIELD_NONE ? MMD_OK : MMD_ERR_INPUT));
    PROVE(info.needed == 0 && info.field == field && info.fault.rule == fault.rule);
    PROVE(info.fault.offset == fault.offset);
    REACHED(result == MMD_OK && c.scope[1] == '~');
    REACHED(field == MMD_TOKEN_FIELD_CLIENT_ID && fault.rule == MMD_RULE_DOTS && fault.offset == 2);
    REACHED(field == MMD_TOKEN_FIELD_CERTIFICATE && c.certificate != NULL);
}

/* ---- the assertion's end ---- */

/* PROOF mmd_assertion_end
 * proved: in bounds; appends a dot, four characters of base64url's alphabet for each three bytes,
 * and a NUL, exactly if the buffer holds that
 * bound: signatures of up to 5 bytes, buffers of up to 12, of which up to 14 are said to be used
 * models: 64 arm
 * with: --unwind 20 */
void prove_assertion_end(void)
{
    size_t cap = any_length(12), len = any_length(14), signature_len = any_length(5);
    char *buf = any_bytes(cap);
    const uint8_t *signature = any_bytes(signature_len);
    size_t at = any_length(11), end = len + 1 + (signature_len * 4 + 2) / 3;
    char old = at < cap ? buf[at] : 0;

    int n = mmd_assertion_end(buf, cap, len, signature, signature_len);
    PROVE(n == (end < cap ? (int)end : MMD_ERR_CAPACITY));
    if (n < 0)
        return;
    PROVE(buf[len] == '.' && buf[end] == '\0');
    PROVE(at >= len || buf[at] == old);
    for (size_t i = len + 1; i < end; i++)
        PROVE(is_alphanumeric(buf[i]) || buf[i] == '-' || buf[i] == '_');
    REACHED(signature_len == 5 && len == 3);
}

/* ---- JSON, by contract ---- */

static char body[5];

/* Any tokens that mmd_json_parse may give of such a text: see prove_error_object.c. */
static void any_tokens(struct mmd_json *json, char *text, size_t len, size_t max)
{
    json->text = text;
    json->len = len;
    json->count = 1 + any_length(max - 1);
    for (size_t i = 0; i < json->count; i++) {
        const jsmntok_t *t = &json->tokens[i];
        bool is_bracket = t->type == JSMN_OBJECT || t->type == JSMN_ARRAY;
        bool is_text = t->type == JSMN_STRING || t->type == JSMN_PRIMITIVE;
        ASSUME(is_bracket || is_text);
        ASSUME(t->start >= 0 && (size_t)t->start + is_bracket <= len);
        ASSUME((is_bracket && t->end == -1) ||
               (t->end >= t->start + is_bracket && (size_t)t->end <= len));
        if (i > 0) {
            bool after_text = t[-1].type == JSMN_STRING || t[-1].type == JSMN_PRIMITIVE;
            ASSUME(t->start > (after_text ? t[-1].end : t[-1].start));
        }
    }
}

/* PROOF mmd_json_element
 * proved: ends, in bounds; gives an element of the array, or NULL if it has no such or is none; one
 * after the other, without a gap
 * bound: any 6 tokens that mmd_json_parse may give of 12 bytes, any of them as the array
 * models: 64 arm
 * with: --unwind 8 */
void prove_json_element(void)
{
    static char text[12];
    struct mmd_json json;
    size_t index = any_length(5);

    any_tokens(&json, text, sizeof text, 6);
    const jsmntok_t *array = &json.tokens[any_length(json.count - 1)];
    const jsmntok_t *t = mmd_json_element(&json, array, index);
    const jsmntok_t *next = mmd_json_element(&json, array, index + 1);
    PROVE(mmd_json_element(&json, NULL, index) == NULL);
    PROVE(t == NULL || (array->type == JSMN_ARRAY && t > array + index));
    PROVE(t == NULL || (t < json.tokens + json.count));
    PROVE(t == NULL || array->end < 0 || t->start < array->end);
    PROVE(t == NULL || index > 0 || t == array + 1);
    PROVE(next == NULL || (t != NULL && next > t && t->end >= 0 && next->start >= t->end));
    REACHED(t == json.tokens + 5 && index == 4);
    REACHED(next == json.tokens + 5 && index == 1);
}

static bool is_json;

bool contract_of_json_parse(struct mmd_json *json, char *text, size_t len, bool cut)
{
    PROVE(__CPROVER_w_ok(text, len));
    (void)cut;
    is_json = len > 0 && nondet_bool();
    if (is_json)
        any_tokens(json, text, len, 3);
    return is_json;
}

static const jsmntok_t *found[8]; /* the values that were looked up */
static size_t lookups;
static bool is_own; /* "error" is a string */

/* Each value is found once, since it is looked up by another name. */
const jsmntok_t *contract_of_json_member(const struct mmd_json *json, const jsmntok_t *object,
                                         const char *name)
{
    PROVE(object == json->tokens && name != NULL && lookups < 8);
    const jsmntok_t *value = &json->tokens[any_length(json->count - 1)];
    if (value == object || nondet_bool())
        return NULL;
    for (size_t i = 0; i < lookups; i++)
        ASSUME(value != found[i]);
    found[lookups++] = value;
    is_own |= strcmp(name, "error") == 0 && value->type == JSMN_STRING;
    return value;
}

/* An array has one element at most here. */
const jsmntok_t *contract_of_json_element(const struct mmd_json *json, const jsmntok_t *array,
                                          size_t index)
{
    PROVE(array == NULL || (array > json->tokens && array < json->tokens + json->count));
    if (array == NULL || index > 0 || array + 1 >= json->tokens + json->count)
        return NULL;
    return nondet_bool() ? array + 1 : NULL;
}

char *contract_of_json_text(const struct mmd_json *json, const jsmntok_t *value)
{
    if (value == NULL || value->type == JSMN_OBJECT || value->type == JSMN_ARRAY || nondet_bool())
        return (char *)"";
    int end = (size_t)value->end < json->len ? value->end : (int)json->len - 1;
    if (value->start > end)
        return (char *)"";
    for (int i = value->start; i <= end; i++)
        json->text[i] = nondet_char();
    json->text[value->start + (int)any_length((size_t)(end - value->start))] = '\0';
    return json->text + value->start;
}

void contract_of_error_object_read(struct mmd_error_object *out, char *text, size_t len, bool cut)
{
    PROVE(__CPROVER_w_ok(text, len));
    *out = (struct mmd_error_object){(char *)"", (char *)"", cut && nondet_bool(), nondet_bool()};
}

static bool has_end(const char *text, size_t len)
{
    if (!__CPROVER_same_object(text, body))
        return *text == '\0';
    return text >= body && text < body + len &&
           memchr(text, '\0', (size_t)(body + len - text)) != NULL;
}

static bool is_b64token(const char *s)
{
    size_t n = 0;

    while (is_alphanumeric(s[n]) || is_any_of(s[n], "-._~+/"))
        n++;
    if (n == 0)
        return false;
    while (s[n] == '=')
        n++;
    return s[n] == '\0';
}

static bool is_final_status(unsigned status)
{
    return status >= 400 && status < 500 && status != 407 && status != 408 && status != 429;
}

/* PROOF mmd_token_judge
 * proved: every result has an outcome; there is a token just with MMD_OK, of a 200 with JSON, and
 * it is a b64token; "not authorised" just for a status of 400 to 499 but 407, 408 and 429 with JSON
 * whose error is a string, or as the engine's error says; the lifetime is in its bounds; all
 * strings end within the body
 * bound: bodies of up to 5 bytes, any 3 tokens, error_codes of one element; all errors, statuses,
 * deliveries and clocks
 * models: 64 arm
 * with: --unwind 9
 * replaced: mmd_json_parse:contract_of_json_parse mmd_json_member:contract_of_json_member
 * mmd_json_element:contract_of_json_element mmd_json_text:contract_of_json_text
 * mmd_error_object_read:contract_of_error_object_read */
void prove_token_judge(void)
{
    struct mmd_result result;
    struct mmd_token_verdict v;
    int delivery = nondet_int();

    ASSUME(delivery >= MMD_NOT_SENT && delivery <= MMD_ANSWERED);
    ASSUME(result.error != MMD_OK || (delivery == MMD_ANSWERED && result.status >= 200));
    ASSUME(result.error > MMD_ERR_CODED && result.error <= MMD_OK); /* before it is judged */
    result.delivery = (enum mmd_delivery)delivery;
    result.coded = nondet_bool();
    result.body_cut = nondet_bool();
    result.body = body;
    result.body_len = any_length(sizeof body);
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = nondet_char();
    mmd_token_judge(&v, &result, nondet_64());
    unsigned status = result.status;
    PROVE((int)v.outcome >= MMD_OUTCOME_CLOSED && v.outcome <= MMD_OUTCOME_NO_TOKEN);
    PROVE((v.error == MMD_OK) == (v.outcome == MMD_OUTCOME_CLOSED));
    PROVE(v.error != MMD_OK || (result.error == MMD_OK && status == 200 && is_json));
    PROVE(v.error == MMD_OK ? is_b64token(v.token) : *v.token == '\0');
    if (v.outcome == MMD_OUTCOME_NOT_AUTHORISED)
        PROVE(is_own && is_final_status(status) && result.error == MMD_OK);
    PROVE(v.lifetime_s >= 1 && v.lifetime_s <= MMD_TOKEN_LIFETIME_MAX);
    PROVE(has_end(v.token, result.body_len) && has_end(v.code, result.body_len));
    PROVE(has_end(v.message, result.body_len) && has_end(v.correlation_id, result.body_len));
    REACHED(v.error == MMD_OK && v.lifetime_s == 4);
    REACHED(v.error == MMD_ERR_TOKEN_SIZE);
    REACHED(v.error == MMD_ERR_CLOCK_SKEW);
    REACHED(v.outcome == MMD_OUTCOME_NOT_AUTHORISED);
}

/* PROOF mmd_token_from_json
 * proved: gives a b64token that ends within the text, or NULL; the lifetime is in its bounds or not
 * known
 * bound: texts of up to 5 bytes, any 3 tokens, all clocks
 * models: 64 arm
 * with: --unwind 9
 * replaced: mmd_json_parse:contract_of_json_parse mmd_json_member:contract_of_json_member
 * mmd_json_text:contract_of_json_text */
void prove_token_from_json(void)
{
    size_t len = any_length(sizeof body);
    uint32_t lifetime_s;

    for (size_t i = 0; i < sizeof body; i++)
        body[i] = nondet_char();
    char *token = mmd_token_from_json(body, len, nondet_64(), &lifetime_s);
    PROVE(token == NULL || (is_json && has_end(token, len) && is_b64token(token)));
    PROVE(lifetime_s == MMD_TOKEN_LIFETIME_UNKNOWN ||
          (lifetime_s >= 1 && lifetime_s <= MMD_TOKEN_LIFETIME_MAX));
    REACHED(token != NULL && lifetime_s == MMD_TOKEN_LIFETIME_UNKNOWN && len == 5);
    REACHED(token != NULL && lifetime_s == 4);
}
