/* SPDX-License-Identifier: MIT */
/* Walks the list of extensions. Mbed TLS reads lengths as BER, in any number of bytes, so that one
 * object identifier has many spellings. Here only DER is read (X.690, 10.1), which has one; whoever
 * compares bytes and Mbed TLS then see the same. */
#include "tls/extensions.h"

#include <string.h>

#define SEQUENCE (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)

struct span {
    const unsigned char *p, *end;
};

/* Reads a length in the fewest bytes that hold it, at most three; false for any other. */
static bool read_length(struct span *in, size_t *len)
{
    size_t count;

    if (in->p == in->end)
        return false;
    *len = *in->p++;
    if (*len < 0x80)
        return true;
    count = *len & 0x7F;
    if (count < 1 || count > 3 || (size_t)(in->end - in->p) < count || *in->p == 0)
        return false;
    for (*len = 0; count > 0; count--)
        *len = *len << 8 | *in->p++;
    return *len >= 0x80;
}

/* Takes an element with this tag off the front; *content is what is in it. */
static bool take(struct span *in, unsigned char tag, struct span *content)
{
    size_t len;

    if (in->p == in->end || *in->p != tag)
        return false;
    in->p++;
    if (!read_length(in, &len) || (size_t)(in->end - in->p) < len)
        return false;
    *content = (struct span){in->p, in->p + len};
    in->p += len;
    return true;
}

/* Whether an object identifier has no needless bytes (X.690, 8.19.2), and an end. */
static bool is_shortest(const struct span *oid)
{
    bool begins = true;

    for (const unsigned char *p = oid->p; p < oid->end; p++) {
        if (begins && *p == 0x80)
            return false;
        begins = (*p & 0x80) == 0;
    }
    return begins && oid->p < oid->end;
}

/* Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING } */
static bool take_extension(struct span *list, struct span *oid)
{
    struct span extension, ignored;

    if (!take(list, SEQUENCE, &extension) || !take(&extension, MBEDTLS_ASN1_OID, oid) ||
        !is_shortest(oid))
        return false;
    if (extension.p < extension.end && *extension.p == MBEDTLS_ASN1_BOOLEAN &&
        !take(&extension, MBEDTLS_ASN1_BOOLEAN, &ignored))
        return false;
    return take(&extension, MBEDTLS_ASN1_OCTET_STRING, &ignored) && extension.p == extension.end;
}

static bool is_name_constraints(const struct span *oid)
{
    const size_t len = sizeof MMD_OID_NAME_CONSTRAINTS - 1;

    return (size_t)(oid->end - oid->p) == len && memcmp(oid->p, MMD_OID_NAME_CONSTRAINTS, len) == 0;
}

enum mmd_extensions mmd_extensions_read(const mbedtls_x509_crt *crt)
{
    enum mmd_extensions found = MMD_EXTENSIONS_FREE;

    if (crt->v3_ext.len == 0) /* p may be NULL */
        return found;
    struct span all = {crt->v3_ext.p, crt->v3_ext.p + crt->v3_ext.len}, list, oid;
    if (!take(&all, SEQUENCE, &list) || all.p != all.end)
        return MMD_EXTENSIONS_NOT_DER;
    while (list.p < list.end) {
        if (!take_extension(&list, &oid))
            return MMD_EXTENSIONS_NOT_DER;
        if (is_name_constraints(&oid))
            found = MMD_EXTENSIONS_CONSTRAINED;
    }
    return found;
}
