/* SPDX-License-Identifier: MIT */
/* Tests of the proxy's settings: what a URL says, what NO_PROXY says, and which of several settings
 * counts. What is expected of the environment and of NO_PROXY is what curl 7.88 does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../programs/mmdclose/proxy_options.h"
#include "guard.h"

static struct guard memory, host_memory;
static struct proxy_setting setting;
static struct report report;
static char file[] = "/tmp/proxy-user-XXXXXX";

static int open_memory(void **state)
{
    int fd = mkstemp(file);

    (void)state;
    memory = guard_open(4096);
    host_memory = guard_open(512);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(file);
}

static int clear(void **state)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy",  "ALL_PROXY",
                                        "no_proxy",    "NO_PROXY",    "http_proxy", "HTTP_PROXY"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    memset(&report, 0, sizeof report);
    return chmod(file, 0600);
}

/* ---- the URL ---- */

static const char *parse(const char *url)
{
    memset(&setting, 0xA5, sizeof setting);
    return parse_proxy(&setting, guard_text(&memory, url));
}

static void expect(const char *url, const char *host, uint16_t port, const char *credentials)
{
    const char *fault = parse(url);

    if (fault != NULL)
        fail_msg("%s: %s", url, fault);
    assert_string_equal(setting.host, host);
    assert_int_equal(setting.port, port);
    assert_int_equal(setting.has_credentials, credentials != NULL);
    assert_string_equal(setting.credentials, credentials != NULL ? credentials : "");
}

static void expect_fault(const char *url, const char *piece)
{
    const char *fault = parse(url);

    if (fault == NULL)
        fail_msg("%s: taken", url);
    if (strstr(fault, piece) == NULL)
        fail_msg("%s: %s", url, fault);
}

/* Fault 870: a proxy with and without scheme, port, end slash, as a name, an address of IPv4, of
 * IPv6, with a zone -> its host and port; without a port 1080 */
static void test_host_and_port(void **state)
{
    (void)state;
    expect("proxy", "proxy", 1080, NULL);
    expect("proxy:3128", "proxy", 3128, NULL);
    expect("http://proxy", "proxy", 1080, NULL);
    expect("HTTP://proxy.example:1/", "proxy.example", 1, NULL);
    expect("http://proxy:", "proxy", 1080, NULL);
    expect("http://proxy:65535", "proxy", 65535, NULL);
    expect("http://proxy:000080", "proxy", 80, NULL);
    expect("192.0.2.7:8080", "192.0.2.7", 8080, NULL);
    expect("[2001:db8::1]", "2001:db8::1", 1080, NULL);
    expect("http://[2001:db8::1]:8080/", "2001:db8::1", 8080, NULL);
    expect("http://[fe80::1%25eth0]:8080/", "fe80::1%eth0", 8080, NULL);
    expect("[fe80::1%eth0]", "fe80::1%eth0", 1080, NULL);
}

/* Fault 871: credentials with percent escapes, with what is no escape, without a password, without
 * a user -> "user:password" as curl sends them */
static void test_credentials(void **state)
{
    (void)state;
    expect("http://u:p@proxy:8", "proxy", 8, "u:p");
    expect("u:p@proxy", "proxy", 1080, "u:p");
    expect("http://u@proxy", "proxy", 1080, "u:");
    expect("http://u:@proxy", "proxy", 1080, "u:");
    expect("http://:p@proxy", "proxy", 1080, ":p");
    expect("http://u:p%40%2f%3A%25@proxy", "proxy", 1080, "u:p@/:%");
    expect("http://u%20v:p:q@[::1]:8", "::1", 8, "u v:p:q");
    expect("http://u:p%zz%4%@proxy", "proxy", 1080, "u:p%zz%4%");
    expect("http://u:%c3%a4\xc3\xa4@proxy", "proxy", 1080, "u:\xc3\xa4\xc3\xa4");
}

/* Fault 872: TLS to the proxy, SOCKS, another scheme -> refused, each with its own word */
static void test_schemes(void **state)
{
    static const char *const socks[] = {"socks://p", "socks4://p", "socks4a://p", "SOCKS5://p:1",
                                        "socks5h://u:p@p"};

    (void)state;
    expect_fault("https://proxy:443", "TLS to the proxy");
    expect_fault("HTTPS://proxy", "TLS to the proxy");
    for (size_t i = 0; i < sizeof socks / sizeof *socks; i++)
        expect_fault(socks[i], "SOCKS");
    expect_fault("ftp://proxy", "scheme");
    expect_fault("://proxy", "scheme");
    expect_fault("httpx://proxy", "scheme");
}

/* Fault 873: no host, no number as the port, something after it, blanks, control characters, a raw
 * "@" or "/" in the password -> refused, and nothing of it is said back */
static void test_garbage(void **state)
{
    static const char *const wrong[] = {
        "http://",
        "/",
        "http:///",
        "http://:80",
        "u:p@",
        "http:/proxy",
        "//proxy",
        "proxy:x",
        "proxy:0",
        "proxy:65536",
        "proxy:-1",
        "proxy:+1",
        "proxy: 1",
        "proxy:1x",
        "proxy:99999999999999999999",
        "proxy/x",
        "proxy:1/?",
        "proxy?x",
        "proxy#x",
        " proxy",
        "proxy ",
        "pro xy",
        "proxy\n",
        "pro\x01xy",
        "pr\xc3\xb6xy",
        "u:p@ss@proxy",
        "u:p/q@proxy",
        "[::1",
        "[]",
        "[x]",
        "[::1]x",
        "[::1]8080",
        "::1",
        "[1.2.3.4]",
        "[fe80::1%25]",
        "[fe80::1%25e/0]",
        "http://http://proxy",
        "u:p\n@proxy",
        "u:p%0a@proxy",
        "u%00:p@proxy",
        "u\x7f@proxy",
        "u%3av:p@proxy",
        "proxy:80:80",
        "1:2:3",
        "\\\\proxy",
        "[::g]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *fault = parse(wrong[i]);
        if (fault == NULL)
            fail_msg("%s: taken as host '%s'", wrong[i], setting.host);
    }
}

/* Fault 874: a host of 253 bytes, 255 bytes of user and password once decoded -> taken; one more ->
 * refused */
static void test_bounds(void **state)
{
    char url[2048], name[300], expected[MMD_PROXY_CREDENTIALS_MAX + 1];

    (void)state;
    memset(name, 'n', sizeof name);
    name[PROXY_HOST_MAX] = '\0';
    expect(name, name, 1080, NULL);
    name[PROXY_HOST_MAX] = 'n';
    name[PROXY_HOST_MAX + 1] = '\0';
    expect_fault(name, "host");

    strcpy(url, "u:");
    for (int i = 2; i < MMD_PROXY_CREDENTIALS_MAX; i++)
        strcat(url, "%70");
    memset(expected, 'p', sizeof expected);
    memcpy(expected, "u:", 2);
    expected[MMD_PROXY_CREDENTIALS_MAX] = '\0';
    expect(strcat(url, "@proxy"), "proxy", 1080, expected);
    strcpy(strchr(url, '@'), "p@proxy");
    expect_fault(url, "255");
    memset(url, 'u', MMD_PROXY_CREDENTIALS_MAX);
    strcpy(url + MMD_PROXY_CREDENTIALS_MAX - 1, "@proxy");
    assert_null(parse(url));
    memset(url, 'u', MMD_PROXY_CREDENTIALS_MAX);
    strcpy(url + MMD_PROXY_CREDENTIALS_MAX, "@proxy");
    expect_fault(url, "255");
}

/* ---- NO_PROXY ---- */

static bool bypasses(const char *list, const char *host)
{
    return bypasses_proxy(guard_text(&memory, list), guard_text(&host_memory, host));
}

/* Fault 875: NO_PROXY with names, domains, dots, blanks, "*", a port, wildcards -> the hosts that
 * curl reaches without a proxy, and no others */
static void test_names(void **state)
{
    static const char *const with[] = {
        "a.example.com",
        "example.com",
        ".example.com",
        "EXAMPLE.com.",
        "com",
        "*",
        "x,example.com",
        "x, example.com",
        "x , example.com",
        ",,example.com",
        "x example.com",
        "example.com x",
        "\texample.com\t,",
        "xample.com,.com.",
    };
    static const char *const without[] = {
        "",
        ",",
        " , ",
        "xample.com",
        "*.example.com",
        "a.example.com:443",
        "* ,x",
        "x,*",
        "*,",
        ".",
        "..",
        "..example.com",
        "b.a.example.com",
        "example",
        "a",
        ".a.",
        "a.exa",
        "example.com/8",
        "0.0.0.0/0",
        "::/0",
        "a.example.com.example.com",
    };

    (void)state;
    for (size_t i = 0; i < sizeof with / sizeof *with; i++)
        if (!bypasses(with[i], "a.example.com") || !bypasses(with[i], "A.EXAMPLE.COM."))
            fail_msg("%s", with[i]);
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (bypasses(without[i], "a.example.com"))
            fail_msg("%s", without[i]);
}

/* Fault 876: NO_PROXY with addresses and networks -> only hosts that are addresses in them */
static void test_addresses(void **state)
{
    static const struct {
        const char *list, *host;
        bool bypasses;
    } rows[] = {
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.70", false},
        {"192.0.2.0/24", "192.0.2.7", true},
        {"192.0.2.0/24", "192.0.3.7", false},
        {"192.0.2.0/25", "192.0.2.127", true},
        {"192.0.2.0/25", "192.0.2.128", false},
        {"192.0.2.7/32", "192.0.2.7", true},
        {"192.0.2.7/33", "192.0.2.7", false},
        {"0.0.0.0/0", "192.0.2.7", true},
        {"192.0.2.7/", "192.0.2.7", false},
        {"192.0.2.7/x", "192.0.2.7", false},
        {"192.0.2.7/-1", "192.0.2.7", false},
        {"192.0.2.7/4294967328", "192.0.2.7", false},
        {"2.7", "192.0.2.7", false},
        {".7", "192.0.2.7", false},
        {"x,192.0.2.7", "192.0.2.7", true},
        {"::1", "::1", true},
        {"[::1]", "::1", false},
        {"0:0::0:1", "::1", true},
        {"2001:db8::/32", "2001:db8:1::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "192.0.2.7", false},
        {"::1/129", "::1", false},
        {"::1/128", "::1", true},
        {"*", "::1", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (bypasses(rows[i].list, rows[i].host) != rows[i].bypasses)
            fail_msg("%s for %s", rows[i].list, rows[i].host);
}

static void test_long_items(void **state)
{
    char list[1024];

    (void)state;
    memset(list, '1', sizeof list);
    strcpy(list + sizeof list - 12, ",192.0.2.7");
    assert_true(bypasses(list, "192.0.2.7"));
    assert_false(bypasses(list, "192.0.2.8"));
    assert_false(bypasses(list, "a.example.com"));
}

/* ---- which one counts ---- */

static bool find(const char *url, const char *user_file)
{
    const struct proxy_options options = {url, user_file};

    memset(&setting, 0xA5, sizeof setting);
    return find_proxy(&options, "a.example.com", NULL, &setting, &report);
}

/* The host, "" for none, or the sentence. */
static const char *found(const char *url)
{
    return find(url, NULL) ? setting.host : report.sentence;
}

/* Fault 877: several settings of a proxy -> the first of --proxy, https_proxy, HTTPS_PROXY,
 * all_proxy, ALL_PROXY that is not empty; an empty --proxy is none; http_proxy does not count */
static void test_the_first_setting_that_is_not_empty_counts(void **state)
{
    (void)state;
    assert_string_equal(found(NULL), "");
    setenv("http_proxy", "h", 1);
    setenv("HTTP_PROXY", "h", 1);
    assert_string_equal(found(NULL), "");
    setenv("ALL_PROXY", "a", 1);
    assert_string_equal(found(NULL), "a");
    setenv("all_proxy", "b", 1);
    assert_string_equal(found(NULL), "b");
    setenv("HTTPS_PROXY", "c", 1);
    assert_string_equal(found(NULL), "c");
    setenv("https_proxy", "d", 1);
    assert_string_equal(found(NULL), "d");
    assert_string_equal(found("e"), "e");
    assert_string_equal(found(""), "");
    setenv("https_proxy", "", 1);
    assert_string_equal(found(NULL), "c");
}

/* Fault 878: NO_PROXY names the host -> no proxy, also not that of --proxy; no_proxy comes before
 * NO_PROXY, unless it is empty; a setting that is not used may be wrong */
static void test_no_proxy_excepts_the_host_from_any_setting(void **state)
{
    (void)state;
    setenv("https_proxy", "d", 1);
    setenv("NO_PROXY", "example.com", 1);
    assert_string_equal(found(NULL), "");
    assert_string_equal(found("e"), "");
    setenv("no_proxy", "example.org", 1);
    assert_string_equal(found(NULL), "d");
    assert_string_equal(found("e"), "e");
    setenv("no_proxy", "", 1);
    assert_string_equal(found(NULL), "");
    setenv("https_proxy", "socks5://u:secret@d", 1);
    assert_string_equal(found(NULL), "");
    assert_non_null(strstr(found("socks5://e"), "SOCKS")); /* an option is checked in any case */
    unsetenv("no_proxy");
    unsetenv("NO_PROXY");
    assert_non_null(strstr(found(NULL), "https_proxy"));
    assert_null(strstr(report.sentence, "secret"));
    assert_string_equal(found("e"), "e");
}

/* Fault 879: a password in --proxy -> refused, and not said back; in the environment -> used, and
 * masked where the proxy is shown */
static void test_password(void **state)
{
    char shown[PROXY_SHOWN_CAP];

    (void)state;
    assert_non_null(strstr(found("http://u:secret@proxy"), "--proxy-user-file"));
    assert_null(strstr(report.sentence, "secret"));
    assert_int_equal(report.outcome, MMD_OUTCOME_USAGE);
    assert_string_equal(found("http://u@proxy"), "proxy");
    assert_string_equal(setting.credentials, "u:");

    setenv("HTTPS_PROXY", "http://u:secret@proxy:8080", 1);
    assert_string_equal(found(NULL), "proxy");
    assert_string_equal(setting.credentials, "u:secret");
    struct mmd_proxy_config config = proxy_config(&setting);
    assert_string_equal(config.credentials, "u:secret");
    assert_string_equal(config.host, "proxy");
    assert_int_equal(config.port, 8080);
    show_proxy(shown, &setting);
    assert_string_equal(shown, "http://u:***@proxy:8080");

    setenv("HTTPS_PROXY", "[::1]:8080", 1);
    assert_string_equal(found(NULL), "::1");
    assert_null(proxy_config(&setting).credentials);
    show_proxy(shown, &setting);
    assert_string_equal(shown, "http://[::1]:8080");
}

/* ---- --proxy-user-file ---- */

static void write_file(const char *text, size_t len)
{
    FILE *out = fopen(file, "w");

    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

static void expect_file(const char *text, size_t len, const char *credentials, const char *fault)
{
    write_file(text, len);
    bool done = find("http://v@proxy", file);
    if (done != (credentials != NULL))
        fail_msg("%s: %s", text, done ? setting.credentials : report.sentence);
    if (done)
        assert_string_equal(setting.credentials, credentials);
    else if (strstr(report.sentence, fault) == NULL || strstr(report.sentence, "secret") != NULL)
        fail_msg("%s: %s", text, report.sentence);
}

#define TEXT(text) text, sizeof(text) - 1

/* Fault 880: --proxy-user-file with one line, its end, a mark before it -> used as it is, also in
 * place of what a URL says; without a colon, with more lines, a NUL, too long, for others to read,
 * not there -> refused */
static void test_user_and_password_from_a_file(void **state)
{
    char text[MMD_PROXY_CREDENTIALS_MAX + 2];

    (void)state;
    expect_file(TEXT("u:secret"), "u:secret", NULL);
    expect_file(TEXT("u:secret\n"), "u:secret", NULL);
    expect_file(TEXT("u:secret\r\n"), "u:secret", NULL);
    expect_file(TEXT("\xEF\xBB\xBFu:%41@ /:\n"), "u:%41@ /:", NULL);
    expect_file(TEXT("u:"), "u:", NULL);
    expect_file(TEXT(""), NULL, "no colon");
    expect_file(TEXT("usecret"), NULL, "no colon");
    expect_file(TEXT("u:secret\n\n"), NULL, "control");
    expect_file(TEXT("u:secret\0"), NULL, "control");
    expect_file(TEXT("u\0:secret"), NULL, "no colon");
    memset(text, 's', sizeof text);
    text[1] = ':';
    write_file(text, sizeof text - 2);
    assert_true(find("proxy", file));
    assert_int_equal(strlen(setting.credentials), MMD_PROXY_CREDENTIALS_MAX);
    expect_file(text, sizeof text - 1, NULL, "255");
    write_file(TEXT("u:secret"));
    assert_int_equal(chmod(file, 0644), 0);
    assert_false(find("proxy", file));
    assert_non_null(strstr(report.sentence, "--proxy-user-file"));
    assert_false(find("proxy", "/nonexistent/user"));
    assert_non_null(strstr(report.sentence, "the file '/nonexistent/user' of --proxy-user-file"));
    assert_false(find("proxy", "u:secret/secret")); /* in the place of its file */
    assert_null(strstr(report.sentence, "secret"));
    assert_true(find(NULL, "/nonexistent/secret")); /* there is no proxy */
    setenv("HTTPS_PROXY", "http://v:w@proxy", 1);
    assert_int_equal(chmod(file, 0600), 0);
    assert_true(find(NULL, file));
    assert_string_equal(setting.credentials, "u:secret");
}

#define TEST(name) cmocka_unit_test_setup(name, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_host_and_port),
        TEST(test_credentials),
        TEST(test_schemes),
        TEST(test_garbage),
        TEST(test_bounds),
        TEST(test_names),
        TEST(test_addresses),
        TEST(test_long_items),
        TEST(test_the_first_setting_that_is_not_empty_counts),
        TEST(test_no_proxy_excepts_the_host_from_any_setting),
        TEST(test_password),
        TEST(test_user_and_password_from_a_file),
    };

    return cmocka_run_group_tests_name("proxy options", tests, open_memory, remove_file);
}
