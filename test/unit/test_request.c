/* SPDX-License-Identifier: MIT */
/* Tests of the closing's request: the message to the byte, what is refused, by which rule and
 * where, and that any buffer holds what is written. Then the request writer, piece by piece. Every
 * string ends at a guard page, as does the buffer. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "http/request_writer.h"
#include "mmdclose/closing.h"
#include "mmdclose/guid.h"
#include "mmdclose/version.h"
#include "reference.h"

#define FIELDS (MMD_FIELD_ACTIONS_TAKEN + 1)

static struct guard field_memory[FIELDS], out_memory;

static const struct mmd_closing plain = {
    .host = "mmdls.microsoft.com",
    .port = 443,
    .tenant_id = "9a1b2c3d-0000-4111-8222-333344445555",
    .elevation_request_id = "12345",
    .token = "eyJ0eXAi.eyJhdWQi.c2ln-_~+/==",
    .client_request_id = "00010203-0405-4607-8809-0a0b0c0d0e0f",
    .actions_taken = "Replaced \"eth0\".",
    .actions_taken_len = 16,
};

static const char golden[] = "PATCH /support/odata/v1/tenants/9a1b2c3d-0000-4111-8222-333344445555"
                             "/elevationRequests/12345 HTTP/1.1\r\n"
                             "Host: mmdls.microsoft.com\r\n"
                             "Authorization: Bearer eyJ0eXAi.eyJhdWQi.c2ln-_~+/==\r\n"
                             "Accept: application/json\r\n"
                             "Accept-Encoding: identity\r\nContent-Type: application/json\r\n"
                             "User-Agent: mmdclose/" MMD_VERSION "\r\n"
                             "client-request-id: 00010203-0405-4607-8809-0a0b0c0d0e0f\r\n"
                             "Connection: close\r\n"
                             "Content-Length: 37\r\n"
                             "\r\n"
                             "{\"ActionsTaken\":\"Replaced \\\"eth0\\\".\"}";

static int open_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIELDS; i++)
        field_memory[i] = guard_open(16384);
    out_memory = guard_open(65536);
    return 0;
}

/* A closing's text fields, by the number that errors call them. */
static const char **field_of(struct mmd_closing *c, enum mmd_field field)
{
    switch (field) {
    case MMD_FIELD_HOST: return &c->host;
    case MMD_FIELD_TENANT_ID: return &c->tenant_id;
    case MMD_FIELD_ELEVATION_REQUEST_ID: return &c->elevation_request_id;
    case MMD_FIELD_TOKEN: return &c->token;
    case MMD_FIELD_CLIENT_REQUEST_ID: return &c->client_request_id;
    default: return NULL;
    }
}

/* The same closing with every string against a guard page. */
static struct mmd_closing guarded(const struct mmd_closing *from)
{
    struct mmd_closing c = *from;

    for (enum mmd_field f = MMD_FIELD_HOST; f < MMD_FIELD_ACTIONS_TAKEN; f++)
        *field_of(&c, f) = guard_text(&field_memory[f], *field_of(&c, f));
    c.actions_taken =
        guard_put(&field_memory[MMD_FIELD_ACTIONS_TAKEN], c.actions_taken, c.actions_taken_len);
    return c;
}

static struct mmd_closing with_actions(const char *text, size_t len)
{
    struct mmd_closing c = plain;

    c.actions_taken = text;
    c.actions_taken_len = len;
    return guarded(&c);
}

/* Writes into a large buffer, and returns the message; *body is where its body begins. */
static const char *write_message(const struct mmd_closing *c, size_t *len, const char **body)
{
    struct mmd_closing_info info;
    char *buf = guard_room(&out_memory, out_memory.size);
    int result = mmd_closing_write(buf, out_memory.size - 1, c, &info);

    assert_true(result > 0);
    assert_int_equal(info.needed, result);
    assert_int_equal(info.field, MMD_FIELD_NONE);
    assert_int_equal(info.token_len, strlen(c->token));
    assert_memory_equal(buf + info.token_at, c->token, info.token_len);
    assert_memory_equal(buf + info.token_at - strlen("Bearer "), "Bearer ", strlen("Bearer "));
    *len = (size_t)result;
    buf[result] = '\0';
    *body = strstr(buf, "\r\n\r\n");
    assert_non_null(*body);
    *body += 4;
    return buf;
}

/* The text between {"ActionsTaken":" and "}. */
static const char *written_text(const struct mmd_closing *c, size_t *text_len)
{
    static const char head[] = "{\"ActionsTaken\":\"", tail[] = "\"}";
    const char *body, *message;
    size_t len;

    message = write_message(c, &len, &body);
    len -= (size_t)(body - message);
    assert_true(len >= sizeof head - 1 + sizeof tail - 1);
    assert_memory_equal(body, head, sizeof head - 1);
    assert_memory_equal(body + len - 2, tail, 2);
    *text_len = len - (sizeof head - 1) - 2;
    return body + sizeof head - 1;
}

static void expect_refused(const struct mmd_closing *c, enum mmd_field field, enum mmd_rule rule,
                           size_t offset)
{
    struct mmd_closing_info info;
    int result = mmd_closing_write(guard_room(&out_memory, 32768), 32768, c, &info);

    if (result != MMD_ERR_INPUT || info.field != field || info.fault.rule != rule ||
        info.fault.offset != offset)
        fail_msg("field %d, rule %d, offset %zu: got %d, field %d, rule %d, offset %zu", field,
                 rule, offset, result, info.field, info.fault.rule, info.fault.offset);
    assert_int_equal(info.needed, 0);
}

static void expect_accepted(const struct mmd_closing *c)
{
    struct mmd_closing_info info;
    int result = mmd_closing_write(guard_room(&out_memory, 32768), 32768, c, &info);

    if (result < 0 || info.field != MMD_FIELD_NONE || info.fault.rule != MMD_RULE_NONE)
        fail_msg("got %d, field %d, rule %d, offset %zu", result, info.field, info.fault.rule,
                 info.fault.offset);
}

static void test_whole_message(void **state)
{
    struct mmd_closing c = guarded(&plain);
    struct mmd_closing_info info;
    char *buf = guard_room(&out_memory, sizeof golden - 1);

    (void)state;
    assert_int_equal(mmd_closing_write(buf, sizeof golden - 1, &c, &info), sizeof golden - 1);
    assert_memory_equal(buf, golden, sizeof golden - 1);
}

/* Fault 204: a port other than 443 -> told in Host (RFC 9110, 7.2) */
static void test_port_is_told_unless_it_is_443(void **state)
{
    static const struct {
        uint16_t port;
        const char *line;
    } table[] = {
        {443, "\r\nHost: mmdls.microsoft.com\r\n"},
        {1, "\r\nHost: mmdls.microsoft.com:1\r\n"},
        {80, "\r\nHost: mmdls.microsoft.com:80\r\n"},
        {8443, "\r\nHost: mmdls.microsoft.com:8443\r\n"},
        {65535, "\r\nHost: mmdls.microsoft.com:65535\r\n"},
    };
    const char *body;
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct mmd_closing c = guarded(&plain);
        c.port = table[i].port;
        assert_non_null(strstr(write_message(&c, &len, &body), table[i].line));
    }
}

static void expect_length_told(const char *text, size_t text_len)
{
    struct mmd_closing c = with_actions(text, text_len);
    char expected[64];
    const char *body, *message;
    size_t len;

    message = write_message(&c, &len, &body);
    snprintf(expected, sizeof expected, "\r\nContent-Length: %zu\r\n\r\n",
             len - (size_t)(body - message));
    assert_memory_equal(body - strlen(expected), expected, strlen(expected));
}

/* Fault 205: a text of any length, with escapes or without -> the length told is that of the
 * body (RFC 9110, 8.6) */
static void test_content_length(void **state)
{
    static char text[10100];

    (void)state;
    for (size_t n = 0; n <= sizeof text; n = n == 300 ? 900 : n == 1100 ? 9900 : n + 1) {
        memset(text, 'x', sizeof text);
        expect_length_told(text, n);
        memset(text, '"', sizeof text); /* each takes two bytes */
        expect_length_told(text, n);
    }
}

/* Every capacity, with the message ending in runs that the writer treats differently.
 * Fault 206: a buffer that is too small by any number of bytes -> refused, the size needed told,
 * nothing written beyond it */
static void test_every_capacity(void **state)
{
    static const char *const texts[] = {
        "",
        "x",
        "0123456789abcdef0123456789abcdef",
        "\"\\\n\x01\"\\\n\x01",
        "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\x92",
        "1234567\n1234567\xC3\xA9 12345678",
    };
    char whole[1024];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct mmd_closing c = with_actions(texts[i], strlen(texts[i]));
        struct mmd_closing_info info;
        const char *body, *message;
        size_t needed;

        message = write_message(&c, &needed, &body);
        assert_true(needed < sizeof whole);
        memcpy(whole, message, needed);
        for (size_t cap = 0; cap <= needed + 9; cap++) {
            char *buf = guard_room(&out_memory, cap);
            int result = mmd_closing_write(cap == 0 ? NULL : buf, cap, &c, &info);
            assert_int_equal(result, cap < needed ? MMD_ERR_CAPACITY : (int)needed);
            assert_int_equal(info.needed, needed);
            assert_true(guard_intact(&out_memory, cap));
            if (cap >= needed)
                assert_memory_equal(buf, whole, needed);
        }
    }
}

static const struct {
    enum mmd_field field;
    const char *others; /* what may stand in it besides letters and digits */
    size_t max;         /* characters; 0: no bound */
} alphabets[] = {
    {MMD_FIELD_HOST, "-._", 253},
    {MMD_FIELD_TENANT_ID, "-._~", 128},
    {MMD_FIELD_ELEVATION_REQUEST_ID, "-._~", 128},
    {MMD_FIELD_TOKEN, "-._~+/", 0},
    {MMD_FIELD_CLIENT_REQUEST_ID, "-._~", 128},
};

static int is_of(const char *others, int byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || (byte != 0 && strchr(others, byte) != NULL);
}

/* The fault there must be if this byte stands at that place of a field of letters. */
static struct mmd_fault fault_of(size_t a, size_t len, size_t at, int byte)
{
    const struct mmd_fault none = {MMD_RULE_NONE, 0};
    bool is_token = alphabets[a].field == MMD_FIELD_TOKEN;
    bool is_host = alphabets[a].field == MMD_FIELD_HOST;

    if (byte == 0) /* the field ends here */
        return at > 0 ? none : (struct mmd_fault){MMD_RULE_EMPTY, 0};
    if (is_host && byte == '.' && at + 1 == len) /* no label follows */
        return (struct mmd_fault){MMD_RULE_LABEL, len};
    if (is_host && byte >= '0' && byte <= '9' && len == 1)
        return (struct mmd_fault){MMD_RULE_ADDRESS, 0};
    if (is_token && byte == '=' && at > 0) /* then what follows it is at fault */
        return at + 1 == len ? none : (struct mmd_fault){MMD_RULE_CHARACTER, at + 1};
    if (!is_token && byte == '.' && len == 1)
        return (struct mmd_fault){MMD_RULE_DOTS, 1};
    if (is_of(alphabets[a].others, byte))
        return none;
    return (struct mmd_fault){MMD_RULE_CHARACTER, at};
}

static void try_every_byte(size_t a, size_t len)
{
    enum mmd_field field = alphabets[a].field;
    struct mmd_closing c = guarded(&plain);
    char text[128];

    memset(text, 'a', len);
    text[len] = '\0';
    char *s = guard_text(&field_memory[field], text);
    *field_of(&c, field) = s;
    for (size_t at = 0; at < len; at++) {
        for (int byte = 0; byte < 256; byte++) {
            struct mmd_fault fault = fault_of(a, len, at, byte);
            s[at] = (char)byte;
            if (fault.rule == MMD_RULE_NONE)
                expect_accepted(&c);
            else
                expect_refused(&c, field, fault.rule, fault.offset);
        }
        s[at] = 'a';
    }
}

/* At every place of fields of several lengths.
 * Fault 207: each byte at each place of host, ids and token -> only those of its alphabet (RFC
 * 3986, 2.3) */
static void test_every_byte_in_every_field(void **state)
{
    static const size_t lengths[] = {1, 2, 7, 8, 9, 63, 64, 65, 127};

    (void)state;
    for (size_t a = 0; a < sizeof alphabets / sizeof *alphabets; a++)
        for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
            try_every_byte(a, lengths[l]);
}

/* Fault 208: a host of 253 and 254 bytes, an id of 128 and 129, all of them empty -> accepted;
 * refused */
static void test_lengths(void **state)
{
    char text[300];

    (void)state;
    for (size_t a = 0; a < sizeof alphabets / sizeof *alphabets; a++) {
        enum mmd_field field = alphabets[a].field;
        for (size_t len = 0; len < sizeof text; len++) {
            struct mmd_closing c = guarded(&plain);
            memset(text, 'z', len);
            text[len] = '\0';
            *field_of(&c, field) = guard_text(&field_memory[field], text);
            if (len == 0)
                expect_refused(&c, field, MMD_RULE_EMPTY, 0);
            else if (alphabets[a].max != 0 && len > alphabets[a].max)
                expect_refused(&c, field, MMD_RULE_LENGTH, alphabets[a].max);
            else
                expect_accepted(&c);
        }
    }
}

/* At the bound, of a text that is both too long and wrong further on. */
static void test_the_first_rule_counts(void **state)
{
    static const struct {
        size_t good; /* characters before a slash */
        enum mmd_field field;
        enum mmd_rule rule;
        size_t offset;
    } table[] = {
        {127, MMD_FIELD_TENANT_ID, MMD_RULE_CHARACTER, 127},
        {128, MMD_FIELD_TENANT_ID, MMD_RULE_CHARACTER, 128},
        {129, MMD_FIELD_TENANT_ID, MMD_RULE_LENGTH, 128},
        {252, MMD_FIELD_HOST, MMD_RULE_CHARACTER, 252},
        {253, MMD_FIELD_HOST, MMD_RULE_LENGTH, 253},
    };
    char text[300];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct mmd_closing c = guarded(&plain);
        memset(text, 'z', table[i].good);
        strcpy(text + table[i].good, "/x");
        *field_of(&c, table[i].field) = guard_text(&field_memory[table[i].field], text);
        expect_refused(&c, table[i].field, table[i].rule, table[i].offset);
    }
}

/* With every field at fault, and each set right in turn. */
static void test_the_first_field_counts(void **state)
{
    struct mmd_closing c = guarded(&plain), right = c;

    (void)state;
    for (enum mmd_field f = MMD_FIELD_HOST; f < MMD_FIELD_ACTIONS_TAKEN; f++)
        *field_of(&c, f) = "\x7F";
    c.actions_taken = "\xFF";
    c.actions_taken_len = 1;
    for (enum mmd_field f = MMD_FIELD_HOST; f < MMD_FIELD_ACTIONS_TAKEN; f++) {
        expect_refused(&c, f, MMD_RULE_CHARACTER, 0);
        *field_of(&c, f) = *field_of(&right, f);
    }
    expect_refused(&c, MMD_FIELD_ACTIONS_TAKEN, MMD_RULE_UTF8, 0);
}

/* Fault 456: a text so long that the length of what is made of it could wrap -> refused unread */
static void test_the_longest_text(void **state)
{
    struct mmd_closing c = guarded(&plain);

    (void)state;
    c.actions_taken_len = INT_MAX / 8 + 1;
    expect_refused(&c, MMD_FIELD_ACTIONS_TAKEN, MMD_RULE_LENGTH, INT_MAX / 8);
    c.actions_taken_len = SIZE_MAX;
    expect_refused(&c, MMD_FIELD_ACTIONS_TAKEN, MMD_RULE_LENGTH, INT_MAX / 8);
}

static void test_words_with_a_meaning(void **state)
{
    static const struct {
        enum mmd_field field;
        const char *text;
        enum mmd_rule rule;
        size_t offset;
    } table[] = {
        /* Fault 199: an id of one or two dots -> refused: a path would take it for a way up (RFC
         * 3986, 5.2.4) */
        {MMD_FIELD_TENANT_ID, ".", MMD_RULE_DOTS, 1},
        {MMD_FIELD_TENANT_ID, "..", MMD_RULE_DOTS, 2},
        {MMD_FIELD_TENANT_ID, "...", MMD_RULE_NONE, 0},
        {MMD_FIELD_TENANT_ID, ".a", MMD_RULE_NONE, 0},
        {MMD_FIELD_ELEVATION_REQUEST_ID, ".", MMD_RULE_DOTS, 1},
        {MMD_FIELD_ELEVATION_REQUEST_ID, "..", MMD_RULE_DOTS, 2},
        {MMD_FIELD_ELEVATION_REQUEST_ID, "..a", MMD_RULE_NONE, 0},
        /* Fault 200: a slash, a question mark, a hash or a percent sign in an id -> refused,
         * with its place (RFC 3986, 3.3) */
        {MMD_FIELD_ELEVATION_REQUEST_ID, "1#x", MMD_RULE_CHARACTER, 1},
        {MMD_FIELD_TENANT_ID, "a%2f", MMD_RULE_CHARACTER, 1},
        {MMD_FIELD_ELEVATION_REQUEST_ID, "1/../2", MMD_RULE_CHARACTER, 1},
        {MMD_FIELD_ELEVATION_REQUEST_ID, "1?x", MMD_RULE_CHARACTER, 1},
        {MMD_FIELD_ELEVATION_REQUEST_ID, "%2e", MMD_RULE_CHARACTER, 0},
        /* Fault 201: CR LF and a field of its own in an id, a host or a token -> refused (RFC
         * 9110, 5.5) */
        {MMD_FIELD_HOST, "a\r\nX: y", MMD_RULE_CHARACTER, 1},
        {MMD_FIELD_TENANT_ID, "a\r\nX: y", MMD_RULE_CHARACTER, 1},
        {MMD_FIELD_CLIENT_REQUEST_ID, "a\r\nX: y", MMD_RULE_CHARACTER, 1},
        /* Fault 202: a host with a port, user information or brackets -> refused, with its place
         * (RFC 3986, 3.2) */
        {MMD_FIELD_HOST, "[::1]", MMD_RULE_CHARACTER, 0},
        {MMD_FIELD_HOST, "host:443", MMD_RULE_CHARACTER, 4},
        {MMD_FIELD_HOST, "user@host", MMD_RULE_CHARACTER, 4},
        /* Fault 435: a host that is an address, or whose last label is another number or empty ->
         * refused, with that label's place (RFC 6066, 3) */
        {MMD_FIELD_HOST, "127.0.0.1", MMD_RULE_ADDRESS, 8},
        {MMD_FIELD_HOST, "127.0.0.1.", MMD_RULE_LABEL, 10},
        {MMD_FIELD_HOST, "2130706433", MMD_RULE_ADDRESS, 0},
        {MMD_FIELD_HOST, "host.1", MMD_RULE_ADDRESS, 5},
        {MMD_FIELD_HOST, "host.test.", MMD_RULE_LABEL, 10},
        {MMD_FIELD_HOST, "host..", MMD_RULE_LABEL, 6},
        {MMD_FIELD_HOST, "..", MMD_RULE_LABEL, 2},
        {MMD_FIELD_HOST, "127.0.0.1.test", MMD_RULE_NONE, 0},
        {MMD_FIELD_HOST, "1.2a3", MMD_RULE_NONE, 0},
        {MMD_FIELD_HOST, "host1", MMD_RULE_NONE, 0},
        {MMD_FIELD_HOST, "host-1", MMD_RULE_NONE, 0},
        /* Fault 203: "=" in a token -> accepted at its end only, and not alone (RFC 6750, 2.1) */
        {MMD_FIELD_TOKEN, "a=", MMD_RULE_NONE, 0},
        {MMD_FIELD_TOKEN, "a====", MMD_RULE_NONE, 0},
        {MMD_FIELD_TOKEN, "=", MMD_RULE_CHARACTER, 0},
        {MMD_FIELD_TOKEN, "==", MMD_RULE_CHARACTER, 0},
        {MMD_FIELD_TOKEN, "=a", MMD_RULE_CHARACTER, 0},
        {MMD_FIELD_TOKEN, "a=b", MMD_RULE_CHARACTER, 2},
        {MMD_FIELD_TOKEN, "a==b=", MMD_RULE_CHARACTER, 3},
        {MMD_FIELD_TOKEN, "a= ", MMD_RULE_CHARACTER, 2},
        /* Fault 201 */
        {MMD_FIELD_TOKEN, "abc\n", MMD_RULE_CHARACTER, 3},
        {MMD_FIELD_TOKEN, "abc\r\nX: y", MMD_RULE_CHARACTER, 3},
        {MMD_FIELD_TOKEN, ".", MMD_RULE_NONE, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct mmd_closing c = guarded(&plain);
        *field_of(&c, table[i].field) = guard_text(&field_memory[table[i].field], table[i].text);
        if (table[i].rule == MMD_RULE_NONE)
            expect_accepted(&c);
        else
            expect_refused(&c, table[i].field, table[i].rule, table[i].offset);
    }
}

/* Fault 55: token empty, one byte, 8 KB, with CR, LF, space, NUL, 0xFF -> sent exactly, or
 * refused before connecting; one trailing newline of a file is trimmed (RFC 6750, 2.1) */
static void test_long_token(void **state)
{
    static const char bad[] = {' ', '\n', ',', '\x7F', '\x80', '\xFF'};
    static char text[8193];
    struct mmd_closing c = guarded(&plain);

    (void)state;
    memset(text, 'Q', sizeof text - 1);
    char *token = guard_text(&field_memory[MMD_FIELD_TOKEN], text);
    c.token = token;
    expect_accepted(&c);
    for (size_t at = 0; at < sizeof text - 1; at++) {
        token[at] = bad[at % sizeof bad];
        expect_refused(&c, MMD_FIELD_TOKEN, MMD_RULE_CHARACTER, at);
        token[at] = 'Q';
    }
}

/* Puts a few bytes between runs of plain ones. */
static struct mmd_closing among_plain(size_t before, const char *bytes, size_t len, size_t after)
{
    char text[64];

    memset(text, 'p', before);
    memcpy(text + before, bytes, len);
    memset(text + before + len, 'q', after);
    return with_actions(text, before + len + after);
}

static void expect_written(const char *in, size_t in_len, const char *expected, size_t len)
{
    for (size_t before = 0; before <= 20; before++) {
        for (size_t after = 0; after <= 20; after++) {
            struct mmd_closing c = among_plain(before, in, in_len, after);
            size_t text_len;
            const char *text = written_text(&c, &text_len);
            assert_int_equal(text_len, before + len + after);
            for (size_t i = 0; i < before; i++)
                assert_int_equal(text[i], 'p');
            assert_memory_equal(text + before, expected, len);
            for (size_t i = before + len; i < text_len; i++)
                assert_int_equal(text[i], 'q');
        }
    }
}

/* RFC 8259, section 7: the quote, the backslash and the control characters are escaped, no others.
 * Fault 209: quotes, backslashes and control characters in the text -> escaped (RFC 8259, 7) */
static void test_ascii(void **state)
{
    static const char *const escaped[] = {
        ['"'] = "\\\"", ['\\'] = "\\\\", ['\b'] = "\\b", ['\t'] = "\\t",
        ['\n'] = "\\n", ['\f'] = "\\f",  ['\r'] = "\\r",
    };
    char expected[8];

    (void)state;
    for (int c = 0; c < 128; c++) {
        char byte = (char)c;
        if (c < (int)(sizeof escaped / sizeof *escaped) && escaped[c] != NULL)
            snprintf(expected, sizeof expected, "%s", escaped[c]);
        else if (c < 0x20)
            snprintf(expected, sizeof expected, "\\u%04x", (unsigned)c);
        else
            snprintf(expected, sizeof expected, "%c", byte);
        expect_written(&byte, 1, expected, strlen(expected));
    }
}

/* Fault 210: characters beyond ASCII in the text -> sent as UTF-8 (RFC 8259, 8.1) */
static void test_characters_beyond_ascii(void **state)
{
    static const uint32_t points[] = {
        0x80,   0xE9,   0x7FF,   0x800,   0xFFF,   0x1000,  0x20AC,  0xD7FF,   0xE000,  0xFEFF,
        0xFFFD, 0xFFFF, 0x10000, 0x1F512, 0x3FFFF, 0x40000, 0xFFFFF, 0x100000, 0x10FFFF};
    unsigned char bytes[4];

    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        size_t len = reference_encode(bytes, points[i]);
        expect_written((char *)bytes, len, (char *)bytes, len);
    }
}

/* Fault 211: a text that is no UTF-8, in every way -> refused, with its place (RFC 8259, 8.1) */
static void test_malformed_utf8(void **state)
{
    static const struct {
        const char *bytes;
        size_t good; /* bytes in front of the fault */
    } table[] = {
        {"\x80", 0}, /* stray continuation */
        {"\xBF", 0},
        {"\xC3\xA9\xA9", 2},
        {"\xF0\x9F\x94\x92\x92", 4},
        {"\xC0\x80", 0}, /* overlong */
        {"\xC1\xBF", 0},
        {"\xE0\x80\x80", 0},
        {"\xE0\x9F\xBF", 0},
        {"\xF0\x80\x80\x80", 0},
        {"\xF0\x8F\xBF\xBF", 0},
        {"\xED\xA0\x80", 0}, /* surrogates */
        {"\xED\xAF\xBF\xED\xB0\x80", 0},
        {"\xED\xBF\xBF", 0},
        {"\xF4\x90\x80\x80", 0}, /* above U+10FFFF */
        {"\xF5\x80\x80\x80", 0},
        {"\xF7\xBF\xBF\xBF", 0},
        {"\xF8\x88\x80\x80\x80", 0}, /* longer than there are */
        {"\xFC\x84\x80\x80\x80\x80", 0},
        {"\xFE", 0},
        {"\xFF", 0},
        {"\xC3", 0}, /* cut short, by the end or by what follows */
        {"\xE2", 0},
        {"\xE2\x82", 0},
        {"\xF0", 0},
        {"\xF0\x9F", 0},
        {"\xF0\x9F\x94", 0},
        {"\xC3\xC3\xA9", 0},
        {"\xE2\x82\xE2\x82\xAC", 0},
        {"\xC3\"", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        for (size_t before = 0; before <= 20; before++)
            for (size_t after = 0; after <= 20; after++) {
                struct mmd_closing c =
                    among_plain(before, table[i].bytes, strlen(table[i].bytes), after);
                expect_refused(&c, MMD_FIELD_ACTIONS_TAKEN, MMD_RULE_UTF8, before + table[i].good);
            }
}

static void test_malformed_text_is_told_before_capacity(void **state)
{
    struct mmd_closing c = with_actions("abc\xFF", 4);
    struct mmd_closing_info info;

    (void)state;
    assert_int_equal(mmd_closing_write(NULL, 0, &c, &info), MMD_ERR_INPUT);
    assert_int_equal(info.field, MMD_FIELD_ACTIONS_TAKEN);
    assert_int_equal(info.fault.offset, 3);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Text of all kinds of characters; mostly plain, so that long runs of it come up too. */
static size_t random_text(char *out, size_t cap, uint32_t *seed)
{
    static const uint32_t below[] = {0x80, 0x80, 0x80, 0x20, 0x800, 0xD800, 0x110000};
    size_t want = next_random(seed) % cap, len = 0;

    while (len + 4 <= want) {
        uint32_t c = next_random(seed) % below[next_random(seed) % 7];
        if (c < 0xD800 || c > 0xDFFF)
            len += reference_encode((unsigned char *)out + len, c);
    }
    return len;
}

static void test_random_texts_come_back(void **state)
{
    static char text[400], decoded[4000];
    uint32_t seed = 1;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        size_t len = random_text(text, sizeof text, &seed), written_len;
        struct mmd_closing c = with_actions(text, len);
        const char *written = written_text(&c, &written_len);
        assert_true(reference_is_utf8(written, written_len));
        assert_int_equal(reference_json_decode(written, written_len, decoded), len);
        assert_memory_equal(decoded, text, len);
    }
}

static void test_guid(void **state)
{
    static const struct {
        uint8_t random[16];
        const char *guid;
    } table[] = {
        {{0}, "00000000-0000-4000-8000-000000000000"},
        {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
         "00010203-0405-4607-8809-0a0b0c0d0e0f"},
        {{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
         "ffffffff-ffff-4fff-bfff-ffffffffffff"},
        /* RFC 9562, A.3 */
        {{0x91, 0x91, 0x08, 0xF7, 0x52, 0xD1, 0x33, 0x20, 0x5B, 0xAC, 0xF8, 0x47, 0xDB, 0x41, 0x48,
          0xA8},
         "919108f7-52d1-4320-9bac-f847db4148a8"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const uint8_t *random = guard_put(&field_memory[0], table[i].random, 16);
        char *out = guard_room(&out_memory, MMD_GUID_LEN + 1);
        mmd_guid(out, random);
        assert_string_equal(out, table[i].guid);

        struct mmd_closing c = guarded(&plain);
        c.client_request_id = out;
        struct mmd_closing_info info;
        assert_int_equal(mmd_closing_write(NULL, 0, &c, &info), MMD_ERR_CAPACITY);
    }
}

/* ---- the request writer ---- */

static void put_request(struct mmd_writer *w, uint16_t port)
{
    mmd_request_begin(w, "POST");
    mmd_put_text(w, "/tenant");
    mmd_put_text(w, "/oauth2/v2.0/token");
    mmd_request_host(w, "login.example", port);
    mmd_request_field(w, "Accept", "application/json");
    mmd_request_field(w, "Empty", "");
    mmd_request_body(w, 3);
    mmd_put_text(w, "a=b");
}

static void expect_request(uint16_t port, const char *expected)
{
    const size_t needed = strlen(expected);

    for (size_t cap = 0; cap <= needed + 1; cap++) {
        char *buf = guard_room(&out_memory, cap);
        struct mmd_writer w = {cap == 0 ? NULL : buf, cap, 0};
        put_request(&w, port);
        assert_int_equal(w.len, needed);
        assert_true(guard_intact(&out_memory, cap));
        if (cap >= needed)
            assert_memory_equal(buf, expected, needed);
    }
}

static void test_request_writer(void **state)
{
    (void)state;
    expect_request(443, "POST /tenant/oauth2/v2.0/token HTTP/1.1\r\nHost: login.example\r\n"
                        "Accept: application/json\r\nEmpty: \r\nContent-Length: 3\r\n\r\na=b");
    expect_request(8080, "POST /tenant/oauth2/v2.0/token HTTP/1.1\r\nHost: login.example:8080\r\n"
                         "Accept: application/json\r\nEmpty: \r\nContent-Length: 3\r\n\r\na=b");
}

static void expect_form(const char *value, const char *expected)
{
    const char *guarded_value = guard_text(&field_memory[0], value);
    const size_t needed = strlen(expected);

    for (size_t cap = 0; cap <= needed; cap++) {
        char *buf = guard_room(&out_memory, cap);
        struct mmd_writer w = {cap == 0 ? NULL : buf, cap, 0};
        mmd_put_form(&w, true, "name", guarded_value);
        assert_int_equal(w.len, needed);
        assert_true(guard_intact(&out_memory, cap));
        if (cap == needed)
            assert_memory_equal(buf, expected, needed);
    }
}

static void test_form_values(void **state)
{
    (void)state;
    expect_form("", "name=");
    expect_form("A-Za-z0-9._~", "name=A-Za-z0-9._~");
    expect_form("https://login.example/.default", "name=https%3A%2F%2Flogin.example%2F.default");
    expect_form("a&b=c;d#e?f", "name=a%26b%3Dc%3Bd%23e%3Ff");
    expect_form("\r\nX: y", "name=%0D%0AX%3A%20y");
    /* RFC 6749, appendix B, has this example with "+" for the space */
    expect_form(" %&+\xC2\xA3\xE2\x82\xAC", "name=%20%25%26%2B%C2%A3%E2%82%AC");
}

static void test_every_byte_in_a_form(void **state)
{
    char value[] = "a?b", expected[32];

    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        value[1] = (char)byte;
        snprintf(expected, sizeof expected, is_of("-._~", byte) ? "name=a%cb" : "name=a%%%02Xb",
                 (unsigned)byte);
        expect_form(value, expected);
    }
}

static void test_form_members(void **state)
{
    static const char expected[] = "grant_type=client_credentials&scope=a%20b&empty=";
    char buf[sizeof expected];
    struct mmd_writer w = {buf, sizeof buf, 0};

    (void)state;
    mmd_put_form(&w, true, "grant_type", "client_credentials");
    mmd_put_form(&w, false, "scope", "a b");
    mmd_put_form(&w, false, "empty", "");
    assert_int_equal(w.len, sizeof expected - 1);
    assert_memory_equal(buf, expected, sizeof expected - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_message),
        cmocka_unit_test(test_port_is_told_unless_it_is_443),
        cmocka_unit_test(test_content_length),
        cmocka_unit_test(test_every_capacity),
        cmocka_unit_test(test_every_byte_in_every_field),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_words_with_a_meaning),
        cmocka_unit_test(test_the_first_rule_counts),
        cmocka_unit_test(test_the_first_field_counts),
        cmocka_unit_test(test_the_longest_text),
        cmocka_unit_test(test_long_token),
        cmocka_unit_test(test_ascii),
        cmocka_unit_test(test_characters_beyond_ascii),
        cmocka_unit_test(test_malformed_utf8),
        cmocka_unit_test(test_malformed_text_is_told_before_capacity),
        cmocka_unit_test(test_random_texts_come_back),
        cmocka_unit_test(test_guid),
        cmocka_unit_test(test_request_writer),
        cmocka_unit_test(test_form_values),
        cmocka_unit_test(test_every_byte_in_a_form),
        cmocka_unit_test(test_form_members),
    };

    return cmocka_run_group_tests_name("request", tests, open_memory, NULL);
}
