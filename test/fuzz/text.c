/* SPDX-License-Identifier: MIT */
/* The small readers and writers of text: JSON strings both ways, UTF-8, classes of characters,
 * base64, dates. Each is compared with another way to the same result.
 *
 * Input: the text. */
#include <time.h>

#include "../unit/reference.h"
#include "base64.h"
#include "charclass.h"
#include "fuzz.h"
#include "http/http_date.h"
#include "json_string.h"
#include "utf8.h"
#include "writer.h"

static void check_utf8(const char *text, size_t len)
{
    for (size_t at = 0; at < len; at++)
        CHECK(mmd_utf8_sequence(text + at, len - at) ==
              reference_utf8((const unsigned char *)text + at, len - at));
}

/* Puts the text into a JSON string and resolves it again: only a NUL comes back as another. */
static void check_round_trip(const char *text, size_t len)
{
    struct mmd_writer count = {NULL, 0, 0};
    size_t good = mmd_put_json(&count, text, len), out_len, at = 0;
    char *json = exact_room(count.len);
    struct mmd_writer w = {json, count.len, 0};

    CHECK(mmd_put_json(&w, text, len) == good && w.len == count.len);
    CHECK(good == len || reference_utf8((const unsigned char *)text + good, len - good) == 0);
    CHECK(mmd_json_unescape(json, w.len, &out_len) == w.len);
    for (size_t i = 0; i < good; i++) {
        if (text[i] != '\0') {
            CHECK(at < out_len && json[at++] == text[i]);
            continue;
        }
        CHECK(out_len - at >= 3 && memcmp(json + at, "\xEF\xBF\xBD", 3) == 0);
        at += 3;
    }
    CHECK(at == out_len);
    free(json);
}

/* Resolves the text as what a peer sent. */
static void check_unescape(const char *text, size_t len)
{
    char *copy = exact_copy(text, len);
    size_t out_len, taken = mmd_json_unescape(copy, len, &out_len);

    CHECK(taken <= len && out_len <= taken);
    CHECK(memchr(copy, '\0', out_len) == NULL);
    CHECK(taken == len || (unsigned char)text[taken] < 0x20 || text[taken] == '\\' ||
          text[taken] == '"');
    free(copy);
}

static void check_span(const char *text, size_t len)
{
    static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                              "0123456789-./~+_";
    size_t n = 0;

    while (n < len && text[n] != '\0' && strchr(all, text[n]) != NULL)
        n++;
    CHECK(mmd_span(text, len, MMD_CHAR_B64TOKEN) == n);
}

/* Decodes once more, digit by digit: in place, and to the length that the text allows. */
static void check_base64(const char *text, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789+/";
    char *copy = exact_copy(text, len);
    size_t n = mmd_base64_decode((uint8_t *)copy, copy, len), count = 0;
    uint32_t bits = 0;

    CHECK(n <= len / 4 * 3);
    for (size_t i = 0; i < len && n > 0; i++) {
        const char *digit = memchr(digits, text[i], sizeof digits - 1);
        CHECK(digit != NULL || text[i] == '=' || strchr(" \t\n\v\f\r", text[i]) != NULL);
        if (digit == NULL)
            continue;
        bits = bits << 6 | (uint32_t)(digit - digits);
        count += 6;
        if (count % 8 < 6)
            CHECK(count / 8 <= n && (uint8_t)copy[count / 8 - 1] == (uint8_t)(bits >> count % 8));
    }
    CHECK(n == count / 8);
    free(copy);
}

static void check_date(const char *text, size_t len)
{
    char form[30];
    struct tm tm;
    int64_t seconds = mmd_http_date(text, len);

    if (seconds == -1)
        return;
    CHECK(len == 29);
    memcpy(form, text, 29);
    form[29] = '\0';
    memset(&tm, 0, sizeof tm);
    memcpy(form, "Sun", 3); /* the day's name is not checked */
    CHECK(strptime(form, "%a, %d %b %Y %H:%M:%S GMT", &tm) == form + 29);
    CHECK(timegm(&tm) == seconds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = exact_copy(data, len);

    check_utf8(text, len);
    check_round_trip(text, len);
    check_unescape(text, len);
    check_span(text, len);
    check_base64(text, len);
    check_date(text, len);
    free(text);
    return 0;
}
