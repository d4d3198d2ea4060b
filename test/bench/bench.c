/* SPDX-License-Identifier: MIT */
/* One piece of work, many times over, for bench.py to count its instructions:
 *
 *     bench WORK ROUNDS          WORK: build-30, build-1000, parse-204, parse-400, parse-404
 *     bench GROWING ROUNDS SIZE  GROWING: text, token, head; of SIZE bytes, up to 65536
 */
#include <stdio.h>
#include <stdlib.h>
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

#define SIZE_MAX_HERE 65536

static char buf[4 * SIZE_MAX_HERE], token[SIZE_MAX_HERE + 1], text[SIZE_MAX_HERE + 1];
static char head[SIZE_MAX_HERE + 1];

/* A token and a text that look like real ones; 41 of 1,000 characters need an escape. */
static void make_inputs(size_t token_len)
{
    static const char base64url[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t random = 1;

    for (size_t i = 0; i < token_len; i++) {
        random = random * 1664525 + 1013904223;
        token[i] = i == 100 || i == 1400 ? '.' : base64url[random >> 26];
    }
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = i % 24 == 23 ? '"' : "Replaced the printer's driver. "[i % 31];
}

/* A response without a body whose head has len bytes: lines of 64, the last one up to twice that.
 */
static void make_head(size_t len)
{
    static const char line[] = "X-Field: 0123456789abcdef0123456789abcdef0123456789abcdef01234\r\n";
    size_t at = (size_t)sprintf(head, "HTTP/1.1 204 No Content\r\n");

    for (; at + 2 * (sizeof line - 1) + 2 < len; at += sizeof line - 1)
        memcpy(head + at, line, sizeof line - 1);
    sprintf(head + at, "X-Field: %.*s\r\n\r\n", (int)(len - at - 13), text);
}

static int build(const char *actions, size_t len)
{
    const struct mmd_closing close = {.host = MMD_SERVICE_HOST,
                                      .port = MMD_SERVICE_PORT,
                                      .tenant_id = GUID,
                                      .elevation_request_id = GUID,
                                      .token = token,
                                      .client_request_id = GUID,
                                      .actions_taken = actions,
                                      .actions_taken_len = len};
    struct mmd_closing_info info;

    return mmd_closing_write(buf, sizeof buf, &close, &info);
}

static int parse(const char *answer, size_t len)
{
    struct mmd_response r;
    struct mmd_error_object object = {.code = "", .message = ""};

    mmd_response_begin(&r, buf, 4096);
    mmd_response_feed(&r, answer, len);
    if (r.body_len > 0)
        mmd_error_object_read(&object, r.body, r.body_len, r.body_cut);
    return r.done && (r.status == 204) == (object.message[0] == '\0') ? r.status : -1;
}

int main(int argc, char **argv)
{
    const char *work = argc >= 3 ? argv[1] : "", *answer = NULL;
    const char *actions = "Replaced the printer's driver.";
    size_t size = argc == 4 ? strtoul(argv[3], NULL, 10) : 0, len = strlen(actions);
    int result = -1;

    if (size > SIZE_MAX_HERE)
        return 1;
    make_inputs(strcmp(work, "token") == 0 ? size : 1700);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (strcmp(work, answers[i].work) == 0)
            answer = answers[i].answer;
    if (strcmp(work, "head") == 0) {
        make_head(size);
        answer = head;
    } else if (strcmp(work, "build-1000") == 0 || strcmp(work, "text") == 0) {
        actions = text;
        len = strcmp(work, "text") == 0 ? size : 1000;
    }
    if (answer != NULL)
        len = strlen(answer);
    for (long rounds = argc >= 3 ? atol(argv[2]) : 0; rounds > 0; rounds--)
        if ((result = answer != NULL ? parse(answer, len) : build(actions, len)) < 0)
            return 1;
    return result < 0;
}
