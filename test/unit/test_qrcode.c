/* SPDX-License-Identifier: MIT */
/* Tests of the QR code on a terminal: what is drawn is read back square by square. */
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <qrencode.h>

#include "../../programs/mmdclose/qrcode.h"

#define ADDRESS "https://microsoft.com/devicelogin"
#define QUIET   4
#define SIZE    (29 + 2 * QUIET) /* of that address: version 3 */

static char text[65536];
static char square[128][128]; /* 1: black; by line, then column */
static int lines, columns;

/* What a terminal of that size gets; returns whether it was printed. */
static bool print_on(unsigned short rows, unsigned short cols, const char *address)
{
    const struct winsize size = {.ws_row = rows, .ws_col = cols};
    int master, slave, status = -1;
    size_t len = 0;
    ssize_t n;

    assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    pid_t child = fork();
    if (child == 0) {
        FILE *out = fdopen(slave, "w");
        close(master);
        bool printed = out != NULL && print_qrcode(out, address);
        _exit(out != NULL && fclose(out) == 0 ? printed : 2);
    }
    close(slave);
    while ((n = read(master, text + len, sizeof text - 1 - len)) > 0)
        len += (size_t)n;
    text[len] = '\0';
    close(master);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status) == 1;
}

/* Reads one line; returns where it ends. */
static const char *read_line(const char *at)
{
    static const char begin[] = "\033[30;47m", end[] = "\033[0m\r\n";
    static const char *const blocks[] = {" ", "\xE2\x96\x80", "\xE2\x96\x84", "\xE2\x96\x88"};
    int column = 0;

    assert_memory_equal(at, begin, sizeof begin - 1);
    at += sizeof begin - 1;
    for (int which; *at != '\033'; at += strlen(blocks[which]), column++) {
        for (which = 0; strncmp(at, blocks[which], strlen(blocks[which])) != 0; which++)
            assert_true(which < 3);
        square[lines][column] = (char)(which & 1);
        square[lines + 1][column] = (char)(which >> 1);
    }
    assert_memory_equal(at, end, sizeof end - 1);
    assert_true(lines == 0 || columns == column);
    columns = column;
    lines += 2;
    return at + sizeof end - 1;
}

/* Whether the square belongs to the pattern by which readers find the code: three of its corners
 * have one. */
static bool is_finder(int x, int y)
{
    int dx = abs(x - 3), dy = abs(y - 3), ring = dx > dy ? dx : dy;

    return ring != 2;
}

/* Fault 888: an address on a terminal -> the squares of its QR code, with white around it; on one
 * that is too small, or no terminal -> nothing */
static void test_squares(void **state)
{
    QRcode *code = QRcode_encodeString8bit(ADDRESS, 0, QR_ECLEVEL_L);

    (void)state;
    assert_non_null(code);
    assert_true(print_on(25, 80, ADDRESS));
    lines = 0;
    for (const char *at = text; *at != '\0';)
        at = read_line(at);
    assert_int_equal(columns, SIZE);
    assert_int_equal(lines, SIZE + 1);
    assert_int_equal(code->width, SIZE - 2 * QUIET);
    for (int y = 0; y < lines; y++)
        for (int x = 0; x < columns; x++) {
            int cx = x - QUIET, cy = y - QUIET, w = code->width;
            bool inside = cx >= 0 && cy >= 0 && cx < w && cy < w;
            assert_int_equal(square[y][x], inside ? code->data[cy * w + cx] & 1 : 0);
        }
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 7; x++) {
            assert_int_equal(square[QUIET + y][QUIET + x], is_finder(x, y));
            assert_int_equal(square[QUIET + y][SIZE - QUIET - 7 + x], is_finder(x, y));
            assert_int_equal(square[SIZE - QUIET - 7 + y][QUIET + x], is_finder(x, y));
        }
    QRcode_free(code);
}

static void expect_nothing(unsigned short rows, unsigned short cols, const char *address)
{
    assert_false(print_on(rows, cols, address));
    assert_string_equal(text, "");
}

static void test_sizes(void **state)
{
    char address[4000];

    (void)state;
    assert_true(print_on(SIZE / 2 + 2, SIZE, ADDRESS));
    expect_nothing(SIZE / 2 + 1, SIZE, ADDRESS);
    expect_nothing(SIZE / 2 + 2, SIZE - 1, ADDRESS);
    assert_true(print_on(0, 0, ADDRESS)); /* its size is not known */
    memset(address, 'a', sizeof address);
    address[sizeof address - 1] = '\0';
    expect_nothing(1000, 1000, address);
    address[400] = '\0';
    expect_nothing(25, 80, address);
}

static void test_no_terminal(void **state)
{
    FILE *out = tmpfile();

    (void)state;
    assert_non_null(out);
    assert_false(print_qrcode(out, ADDRESS));
    assert_int_equal(ftell(out), 0);
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_squares),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_no_terminal),
    };

    return cmocka_run_group_tests_name("QR code", tests, NULL, NULL);
}
