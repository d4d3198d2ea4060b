/* SPDX-License-Identifier: MIT */
/* The closing's request: what closing.h says is refused, and nothing else, with the rule and the
 * place; what is written is the template, filled in, to the last byte, and never past the capacity.
 * And a form's value, which any of the fields may be.
 *
 * Input: the capacity, the port (two bytes each), five NUL-terminated fields, the actions taken. */
#include "mmdclose/closing.h"
#include "mmdclose/version.h"

#include "http/request_writer.h"

#include "../unit/reference.h"
#include "fuzz.h"

static const char *take_text(struct input *in)
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

static void free_fields(struct mmd_closing *c)
{
    free((char *)c->host);
    free((char *)c->tenant_id);
    free((char *)c->elevation_request_id);
    free((char *)c->token);
    free((char *)c->client_request_id);
    free((char *)c->actions_taken);
}

/* Writes into exactly cap bytes; *out is then to be freed. */
static int write(const struct mmd_closing *c, size_t cap, struct mmd_closing_info *info, char **out)
{
    *out = exact_room(cap);
    memset(*out, 0x5A, cap);
    return mmd_closing_write(*out, cap, c, info);
}

/* The head as it must be; returns its length. */
static size_t expected_head(const struct mmd_closing *c, size_t body_len, char *out, size_t cap)
{
    char port[8] = "";

    if (c->port != 443)
        snprintf(port, sizeof port, ":%u", (unsigned)c->port);
    int len = snprintf(out, cap,
                       "PATCH /support/odata/v1/tenants/%s/elevationRequests/%s HTTP/1.1\r\n"
                       "Host: %s%s\r\nAuthorization: Bearer %s\r\nAccept: application/json\r\n"
                       "Accept-Encoding: identity\r\nContent-Type: application/json\r\nUser-Agent: "
                       "mmdclose/" MMD_VERSION "\r\n"
                       "client-request-id: %s\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
                       c->tenant_id, c->elevation_request_id, c->host, port, c->token,
                       c->client_request_id, body_len);
    CHECK(len > 0 && (size_t)len < cap);
    return (size_t)len;
}

static void check_body(const struct mmd_closing *c, const char *body, size_t len)
{
    static const char open[] = "{\"ActionsTaken\":\"", shut[] = "\"}";
    size_t around = sizeof open - 1 + sizeof shut - 1;

    CHECK(len >= around && memcmp(body, open, sizeof open - 1) == 0);
    CHECK(memcmp(body + len - 2, shut, 2) == 0);
    CHECK(reference_is_utf8(body, len));
    char *text = exact_room(len);
    CHECK(reference_json_decode(body + sizeof open - 1, len - around, text) ==
          c->actions_taken_len);
    CHECK(memcmp(text, c->actions_taken, c->actions_taken_len) == 0);
    free(text);
}

static size_t count(const char *text, size_t len, char c)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += text[i] == c;
    return n;
}

static void check_message(const struct mmd_closing *c, const char *message, size_t len)
{
    size_t head_max = len + 512;
    char *head = exact_room(head_max);
    const char *end = memmem(message, len, "\r\n\r\n", 4);

    CHECK(end != NULL && count(message, len, '\r') == 11 && count(message, len, '\n') == 11);
    CHECK(count(message, len, '\0') == 0);
    size_t head_len = (size_t)(end + 4 - message);
    CHECK(expected_head(c, len - head_len, head, head_max) == head_len);
    CHECK(memcmp(head, message, head_len) == 0);
    check_body(c, message + head_len, len - head_len);
    free(head);
}

/* ---- which fields can be used, once more: byte by byte, from what closing.h says ---- */

#define DIGITS   "0123456789"
#define WORDLIKE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" DIGITS

#define FAULT(rule, at) ((struct mmd_fault){MMD_RULE_##rule, (size_t)(at)})

static struct mmd_fault host_fault(const char *s)
{
    bool is_number = true; /* the label so far, also if it is empty */
    size_t at, label = 0;

    if (s[0] == '\0')
        return FAULT(EMPTY, 0);
    for (at = 0; s[at] != '\0'; at++) {
        if (at == 253)
            return FAULT(LENGTH, at);
        if (strchr(WORDLIKE "-._", s[at]) == NULL)
            return FAULT(CHARACTER, at);
        is_number = s[at] == '.' || (is_number && strchr(DIGITS, s[at]) != NULL);
        label = s[at] == '.' ? at + 1 : label;
    }
    if (!is_number)
        return FAULT(NONE, 0);
    return s[label] == '\0' ? FAULT(LABEL, label) : FAULT(ADDRESS, label);
}

static struct mmd_fault id_fault(const char *s)
{
    size_t at;

    if (s[0] == '\0')
        return FAULT(EMPTY, 0);
    for (at = 0; s[at] != '\0'; at++) {
        if (strchr(WORDLIKE "-._~", s[at]) == NULL)
            return FAULT(CHARACTER, at);
        if (at == 128)
            return FAULT(LENGTH, at);
    }
    return strcmp(s, ".") == 0 || strcmp(s, "..") == 0 ? FAULT(DOTS, at) : FAULT(NONE, 0);
}

static struct mmd_fault token_fault(const char *s)
{
    bool padded = false;

    for (size_t at = 0; s[at] != '\0'; at++) {
        padded = padded || (at > 0 && s[at] == '=');
        if (strchr(padded ? "=" : WORDLIKE "-._~+/", s[at]) == NULL)
            return FAULT(CHARACTER, at);
    }
    return s[0] == '\0' ? FAULT(EMPTY, 0) : FAULT(NONE, 0);
}

static struct mmd_fault actions_fault(const struct mmd_closing *c)
{
    const unsigned char *text = (const unsigned char *)c->actions_taken;

    for (size_t at = 0, n; at < c->actions_taken_len; at += n) {
        n = reference_utf8(text + at, c->actions_taken_len - at);
        if (n == 0)
            return FAULT(UTF8, at);
    }
    return FAULT(NONE, 0);
}

/* The first field at fault, and its fault; MMD_FIELD_NONE if there is none. */
static enum mmd_field first_fault(const struct mmd_closing *c, struct mmd_fault *fault)
{
    const struct mmd_fault faults[] = {
        host_fault(c->host),   id_fault(c->tenant_id),         id_fault(c->elevation_request_id),
        token_fault(c->token), id_fault(c->client_request_id), actions_fault(c)};

    for (int i = 0; i <= MMD_FIELD_ACTIONS_TAKEN - MMD_FIELD_HOST; i++) {
        *fault = faults[i];
        if (fault->rule != MMD_RULE_NONE)
            return (enum mmd_field)(MMD_FIELD_HOST + i);
    }
    return MMD_FIELD_NONE;
}

/* The fault is reported, and another capacity changes nothing about it. */
static void check_refusal(const struct mmd_closing *c, const struct mmd_closing_info *info,
                          enum mmd_field field, const struct mmd_fault *fault)
{
    struct mmd_closing_info again;

    CHECK(info->field == field && info->fault.rule == fault->rule);
    CHECK(info->fault.offset == fault->offset);
    CHECK(mmd_closing_write(NULL, 0, c, &again) == MMD_ERR_INPUT);
    CHECK(again.field == field && again.fault.rule == fault->rule);
    CHECK(again.fault.offset == fault->offset && again.needed == info->needed);
}

/* The token lies where the info says, which is where the template has it. */
static void check_token_place(const struct mmd_closing *c, const struct mmd_closing_info *info,
                              const char *message)
{
    static const char before[] = "\r\nAuthorization: Bearer ";
    const char *line = memmem(message, info->needed, before, sizeof before - 1);

    CHECK(line != NULL && message + info->token_at == line + sizeof before - 1);
    CHECK(info->token_len == strlen(c->token));
    CHECK(memcmp(message + info->token_at, c->token, info->token_len) == 0);
}

/* The size reported is enough, and one byte less is not. */
static void check_needed(const struct mmd_closing *c, size_t needed)
{
    struct mmd_closing_info info;
    char *message;

    CHECK(write(c, needed, &info, &message) == (int)needed && info.needed == needed);
    check_message(c, message, needed);
    check_token_place(c, &info, message);
    free(message);
    CHECK(write(c, needed - 1, &info, &message) == MMD_ERR_CAPACITY && info.needed == needed);
    free(message);
}

/* A form's value, decoded, is what was put; it has no character with a meaning in a form. */
static void check_form(const char *value)
{
    char *form = exact_room(3 * strlen(value) + 2);
    struct mmd_writer w = {form, 3 * strlen(value) + 2, 0};
    size_t at = 2, n = 0;

    mmd_put_form(&w, true, "v", value);
    CHECK(w.len <= w.cap && memcmp(form, "v=", 2) == 0);
    for (; at < w.len; at++, n++) {
        char c = form[at];
        if (c == '%') {
            CHECK(w.len - at > 2 &&
                  strspn((char[]){form[at + 1], form[at + 2], '\0'}, DIGITS "ABCDEF") == 2);
            c = (char)reference_hex(form + at + 1, 2);
            CHECK(strchr(WORDLIKE "-._~", c) == NULL);
            at += 2;
        } else {
            CHECK(strchr(WORDLIKE "-._~", c) != NULL);
        }
        CHECK(c == value[n]);
    }
    CHECK(value[n] == '\0');
    free(form);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in = {data, len};
    struct mmd_closing_info info;
    char *message;
    struct mmd_fault fault;
    size_t cap = take_two(&in) % 4096;
    struct mmd_closing c = {.port = (uint16_t)take_two(&in)};

    c.host = take_text(&in);
    c.tenant_id = take_text(&in);
    c.elevation_request_id = take_text(&in);
    c.token = take_text(&in);
    c.client_request_id = take_text(&in);
    c.actions_taken = exact_copy(in.p, in.len);
    c.actions_taken_len = in.len;
    int n = write(&c, cap, &info, &message);
    if (n >= 0)
        CHECK((size_t)n == info.needed && info.needed <= cap);
    enum mmd_field field = first_fault(&c, &fault);
    CHECK((n == MMD_ERR_INPUT) == (field != MMD_FIELD_NONE));
    if (n == MMD_ERR_INPUT)
        check_refusal(&c, &info, field, &fault);
    else
        check_needed(&c, info.needed);
    check_form(c.host);
    check_form(c.token);
    CHECK(n >= 0 || n == MMD_ERR_INPUT || (n == MMD_ERR_CAPACITY && info.needed > cap));
    free(message);
    free_fields(&c);
    return 0;
}
