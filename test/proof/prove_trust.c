/* SPDX-License-Identifier: MIT */
/* Trust anchors in PEM: a bundle of any content. */
#include "proof.h"

#include "mmdclose/trust.h"

#define MMD_TRUST_H /* trust.h wants Mbed TLS's headers, and nothing is taken of it here */

#include "../../src/tls/trust_pem.c"

/* PROOF mmd_pem_find(a mark in PEM)
 * proved: the first place where the mark is, or NULL
 * bound: texts of up to 8 bytes, a mark of 3
 * models: 64 arm
 * with: --unwind 10 */
void prove_find_mark(void)
{
    size_t len = any_length(8), at = any_length(7);
    char *text = any_bytes(len), *found = mmd_pem_find(text, text + len, "-b-");
    size_t n = found != NULL ? (size_t)(found - text) : len;

    PROVE(found == NULL || (n + 3 <= len && same(found, "-b-", 3)));
    PROVE(at >= n || at + 3 > len || !same(text + at, "-b-", 3));
    REACHED(n == 4 && text[0] == '-');
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

char *contract_of_find_begin(char *from, const char *end, const struct label **label)
{
    *label = &labels[any_length(sizeof labels / sizeof *labels - 1)];
    return contract_of_find(from, end, (*label)->begin);
}

/* PROOF find_begin
 * proved: in bounds; a place within the text, with a label whose mark fits there
 * bound: texts of up to 140 bytes
 * models: 64 arm
 * with: --unwind 4 --unwindset strlen.0:37
 * replaced: mmd_pem_find:contract_of_find */
void prove_find_begin(void)
{
    const struct label *label = NULL;
    size_t len = any_length(140);
    char *text = any_bytes(len), *found = find_begin(text, text + len, &label);

    if (found != NULL)
        PROVE(label >= labels && found >= text &&
              (size_t)(text + len - found) >= strlen(label->begin));
    REACHED(found != NULL && label == &labels[2]);
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
 * proved: ends; output never overtakes input; the anchors lie one right
 * after the other from the buffer's beginning on
 * bound: texts of up to 100 bytes, with up to three marks
 * not: that each of them is a certificate: test_trust and the fuzz target trust
 * models: 64 arm
 * with: --unwind 6 --unwindset strlen.0:37
 * replaced: mmd_pem_find:contract_of_find find_begin:contract_of_find_begin
 * mmd_base64_decode:contract_of_decode is_certificate:contract_of_is_certificate */
void prove_from_pem(void)
{
    struct mmd_trust trust;
    size_t len = any_length(100), skipped;
    char *pem = any_bytes(len);
    next = (uint8_t *)pem;
    size_t count = mmd_trust_from_pem(pem, len, &trust, &skipped);

    PROVE(trust.der == (uint8_t *)pem && trust.len <= len && trust.der + trust.len == next);
    PROVE(count + skipped <= 3 && (count > 0 || trust.len == 0));
    REACHED(count == 2 && skipped == 1 && trust.len == 10);
}
