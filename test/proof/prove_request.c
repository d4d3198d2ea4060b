/* The request: the writer, its JSON strings, form values, and the closing's fields. Only functions
 * of headers are named here. */
#include "proof.h"

#include "../../src/http/request_writer.c"
#include "../../src/service/closing.c"
#include "../../src/text/guid.c"
#include "../../src/text/hostname.c"
#include "../../src/text/json_string.c"
#include "../../src/text/utf8.c"
#include "../../src/text/writer.c"

#include "../../src/text/charclass.c"

/* A writer of at most max bytes that is full, not full or already past its capacity. */
static struct mmd_writer any_writer(size_t max)
{
    size_t cap = any_length(max);
    struct mmd_writer w = {cap > 0 || nondet_bool() ? any_bytes(cap) : NULL, cap,
                           any_length(2 * max)};

    return w;
}

/* PROOF mmd_put
 * proved: nothing is written but what is put, at the place that the length gives, and that
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

static char before_it; /* the last byte of a text that was put */

/* Looks at what a JSON string is made of; what is done with it is proved of mmd_put. */
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
 * but after a backslash; needs one to six bytes for each
 * bound: texts of up to 4 bytes
 * models: 64 arm
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
 * models: 64 arm
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

/* ---- the closing ---- */

#define FAULT(rule, at) ((struct mmd_fault){MMD_RULE_##rule, (size_t)(at)})

/* The fault of a field, letter by letter. */
static struct mmd_fault fault_of(enum mmd_field field, const char *s)
{
    const bool is_host = field == MMD_FIELD_HOST, is_token = field == MMD_FIELD_TOKEN;
    bool is_number = true, is_padded = false; /* the last label of a host; a token */
    int n = 0, label = 0;

    for (char c; (c = s[n]) != '\0'; n++) {
        bool is_digit = c >= '0' && c <= '9';
        bool is_plain = is_digit || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                        c == '.' || c == '_' || (c == '~' && !is_host) ||
                        ((c == '+' || c == '/') && is_token);
        is_padded |= is_token && c == '=' && n > 0;
        if (is_padded ? c != '=' : !is_plain)
            return FAULT(CHARACTER, n);
        label = c == '.' ? n + 1 : label;
        is_number = c == '.' || (is_number && is_digit);
    }
    if (n == 0)
        return FAULT(EMPTY, 0);
    if (is_host && is_number)
        return label == n ? FAULT(LABEL, label) : FAULT(ADDRESS, label);
    if (!is_host && !is_token && (strcmp(s, ".") == 0 || strcmp(s, "..") == 0))
        return FAULT(DOTS, n);
    return FAULT(NONE, 0);
}

void contract_of_counting(struct mmd_writer *w, const char *data, size_t len)
{
    PROVE(__CPROVER_r_ok(data, len));
    w->len += len;
}

void contract_of_counting_text(struct mmd_writer *w, const char *text)
{
    PROVE(__CPROVER_r_ok(text, 1));
    w->len += any_length(64);
}

void contract_of_counting_decimal(struct mmd_writer *w, size_t value)
{
    (void)value;
    w->len += any_length(20);
}

static size_t json_len, json_valid; /* what the text takes, and what of it is UTF-8 */

size_t contract_of_mmd_put_json(struct mmd_writer *w, const char *text, size_t len)
{
    PROVE(__CPROVER_r_ok(text, len));
    ASSUME(json_valid <= len && json_len <= 6 * len && json_len >= json_valid);
    w->len += json_len;
    return json_valid;
}

/* PROOF mmd_closing_write(the fields)
 * proved: takes just hosts of letters, digits and "-._" whose last label is neither empty nor a
 * number, ids of RFC 3986's unreserved characters that are neither empty nor "." nor "..", a token
 * of RFC 6750's form, and UTF-8; else reports the first field at fault, the rule and exactly where
 * bound: fields of up to 3 characters
 * not: the greatest lengths, which test_request tests
 * models: 64 arm
 * with: --unwind 6
 * replaced: mmd_put:contract_of_counting mmd_put_text:contract_of_counting_text
 * mmd_put_decimal:contract_of_counting_decimal mmd_put_json:contract_of_mmd_put_json */
void prove_closing_fields(void)
{
    const char *const fields[] = {any_text(3), any_text(3), any_text(3), any_text(3), any_text(3)};
    struct mmd_closing c = {
        fields[0],    (uint16_t)any_length(65535), fields[1], fields[2], fields[3], fields[4], NULL,
        any_length(3)};
    struct mmd_closing_info info;
    struct mmd_fault fault = FAULT(NONE, 0);
    enum mmd_field field = MMD_FIELD_HOST;

    json_len = nondet_size();
    json_valid = nondet_size();
    c.actions_taken = any_bytes(c.actions_taken_len);
    int n = mmd_closing_write(NULL, 0, &c, &info);
    for (; field < MMD_FIELD_ACTIONS_TAKEN && fault.rule == MMD_RULE_NONE; field++)
        fault = fault_of(field, fields[field - MMD_FIELD_HOST]);
    if (fault.rule != MMD_RULE_NONE)
        field--;
    else if (json_valid < c.actions_taken_len)
        fault = FAULT(UTF8, json_valid);
    else
        field = MMD_FIELD_NONE;
    PROVE(n == (field != MMD_FIELD_NONE ? MMD_ERR_INPUT : MMD_ERR_CAPACITY));
    PROVE(info.field == field && info.fault.rule == fault.rule);
    PROVE(field == MMD_FIELD_NONE || info.fault.offset == fault.offset);
    REACHED(n == MMD_ERR_CAPACITY && strcmp(fields[3], "/==") == 0);
    REACHED(field == MMD_FIELD_CLIENT_REQUEST_ID && fault.rule == MMD_RULE_DOTS);
    REACHED(field == MMD_FIELD_HOST && fault.rule == MMD_RULE_ADDRESS && fault.offset == 2);
    REACHED(field == MMD_FIELD_TOKEN && fault.offset == 2);
    REACHED(field == MMD_FIELD_ACTIONS_TAKEN && fault.offset == 2);
}

/* Of what goes into the message only the length is kept, but each byte is looked at: lines end with
 * CR LF, and nothing else is a control character. */
static char message[600], last;
static size_t line_ends;

void contract_of_mmd_put(struct mmd_writer *w, const char *data, size_t len)
{
    PROVE(__CPROVER_r_ok(data, len));
    for (size_t i = 0; i < __CPROVER_OBJECT_SIZE(data) && i < len && w->buf == message; i++) {
        PROVE(last == '\r' ? data[i] == '\n' : data[i] == '\r' || (unsigned char)data[i] >= ' ');
        last = data[i];
        line_ends += last == '\n';
    }
    w->len += len;
}

/* PROOF mmd_closing_write
 * proved: returns the length that it says is needed, which is what template, fields, text and the
 * length's digits take, exactly if the buffer holds that; the message has its ten line ends and no
 * other CR, LF or NUL; the token lies within it
 * bound: fields of up to 2 characters, texts of up to 20 bytes, buffers of up to 600, all ports
 * not: the bytes themselves, which test_request compares
 * models: 64 arm
 * with: --unwind 60
 * replaced: mmd_put:contract_of_mmd_put mmd_put_json:contract_of_mmd_put_json */
void prove_closing_write(void)
{
    static const char head[] =
        "PATCH /support/odata/v1/tenants//elevationRequests/ HTTP/1.1\r\nHost: \r\n"
        "Authorization: Bearer \r\nAccept: application/json\r\nContent-Type: application/json\r\n"
        "User-Agent: mmdclose/" MMD_VERSION "\r\nclient-request-id: \r\nConnection: close\r\n"
        "Content-Length: \r\n\r\n";
    char field[5][3];
    struct mmd_closing c = {
        field[0],      (uint16_t)any_length(65535), field[1], field[2], field[3], field[4], NULL,
        any_length(20)};
    struct mmd_closing_info info;
    size_t cap = any_length(sizeof message);

    for (size_t i = 0; i < 5; i++)
        field[i][2] = '\0';
    json_len = nondet_size();
    json_valid = nondet_size();
    c.actions_taken = any_bytes(c.actions_taken_len);
    int n = mmd_closing_write(message, cap, &c, &info);
    PROVE(n == MMD_ERR_INPUT || n == MMD_ERR_CAPACITY || (n > 0 && (size_t)n == info.needed));
    PROVE(n != MMD_ERR_INPUT || (info.field != MMD_FIELD_NONE && info.needed == 0));
    if (n != MMD_ERR_INPUT) {
        size_t body = json_len + sizeof "{\"ActionsTaken\":\"\"}" - 1, port = c.port;
        size_t needed = sizeof head - 1 + (body > 99 ? 3u : 2u) + body;
        for (size_t i = 0; i < 5; i++)
            needed += strlen(field[i]);
        if (port != 443)
            needed += 2u + (port > 9) + (port > 99) + (port > 999) + (port > 9999);
        PROVE(info.needed == needed && (n > 0) == (needed <= cap));
        PROVE(info.field == MMD_FIELD_NONE && line_ends == 10 && last != '\r');
        PROVE(info.token_len == strlen(field[3]) && info.token_at + info.token_len < needed);
    }
    REACHED(n == MMD_ERR_CAPACITY && c.port == 443);
    REACHED(n > 300 && (size_t)n == cap && c.port == 8443);
    REACHED(n == MMD_ERR_INPUT && info.field == MMD_FIELD_ACTIONS_TAKEN);
}

/* ---- the request writer ---- */

/* PROOF mmd_request_host
 * proved: ends the request line and puts the host, with the port's digits unless it is 443
 * bound: a host of one character, all ports
 * models: 64 arm
 * with: --unwind 22 */
void prove_request_host(void)
{
    static const char before[] = " HTTP/1.1\r\nHost: h";
    char buf[32];
    struct mmd_writer w = {buf, sizeof buf, 0};
    uint16_t port = (uint16_t)any_length(65535);
    size_t at = sizeof before - 1, number = 0;

    mmd_request_host(&w, "h", port);
    PROVE(w.len <= sizeof buf && same(buf, before, sizeof before - 1));
    if (port != 443) {
        PROVE(buf[at++] == ':' && buf[at] != '0' + (port == 0));
        for (; buf[at] >= '0' && buf[at] <= '9'; at++)
            number = number * 10 + (size_t)(buf[at] - '0');
        PROVE(number == port);
    }
    PROVE(w.len == at + 2 && buf[at] == '\r' && buf[at + 1] == '\n');
    REACHED(number == 8443);
    REACHED(port == 443);
}

/* PROOF mmd_put_form
 * proved: puts name and value with "=" between, after "&" unless it is the first; each byte of the
 * value stands for itself if it is unreserved (RFC 3986, 2.3), and is put as "%" and two digits if
 * not
 * bound: values of up to 3 bytes
 * models: 64 arm
 * with: --unwind 12 */
void prove_put_form(void)
{
    char buf[16], *value = any_text(3);
    struct mmd_writer w = {buf, sizeof buf, 0};
    bool first = nondet_bool();
    size_t at = first ? 2 : 3;

    mmd_put_form(&w, first, "n", value);
    PROVE(first ? same(buf, "n=", 2) : same(buf, "&n=", 3));
    for (size_t i = 0; value[i] != '\0'; i++) {
        unsigned char c = (unsigned char)value[i];
        if (mmd_is_char(value[i], MMD_CHAR_UNRESERVED)) {
            PROVE(buf[at++] == value[i]);
        } else {
            PROVE(buf[at] == '%' && mmd_hex_digit(buf[at + 1]) == c >> 4);
            PROVE(mmd_hex_digit(buf[at + 2]) == (c & 15));
            at += 3;
        }
    }
    PROVE(w.len == at);
    REACHED(at == 12);
    REACHED(at == 5 && value[1] != '\0');
}
