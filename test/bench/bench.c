/* SPDX-License-Identifier: MIT */
/* One piece of work, many times over, for bench.py to count its instructions:
 *
 *     bench WORK ROUNDS     WORK: build-30, build-1000, parse-204, parse-400, parse-404
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

static char buf[4096], token[1701], text[1001];

/* A token and a text that look like real ones; 41 of 1,000 characters need an escape. */
static void make_inputs(void)
{
    static const char base64url[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t random = 1;

    for (size_t i = 0; i < sizeof token - 1; i++) {
        random = random * 1664525 + 1013904223;
        token[i] = i == 100 || i == 1400 ? '.' : base64url[random >> 26];
    }
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = i % 24 == 23 ? '"' : "Replaced the printer's driver. "[i % 31];
}

static int build(size_t len)
{
    const struct mmd_closing close = {.host = MMD_SERVICE_HOST,
                                      .port = MMD_SERVICE_PORT,
                                      .tenant_id = GUID,
                                      .elevation_request_id = GUID,
                                      .token = token,
                                      .client_request_id = GUID,
                                      .actions_taken =
                                          len < 1000 ? "Replaced the printer's driver." : text,
                                      .actions_taken_len = len};
    struct mmd_closing_info info;

    return mmd_closing_write(buf, sizeof buf, &close, &info);
}

static int parse(const char *answer, size_t len)
{
    struct mmd_response r;
    struct mmd_error_object object = {.code = "", .message = ""};

    mmd_response_begin(&r, buf, sizeof buf);
    mmd_response_feed(&r, answer, len);
    if (r.body_len > 0)
        mmd_error_object_read(&object, r.body, r.body_len, r.body_cut);
    return r.done && (r.status == 204) == (object.message[0] == '\0') ? r.status : -1;
}

int main(int argc, char **argv)
{
    const char *work = argc == 3 ? argv[1] : "", *answer = NULL;
    int result = -1;

    make_inputs();
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (strcmp(work, answers[i].work) == 0)
            answer = answers[i].answer;
    size_t len = answer != NULL ? strlen(answer) : strcmp(work, "build-30") == 0 ? 30 : 1000;
    for (long rounds = argc == 3 ? atol(argv[2]) : 0; rounds > 0; rounds--)
        if ((result = answer != NULL ? parse(answer, len) : build(len)) < 0)
            return 1;
    return result < 0;
}
