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
 * bound: numbers of up to 16 bits: all ports, and the lengths of bodies
 * not: the lengths of bodies beyond 65535 bytes
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

static char before_it; /* the last byte of a text that was put */

/* Looks at what a JSON string is made of; what is done with it, mmd_put's proof tells. */
void contract_of_put_in_json(struct mmd_writer *w, const char *data, size_t len)
{
    PROVE(len <= 6 && __CPROVER_r_ok(data, len));
    for (size_t i = 0; i < 6 && i < len; i++) {
        PROVE((unsigned char)data[i] >= ' ' && (data[i] != '"' || before_it == '\\'));
        before_it = data[i];
    }
    w->len += len;
}

/* PROOF mmd_put_json
 * proved: takes all up to the first byte that is no UTF-8; puts no control character, and no quote
 * but behind a backslash; needs one to six bytes for each
 * bound: texts of up to 4 bytes
 * models: size arm
 * with: --unwind 7
 * replaced: mmd_put:contract_of_put_in_json */
void prove_put_json(void)
{
    struct mmd_writer w = {NULL, 0, 0};
    size_t len = any_length(4);
    char text[4];
    size_t taken = mmd_put_json(&w, text, len);

    PROVE(taken <= len && w.len <= 6 * taken && w.len >= taken);
    PROVE(taken == len || mmd_utf8_sequence(text + taken, len - taken) == 0);
    REACHED(taken == 4 && w.len == 24);
    REACHED(taken == 2 && len == 4 && w.len == 2 && (unsigned char)text[0] > 0x7F);
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
                  : (guid[at] >= '0' && guid[at] <= '9') || (guid[at] >= 'a' && guid[at] <= 'f'));
    REACHED(guid[0] == 'f');
}

/* Where a field is at fault, or -1: what it may hold, letter by letter. */
static int fault_of(size_t which, const char *s)
{
    const bool is_host = which == 0, is_token = which == 3;
    int n = 0, label = 0; /* where the last label begins */
    bool is_number = true, is_padded = false;

    for (char c; (c = s[n]) != '\0'; n++) {
        bool is_digit = c >= '0' && c <= '9';
        bool is_plain = is_digit || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                        c == '.' || c == '_' || (c == '~' && !is_host) ||
                        ((c == '+' || c == '/') && is_token);
        is_padded |= is_token && c == '=' && n > 0;
        if (is_padded ? c != '=' : !is_plain)
            return n;
        label = c == '.' ? n + 1 : label;
        is_number = c == '.' || (is_number && is_digit);
    }
    if (is_host)
        return is_number ? label : -1; /* or empty */
    if (!is_token && (strcmp(s, ".") == 0 || strcmp(s, "..") == 0))
        return n;
    return n > 0 ? -1 : 0;
}

/* PROOF are_right
 * proved: takes just hosts of letters, digits and "-._" whose last label is neither empty nor a
 * number, ids of RFC 3986's unreserved characters that are neither empty nor "." nor "..", and a
 * token of RFC 6750's form; else tells the first field at fault, and exactly where
 * bound: fields of up to 5 characters
 * not: the greatest lengths, which test_request tests
 * models: size arm
 * with: --unwind 20 --unwindset
 * mmd_host_fault.0:6,mmd_span.2:6,are_right.0:6,strlen.0:6,any_text.0:6,fault_of.0:6,strcmp.0:6 */
void prove_are_right(void)
{
    const char *const fields[] = {any_text(5), any_text(5), any_text(5), any_text(5), any_text(5)};
    struct mmd_closing_info info;
    int fault = -1;
    size_t which = 0;

    for (; which < 5 && (fault = fault_of(which, fields[which])) < 0;)
        which++;
    bool right = are_right(fields, &info);
    PROVE(right == (which == 5));
    if (!right)
        PROVE(info.field == MMD_FIELD_HOST + which && info.fault.offset == (size_t)fault);
    REACHED(right && strcmp(fields[3], "/==") == 0);
    REACHED(!right && which == 4 && fault == 2 && fields[4][1] == '.');
    REACHED(!right && which == 0 && fault == 1 && fields[0][1] == '2');
    REACHED(!right && which == 0 && fault == 2 && fields[0][2] == '7');
}

/* Of what goes into the message only the length is kept, but each byte is looked at: lines end with
 * CR LF, and nothing else is a control character. */
static char message[600], last;
static size_t message_cap, line_ends;

void contract_of_mmd_put(struct mmd_writer *w, const char *data, size_t len)
{
    PROVE(__CPROVER_r_ok(data, len));
    for (size_t i = 0; i < __CPROVER_OBJECT_SIZE(data) && i < len; i++) {
        if (w->buf != message) { /* a number */
            w->buf[w->len + i] = data[i];
            continue;
        }
        PROVE(last == '\r' ? data[i] == '\n' : data[i] == '\r' || (unsigned char)data[i] >= ' ');
        last = data[i];
        line_ends += last == '\n';
    }
    w->len += len;
}

static size_t json_len; /* what the text takes */

size_t contract_of_mmd_put_json(struct mmd_writer *w, const char *text, size_t len)
{
    PROVE(__CPROVER_r_ok(text, len));
    json_len = any_length(6 * len);
    w->len += json_len;
    return any_length(len);
}

bool contract_of_are_right(const char *const fields[], struct mmd_closing_info *info)
{
    info->field = (enum mmd_field)(MMD_FIELD_HOST + any_length(4));
    info->fault.offset = nondet_size();
    for (size_t which = 0; which < 5; which++)
        for (size_t at = 0; at < 3; at++)
            if (fields[which][at] == '\0' ? at == 0 : fields[which][at] <= ' ')
                return false;
    return nondet_bool();
}

void *contract_of_memmove(void *to, const void *from, size_t n)
{
    PROVE(__CPROVER_same_object(to, message) && __CPROVER_r_ok(from, n));
    PROVE((char *)to >= message && n <= message_cap - (size_t)((char *)to - message));
    return to;
}

/* PROOF mmd_closing_write
 * proved: writes within the buffer alone; returns the length that it says is needed, which is what
 * template, fields, text and the length's digits take, exactly if the buffer holds that; the
 * message has its ten line ends and no other CR, LF or NUL
 * bound: fields of up to 3 characters, texts of up to 20 bytes, buffers of up to 600, all ports
 * not: the bytes themselves, which test_request compares
 * models: 64 arm
 * with: --unwind 160 --unwindset strlen.0:45
 * replaced: mmd_put:contract_of_mmd_put mmd_put_json:contract_of_mmd_put_json
 * are_right:contract_of_are_right memcpy:contract_of_memmove memmove:contract_of_memmove */
void prove_request_write(void)
{
    char field[5][4];
    struct mmd_closing close = {
        field[0],      (uint16_t)any_length(65535), field[1], field[2], field[3], field[4], NULL,
        any_length(20)};
    struct mmd_closing_info info;
    size_t cap = message_cap = any_length(sizeof message);

    for (size_t i = 0; i < 5; i++)
        field[i][3] = '\0';
    close.actions_taken = any_bytes(close.actions_taken_len);
    int n = mmd_closing_write(message, cap, &close, &info);
    PROVE(n == MMD_ERR_INPUT || n == MMD_ERR_CAPACITY || (n > 0 && (size_t)n == info.needed));
    PROVE(n != MMD_ERR_INPUT || (info.field != MMD_FIELD_NONE && info.needed == 0));
    if (n != MMD_ERR_INPUT) {
        size_t body = json_len + sizeof "{\"ActionsTaken\":\"\"}" - 1, port = close.port;
        size_t needed = sizeof head - 1 - 6 * 2 + 4 + (body > 99 ? 3u : 2u) + body;
        for (size_t i = 0; i < 5; i++)
            needed += strlen(field[i]);
        if (port != 443)
            needed += 2u + (port > 9) + (port > 99) + (port > 999) + (port > 9999);
        PROVE(info.needed == needed && (n > 0) == (needed <= cap));
        PROVE(info.field == MMD_FIELD_NONE && line_ends == 10 && last != '\r');
    }
    REACHED(n == MMD_ERR_CAPACITY && close.port == 443);
    REACHED(n > 300 && (size_t)n == cap && close.port == 8443);
    REACHED(n == MMD_ERR_INPUT && info.field == MMD_FIELD_ACTIONS_TAKEN);
}
