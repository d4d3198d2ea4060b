/* SPDX-License-Identifier: MIT */
/* Tests of where the command finds its trust anchors. The files that systems have are in memory:
 * opening one of their names opens what the test says is there. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../programs/mmdclose/input.h"

/* The smallest that have the shape of a certificate: see test_trust.c. */
#define A "-----BEGIN CERTIFICATE-----\nMBMwCwIBATAAMAAwADAAMAADAgAB\n-----END CERTIFICATE-----\n"
#define B                                                                                          \
    "-----BEGIN CERTIFICATE-----\nMBkwEaADAgECAgEBMAAwADAAMAEFMAADAgAB\n"                          \
    "-----END CERTIFICATE-----\n"
#define TRUSTED                                                                                    \
    "-----BEGIN TRUSTED CERTIFICATE-----\nMBMwCwIBATAAMAAwADAAMAADAgAB\n"                          \
    "-----END TRUSTED CERTIFICATE-----\n"
#define A_LEN 21 /* of what is in them */
#define B_LEN 27

/* ---- what the program's file rests on ---- */

static struct {
    const char *path, *content; /* NULL: there is none */
} files[8];
static size_t largest; /* memory that was asked for at once */
static unsigned asked; /* how often, */
static unsigned none;  /* and at which time there is none */
static int refused;    /* the error of the last refusal */
static char sentence_of_it[1024];

int __wrap_open(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_access(const char *path, int mode);
void *__wrap_malloc(size_t size);
void *__real_malloc(size_t size);

int __wrap_open(const char *path, int flags, ...)
{
    (void)flags;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i].path != NULL && strcmp(files[i].path, path) == 0) {
            int fd = memfd_create("bundle", 0);
            assert_true(fd >= 0);
            size_t len = strlen(files[i].content);
            assert_int_equal(write(fd, files[i].content, len), len);
            assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
            return fd;
        }
    errno = ENOENT;
    return -1;
}

int __wrap_access(const char *path, int mode)
{
    int fd = __wrap_open(path, mode);

    return fd < 0 ? -1 : close(fd);
}

int __wrap_open64(const char *path, int flags, ...)
{
    return __wrap_open(path, flags);
}

void *__wrap_malloc(size_t size)
{
    largest = size > largest ? size : largest;
    return ++asked != none ? __real_malloc(size) : NULL;
}

static const char *built_in; /* NULL: the command was built without */

const char *built_in_roots(size_t *len)
{
    *len = built_in != NULL ? strlen(built_in) : 0;
    return built_in;
}

bool refuse(struct report *report, int error, const char *format, ...)
{
    va_list arguments;

    report->verdict.error = error;
    refused = error;
    va_start(arguments, format);
    vsnprintf(sentence_of_it, sizeof sentence_of_it, format, arguments);
    va_end(arguments);
    return false;
}

bool refuse_no_memory(struct report *report)
{
    return refuse(report, MMD_ERR_MEMORY, "no memory");
}

/* ---- the tests ---- */

static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
};
#define BUNDLES (sizeof bundles / sizeof *bundles)

static int clear(void **state)
{
    (void)state;
    memset(files, 0, sizeof files);
    largest = 0;
    none = 0;
    built_in = NULL;
    refused = MMD_OK;
    sentence_of_it[0] = '\0';
    return unsetenv("SSL_CERT_FILE");
}

static void put(size_t i, const char *path, const char *content)
{
    files[i].path = path;
    files[i].content = content;
}

/* The length of the anchors found, or the error that was reported. */
static long read_one(const char *path, bool search)
{
    struct anchors anchors = {.searched = NULL};
    struct mmd_bundle *b = &anchors.bundle;
    struct report report;

    refused = MMD_OK;
    bool done = read_trust(path, search, NULL, &anchors, &report);
    if (done && is_searched(&anchors)) {
        assert_true(search && path == NULL && anchors.searched != NULL && b->found.len == 0);
        assert_int_equal(mmd_bundle_find(b, (const uint8_t *)"\x30\x00", 2), MMD_OK);
        assert_int_equal(mmd_bundle_find(b, (const uint8_t *)"\x30\x01\x05", 3), MMD_OK);
    }
    long result = done ? (long)b->found.len : refused;
    free_trust(&anchors);
    return result;
}

/* The same, whether or not a bundle is searched. */
static long read_from(const char *path)
{
    long result = read_one(path, false);

    assert_int_equal(read_one(path, true), result);
    return result;
}

/* Fault 487: the system's bundle in any of the usual places -> found; one that is empty or has no
 * certificate -> passed over; none at all -> refused */
static void test_each_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < BUNDLES; i++) {
        memset(files, 0, sizeof files);
        put(0, bundles[i], A);
        assert_int_equal(read_from(NULL), A_LEN);
    }
}

static void test_the_first_with_a_certificate_counts(void **state)
{
    static const char *const empty[] = {"", "no certificate\n", TRUSTED,
                                        "-----BEGIN CERTIFICATE-----\nMB*w\n"};

    (void)state;
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        put(0, bundles[0], empty[i]);
        put(1, bundles[2], B);
        put(2, bundles[3], A);
        assert_int_equal(read_from(NULL), B_LEN);
    }
}

static void test_none_is_refused(void **state)
{
    (void)state;
    assert_int_equal(read_from(NULL), MMD_ERR_TRUST);
    assert_non_null(strstr(sentence_of_it, bundles[0]));
    put(0, bundles[1], "");
    put(1, bundles[4], TRUSTED);
    assert_int_equal(read_from(NULL), MMD_ERR_TRUST);
    assert_non_null(strstr(sentence_of_it, bundles[1]));
}

/* Fault 488: SSL_CERT_FILE -> used in place of the system's bundle, and never replaced by it; an
 * empty one counts as none; --ca-file comes before it */
static void test_the_environment_names_the_bundle(void **state)
{
    (void)state;
    put(0, bundles[0], A);
    put(1, "/x/bundle", B);
    put(2, "/x/empty", "");
    setenv("SSL_CERT_FILE", "/x/bundle", 1);
    assert_int_equal(read_from(NULL), B_LEN);
    assert_int_equal(read_from(bundles[0]), A_LEN);
    setenv("SSL_CERT_FILE", "/x/empty", 1);
    assert_int_equal(read_from(NULL), MMD_ERR_TRUST);
    setenv("SSL_CERT_FILE", "/x/missing", 1);
    assert_int_equal(read_from(NULL), MMD_ERR_INPUT);
    setenv("SSL_CERT_FILE", "", 1);
    assert_int_equal(read_from(NULL), A_LEN);
}

/* Fault 1184: roots that are built in -> used in place of the system's bundle; SSL_CERT_FILE and
 * --ca-file come before them; none among them, or no memory -> refused */
static void test_roots_that_are_built_in(void **state)
{
    (void)state;
    put(0, bundles[0], A);
    put(1, "/x/bundle", A);
    built_in = B;
    assert_int_equal(read_from(NULL), B_LEN);
    assert_int_equal(read_from("/x/bundle"), A_LEN);
    setenv("SSL_CERT_FILE", "/x/bundle", 1);
    assert_int_equal(read_from(NULL), A_LEN);
    unsetenv("SSL_CERT_FILE");
    built_in = "no certificate\n";
    assert_int_equal(read_from(NULL), MMD_ERR_TRUST);
    built_in = B;
    asked = 0;
    none = 1;
    assert_int_equal(read_one(NULL, false), MMD_ERR_MEMORY);
}

static void test_a_chosen_file_is_not_replaced(void **state)
{
    (void)state;
    put(0, bundles[0], A);
    put(1, "/x/trusted", TRUSTED);
    assert_int_equal(read_from("/x/missing"), MMD_ERR_INPUT);
    assert_int_equal(read_from("/x/trusted"), MMD_ERR_TRUST);
    assert_non_null(strstr(sentence_of_it, "TRUSTED CERTIFICATE"));
}

/* Fault 492: little memory -> a bundle takes no more of it than its size */
static void test_the_size_decides_the_memory(void **state)
{
    (void)state;
    put(0, bundles[0], A);
    assert_int_equal(read_from(NULL), A_LEN);
    assert_in_range(largest, sizeof A - 1, 2 * sizeof A + 4096);
}

static void test_without_memory_for_a_search_all_is_decoded(void **state)
{
    (void)state;
    put(0, bundles[0], A B);
    for (unsigned at = 1; at <= 3; at++) {
        asked = 0;
        none = at;
        assert_int_equal(read_one(NULL, true), at == 1 ? MMD_ERR_MEMORY : A_LEN + B_LEN);
    }
    none = 0;
}

#define TEST(name) cmocka_unit_test_setup(name, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_place),
        TEST(test_the_first_with_a_certificate_counts),
        TEST(test_none_is_refused),
        TEST(test_the_environment_names_the_bundle),
        TEST(test_roots_that_are_built_in),
        TEST(test_a_chosen_file_is_not_replaced),
        TEST(test_the_size_decides_the_memory),
        TEST(test_without_memory_for_a_search_all_is_decoded),
    };
    return cmocka_run_group_tests_name("files of anchors", tests, NULL, NULL);
}
