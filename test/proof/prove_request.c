/* SPDX-License-Identifier: MIT */
/* The request: form values, the host field, and the closing's fields. Only functions of headers are
 * named here. */
#include "proof.h"

#include "../../src/http/request_writer.c"
#include "../../src/service/closing.c"
#include "../../src/service/fields.c"
#include "../../src/text/hostname.c"
#include "../../src/text/json_string.c"
#include "../../src/text/utf8.c"
#include "../../src/text/writer.c"

#include "../../src/text/charclass.c"

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
        "Authorization: Bearer \r\nAccept: application/json\r\nAccept-Encoding: "
        "identity\r\nContent-Type: application/json\r\n"
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
        PROVE(info.field == MMD_FIELD_NONE && line_ends == 11 && last != '\r');
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
