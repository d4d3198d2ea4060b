/* The request's writer: what it writes is the template, filled in, to the last byte, and never past
 * the capacity that it was given.
 *
 * Input: the capacity, the port (two bytes each), five NUL-terminated fields, the actions taken. */
#include "mmdclose/request.h"

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

static void free_fields(struct mmd_close *c)
{
    free((char *)c->host);
    free((char *)c->tenant_id);
    free((char *)c->elevation_request_id);
    free((char *)c->token);
    free((char *)c->client_request_id);
    free((char *)c->actions_taken);
}

/* Writes into exactly cap bytes; *out is then to be freed. */
static int write(const struct mmd_close *c, size_t cap, struct mmd_request_info *info, char **out)
{
    *out = exact_room(cap);
    memset(*out, 0x5A, cap);
    return mmd_request_write(*out, cap, c, info);
}

/* The head as it must be; returns its length. */
static size_t expected_head(const struct mmd_close *c, size_t body_len, char *out, size_t cap)
{
    char port[8] = "";

    if (c->port != 443)
        snprintf(port, sizeof port, ":%u", (unsigned)c->port);
    int len = snprintf(out, cap,
                       "PATCH /support/odata/v1/tenants/%s/elevationRequests/%s HTTP/1.1\r\n"
                       "Host: %s%s\r\nAuthorization: Bearer %s\r\nAccept: application/json\r\n"
                       "Content-Type: application/json\r\nUser-Agent: mmdclose/" MMD_VERSION "\r\n"
                       "client-request-id: %s\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
                       c->tenant_id, c->elevation_request_id, c->host, port, c->token,
                       c->client_request_id, body_len);
    CHECK(len > 0 && (size_t)len < cap);
    return (size_t)len;
}

static void check_body(const struct mmd_close *c, const char *body, size_t len)
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

static void check_message(const struct mmd_close *c, const char *message, size_t len)
{
    size_t head_max = len + 512;
    char *head = exact_room(head_max);
    const char *end = memmem(message, len, "\r\n\r\n", 4);

    CHECK(end != NULL && count(message, len, '\r') == 10 && count(message, len, '\n') == 10);
    CHECK(count(message, len, '\0') == 0);
    size_t head_len = (size_t)(end + 4 - message);
    CHECK(expected_head(c, len - head_len, head, head_max) == head_len);
    CHECK(memcmp(head, message, head_len) == 0);
    check_body(c, message + head_len, len - head_len);
    free(head);
}

/* What was refused has a fault there, and another capacity changes nothing about it. */
static void check_refusal(const struct mmd_close *c, const struct mmd_request_info *info)
{
    const char *const fields[] = {c->host, c->tenant_id, c->elevation_request_id, c->token,
                                  c->client_request_id};

    CHECK(info->field >= MMD_FIELD_HOST && info->field <= MMD_FIELD_ACTIONS_TAKEN);
    if (info->field < MMD_FIELD_ACTIONS_TAKEN) {
        CHECK(info->offset <= strlen(fields[info->field - MMD_FIELD_HOST]));
        return;
    }
    CHECK(info->offset < c->actions_taken_len);
    CHECK(reference_is_utf8(c->actions_taken, info->offset));
    CHECK(reference_utf8((const unsigned char *)c->actions_taken + info->offset,
                         c->actions_taken_len - info->offset) == 0);
}

/* The size told is the one that does, and one byte less does not. */
static void check_needed(const struct mmd_close *c, size_t needed)
{
    struct mmd_request_info info;
    char *message;

    CHECK(write(c, needed, &info, &message) == (int)needed && info.needed == needed);
    check_message(c, message, needed);
    free(message);
    CHECK(write(c, needed - 1, &info, &message) == MMD_ERR_CAPACITY && info.needed == needed);
    free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in = {data, len};
    struct mmd_request_info info;
    char *message;
    size_t cap = take_two(&in) % 4096;
    struct mmd_close c = {.port = (uint16_t)take_two(&in)};

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
    if (n == MMD_ERR_INPUT)
        check_refusal(&c, &info);
    else
        check_needed(&c, info.needed);
    CHECK(n >= 0 || n == MMD_ERR_INPUT || (n == MMD_ERR_CAPACITY && info.needed > cap));
    free(message);
    free_fields(&c);
    return 0;
}
