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
 * proved: in place, writes three bytes for each four digits, and those that they stand for if no
 * white space is among them; takes nothing but digits, white space and up to two "=" at the end
 * bound: texts of up to 8 bytes
 * models: size arm
 * with: --unwind 10 */
void prove_decode(void)
{
    size_t len = any_length(8), at = any_length(7), digits = 0;
    char text[8], old[8];
    bool is_plain = true;

    memcpy(old, text, sizeof old);
    size_t n = decode((uint8_t *)text, text, len);
    PROVE(n <= len * 3 / 4);
    for (size_t i = 0; i < len; i++) {
        is_plain &= sextet((unsigned char)old[i]) != NONE;
        digits += sextet((unsigned char)old[i]) != NONE || old[i] == '=';
    }
    if (n > 0) {
        PROVE(digits % 4 == 0 && n <= digits / 4 * 3 && n + 2 >= digits / 4 * 3);
        PROVE(at >= len || sextet((unsigned char)old[at]) != NONE || old[at] == '=' ||
              old[at] == ' ' || (old[at] >= '\t' && old[at] <= '\r'));
    }
    if (n > at && is_plain) {
        const unsigned char *four = (unsigned char *)old + at / 3 * 4;
        uint32_t bits =
            sextet(four[0]) << 18 | sextet(four[1]) << 12 | sextet(four[2]) << 6 | sextet(four[3]);
        PROVE((uint8_t)text[at] == (uint8_t)(bits >> (16 - 8 * (at % 3))));
    }
    REACHED(n == 6 && text[5] == 'x');
    REACHED(n == 1 && len == 8);
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

size_t contract_of_decode(uint8_t *out, const char *in, size_t len)
{
    PROVE(__CPROVER_r_ok(in, len) && __CPROVER_w_ok(out, len * 3 / 4));
    PROVE(__CPROVER_same_object(in, out) && (const char *)out <= in); /* what is written was read */
    return any_length(len * 3 / 4);
}

bool contract_of_is_certificate(const uint8_t *der, size_t len)
{
    PROVE(__CPROVER_r_ok(der, len));
    return nondet_bool();
}

/* PROOF mmd_trust_from_pem
 * proved: ends; what is written never reaches what is still to be read; the anchors lie one behind
 * the other at the buffer's beginning
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
    size_t count = mmd_trust_from_pem(pem, len, &trust, &skipped);

    PROVE(trust.der == (uint8_t *)pem && trust.len <= len);
    PROVE(count + skipped <= 5 && (count > 0 || trust.len == 0));
    REACHED(count == 2 && skipped == 1 && trust.len == 10);
}
