/* SPDX-License-Identifier: MIT */
/* The console. */
#include <lwip/sys.h>
#include <string.h>

#include "firmware.h"
#include "writer.h"

const char *number(char out[12], uint32_t value)
{
    struct mmd_writer w = {out, 11, 0};

    mmd_put_decimal(&w, value);
    out[w.len] = '\0';
    return out;
}

static void put(const char *text)
{
    board_write(text, strlen(text));
}

void print_all(const char *const texts[])
{
    for (; *texts != NULL; texts++)
        put(*texts);
    put("\n");
}

void say_all(const char *const texts[])
{
    char ms[12];
    size_t len = strlen(number(ms, sys_now()));

    put(&"      "[len < 6 ? len : 6]);
    put(ms);
    put(" ms  ");
    print_all(texts);
}
