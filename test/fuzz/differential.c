/* SPDX-License-Identifier: MIT */
/* What the library makes of responses, for differential.py to compare with another judge.
 *
 * Reads responses, each after its length (four bytes, the lowest first); writes a line for each:
 * how it ended, the status, and in hexadecimal the body and, of that, the error object's strings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mmdclose/response.h"
#include "service/error_object.h"

static char response[1 << 20], body[1 << 20];

static void print_hex(const char *bytes, size_t len)
{
    putchar(' ');
    for (size_t i = 0; i < len; i++)
        printf("%02x", (unsigned)(unsigned char)bytes[i]);
}

static void judge(size_t len)
{
    struct mmd_response r;
    struct mmd_error_object object;

    mmd_response_begin(&r, body, sizeof body);
    int error = mmd_response_feed(&r, response, len);
    if (error >= 0)
        error = mmd_response_end_of_stream(&r);
    printf("%s %u", mmd_error_name(error), (unsigned)r.status);
    print_hex(body, r.body_len);
    mmd_error_object_read(&object, body, r.body_len, false);
    print_hex(object.code, strlen(object.code));
    print_hex(object.message, strlen(object.message));
    putchar('\n');
}

int main(void)
{
    unsigned char size[4];

    while (fread(size, 1, sizeof size, stdin) == sizeof size) {
        size_t len = size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16;
        if (len > sizeof response || fread(response, 1, len, stdin) != len)
            return 1;
        judge(len);
    }
    return 0;
}
