/* SPDX-License-Identifier: MIT */
/* Tests of trust anchors: PEM to DER in place, and going through the DER. The certificates are the
 * smallest that have the shape of one (RFC 5280, 4.1); system tests use real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "mmdclose/trust.h"
#include "tls/extensions.h"

#define BEGIN           "-----BEGIN CERTIFICATE-----\n"
#define END             "-----END CERTIFICATE-----\n"
#define BEGIN_AS(label) "-----BEGIN " label "CERTIFICATE-----\n"
#define END_AS(label)   "-----END " label "CERTIFICATE-----\n"

/* SEQUENCE { SEQUENCE { serialNumber 1, signature, issuer, validity, subject: four SEQUENCEs },
 *   SEQUENCE {}, BIT STRING } */
#define A_PEM "MBMwCwIBATAAMAAwADAAMAADAgAB"
#define A_DER "\x30\x13\x30\x0B\x02\x01\x01\x30\x00\x30\x00\x30\x00\x30\x00\x30\x00\x03\x02\x00\x01"
/* the same with a version in front, and a subject of one byte */
#define B_PEM "MBkwEaADAgECAgEBMAAwADAAMAEFMAADAgAB"
#define B_DER                                                                                      \
    "\x30\x19\x30\x11\xA0\x03\x02\x01\x02\x02\x01\x01\x30\x00"                                     \
    "\x30\x00\x30\x00\x30\x01\x05\x30\x00\x03\x02\x00\x01"

static struct guard memory;

static int open_memory(void **state)
{
    (void)state;
    memory = guard_open(65536);
    return 0;
}

struct row {
    const char *name, *pem;
    size_t count, skipped;
    const char *der;
    size_t der_len;
};
#define DER(text) text, sizeof(text) - 1

static const struct row rows[] = {
    {"one", BEGIN A_PEM "\n" END, 1, 0, DER(A_DER)},
    {"two", BEGIN A_PEM "\n" END BEGIN B_PEM "\n" END, 2, 0, DER(A_DER B_DER)},
    /* Fault 212: text around certificates, CRLF, blanks, short lines, no line end -> read (RFC
     * 7468, 2) */
    {"text around", "x\n--\n" BEGIN A_PEM "\n" END "# y\n-----\n" BEGIN B_PEM "\n" END "z", 2, 0,
     DER(A_DER B_DER)},
    {"CRLF, blanks, short lines", BEGIN "MBMwCw\r\n IBA\tTAAMAAwADAAMAADAgAB\r\n" END, 1, 0,
     DER(A_DER)},
    {"no line end at the end", BEGIN A_PEM "-----END CERTIFICATE-----", 1, 0, DER(A_DER)},
    /* Fault 213: a bundle that ends without a certificate's end mark -> the certificate if it is
     * whole; within the mark -> passed over and counted (RFC 7468, 3) */
    {"no end mark", BEGIN A_PEM "\n", 1, 0, DER(A_DER)},
    {"within the end mark", BEGIN A_PEM "\n-----END CERTIF", 0, 1, DER("")},
    /* Fault 214: no mark, half of one, another kind than a certificate -> none (RFC 7468, 2) */
    {"nothing", "", 0, 0, DER("")},
    {"no mark", A_PEM, 0, 0, DER("")},
    {"half a mark", "-----BEGIN CERTIFICATE----", 0, 0, DER("")},
    {"another kind", "-----BEGIN PRIVATE KEY-----\n" A_PEM "\n-----END PRIVATE KEY-----\n", 0, 0,
     DER("")},
    /* Fault 40: a bundle with one corrupt certificate; an empty one -> the rest work, a warning;
     * refused at start */
    {"empty", BEGIN END, 0, 1, DER("")},
    {"a bad character", BEGIN "MBMwCwIBAT*AMAAwADAAMAADAgAB\n" END BEGIN B_PEM "\n" END, 1, 1,
     DER(B_DER)},
    {"a high byte", BEGIN "MBMwCwIBAT\xC3MAAwADAAMAADAgAB\n" END BEGIN B_PEM "\n" END, 1, 1,
     DER(B_DER)},
    {"a digit too few", BEGIN "MBMwCwIBATAAMAAwADAAMAADAgA\n" END BEGIN B_PEM "\n" END, 1, 1,
     DER(B_DER)},
    /* Fault 215: base64 with padding alone or in its middle, or a digit too few -> passed over
     * and counted (RFC 4648, 3.3) */
    {"padding only", BEGIN "====\n" END, 0, 1, DER("")},
    {"padding in the middle", BEGIN "MBMw=wIBATAAMAAwADAAMAADAgAB\n" END, 0, 1, DER("")},
    /* Fault 216: bytes behind the certificate within its PEM, or one too few -> passed over and
     * counted (RFC 5280, 4.1) */
    {"a byte behind the certificate", BEGIN A_PEM "AA==\n" END, 0, 1, DER("")},
    {"a byte too few", BEGIN "MBMwCwIBATAAMAAwADAAMAADAgA=\n" END, 0, 1, DER("")},
    /* Fault 217: DER that is no certificate -> passed over and counted (RFC 5280, 4.1) */
    {"no certificate", BEGIN "MAMCAQE=\n" END BEGIN A_PEM "\n" END, 1, 1, DER(A_DER)},
    /* Fault 484: the older label X509 CERTIFICATE -> read (RFC 7468, 5.1); OpenSSL's own label
     * TRUSTED CERTIFICATE -> passed over and counted; the end of another label -> not taken for its
     * own */
    {"X509", BEGIN_AS("X509 ") A_PEM "\n" END_AS("X509 ") BEGIN B_PEM "\n" END, 2, 0,
     DER(A_DER B_DER)},
    {"trusted", BEGIN_AS("TRUSTED ") A_PEM "AAAA\n" END_AS("TRUSTED ") BEGIN B_PEM "\n" END, 1, 1,
     DER(B_DER)},
    {"trusted, cut", BEGIN_AS("TRUSTED ") A_PEM "\n" BEGIN B_PEM "\n" END, 1, 1, DER(B_DER)},
    {"another end", BEGIN_AS("X509 ") A_PEM "\n" END, 0, 1, DER("")},
    {"another end, X509", BEGIN A_PEM "\n" END_AS("X509 ") BEGIN B_PEM "\n" END, 1, 1, DER(B_DER)},
    /* Fault 218: a certificate that begins within another -> the inner one is read (RFC 7468, 3) */
    {"one without its end", BEGIN "MBMw\n" BEGIN B_PEM "\n" END, 1, 1, DER(B_DER)},
};

static void test_pem(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mmd_trust trust;
        size_t skipped = 99, len = strlen(rows[i].pem);
        char *pem = guard_put(&memory, rows[i].pem, len);
        size_t count = mmd_trust_from_pem(pem, len, &trust, &skipped);
        if (count != rows[i].count || skipped != rows[i].skipped || trust.len != rows[i].der_len ||
            memcmp(trust.der, rows[i].der, trust.len) != 0)
            fail_msg("%s: %zu, %zu skipped, %zu bytes", rows[i].name, count, skipped, trust.len);
    }
}

/* Fault 219: a bundle cut anywhere -> what is whole is read, what has begun is counted, nothing
 * beyond its end */
static void test_pem_cut_anywhere(void **state)
{
    static const char whole[] = BEGIN A_PEM "\n" END BEGIN B_PEM "\n" END;
    static const size_t pem_lens[] = {sizeof A_PEM - 1, sizeof B_PEM - 1};
    static const size_t der_lens[] = {sizeof A_DER - 1, sizeof B_DER - 1};

    (void)state;
    for (size_t n = 0; n < sizeof whole; n++) {
        struct mmd_trust trust;
        size_t skipped, expected = 0, begun = 0, der_len = 0, at = 0;
        size_t count = mmd_trust_from_pem(guard_put(&memory, whole, n), n, &trust, &skipped);
        for (size_t i = 0; i < 2; i++) {
            size_t behind_begin = at + sizeof BEGIN - 2, mark = at + sizeof BEGIN + pem_lens[i];
            size_t behind_end = mark + sizeof END - 2; /* the marks without their line ends */
            bool is_whole = n == mark - 1 || n == mark || n >= behind_end;
            begun += n >= behind_begin;
            expected += is_whole;
            der_len += is_whole ? der_lens[i] : 0;
            at = behind_end + 1;
        }
        if (count != expected || skipped != begun - expected || trust.len != der_len)
            fail_msg("cut at %zu: %zu, %zu skipped, %zu bytes", n, count, skipped, trust.len);
        assert_memory_equal(trust.der, A_DER B_DER, der_len);
    }
}

/* Fault 220: DER anchors cut anywhere -> what is whole is read, nothing beyond its end */
static void test_going_through(void **state)
{
    static const char bytes[] = A_DER B_DER A_DER;
    const size_t lens[] = {sizeof A_DER - 1, sizeof B_DER - 1, sizeof A_DER - 1};

    (void)state;
    for (size_t n = 0; n < sizeof bytes; n++) {
        const uint8_t *der = (const uint8_t *)guard_put(&memory, bytes, n), *found;
        const struct mmd_trust trust = {der, n};
        size_t at = 0, len, i = 0, expected = 0;
        while ((found = mmd_trust_next(&trust, &at, &len)) != NULL) {
            assert_in_range(i, 0, 2);
            assert_ptr_equal(found, der + expected);
            assert_int_equal(len, lens[i++]);
            expected += len;
            assert_int_equal(at, expected);
        }
        assert_true(i == 3 || expected + lens[i] > n); /* none that was whole is left out */
    }
}

/* Fault 485: one byte of a certificate among DER anchors is damaged -> the others are found, and
 * what was passed over is counted; the fill after the last is no damage */
static void test_damage_hides_nothing_else(void **state)
{
    static const char whole[] = A_DER B_DER A_DER "\xFF\xFF\xFF\xFF";
    const size_t lens[] = {sizeof A_DER - 1, sizeof B_DER - 1, sizeof A_DER - 1};
    const size_t first = lens[0], second = lens[0] + lens[1];

    (void)state;
    for (size_t n = first; n < second; n++)
        for (unsigned flip = 1; flip < 256; flip <<= 1) {
            char *der = guard_put(&memory, whole, sizeof whole - 1);
            der[n] = (char)(der[n] ^ (char)flip);
            const struct mmd_trust trust = {(const uint8_t *)der, sizeof whole - 1};
            size_t at = 0, len, count = 0, found = 0;
            const uint8_t *one;
            while ((one = mmd_trust_next(&trust, &at, &len)) != NULL) {
                found += one == trust.der || one == trust.der + second;
                count++;
            }
            bool intact = count == 3;
            if (found != 2 || (!intact && (count != 2 || mmd_trust_damaged(&trust) != lens[1])))
                fail_msg("byte %zu: %zu certificates, %zu bytes of damage", n - first, count,
                         mmd_trust_damaged(&trust));
        }
}

static void test_what_is_damaged_is_counted(void **state)
{
    static const struct {
        const char *der;
        size_t len, damaged;
    } cases[] = {
        {DER(""), 0},           {DER("\xFF\xFF"), 0},
        {DER("\xFF\x30"), 2},   {DER(A_DER), 0},
        {DER(A_DER "\xFF"), 0}, {DER(A_DER "x\xFF"), 1},
        {DER("xy" A_DER), 2},   {DER(A_DER "\xFF" B_DER "\xFF\xFF"), 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *der = guard_put(&memory, cases[i].der, cases[i].len);
        const struct mmd_trust trust = {(const uint8_t *)der, cases[i].len};
        assert_int_equal(mmd_trust_damaged(&trust), cases[i].damaged);
    }
}

static void test_what_cannot_be_parsed_is_no_anchor(void **state)
{
    const char *reason = NULL;

    (void)state;
    assert_int_equal(mmd_trust_check((const uint8_t *)A_DER, sizeof A_DER - 1, &reason),
                     MMD_ERR_CERT_ANCHOR);
    assert_string_equal(reason, "it is damaged");
}

static void test_what_is_no_certificate_cannot_be_described(void **state)
{
    struct mmd_certificate certificate;

    (void)state;
    assert_int_equal(mmd_certificate_read(&certificate, (const uint8_t *)A_DER, sizeof A_DER - 1),
                     MMD_ERR_CERT);
}

/* Fault 637: a real root with any byte another, or cut anywhere -> described or not, and nothing is
 * read outside of it (RFC 5280, 4.1) */
static void test_a_root_with_any_byte_changed(void **state)
{
    static char pem[8192];
    static const unsigned char changes[] = {0x01, 0x02, 0x10, 0x20, 0x80, 0xFF};
    FILE *file = fopen("/usr/share/ca-certificates/mozilla/DigiCert_Global_Root_G2.crt", "r");
    struct mmd_certificate certificate;
    struct mmd_trust trust;
    const char *reason;
    size_t skipped;

    (void)state;
    assert_non_null(file);
    size_t size = fread(pem, 1, sizeof pem, file);
    fclose(file);
    assert_int_equal(mmd_trust_from_pem(pem, size, &trust, &skipped), 1);
    assert_int_equal(mmd_trust_check(trust.der, trust.len, &reason), MMD_OK);
    for (size_t at = 0; at < trust.len; at++) {
        char *der = guard_put(&memory, trust.der, at);
        assert_int_not_equal(mmd_certificate_read(&certificate, (uint8_t *)der, at), MMD_OK);
        for (size_t i = 0; i < sizeof changes; i++) {
            der = guard_put(&memory, trust.der, trust.len);
            der[at] = (char)((unsigned char)der[at] ^ changes[i]);
            (void)mmd_certificate_read(&certificate, (uint8_t *)der, trust.len);
            (void)mmd_trust_check((uint8_t *)der, trust.len, &reason);
        }
    }
}

/* ---- extensions ---- */

static enum mmd_extensions extensions_of(const char *bytes, size_t len)
{
    mbedtls_x509_crt crt;

    memset(&crt, 0, sizeof crt);
    crt.v3_ext.len = len;
    crt.v3_ext.p = len > 0 ? (unsigned char *)guard_put(&memory, bytes, len) : NULL;
    return mmd_extensions_read(&crt);
}

#define EXTENSIONS_OF(bytes) extensions_of(bytes, sizeof(bytes) - 1)
/* An extension with the OID 2.5.29.30, name constraints, or 2.5.29.31; each is 9 bytes. */
#define CONSTRAINTS          "\x30\x07\x06\x03\x55\x1D\x1E\x04\x00"
#define POINTS               "\x30\x07\x06\x03\x55\x1D\x1F\x04\x00"
#define LONG_VALUE                                                                                 \
    "\x30\x81\x88\x06\x03\x55\x1D\x1F\x04\x81\x80"                                                 \
    "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"                             \
    "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"

/* Fault 638: name constraints anywhere in the list, also after others, critical or not -> seen;
 * their bytes in another's value -> not taken for them (RFC 5280, 4.2.1.10) */
static void test_name_constraints_are_seen(void **state)
{
    (void)state;
    assert_int_equal(EXTENSIONS_OF(""), MMD_EXTENSIONS_FREE);
    assert_int_equal(EXTENSIONS_OF("\x30\x00"), MMD_EXTENSIONS_FREE);
    assert_int_equal(EXTENSIONS_OF("\x30\x09" POINTS), MMD_EXTENSIONS_FREE);
    assert_int_equal(EXTENSIONS_OF("\x30\x81\x8B" LONG_VALUE), MMD_EXTENSIONS_FREE);
    assert_int_equal(EXTENSIONS_OF("\x30\x09" CONSTRAINTS), MMD_EXTENSIONS_CONSTRAINED);
    assert_int_equal(EXTENSIONS_OF("\x30\x12" POINTS CONSTRAINTS), MMD_EXTENSIONS_CONSTRAINED);
    assert_int_equal(EXTENSIONS_OF("\x30\x12" CONSTRAINTS POINTS), MMD_EXTENSIONS_CONSTRAINED);
    assert_int_equal(EXTENSIONS_OF("\x30\x0C\x30\x0A\x06\x03\x55\x1D\x1E\x01\x01\xFF\x04\x00"),
                     MMD_EXTENSIONS_CONSTRAINED);
    assert_int_equal(
        EXTENSIONS_OF("\x30\x0E\x30\x0C\x06\x03\x55\x1D\x1F\x04\x05\x06\x03\x55\x1D\x1E"),
        MMD_EXTENSIONS_FREE);
}

/* Fault 639: a list of extensions that is not DER, or is cut anywhere -> refused as such
 * (X.690, 10.1)
 */
static void test_extensions_that_are_not_der(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } table[] = {
#define ROW(bytes) {bytes, sizeof(bytes) - 1}
        ROW("\x31\x09" POINTS),                                      /* no SEQUENCE */
        ROW("\x30\x81\x09" POINTS),                                  /* a length in a longer form */
        ROW("\x30\x82\x00\x09" POINTS),                              /* with a leading zero */
        ROW("\x30\x80" POINTS "\x00\x00"),                           /* indefinite */
        ROW("\x30\x84\x00\x00\x00\x09" POINTS),                      /* of four bytes */
        ROW("\x30\x82\x01"),                                         /* and not all of it */
        ROW("\x30\x09" POINTS "\x00"),                               /* something after it */
        ROW("\x30\x02\x05\x00"),                                     /* no extension in it */
        ROW("\x30\x04\x30\x02\x04\x00"),                             /* one without an OID */
        ROW("\x30\x06\x30\x04\x06\x00\x04\x00"),                     /* an empty one */
        ROW("\x30\x0A\x30\x08\x06\x04\x55\x1D\x80\x1E\x04\x00"),     /* with a needless byte */
        ROW("\x30\x08\x30\x06\x06\x02\x55\x9D\x04\x00"),             /* without its end */
        ROW("\x30\x07\x30\x05\x06\x03\x55\x1D\x1F"),                 /* no value */
        ROW("\x30\x08\x30\x06\x06\x03\x55\x1D\x1F\x01"),             /* half of a BOOLEAN */
        ROW("\x30\x0B\x30\x09\x06\x03\x55\x1D\x1F\x04\x00\x05\x00"), /* more than a value */
        ROW("\x30\x0A\x30\x08\x06\x81\x03\x55\x1D\x1E\x04\x00"),     /* the OID's length */
#undef ROW
    };
    static const char good[] = "\x30\x12" POINTS CONSTRAINTS;

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (extensions_of(table[i].bytes, table[i].len) != MMD_EXTENSIONS_NOT_DER)
            fail_msg("row %zu", i);
    for (size_t len = 1; len < sizeof good - 1; len++)
        assert_int_equal(extensions_of(good, len), MMD_EXTENSIONS_NOT_DER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pem),
        cmocka_unit_test(test_pem_cut_anywhere),
        cmocka_unit_test(test_going_through),
        cmocka_unit_test(test_damage_hides_nothing_else),
        cmocka_unit_test(test_what_is_damaged_is_counted),
        cmocka_unit_test(test_what_cannot_be_parsed_is_no_anchor),
        cmocka_unit_test(test_what_is_no_certificate_cannot_be_described),
        cmocka_unit_test(test_a_root_with_any_byte_changed),
        cmocka_unit_test(test_name_constraints_are_seen),
        cmocka_unit_test(test_extensions_that_are_not_der),
    };
    return cmocka_run_group_tests_name("trust anchors", tests, open_memory, NULL);
}
