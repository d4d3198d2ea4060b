/* SPDX-License-Identifier: MIT */
/* Trust anchors in PEM: a bundle of any content. */
#include "proof.h"

#include "mmdclose/trust.h"

#define MMD_TRUST_H /* trust.h wants Mbed TLS's headers, and nothing is taken of it here */

#include "../../src/tls/trust_pem.c"

#define MARK_MIN (sizeof "-----BEGIN CERTIFICATE-----" - 1)

/* ---- marks ---- */

/* PROOF mmd_pem_find(a mark in PEM)
 * proved: the first place where the mark is, or NULL
 * bound: texts of up to 8 bytes, a mark of 3
 * models: 64 arm
 * with: --unwind 10 */
void prove_find_mark(void)
{
    size_t len = any_length(8), at = any_length(7);
    char *text = any_bytes(len);
    const char *found = mmd_pem_find(text, text + len, "-b-");
    size_t n = found != NULL ? (size_t)(found - text) : len;

    PROVE(found == NULL || (n + 3 <= len && same(found, "-b-", 3)));
    PROVE(at >= n || at + 3 > len || !same(text + at, "-b-", 3));
    REACHED(n == 4 && text[0] == '-');
}

/* PROOF label_at
 * proved: in bounds; a label whose mark is there, or NULL
 * bound: texts of up to 40 bytes
 * models: 64 arm
 * with: --unwind 41 */
void prove_label_at(void)
{
    size_t len = any_length(40);
    char *text = any_bytes(len);
    const struct label *label = label_at(text, text + len);

    if (label != NULL)
        PROVE(label->begin.len <= len && same(text, label->begin.text, label->begin.len));
    REACHED(label == &labels[2]);
}

const struct label *contract_of_label_at(const char *from, const char *end)
{
    const struct label *label = &labels[any_length(sizeof labels / sizeof *labels - 1)];

    PROVE(__CPROVER_same_object(from, end) && from <= end &&
          __CPROVER_r_ok(from, (size_t)(end - from)));
    return nondet_bool() && (size_t)(end - from) >= label->begin.len ? label : NULL;
}

static unsigned dashes; /* that were found */

const char *contract_of_find_dash(const char *from, const char *end)
{
    PROVE(__CPROVER_same_object(from, end) && from <= end);
    if (from == end || dashes == 3 || nondet_bool())
        return NULL;
    dashes++;
    return from + any_length((size_t)(end - from) - 1);
}

/* PROOF find_begin
 * proved: in bounds; a place within the text, with a label whose mark fits there
 * bound: texts of up to 100 bytes, with up to three dashes
 * models: 64 arm
 * with: --unwind 5
 * replaced: label_at:contract_of_label_at find_dash:contract_of_find_dash */
void prove_find_begin(void)
{
    const struct label *label = NULL;
    size_t len = any_length(100);
    const char *text = any_bytes(len), *found = find_begin(text, text + len, &label);

    if (found != NULL)
        PROVE(found >= text && (size_t)(text + len - found) >= label->begin.len);
    REACHED(found != NULL && dashes == 3 && label == &labels[2]);
}

bool contract_of_is_at(const char *from, const char *end, const struct mark *mark)
{
    PROVE(__CPROVER_same_object(from, end) && from <= end && __CPROVER_r_ok(mark->text, mark->len));
    return (size_t)(end - from) >= mark->len && nondet_bool();
}

/* PROOF find_end
 * proved: in bounds; a place within the text, or its end
 * bound: texts of up to 100 bytes, with up to three dashes
 * models: 64 arm
 * with: --unwind 5
 * replaced: label_at:contract_of_label_at find_dash:contract_of_find_dash
 * is_at:contract_of_is_at */
void prove_find_end(void)
{
    size_t len = any_length(100);
    const char *text = any_bytes(len), *stop = find_end(text, text + len, &labels[0]);

    PROVE(stop >= text && stop <= text + len);
    REACHED(stop - text == 3 && dashes == 3);
}

const char *contract_of_find_begin(const char *from, const char *end, const struct label **label)
{
    size_t left = (size_t)(end - from);

    PROVE(__CPROVER_same_object(from, end) && from <= end && __CPROVER_r_ok(from, left));
    *label = &labels[any_length(sizeof labels / sizeof *labels - 1)];
    return left < (*label)->begin.len || nondet_bool()
               ? NULL
               : from + any_length(left - (*label)->begin.len);
}

const char *contract_of_find_end(const char *from, const char *end, const struct label *label)
{
    (void)label;
    PROVE(__CPROVER_same_object(from, end) && from <= end &&
          __CPROVER_r_ok(from, (size_t)(end - from)));
    return from + any_length((size_t)(end - from));
}

/* PROOF mmd_pem_next
 * proved: in bounds; what it gives lies between where it began and where it goes on
 * bound: texts of up to 100 bytes
 * models: 64 arm
 * with: --unwind 2
 * replaced: find_begin:contract_of_find_begin find_end:contract_of_find_end */
void prove_pem_next(void)
{
    struct mmd_pem_certificate next;
    size_t len = any_length(100);
    const char *text = any_bytes(len), *at = text;

    if (mmd_pem_next(&next, &at, text + len))
        PROVE(next.text >= text + MARK_MIN && next.text <= at &&
              next.len == (size_t)(at - next.text) && at <= text + len);
    else
        PROVE(at == text);
    REACHED(at - text == 70 && next.len == 20 && next.supported);
}

/* ---- all of a bundle ---- */

bool contract_of_next(struct mmd_pem_certificate *out, const char **at, const char *end)
{
    size_t left = (size_t)(end - *at);

    PROVE(__CPROVER_same_object(*at, end) && *at <= end && __CPROVER_r_ok(*at, left));
    if (left < MARK_MIN || nondet_bool())
        return false;
    size_t begin = MARK_MIN + any_length(left - MARK_MIN);
    *out = (struct mmd_pem_certificate){*at + begin, any_length(left - begin), nondet_bool()};
    *at = out->text + out->len;
    return true;
}

static const uint8_t *next_place; /* where the next anchor belongs */

size_t contract_of_decode(uint8_t *out, const char *in, size_t len)
{
    PROVE(out == next_place);
    PROVE(__CPROVER_r_ok(in, len) && __CPROVER_w_ok(out, len * 3 / 4));
    PROVE(__CPROVER_same_object(in, out) && (const char *)out <= in); /* what is written was read */
    return any_length(len * 3 / 4);
}

bool contract_of_is_certificate(const uint8_t *der, size_t len)
{
    PROVE(der == next_place && __CPROVER_r_ok(der, len));
    if (nondet_bool())
        return false;
    next_place += len;
    return true;
}

/* PROOF mmd_trust_from_pem
 * proved: ends; output never overtakes input; the anchors lie one right
 * after the other from the buffer's beginning on
 * bound: texts of up to 100 bytes, with up to three marks
 * not: that each of them is a certificate: test_trust and the fuzz target trust
 * models: 64 arm
 * with: --unwind 6
 * replaced: mmd_pem_next:contract_of_next mmd_base64_decode:contract_of_decode
 * is_certificate:contract_of_is_certificate */
void prove_from_pem(void)
{
    struct mmd_trust trust;
    size_t len = any_length(100), skipped;
    char *pem = any_bytes(len);
    next_place = (uint8_t *)pem;
    size_t count = mmd_trust_from_pem(pem, len, &trust, &skipped);

    PROVE(trust.der == (uint8_t *)pem && trust.len <= len && trust.der + trust.len == next_place);
    PROVE(count + skipped <= 3 && (count > 0 || trust.len == 0));
    REACHED(count == 2 && skipped == 1 && trust.len == 10);
}
