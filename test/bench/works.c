/* SPDX-License-Identifier: MIT */
/* Pure work to measure. */
#include "works.h"

#include <string.h>

#include "mmdclose/closing.h"
#include "mmdclose/response.h"
#include "service/error_object.h"

#define GUID "01234567-89ab-cdef-0123-456789abcdef"
#define HEAD(status)                                                                               \
    "HTTP/1.1 " status "\r\nDate: Mon, 23 Nov 2026 10:00:00 GMT\r\nServer: Kestrel\r\n"            \
    "request-id: " GUID "\r\nStrict-Transport-Security: max-age=2592000\r\n"                       \
    "X-Content-Type-Options: nosniff\r\nConnection: close\r\n"
#define JSON_TYPE "Content-Type: application/json; charset=utf-8\r\n"
#define BODY_400                                                                                   \
    "{\"error\":{\"code\":\"400\",\"message\":\"This elevation request was already closed.\"}}"
#define BODY_404                                                                                   \
    "{\"error\":{\"code\":\"404\",\"message\":\"This elevation request does not exist.\"}}"

static const struct {
    char work[12];
    const char *answer;
} answers[] = {
    {"parse-204", HEAD("204 No Content") "\r\n"},
    {"parse-400", HEAD("400 Bad Request") JSON_TYPE "Content-Length: 79\r\n\r\n" BODY_400},
    {"parse-404", HEAD("404 Not Found") JSON_TYPE
     "Transfer-Encoding: chunked\r\n\r\n4b\r\n" BODY_404 "\r\n0\r\n\r\n"},
};

#define LINE "X-Field: 0123456789abcdef0123456789abcdef0123456789abcdef01234\r\n"

#define HEAD_MIN 100

static char buf[4 * WORKS_MAX], token[WORKS_MAX + 1], text[WORKS_MAX + 1], head[WORKS_MAX + 1];
static const char *answer; /* NULL: a request is built */
static const char *actions;
static size_t answer_len, actions_len;

/* A token and a text that look like real ones; 41 of 1,000 characters need an escape. */
static void make_inputs(size_t token_len)
{
    static const char base64url[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t random = 1;

    memset(token, 0, sizeof token);
    for (size_t i = 0; i < token_len; i++) {
        random = random * 1664525 + 1013904223;
        token[i] = i == 100 || i == 1400 ? '.' : base64url[random >> 26];
    }
    for (size_t i = 0; i < WORKS_MAX; i++)
        text[i] = i % 24 == 23 ? '"' : "Replaced the printer's driver. "[i % 31];
}

/* A response without a body whose head has len bytes, in lines; the last one takes what is left. */
static void make_head(size_t len)
{
    static const char status[] = "HTTP/1.1 204 No Content\r\n", field[] = "X-Field: ";
    const size_t line_len = sizeof LINE - 1;
    size_t at = sizeof status - 1;

    memset(head, 'x', len);
    memcpy(head, status, at);
    for (; at + 2 * line_len < len; at += line_len)
        memcpy(head + at, LINE, line_len);
    memcpy(head + at, field, sizeof field - 1);
    memcpy(head + len - 4, "\r\n\r\n", 4);
    answer = head;
    answer_len = len;
}

static bool choose_answer(const char *work)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (strcmp(work, answers[i].work) == 0) {
            answer = answers[i].answer;
            answer_len = strlen(answer);
            return true;
        }
    return false;
}

bool works_choose(const char *work, size_t size)
{
    bool by_token = strcmp(work, "token") == 0;

    if (size > WORKS_MAX)
        return false;
    make_inputs(by_token ? size : 1700);
    answer = NULL;
    actions = "Replaced the printer's driver.";
    actions_len = strlen(actions);
    if (by_token || strcmp(work, "build-30") == 0 || choose_answer(work))
        return true;
    if (strcmp(work, "head") == 0 && size >= HEAD_MIN) {
        make_head(size);
        return true;
    }
    actions = text;
    actions_len = strcmp(work, "text") == 0 ? size : 1000;
    return strcmp(work, "text") == 0 || strcmp(work, "build-1000") == 0;
}

static bool build(void)
{
    const struct mmd_closing close = {.host = MMD_SERVICE_HOST,
                                      .port = MMD_SERVICE_PORT,
                                      .tenant_id = GUID,
                                      .elevation_request_id = GUID,
                                      .token = token,
                                      .client_request_id = GUID,
                                      .actions_taken = actions,
                                      .actions_taken_len = actions_len};
    struct mmd_closing_info info;

    return mmd_closing_write(buf, sizeof buf, &close, &info) > 0;
}

static bool parse(void)
{
    struct mmd_response r;
    struct mmd_error_object object = {.code = "", .message = ""};

    mmd_response_begin(&r, buf, 4096);
    mmd_response_feed(&r, answer, answer_len);
    if (r.body_len > 0)
        mmd_error_object_read(&object, r.body, r.body_len, r.body_cut);
    return r.done && (r.status == 204) == (object.message[0] == '\0');
}

bool works_do(void)
{
    return answer != NULL ? parse() : build();
}
