/* The request: the writer, its JSON strings, and the fields. */
#include "proof.h"

#include "../../src/alphabet.c"
#include "../../src/json_string.c"
#include "../../src/request.c"
#include "../../src/utf8.c"
#include "../../src/writer.c"

/* A writer of at most max bytes that is full, not full or already past its capacity. */
static struct mmd_writer any_writer(size_t max)
{
    size_t cap = any_length(max);
    struct mmd_writer w = {cap > 0 || nondet_bool() ? any_bytes(cap) : NULL, cap,
                           any_length(2 * max)};

    return w;
}

/* PROOF mmd_put
 * proved: nothing is written but what is put, at the place that the length tells, and that
 * only if it fits as a whole; the length grows by it in any case
 * bound: 8 bytes into a buffer of up to 8, from any length on
 * models: 64 arm
 * with: --unwind 18 */
void prove_put(void)
{
    struct mmd_writer w = any_writer(8), before = w;
    size_t len = any_length(8), at = any_length(7);
    char *data = any_bytes(len), old = at < w.cap ? w.buf[at] : 0;

    mmd_put(&w, data, len);
    PROVE(w.len == before.len + len && w.buf == before.buf && w.cap == before.cap);
    if (at < w.cap)
        PROVE(w.buf[at] ==
              (w.len <= w.cap && at >= before.len && at < w.len ? data[at - before.len] : old));
    REACHED(before.len == 3 && w.len == 8 && w.cap == 8);
    REACHED(before.len > w.cap && len > 0);
}

/* PROOF mmd_put_decimal
 * proved: the digits give the number back, without leading zeros
 * bound: numbers of up to 16 bits (of the body's length, and the port)
 * models: 64 32
 * with: --unwind 22 */
void prove_put_decimal(void)
{
    char buf[20];
    struct mmd_writer w = {buf, sizeof buf, 0};
    size_t value = any_length(65535), back = 0;

    mmd_put_decimal(&w, value);
    PROVE(w.len > 0 && w.len <= 5 && (buf[0] != '0' || value == 0));
    for (size_t i = 0; i < w.len; i++)
        back = back * 10 + (size_t)(buf[i] - '0');
    PROVE(back == value);
    REACHED(value == 40961);
}

/* PROOF put_plain
 * proved: takes exactly the bytes up to the first that is no plain one, and puts them if they
 * fit: the lanes of words say what a loop over bytes says
 * bound: texts up to 10 bytes, buffers up to 12
 * models: 64 32be size
 * with: --unwind 12 --unwindset put_plain.0:4,plain_bytes.0:9 */
void prove_put_plain(void)
{
    struct mmd_writer w = {NULL, any_length(12), 0};
    size_t len = any_length(10), at = any_length(9);
    char *text = any_bytes(len);

    w.buf = any_bytes(w.cap);
    size_t n = put_plain(&w, text, len);
    PROVE(n <= len && w.len == n);
    PROVE(n == len || !is_plain((unsigned char)text[n]));
    if (at < n) {
        PROVE(is_plain((unsigned char)text[at]));
        PROVE(n > w.cap || w.buf[at] == text[at]);
    }
    REACHED(n == 9 && len == 10 && w.cap == 11);
}

/* PROOF mmd_json_unescape(mmd_put_json)
 * proved: gives a character back as it was
 * bound: all but NUL
 * models: size arm
 * with: --unwind 8 --unwindset mmd_put_json.0:5,mmd_json_unescape.0:6 */
void prove_there_and_back(void)
{
    char buf[8], text[4];
    struct mmd_writer w = {buf, sizeof buf, 0};
    size_t len = any_length(4), back;

    ASSUME(len > 0 && text[0] != '\0' && mmd_utf8_sequence(text, len) == len);
    PROVE(mmd_put_json(&w, text, len) == len && w.len <= 6);
    PROVE(mmd_json_unescape(buf, w.len, &back) == w.len && back == len && same(buf, text, len));
    REACHED(len == 4);
    REACHED(text[0] == 1);
}

/* PROOF mmd_guid
 * proved: the form of RFC 9562, version 4, in lower case
 * bound: all
 * models: 64
 * with: --unwind 38 */
void prove_guid(void)
{
    char guid[MMD_GUID_LEN + 1];
    size_t at = any_length(MMD_GUID_LEN - 1);

    mmd_guid(guid, any_bytes(16));
    PROVE(guid[MMD_GUID_LEN] == '\0' && guid[14] == '4');
    PROVE(guid[19] == '8' || guid[19] == '9' || guid[19] == 'a' || guid[19] == 'b');
    bool is_dash = at == 8 || at == 13 || at == 18 || at == 23;
    PROVE(is_dash ? guid[at] == '-'
                  : mmd_hex_digit((unsigned char)guid[at]) >= 0 && guid[at] != '-');
    REACHED(guid[0] == 'f');
}

/* PROOF are_right
 * proved: takes a field only if it is not empty, holds nothing but its characters, and is
 * neither "." nor ".."; else tells the first that is wrong and where: so none holds a space,
 * CR, LF, "/" or "?", but for the token's "/"
 * bound: fields of up to 3 characters
 * models: size arm
 * with: --unwind 20 */
void prove_are_right(void)
{
    const char *const fields[] = {any_text(3), any_text(3), any_text(3), any_text(3), any_text(3)};
    struct mmd_request_info info;
    size_t which = any_length(4), at = any_length(2);
    const char *s = fields[which];
    bool right = are_right(fields, &info);

    PROVE(info.field >= MMD_FIELD_HOST && info.field <= MMD_FIELD_CLIENT_REQUEST_ID);
    PROVE(info.offset <= strlen(fields[info.field - MMD_FIELD_HOST]));
    if (right) {
        PROVE(s[0] != '\0' && (which == 3 || (strcmp(s, ".") != 0 && strcmp(s, "..") != 0)));
        if (at < strlen(s))
            PROVE(s[at] > ' ' && s[at] != 0x7F && s[at] != '?' && s[at] != '"' &&
                  (s[at] != '/' || which == 3) && (s[at] != '=' || (which == 3 && at > 0)));
    }
    REACHED(right && which == 3 && strlen(s) == 3 && s[2] == '=');
    REACHED(!right && info.field == MMD_FIELD_CLIENT_REQUEST_ID && info.offset == 2);
}
