/* SPDX-License-Identifier: MIT */
/* QR codes by libqrencode, drawn with characters that are two squares high. */
#include "qrcode.h"

#include <qrencode.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define QUIET 4 /* squares of white around it (ISO/IEC 18004, 9.1) */

#define BLACK_ON_WHITE "\033[30;47m"
#define NORMAL         "\033[0m"

/* Whether the square is black; outside of the code it is white. */
static bool is_black(const QRcode *code, int x, int y)
{
    return x >= 0 && x < code->width && y >= 0 && y < code->width &&
           (code->data[y * code->width + x] & 1) != 0;
}

/* A line that wraps, or scrolls away, leaves nothing that can be read. A terminal that does not say
 * its size has 80 columns and 24 lines. */
static bool fits(int fd, const QRcode *code)
{
    struct winsize size = {.ws_col = 0};
    int width = code->width + 2 * QUIET, height = (width + 1) / 2;

    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
        size = (struct winsize){.ws_col = 80, .ws_row = 24};
    return width <= size.ws_col && height < size.ws_row;
}

static void draw(FILE *out, const QRcode *code)
{
    static const char *const blocks[] = {" ", "\u2580", "\u2584", "\u2588"};
    int end = code->width + QUIET;

    for (int y = -QUIET; y < end; y += 2) {
        fputs(BLACK_ON_WHITE, out);
        for (int x = -QUIET; x < end; x++)
            fputs(blocks[is_black(code, x, y) + 2 * is_black(code, x, y + 1)], out);
        fputs(NORMAL "\n", out);
    }
}

bool print_qrcode(FILE *out, const char *text)
{
    if (isatty(fileno(out)) == 0)
        return false;
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
    bool drawn = code != NULL && fits(fileno(out), code);

    if (drawn)
        draw(out, code);
    if (code != NULL)
        QRcode_free(code);
    return drawn;
}
