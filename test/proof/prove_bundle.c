/* SPDX-License-Identifier: MIT */
/* Searching a bundle of any content: what is written stays within the caller's memory. */
#include "proof.h"

#include "mmdclose/trust.h"

#define MMD_TRUST_H /* trust.h wants Mbed TLS's headers; this is what is taken of it */
struct mmd_outline {
    const uint8_t *validity, *subject;
    size_t subject_len, len;
};
bool mmd_outline_read(struct mmd_outline *out, const uint8_t *der, size_t cap);

#include "../../src/tls/bundle.c"

#define MARK_MIN (sizeof "-----BEGIN CERTIFICATE-----" - 1)
#define CAP_MAX  200

/* ---- the way to the subject ---- */

bool contract_of_read_group(struct mmd_base64_reader *r)
{
    for (size_t i = 0; i < 3; i++)
        r->group[i] = (uint8_t)nondet_char();
    r->left = 3;
    return nondet_bool();
}

/* PROOF enter
 * proved: ends, whatever length is read
 * bound: all
 * models: 64 arm
 * with: --unwind 129
 * replaced: mmd_base64_read_group:contract_of_read_group */
void prove_enter(void)
{
    struct mmd_base64_reader r = {.left = (unsigned)any_length(3)};
    uint8_t tag;
    size_t len;
    bool entered = enter(&r, &tag, &len);

    PROVE(r.left <= 3);
    REACHED(entered && len == 300);
}

/* ---- the list ---- */

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

bool contract_of_find_subject(struct mmd_base64_reader *r)
{
    PROVE(__CPROVER_r_ok(r->at, (size_t)(r->end - r->at)));
    return nondet_bool();
}

/* PROOF list
 * proved: ends; writes within the memory, and counts what is there
 * bound: texts of up to 100 bytes, with up to three marks; 200 bytes of memory
 * models: 64 arm
 * with: --unwind 6 --unwindset memcpy.0:41
 * replaced: mmd_pem_next:contract_of_next find_subject:contract_of_find_subject */
void prove_list(void)
{
    size_t len = any_length(100), cap = any_length(CAP_MAX);
    struct mmd_bundle b = {any_bytes(len), len, any_bytes(cap), cap, any_length(9), {NULL, 0}};
    bool all = list(&b);

    PROVE(b.count <= 3 && b.count * sizeof(struct entry) <= cap);
    REACHED(all && b.count == 3);
    REACHED(!all && b.count == 1);
}

/* ---- the search ---- */

static const struct mmd_bundle *searched;

struct entry contract_of_entry_at(const struct mmd_bundle *b, size_t i)
{
    size_t from = any_length(b->len), len = any_length(b->len - from);

    PROVE(i < b->count);
    return (struct entry){b->pem + from, {.end = b->pem + from + len}};
}

bool contract_of_may_have_subject(const struct entry *entry, const uint8_t *subject, size_t len)
{
    (void)entry;
    PROVE(__CPROVER_r_ok(subject, len));
    return nondet_bool();
}

bool contract_of_was_found(const struct mmd_trust *found, const uint8_t *subject, size_t len)
{
    PROVE(__CPROVER_r_ok(found->der, found->len) && __CPROVER_r_ok(subject, len));
    return nondet_bool();
}

size_t contract_of_decode(uint8_t *out, const char *in, size_t len)
{
    PROVE(__CPROVER_r_ok(in, len) && __CPROVER_w_ok(out, len / 4 * 3));
    PROVE(out == searched->found.der + searched->found.len);
    return any_length(len / 4 * 3);
}

bool contract_of_outline(struct mmd_outline *out, const uint8_t *der, size_t cap)
{
    PROVE(__CPROVER_r_ok(der, cap));
    if (cap == 0 || nondet_bool())
        return false;
    out->len = any_length(cap);
    return true;
}

bool contract_of_has_subject(const struct mmd_outline *outline, const uint8_t *subject, size_t len)
{
    (void)outline;
    PROVE(__CPROVER_r_ok(subject, len));
    return nondet_bool();
}

/* PROOF mmd_bundle_find
 * proved: decodes after what was found, within the memory; all of a name is added or nothing; what
 * was found stays
 * bound: texts of up to 100 bytes, up to three certificates, 200 bytes of memory
 * not: which are found: test_bundle and the fuzz target trust
 * models: 64 arm
 * with: --unwind 6
 * replaced: entry_at:contract_of_entry_at may_have_subject:contract_of_may_have_subject
 * was_found:contract_of_was_found mmd_base64_decode:contract_of_decode
 * mmd_outline_read:contract_of_outline has_subject:contract_of_has_subject */
void prove_bundle_find(void)
{
    size_t len = any_length(100), cap = any_length(CAP_MAX), subject_len = any_length(4);
    struct mmd_bundle b = {any_bytes(len), len, any_bytes(cap), cap, any_length(3), {NULL, 0}};
    size_t listed = b.count * sizeof(struct entry);

    ASSUME(listed <= cap);
    b.found = (struct mmd_trust){b.memory + listed, any_length(cap - listed)};
    size_t before = b.found.len;
    searched = &b;
    int error = mmd_bundle_find(&b, any_bytes(subject_len), subject_len);

    PROVE(error == MMD_OK || (error == MMD_ERR_MEMORY && b.found.len == before));
    PROVE(b.found.len >= before && b.found.len <= cap - listed && b.found.der == b.memory + listed);
    REACHED(error == MMD_OK && b.count == 3 && b.found.len > before + 20);
    REACHED(error == MMD_ERR_MEMORY && before > 0);
}
