/* SPDX-License-Identifier: MIT */
/* Tokens. Whatever a token server or a program sends: a verdict with strings that end within it, a
 * token of the characters that a header takes, and a lifetime in its bounds; or a device code with
 * texts that can be shown. Whatever a credential
 * is made of: a message with the lines and form members of the template, and an assertion that
 * decodes to one JSON object of text.
 *
 * Input: the kind (a byte); then of a response: status, flags, Date and clock (two bytes, a byte,
 * two bytes each), the body; or of a request: the capacity, the port (two bytes each), seven
 * NUL-terminated fields. */
#include "mmdclose/device_code.h"

#include "../unit/reference.h"
#include "fuzz.h"

#define DIGITS   "0123456789"
#define WORDLIKE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" DIGITS

/* ---- what is received ---- */

static void check_string(const char *text, const char *body, size_t len)
{
    if (*text == '\0')
        return; /* may be anywhere */
    CHECK(text >= body && text < body + len);
    CHECK(strnlen(text, (size_t)(body + len - text)) < (size_t)(body + len - text));
}

static void check_token(const char *token, const char *body, size_t len)
{
    check_string(token, body, len);
    size_t n = strspn(token, WORDLIKE "-._~+/");
    CHECK(n > 0);
    CHECK(token[n + strspn(token + n, "=")] == '\0');
}

static void check_verdict(const struct mmd_token_verdict *v, const struct mmd_result *result)
{
    const char *body = result->body;
    size_t len = result->body_len;

    CHECK(v->outcome >= MMD_OUTCOME_CLOSED && v->outcome <= MMD_OUTCOME_NO_TOKEN);
    CHECK(v->cause >= MMD_CAUSE_NONE && v->cause <= MMD_CAUSE_ARGUMENTS);
    CHECK(v->lifetime_s >= 1 && v->lifetime_s <= MMD_TOKEN_LIFETIME_MAX);
    CHECK((v->error == MMD_OK) == (v->outcome == MMD_OUTCOME_CLOSED));
    CHECK((v->error == MMD_OK) == (*v->token != '\0'));
    CHECK(v->error != MMD_OK || result->status == 200);
    CHECK(v->error != MMD_ERR_TOKEN_REFUSED || (*v->token == '\0' && result->status >= 400));
    CHECK(v->error != MMD_ERR_TOKEN_SIZE || result->body_cut);
    CHECK(result->body_cut || !v->message_cut);
    if (v->error == MMD_OK)
        check_token(v->token, body, len);
    check_string(v->code, body, len);
    check_string(v->message, body, len);
    check_string(v->correlation_id, body, len);
}

static void check_printed(const char *bytes, size_t len, int64_t now)
{
    char *text = exact_copy(bytes, len);
    uint32_t lifetime_s = 0;
    char *token = mmd_token_from_json(text, len, now, &lifetime_s);

    CHECK(lifetime_s == MMD_TOKEN_LIFETIME_UNKNOWN ||
          (lifetime_s >= 1 && lifetime_s <= MMD_TOKEN_LIFETIME_MAX));
    if (token != NULL)
        check_token(token, text, len);
    free(text);
}

static void check_visible(const char *text, size_t max, bool with_spaces, const char *body,
                          size_t len)
{
    check_string(text, body, len);
    CHECK(*text != '\0' && strlen(text) <= max);
    for (; *text != '\0'; text++)
        CHECK((*text > ' ' && *text <= '~') || (with_spaces && *text == ' '));
}

static void check_code(struct mmd_result result, const char *body, size_t len)
{
    struct mmd_token_verdict v;
    struct mmd_device_code code;

    result.body = exact_copy(body, len);
    mmd_device_code_judge(&code, &v, &result);
    CHECK(*v.token == '\0');
    CHECK((v.error == MMD_OK) == (v.outcome == MMD_OUTCOME_CLOSED));
    CHECK((v.error == MMD_OK) == (*code.device_code != '\0'));
    CHECK(v.error != MMD_OK || result.status == 200);
    CHECK(code.lifetime_s >= 1 && code.lifetime_s <= MMD_DEVICE_LIFETIME_MAX);
    CHECK(code.interval_s >= 1 &&
          (code.interval_s <= code.lifetime_s || code.interval_s == MMD_DEVICE_INTERVAL_DEFAULT));
    check_string(v.code, result.body, len);
    check_string(v.message, result.body, len);
    if (v.error == MMD_OK) {
        check_visible(code.device_code, MMD_DEVICE_CODE_MAX, false, result.body, len);
        check_visible(code.user_code, MMD_DEVICE_USER_MAX, true, result.body, len);
        check_visible(code.verification_uri, MMD_DEVICE_URI_MAX, false, result.body, len);
        CHECK(strncmp(code.verification_uri, "https://", 8) == 0 && code.verification_uri[8] != 0);
    }
    free(result.body);
}

/* Only the token server's own word, in a response, spends a code. */
static void check_next(const struct mmd_token_verdict *v, const struct mmd_result *result)
{
    enum mmd_device_next next = mmd_device_next_of(v);

    CHECK((next == MMD_DEVICE_SIGNED_IN) == (v->error == MMD_OK));
    if (next >= MMD_DEVICE_DECLINED)
        CHECK(v->error == MMD_ERR_TOKEN_REFUSED || v->error == MMD_ERR_CLOCK_SKEW ||
              v->error == MMD_ERR_TOKEN_SIZE);
    if (next == MMD_DEVICE_DECLINED || next == MMD_DEVICE_EXPIRED || next == MMD_DEVICE_UNKNOWN)
        CHECK(result->status >= 400 && result->status < 500 && *v->code != '\0');
}

static void check_response(struct input *in)
{
    struct mmd_result result = MMD_RESULT_NONE;
    struct mmd_token_verdict verdict;

    result.delivery = MMD_ANSWERED;
    result.status = (uint16_t)(200 + take_two(in) % 400);
    unsigned flags = take_byte(in);
    result.body_cut = flags & 1;
    result.coded = flags & 2;
    result.date = (int64_t)take_two(in) - 1;
    int64_t now = (int64_t)take_two(in) - 1;
    result.body = exact_copy(in->p, in->len);
    result.body_len = in->len;
    check_printed(result.body, in->len, now);
    check_code(result, result.body, in->len);
    mmd_token_judge(&verdict, &result, now);
    check_verdict(&verdict, &result);
    check_next(&verdict, &result);
    free(result.body);
}

/* ---- what is sent ---- */

static char *take_text(struct input *in)
{
    size_t len = strnlen((const char *)in->p, in->len);
    char *text = exact_room(len + 1);

    if (len > 0)
        memcpy(text, in->p, len);
    text[len] = '\0';
    in->p += len < in->len ? len + 1 : len;
    in->len -= len < in->len ? len + 1 : len;
    return text;
}

static int never_sign(void *context, const uint8_t sha256[MMD_SHA256_LEN], uint8_t *out, size_t cap)
{
    (void)context;
    (void)sha256;
    (void)out;
    (void)cap;
    return MMD_ERR_SIGN;
}

static size_t count(const char *text, size_t len, char c)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += text[i] == c;
    return n;
}

/* The next of a form's members has this name and, decoded, this value; returns what follows. */
static const char *check_member(const char *s, const char *end, const char *name, const char *value)
{
    size_t len = strlen(name);

    CHECK((size_t)(end - s) > len && memcmp(s, name, len) == 0 && s[len] == '=');
    for (s += len + 1; s < end && *s != '&'; s++, value++) {
        char c = *s;
        if (c == '%') {
            CHECK(end - s > 2);
            c = (char)reference_hex(s + 1, 2);
            s += 2;
        } else {
            CHECK(strchr(WORDLIKE "-._~", c) != NULL);
        }
        CHECK(c != '\0' && c == *value);
    }
    CHECK(*value == '\0');
    return s < end ? s + 1 : s;
}

static void check_message(const struct mmd_credential *c, const char *assertion, const char *id,
                          const char *message, size_t len)
{
    static const char type[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    char *head = exact_room(len + 512), port[8] = "";
    const char *body = memmem(message, len, "\r\n\r\n", 4), *end = message + len;

    CHECK(body != NULL && count(message, len, '\r') == 10 && count(message, len, '\n') == 10);
    body += 4;
    if (c->port != 443)
        snprintf(port, sizeof port, ":%u", (unsigned)c->port);
    int n = snprintf(head, len + 512,
                     "POST %s%s%s HTTP/1.1\r\nHost: %s%s\r\nAccept: application/json\r\n"
                     "Accept-Encoding: identity\r\n"
                     "Content-Type: application/x-www-form-urlencoded\r\n",
                     c->path != NULL ? c->path : "/", c->path != NULL ? "" : c->tenant_id,
                     c->path != NULL ? "" : "/oauth2/v2.0/token", c->host, port);
    CHECK(n > 0 && n < body - message && memcmp(head, message, (size_t)n) == 0);
    n = snprintf(head, len + 512, "\r\nclient-request-id: %s\r\nConnection: close\r\n", id);
    CHECK(memmem(message, len, head, (size_t)n) != NULL);
    n = snprintf(head, len + 512, "\r\nContent-Length: %zu\r\n\r\n", (size_t)(end - body));
    CHECK(memcmp(body - n, head, (size_t)n) == 0);
    free(head);
    body = check_member(body, end, "client_id", c->client_id);
    body = check_member(body, end, "scope", c->scope);
    if (c->client_secret != NULL) {
        body = check_member(body, end, "client_secret", c->client_secret);
    } else {
        body = check_member(body, end, "client_assertion_type", type);
        body = check_member(body, end, "client_assertion", assertion);
    }
    body = check_member(body, end, "grant_type", "client_credentials");
    CHECK(body == end);
}

/* Each part of an assertion is base64url; the second one, decoded, has what it was made of. */
static void check_assertion(const struct mmd_credential *c, const char *jti, int64_t now)
{
    static const uint8_t thumbprint[MMD_SHA256_LEN] = {0xFF, 0x00, 0xFE};
    static const char digits[] = WORDLIKE "-_";
    char *buf = exact_room(MMD_ASSERTION_MAX + 1), *claims;
    int len = mmd_assertion_write(buf, MMD_ASSERTION_MAX + 1, c, thumbprint, jti, now);
    unsigned bits = 0, have = 0;
    size_t n = 0;

    CHECK(len > 0);
    len = mmd_assertion_end(buf, MMD_ASSERTION_MAX + 1, (size_t)len, thumbprint, 32);
    CHECK(len > 0 && buf[len] == '\0');
    CHECK(strspn(buf, WORDLIKE "-_.") == (size_t)len && count(buf, (size_t)len, '.') == 2);
    claims = exact_room((size_t)len);
    for (const char *s = strchr(buf, '.') + 1; *s != '.'; s++) {
        bits = bits << 6 | (unsigned)(strchr(digits, *s) - digits);
        for (have += 6; have >= 8; have -= 8)
            claims[n++] = (char)(bits >> (have - 8));
    }
    CHECK(n > 20 && count(claims, n, '"') == 22 && count(claims, n, '\\') == 0);
    CHECK(claims[0] == '{' && claims[n - 1] == '}' && count(claims, n, '}') == 1);
    CHECK(memmem(claims, n, jti, strlen(jti)) != NULL);
    free(claims);
    free(buf);
}

static void check_written(const struct mmd_credential *c, const char *assertion, const char *id,
                          size_t cap)
{
    struct mmd_token_info info, again;
    char *buf = exact_room(cap);
    int n = mmd_token_write(buf, cap, c, assertion, id, &info);

    free(buf);
    CHECK(n >= 0 || n == MMD_ERR_INPUT || (n == MMD_ERR_CAPACITY && info.needed > cap));
    CHECK((n == MMD_ERR_INPUT) == (info.field != MMD_TOKEN_FIELD_NONE));
    CHECK((n == MMD_ERR_INPUT) == (info.fault.rule != MMD_RULE_NONE));
    if (mmd_credential_check(c, &again) == MMD_ERR_INPUT) {
        CHECK(n == MMD_ERR_INPUT && again.field == info.field);
        CHECK(again.fault.rule == info.fault.rule && again.fault.offset == info.fault.offset);
    }
    if (n == MMD_ERR_INPUT)
        return;
    buf = exact_room(info.needed);
    CHECK(mmd_token_write(buf, info.needed, c, assertion, id, &again) == (int)info.needed);
    check_message(c, assertion, id, buf, info.needed);
    free(buf);
    buf = exact_room(info.needed - 1);
    CHECK(mmd_token_write(buf, info.needed - 1, c, assertion, id, &again) == MMD_ERR_CAPACITY);
    free(buf);
    check_assertion(c, id, (int64_t)cap);
}

/* Both requests of a login: with as many lines, and members of the form that come back. */
static void check_login(const struct mmd_credential *c, const char *code, const char *id)
{
    static const char grant[] = "urn:ietf:params:oauth:grant-type:device_code";
    struct mmd_token_info info;
    char *buf = exact_room(16384);

    for (int is_poll = 0; is_poll < 2; is_poll++) {
        int n = is_poll ? mmd_device_poll_write(buf, 16384, c, code, id, &info)
                        : mmd_device_code_write(buf, 16384, c, id, &info);
        CHECK(n > 0 || (n == MMD_ERR_INPUT && info.fault.rule != MMD_RULE_NONE));
        if (n < 0)
            continue;
        const char *end = buf + n, *body = memmem(buf, (size_t)n, "\r\n\r\n", 4);
        CHECK(body != NULL && count(buf, (size_t)n, '\r') == 10 &&
              count(buf, (size_t)n, '\n') == 10);
        body = check_member(body + 4, end, "client_id", c->client_id);
        body =
            check_member(body, end, is_poll ? "grant_type" : "scope", is_poll ? grant : c->scope);
        if (is_poll)
            body = check_member(body, end, "device_code", code);
        CHECK(body == end);
    }
    free(buf);
}

static void check_request(struct input *in, unsigned kind)
{
    static const uint8_t der[] = {0x30, 0x00};
    size_t cap = take_two(in) % 4096;
    struct mmd_credential c = {.port = (uint16_t)take_two(in)};
    char *texts[7];

    for (size_t i = 0; i < 7; i++)
        texts[i] = take_text(in);
    c.host = texts[0];
    c.path = kind & 2 ? texts[1] : NULL;
    c.tenant_id = c.path != NULL ? NULL : texts[1];
    c.client_id = texts[2];
    c.scope = texts[3];
    c.client_secret = kind & 4 ? texts[4] : NULL;
    c.certificate = der;
    c.certificate_len = sizeof der;
    c.sign = never_sign;
    check_written(&c, kind & 4 ? NULL : texts[5], texts[6], cap);
    check_login(&c, texts[5], texts[6]);
    for (size_t i = 0; i < 7; i++)
        free(texts[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in = {data, len};
    unsigned kind = take_byte(&in);

    if (kind & 1)
        check_request(&in, kind);
    else
        check_response(&in);
    return 0;
}
