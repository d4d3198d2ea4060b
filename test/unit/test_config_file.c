/* SPDX-License-Identifier: MIT */
/* Tests of the configuration file: what each kind of line says, and that nothing of a value gets
 * into a message. The text ends at a guard page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../programs/mmdclose/config_file.h"
#include "guard.h"

#define SECRET "s3cr3t-of-an-app~which-is-long"

static struct guard memory;
static struct options options;
static struct report report;

static int open_memory(void **state)
{
    (void)state;
    memory = guard_open(CONFIG_MAX + 16);
    return 0;
}

static bool parse_bytes(const char *text, size_t len)
{
    char *room = guard_room(&memory, len + 1);

    memcpy(room, text, len);
    room[len] = '\0';
    options = (struct options){.file = "F"};
    memset(&report, 0, sizeof report);
    return parse_config(&options, room, len, &report);
}

/* The value of an option, as it stands in the file; "-": none. */
static const char *given(const char *name)
{
    const struct option *option = find_option(FOR_CONFIG, name, strlen(name));
    const char *value = options.given[option - option_table];

    return value != NULL ? value : "-";
}

static unsigned line_of(const char *name)
{
    return options.lines[find_option(FOR_CONFIG, name, strlen(name)) - option_table];
}

static void expect(const char *text, const char *name, const char *value)
{
    if (!parse_bytes(text, strlen(text)))
        fail_msg("<%s>: %s", text, report.sentence);
    assert_string_equal(given(name), value);
}

static void expect_fault(const char *text, size_t len, const char *sentence)
{
    if (parse_bytes(text, len))
        fail_msg("<%s> was read", text);
    assert_int_equal(report.outcome, MMD_OUTCOME_USAGE);
    assert_string_equal(report.sentence, sentence);
}

static void refuse_text(const char *text, const char *sentence)
{
    expect_fault(text, strlen(text), sentence);
}

/* Fault 1040: blank lines, comments with # or ;, blanks around name and value, CRLF, a byte order
 * mark, no end of the last line -> read */
static void test_lines(void **state)
{
    (void)state;
    expect("", "tenant", "-");
    expect("\n\r\n \t\n# tenant = a\n;tenant = a\n  # b", "tenant", "-");
    expect("tenant=a", "tenant", "a");
    expect("tenant = a\n", "tenant", "a");
    expect(" \ttenant\t =\t a \t\r\n", "tenant", "a");
    expect("\xEF\xBB\xBFtenant = a\r\n", "tenant", "a");
    expect("\xEF\xBB\xBF", "tenant", "-");
    expect("\n\n\nretry = 3", "retry", "3");
    assert_int_equal(options.retries, 3);
    assert_int_equal(line_of("retry"), 4);
    assert_int_equal(options.sources[0], SOURCE_DEFAULT);
}

/* Fault 1059: a = or a # within a value, quotes of a command -> belong to the value */
static void test_values_are_taken_as_they_are(void **state)
{
    (void)state;
    expect("token-command = \"/a b\" --x=1 # 2", "token-command", "\"/a b\" --x=1 # 2");
    expect("scope = a=b;c", "scope", "a=b;c");
    expect("proxy =\n", "proxy", "");
    expect("tenants = a b", "tenants", "a b");
    expect("ca-file = /etc/\xC3\xA4 b.pem", "ca-file", "/etc/\xC3\xA4 b.pem");
    expect("max-age = 2h", "max-age", "2h");
    assert_int_equal(options.max_age_s, 7200);
}

static void test_switches(void **state)
{
    (void)state;
    expect("already-closed-ok = yes", "already-closed-ok", "yes");
    assert_true(options.already_closed_ok);
    expect("already-closed-ok = no", "already-closed-ok", "no");
    assert_false(options.already_closed_ok);
    refuse_text("already-closed-ok = true",
                "F:1: already-closed-ok takes yes or no; see mmdclose.conf(5).");
    refuse_text("no-token-cache =", "F:1: no-token-cache takes yes or no; see mmdclose.conf(5).");
}

/* Fault 1041: a name that is not known -> file, line and the nearest name; of a name that may be a
 * secret at most 15 bytes are shown */
static void test_unknown_names(void **state)
{
    static const struct {
        const char *name, *nearest;
    } rows[] = {
        {"retries", "retry"},
        {"client_id", "client-id"},
        {"--retry", "retry"},
        {"hots", "host"},
        {"Tenant", "tenant"},
        {"timeout-s", "timeout"},
        {"prox", "proxy"},
        {"ten", NULL},
        {"", NULL},
        {"x", NULL},
        {"statedir", "state-dir"},
        {"max_age", "max-age"},
        {"runtime.dir", "runtime-dir"},
    };
    char text[64], sentence[128];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *nearest = rows[i].nearest;
        snprintf(text, sizeof text, "\n%s = 1", rows[i].name);
        snprintf(sentence, sizeof sentence,
                 "F:2: '%s' is not a known name%s%s; see mmdclose.conf(5).", rows[i].name,
                 nearest != NULL ? "; the nearest is " : "", nearest != NULL ? nearest : "");
        refuse_text(text, sentence);
    }
    refuse_text(SECRET " = 1", "F:1: 's3cr3t-of-an-ap' is not a known name; see mmdclose.conf(5).");
    refuse_text("a\x80 = 1", "F:1: 'a?' is not a known name; see mmdclose.conf(5).");
}

static void test_a_name_of_any_length_is_compared(void **state)
{
    static char text[CONFIG_MAX + 1];

    (void)state;
    for (size_t len = 1; len < 70; len++) {
        memset(text, 't', len);
        strcpy(text + len, "=1");
        assert_false(parse_bytes(text, len + 2));
    }
    memset(text, 't', CONFIG_MAX);
    text[CONFIG_MAX - 1] = '=';
    refuse_text(text, "F:1: 'ttttttttttttttt' is not a known name; see mmdclose.conf(5).");
}

/* Fault 1042: an option that exists, but not for the file -> a sentence of its own */
static void test_options_of_the_command_line_only(void **state)
{
    char text[64], sentence[128];

    (void)state;
    for (const struct option *o = option_table; o < option_table + OPTION_COUNT; o++) {
        if (is_stored(o))
            continue;
        snprintf(text, sizeof text, "%s = yes", o->name);
        snprintf(sentence, sizeof sentence,
                 "F:1: %s is an option of the command line only; remove it here.", o->name);
        refuse_text(text, sentence);
    }
    refuse_text("actions = x",
                "F:1: actions is an option of the command line only; remove it here.");
    refuse_text("config = /x",
                "F:1: config is an option of the command line only; remove it here.");
}

/* Fault 1043: a name twice -> both lines */
static void test_a_name_twice(void **state)
{
    (void)state;
    refuse_text("retry = 1\n#\nretry = 1", "F:3: retry is in line 1 already; remove one.");
    refuse_text("no-token-cache = no\nno-token-cache = yes",
                "F:2: no-token-cache is in line 1 already; remove one.");
}

/* Fault 1044: a value that cannot be used -> file, line and what the option takes; never the value
 */
static void test_wrong_values(void **state)
{
    static const struct {
        const char *line, *takes;
    } rows[] = {
        {"port = " SECRET, "port takes a number from 1 to 65535"},
        {"retry = -1", "retry takes a number from 0 to 1000"},
        {"timeout = 0", "timeout takes seconds, from 0.001 to 86400"},
        {"max-age = 1y", "max-age takes a time such as 90s, 15m, 12h or 30d, at most 3650d"},
        {"connect = " SECRET, "connect takes a name or an address, without brackets"},
        {"tenant =", "tenant takes a value; remove the line to have the default"},
        {"host = \"a.test\"", "host takes a value without quotes"},
        {"token-file = " SECRET, "token-file takes an absolute path, without quotes"},
        {"token-file = -", "token-file takes an absolute path, without quotes"},
        {"client-secret-file = ./secret",
         "client-secret-file takes an absolute path, without quotes"},
        {"state-dir = \"/var\"", "state-dir takes an absolute path, without quotes"},
        {"tenants = a," SECRET,
         "tenants takes ids of 1 to 128 letters, digits or one of -._~, separated by spaces"},
        {"host = 192.0.2.1",
         "host takes a name, not an address: 1 to 253 letters, digits or one of -._"},
        {"proxy = http://u:" SECRET "@a",
         "proxy takes [http://]host[:port], without a password, which is for proxy-user-file"},
        {"sign-command = " SECRET,
         "sign-command takes a program by its absolute path, with arguments"},
        {"token-command = /a '" SECRET, "token-command takes a program with its arguments, where "
                                        "quotes are closed, and a backslash is written twice"},
    };
    char sentence[256];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(sentence, sizeof sentence, "F:1: %s; see mmdclose.conf(5).", rows[i].takes);
        refuse_text(rows[i].line, sentence);
    }
}

/* Fault 1124 */
static void test_values_that_are_refused_later(void **state)
{
    static const char *const lines[] = {
        /* % with a number: so many letters */
        "tenant = a b",
        "tenant = a/b",
        "tenant = ..",
        "tenant = \xC3\xA4",
        "tenant = %129",
        "tenants = a, b",
        "tenants = a b/c",
        "tenants = a ..",
        "tenants = a\tb",
        "tenants = a %129",
        "client-id = a,b",
        "client-id = %129",
        "client-id = .",
        "scope = \xC3\xA4",
        "scope = a\tb",
        "scope = %513",
        "host = ::1",
        "host = [::1]",
        "host = a b",
        "host = https://a.test",
        "host = a.test:443",
        "host = a..",
        "host = %254",
        "authority = a:0",
        "authority = :443",
        "authority = a b",
        "authority = a:x",
        "authority = ::1",
        "authority = https://a",
        "authority = %254",
        "connect = a b",
        "connect = http://a",
        "authority-connect = %254",
        "proxy = ftp://x",
        "proxy = x:0",
        "proxy = http://",
        "proxy = x/y",
        "proxy = socks5://x",
        "token-command = '/a",
        "token-command = /a \"b",
        "token-command = /a \\q",
        "token-command = ./a",
        "token-command = /%4096",
        "sign-command = \"a\" b",
    };
    char text[8192], start[64];

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *percent = strchr(lines[i], '%');
        size_t fixed = percent != NULL ? (size_t)(percent - lines[i]) : strlen(lines[i]);
        snprintf(text, sizeof text, "%.*s", (int)fixed, lines[i]);
        size_t more = percent != NULL ? strtoul(percent + 1, NULL, 10) : 0;
        memset(text + fixed, 'x', more);
        text[fixed + more] = '\0';
        snprintf(start, sizeof start, "F:1: %.*s takes ", (int)strcspn(text, " "), text);
        assert_false(parse_bytes(text, strlen(text)));
        if (strncmp(report.sentence, start, strlen(start)) != 0)
            fail_msg("<%s>: %s", lines[i], report.sentence);
    }
}

static void test_values_at_their_limits(void **state)
{
    char text[8192];

    (void)state;
    snprintf(text, sizeof text, "tenant = a%0127d", 1);
    assert_true(parse_bytes(text, strlen(text)));
    snprintf(text, sizeof text, "tenants =   a%0127d   -._~ ", 1);
    assert_true(parse_bytes(text, strlen(text)));
    snprintf(text, sizeof text, "scope = https://a/.default %0400d", 1);
    assert_true(parse_bytes(text, strlen(text)));
    snprintf(text, sizeof text, "token-command = /a '%04000d'", 1);
    assert_true(parse_bytes(text, strlen(text)));
    expect("authority = login.test", "authority", "login.test");
    expect("host = 1.a-b_c", "host", "1.a-b_c");
    expect("proxy = user@[::1]:3128/", "proxy", "user@[::1]:3128/");
}

/* Fault 1045: a line without =, a section -> refused, with file and line; nothing of it is shown */
static void test_lines_that_are_none(void **state)
{
    (void)state;
    refuse_text("\n" SECRET "\n", "F:2: it has no '='; see mmdclose.conf(5).");
    refuse_text("[mmdclose]\n", "F:1: there are no sections, remove it; see mmdclose.conf(5).");
    refuse_text("tenant = a\n  b\n", "F:2: it has no '='; see mmdclose.conf(5).");
}

/* Fault 1046: a NUL, a control character, line ends of CR, UTF-16 -> refused, also in a comment */
static void test_bytes_that_are_no_text(void **state)
{
    static const char nul[] = "tenant = a\0b", utf16[] = "\xFF\xFEt\0e\0n\0";
    char text[] = "# tenant = a?b";

    (void)state;
    expect_fault(nul, sizeof nul - 1, "F has a NUL at byte 10; it must be text, in UTF-8.");
    expect_fault(utf16, sizeof utf16 - 1, "F has a NUL at byte 3; it must be text, in UTF-8.");
    for (int c = 1; c < 128; c++) {
        bool is_text = c == '\t' || c == '\n' || (c >= ' ' && c != 127);
        text[12] = (char)c;
        if (c == '\n')
            continue; /* ends the comment */
        if (is_text)
            assert_true(parse_bytes(text, strlen(text)));
        else
            refuse_text(text, "F:1: there is a control character in it; see mmdclose.conf(5).");
    }
    refuse_text("# a\r# b\rtenant = a\r",
                "F:1: there is a control character in it; see mmdclose.conf(5).");
}

/* Any bytes: each value ends in the text, and no message is too long to end. */
static void test_any_bytes(void **state)
{
    static const char letters[] = "thenos=\n\r# ;-y\"\t/1p\x01\xEF\xBB\xBF[";
    static const char *const names[] = {"host", "port", "no-token-cache", "proxy", "tenant"};
    uint32_t random = 1;
    char text[64];

    (void)state;
    for (unsigned round = 0; round < 100000; round++) {
        size_t len = 0;
        if (round % 2 == 0)
            len = (size_t)sprintf(text, "%s", names[round / 2 % 5]);
        for (size_t end = len + round % 40; len < end; random = random * 1664525 + 1013904223)
            text[len++] = letters[(random >> 16) % (sizeof letters - 1)];
        text[len] = '\0';
        if (parse_bytes(text, len))
            continue;
        size_t said = strlen(report.sentence);
        assert_in_range(said, 10, 150);
        assert_int_equal(report.sentence[said - 1], '.');
    }
}

/* ---- the file ---- */

static char path[] = "/tmp/config-XXXXXX";

static int make_file(void **state)
{
    static const char text[] = "retry = 4\n";
    int fd;

    (void)state;
    strcpy(path, "/tmp/config-XXXXXX");
    fd = mkstemp(path);
    return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    free(options.file_text);
    return unlink(path);
}

static bool read_it(const char *name, bool required)
{
    options = (struct options){.tenant = NULL};
    memset(&report, 0, sizeof report);
    return read_config_file(&options, name, required, &report);
}

/* Fault 1048: group or others may write the file -> refused, whatever else they may */
static void test_modes(void **state)
{
    (void)state;
    for (mode_t mode = 0; mode <= 0777; mode++) {
        if ((mode & 0400) == 0)
            continue; /* only root would read it */
        assert_int_equal(chmod(path, mode), 0);
        bool read = read_it(path, true);
        assert_int_equal(read, (mode & 022) == 0);
        if (read)
            assert_string_equal(given("retry"), "4");
        else
            assert_non_null(strstr(report.sentence, "chmod go-w"));
        free(options.file_text);
        options.file_text = NULL;
    }
}

/* Fault 1047: a folder, a device, 64 KiB and one byte -> refused; 64 KiB -> read */
static void test_sizes_and_kinds(void **state)
{
    static char blank[CONFIG_MAX + 1];

    (void)state;
    assert_false(read_it("/", true));
    assert_non_null(strstr(report.sentence, "is not a regular file"));
    assert_false(read_it("/dev/null", true));
    assert_non_null(strstr(report.sentence, "is not a regular file"));
    for (size_t more = 0; more < 2; more++) {
        FILE *f = fopen(path, "w");
        memset(blank, '\n', sizeof blank);
        assert_int_equal(fwrite(blank, 1, CONFIG_MAX + more, f), CONFIG_MAX + more);
        assert_int_equal(fclose(f), 0);
        assert_int_equal(read_it(path, true), more == 0);
        free(options.file_text);
        options.file_text = NULL;
    }
    assert_non_null(strstr(report.sentence, "has more than 65536 bytes"));
}

/* Fault 1049: no file -> none where none is required; in place of a folder: refused */
static void test_a_file_that_is_not_there(void **state)
{
    char below[64];

    (void)state;
    assert_true(read_it("/nowhere/mmdclose.conf", false));
    assert_null(options.file);
    assert_false(read_it("/nowhere/mmdclose.conf", true));
    assert_non_null(strstr(report.sentence, "/nowhere/mmdclose.conf: No such file"));
    snprintf(below, sizeof below, "%s/x", path);
    assert_false(read_it(below, false));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_file, remove_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_values_are_taken_as_they_are),
        cmocka_unit_test(test_switches),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_a_name_of_any_length_is_compared),
        cmocka_unit_test(test_options_of_the_command_line_only),
        cmocka_unit_test(test_a_name_twice),
        cmocka_unit_test(test_wrong_values),
        cmocka_unit_test(test_values_that_are_refused_later),
        cmocka_unit_test(test_values_at_their_limits),
        cmocka_unit_test(test_lines_that_are_none),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_any_bytes),
        TEST(test_modes),
        TEST(test_sizes_and_kinds),
        TEST(test_a_file_that_is_not_there),
    };

    return cmocka_run_group_tests_name("config_file", tests, open_memory, NULL);
}
