/* SPDX-License-Identifier: MIT */
/* Tests of tokens and signatures from programs: real ones, OpenSSL's among them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../programs/mmdclose/token_command.h"
#include "mmdclose/port/linux.h"

#define AMPLE_MS 20000

static struct mmd_linux linux_port;
static struct mmd_port port;
static struct report report;
static struct program_words words;
static struct data token;
static uint32_t lifetime_s;

static int clear(void **state)
{
    (void)state;
    wipe_and_free(&token);
    memset(&report, 0, sizeof report);
    return 0;
}

static bool run(const char *value)
{
    const struct deadline deadline = {&port, port.monotonic_ms(port.context), AMPLE_MS};

    clear(NULL);
    lifetime_s = 0;
    if (!read_program(&words, "--token-command", value, &report))
        return false;
    return run_token_command(&words, &deadline, true, &token, &lifetime_s, &report);
}

static void expect(const char *value, const char *expected, uint32_t life)
{
    if (!run(value))
        fail_msg("%s: %s", value, report.sentence);
    assert_string_equal(token.bytes, expected);
    assert_int_equal(token.len, strlen(expected));
    assert_int_equal(lifetime_s, life);
}

static void expect_none(const char *value, int error, const char *piece)
{
    if (run(value))
        fail_msg("%s: %s", value, token.bytes);
    assert_int_equal(report.verdict.error, error);
    if (strstr(report.sentence, piece) == NULL)
        fail_msg("%s: %s", value, report.sentence);
    assert_null(strstr(report.sentence, "secret"));
}

#define UNKNOWN MMD_TOKEN_LIFETIME_UNKNOWN

/* Fault 889: --token-command prints a bare token, with or without its line's end, or JSON as az or
 * a token server has it -> the token, and how long it is good; neither -> refused, not shown */
static void test_token(void **state)
{
    (void)state;
    expect("/usr/bin/printf secret", "secret", UNKNOWN);
    expect("/bin/echo secret", "secret", UNKNOWN);
    expect("/usr/bin/printf 'secret\\\\r\\\\n'", "secret", UNKNOWN);
    expect("/usr/bin/printf '\\\\357\\\\273\\\\277secret'", "secret", UNKNOWN);
    expect("/bin/echo 'two words'", "two words", UNKNOWN); /* the message's writer refuses it */
    expect("/bin/echo '{\"accessToken\":\"secret\",\"tokenType\":\"Bearer\"}'", "secret", UNKNOWN);
    expect("/bin/echo '\\n {\"expires_in\":\"1200\",\"access_token\":\"s\\\\u0065cret\"}'",
           "secret", 1200);
}

static void test_no_token(void **state)
{
    (void)state;
    expect_none("/bin/echo", MMD_ERR_TOKEN, "is empty");
    expect_none("/bin/echo ' \\t'", MMD_ERR_TOKEN, "is empty");
    expect_none("/bin/true", MMD_ERR_TOKEN, "printed nothing");
    expect_none("/bin/false", MMD_ERR_TOKEN, "exit status 1");
    expect_none("/nonexistent/program", MMD_ERR_TOKEN, "is not there");
    expect_none("/usr/bin/printf 'secret\\\\0x'", MMD_ERR_INPUT, "NUL");
    expect_none("/bin/echo '{\"error\":\"secret\"}'", MMD_ERR_TOKEN, "no JSON with");
    expect_none("/bin/echo '{\"access_token\":17}'", MMD_ERR_TOKEN, "no JSON with");
    expect_none("/bin/echo '{\"access_token\":\"secret\"'", MMD_ERR_TOKEN, "no JSON with");
    expect_none("/bin/echo '{'", MMD_ERR_TOKEN, "no JSON with");
    expect_none("secret", MMD_ERR_INPUT, "at byte 1: the program is not given by its whole path");
    expect_none("/bin/echo 'secret", MMD_ERR_INPUT, "at byte 11: the quote is not closed");
}

/* After the token nothing is left of the JSON that it came from. */
static void test_the_json_is_wiped_once_the_token_is_taken_from_it(void **state)
{
    static const char json[] =
        "{\"a\":\"refresh-token\",\"access_token\":\"secret\",\"b\":\"id\"}\n";

    (void)state;
    expect("/bin/echo '{\"a\":\"refresh-token\",\"access_token\":\"secret\",\"b\":\"id\"}'",
           "secret", UNKNOWN);
    for (size_t i = token.len; i < sizeof json - 1; i++)
        assert_int_equal(token.bytes[i], 0);
}

/* ---- signatures ---- */

static uint8_t digest[MMD_SHA256_LEN], signature[MMD_SIGNATURE_MAX];

static int sign(const char *value, size_t cap)
{
    const struct deadline deadline = {&port, port.monotonic_ms(port.context), AMPLE_MS};
    struct sign_command command = {&words, &deadline, &report, true};

    for (size_t i = 0; i < sizeof digest; i++)
        digest[i] = (uint8_t)(i * 9);
    assert_true(read_program(&words, "--sign-command", value, &report));
    return sign_by_command(&command, digest, signature, cap);
}

static void write_file(const char *folder, const char *name, const void *data, size_t len)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(data, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

static int in_folder(const char *form, const char *folder)
{
    char command[512];

    snprintf(command, sizeof command, form, folder);
    return system(command); /* NOLINT(cert-env33-c): a test's own words */
}

/* A key that OpenSSL keeps signs the digest, as a TPM or an HSM would. */
static void test_signature(void **state)
{
    char folder[] = "/tmp/sign-command-XXXXXX", value[256];

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(in_folder("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 "
                               "-out %s/key 2>/dev/null",
                               folder),
                     0);
    snprintf(value, sizeof value,
             "/usr/bin/openssl pkeyutl -sign -inkey %s/key -pkeyopt digest:sha256 "
             "-pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:32",
             folder);
    int len = sign(value, sizeof signature);
    if (len < 0)
        fail_msg("%s", report.sentence);
    assert_int_equal(len, 256);
    write_file(folder, "signature", signature, 256);
    write_file(folder, "digest", digest, sizeof digest);
    assert_int_equal(in_folder("cd %s && openssl pkeyutl -verify -inkey key -in digest -sigfile "
                               "signature -pkeyopt digest:sha256 -pkeyopt rsa_padding_mode:pss "
                               "-pkeyopt rsa_pss_saltlen:32 >/dev/null",
                               folder),
                     0);
    assert_int_equal(in_folder("rm -r %s", folder), 0);
}

static void test_digest_and_bounds(void **state)
{
    (void)state;
    assert_int_equal(sign("/bin/cat", sizeof signature), MMD_SHA256_LEN);
    assert_memory_equal(signature, digest, sizeof digest);
    assert_int_equal(sign("/usr/bin/head -c 512 /dev/zero", sizeof signature), 512);
    assert_int_equal(sign("/usr/bin/head -c 513 /dev/zero", sizeof signature), MMD_ERR_SIGN);
    assert_non_null(strstr(report.sentence, "--sign-command"));
    assert_non_null(strstr(report.sentence, "more than 512 bytes"));
    assert_int_equal(report.outcome, MMD_OUTCOME_NO_TOKEN);
    assert_int_equal(sign("/bin/false", sizeof signature), MMD_ERR_SIGN);
    assert_int_equal(sign("/bin/true", sizeof signature), MMD_ERR_SIGN);
    assert_non_null(strstr(report.sentence, "printed nothing"));
}

static int begin(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN); /* as the command does */
    mmd_linux_init(&linux_port, &port);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, clear, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_token),
        TEST(test_no_token),
        TEST(test_the_json_is_wiped_once_the_token_is_taken_from_it),
        TEST(test_signature),
        TEST(test_digest_and_bounds),
    };

    return cmocka_run_group_tests_name("token command", tests, begin, NULL);
}
