/* The console. */
#include <lwip/sys.h>
#include <stdarg.h>
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

static void put_line(const char *text, va_list more)
{
    for (; text != NULL; text = va_arg(more, const char *))
        put(text);
    put("\n");
}

void print(const char *text, ...)
{
    va_list more;

    va_start(more, text);
    put_line(text, more);
    va_end(more);
}

void say(const char *text, ...)
{
    va_list more;
    char ms[12];
    size_t len = strlen(number(ms, sys_now()));

    put(&"      "[len < 6 ? len : 6]);
    put(ms);
    put(" ms  ");
    va_start(more, text);
    put_line(text, more);
    va_end(more);
}
