/* Trust anchors in PEM: a bundle of any content. */
#include "proof.h"

#include "mmdclose/trust.h"

/* In place of trust.h, which wants Mbed TLS's headers: all that is taken of it here. */
#define MMD_TRUST_H
const uint8_t *mmd_trust_subject(const uint8_t *der, size_t der_len, size_t *len);

#include "../../src/trust_pem.c"

/* PROOF find(a mark in PEM)
 * proved: the first place where the mark is, or NULL
 * bound: texts of up to 8 bytes, a mark of 3
 * models: size arm
 * with: --unwind 10 */
void prove_find_mark(void)
{
    size_t len = any_length(8), at = any_length(7);
    char *text = any_bytes(len), *found = find(text, text + len, "-b-");
    size_t n = found != NULL ? (size_t)(found - text) : len;

    PROVE(found == NULL || (n + 3 <= len && same(found, "-b-", 3)));
    PROVE(at >= n || at + 3 > len || !same(text + at, "-b-", 3));
    REACHED(n == 4 && text[0] == '-');
}

/* PROOF decode
 * proved: takes just digits in fours, up to two of the last of them "=", and white space anywhere;
 * writes, in place, the bytes that they stand for, and at most three for each four bytes
 * bound: texts of up to 8 bytes
 * models: size arm
 * with: --unwind 10 */
void prove_decode(void)
{
    size_t len = any_length(8), at = any_length(5), digits = 0, padding = 0;
    char text[8], packed[8];
    bool right = true;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == ' ' || (c >= '\t' && c <= '\r'))
            continue;
        right &= c == '=' || (sextet((unsigned char)c) != NONE && padding == 0);
        padding += c == '=';
        packed[digits++] = c;
    }
    right &= digits % 4 == 0 && padding <= 2;
    size_t n = decode((uint8_t *)text, text, len);
    PROVE(n == (right ? digits / 4 * 3 - padding : 0) && n <= len * 3 / 4);
    if (at < n) {
        const unsigned char *four = (unsigned char *)packed + at / 3 * 4;
        uint32_t bits =
            sextet(four[0]) << 18 | sextet(four[1]) << 12 | sextet(four[2]) << 6 | sextet(four[3]);
        PROVE((uint8_t)text[at] == (uint8_t)(bits >> (16 - 8 * (at % 3))));
    }
    REACHED(n == 6 && text[5] == 'x');
    REACHED(n == 1 && len == 8);
    REACHED(n == 5 && at == 4 && text[4] == 'x');
}

char *contract_of_find(char *from, const char *end, const char *mark)
{
    size_t len = strlen(mark);

    PROVE(__CPROVER_same_object(from, end) && from <= end &&
          __CPROVER_r_ok(from, (size_t)(end - from)));
    if ((size_t)(end - from) < len || nondet_bool())
        return NULL;
    return from + any_length((size_t)(end - from) - len);
}

static const uint8_t *next; /* where the next anchor belongs */

size_t contract_of_decode(uint8_t *out, const char *in, size_t len)
{
    PROVE(out == next);
    PROVE(__CPROVER_r_ok(in, len) && __CPROVER_w_ok(out, len * 3 / 4));
    PROVE(__CPROVER_same_object(in, out) && (const char *)out <= in); /* what is written was read */
    return any_length(len * 3 / 4);
}

bool contract_of_is_certificate(const uint8_t *der, size_t len)
{
    PROVE(der == next && __CPROVER_r_ok(der, len));
    if (nondet_bool())
        return false;
    next += len;
    return true;
}

/* PROOF mmd_trust_from_pem
 * proved: ends; what is written never reaches what is still to be read; the anchors lie one right
 * behind the other from the buffer's beginning on
 * bound: texts of up to 140 bytes, with up to five marks
 * not: that each of them is a certificate: test_trust and the fuzz target trust
 * models: size arm
 * with: --unwind 8 --unwindset strlen.0:29
 * replaced: find:contract_of_find decode:contract_of_decode
 * is_certificate:contract_of_is_certificate */
void prove_from_pem(void)
{
    struct mmd_trust trust;
    size_t len = any_length(140), skipped;
    char *pem = any_bytes(len);
    next = (uint8_t *)pem;
    size_t count = mmd_trust_from_pem(pem, len, &trust, &skipped);

    PROVE(trust.der == (uint8_t *)pem && trust.len <= len && trust.der + trust.len == next);
    PROVE(count + skipped <= 5 && (count > 0 || trust.len == 0));
    REACHED(count == 2 && skipped == 1 && trust.len == 10);
}
