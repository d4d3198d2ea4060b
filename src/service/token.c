/* SPDX-License-Identifier: MIT */
/* The request for a token: a POST with a form. */
#include "mmdclose/token.h"

#include "http/request_writer.h"
#include "service/credential.h"
#include "service/fields.h"
#include "text/writer.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

static enum mmd_token_field find_fault(const struct mmd_credential *c, const char *assertion,
                                       const char *client_request_id, struct mmd_token_info *info)
{
    if (mmd_credential_check(c, info) != MMD_OK)
        return info->field;
    if (c->client_secret == NULL &&
        !mmd_check_b64token(assertion != NULL ? assertion : "", MMD_ASSERTION_MAX, &info->fault))
        return MMD_TOKEN_FIELD_ASSERTION;
    if (!mmd_check_id(client_request_id, &info->fault))
        return MMD_TOKEN_FIELD_CLIENT_REQUEST_ID;
    return MMD_TOKEN_FIELD_NONE;
}

static void put_head(struct mmd_writer *w, const struct mmd_credential *c,
                     const char *client_request_id)
{
    mmd_request_begin(w, "POST");
    mmd_credential_put_path(w, c);
    mmd_credential_put_fields(w, c, client_request_id);
}

static void put_form(struct mmd_writer *w, const struct mmd_credential *c, const char *assertion)
{
    mmd_put_form(w, true, "client_id", c->client_id);
    mmd_put_form(w, false, "scope", c->scope);
    if (c->client_secret != NULL) {
        mmd_put_form(w, false, "client_secret", c->client_secret);
    } else {
        mmd_put_form(w, false, "client_assertion_type", ASSERTION_TYPE);
        mmd_put_form(w, false, "client_assertion", assertion);
    }
    mmd_put_form(w, false, "grant_type", "client_credentials");
}

int mmd_token_write(char *buf, size_t cap, const struct mmd_credential *credential,
                    const char *assertion, const char *client_request_id,
                    struct mmd_token_info *info)
{
    struct mmd_writer w = {buf, cap, 0}, counted = {NULL, 0, 0};

    info->field = find_fault(credential, assertion, client_request_id, info);
    if (info->field != MMD_TOKEN_FIELD_NONE)
        return MMD_ERR_INPUT;
    put_form(&counted, credential, assertion);
    put_head(&w, credential, client_request_id);
    mmd_request_body(&w, counted.len);
    put_form(&w, credential, assertion);
    info->needed = w.len; /* some 13 KB at most, by the fields' bounds */
    return w.len <= cap ? (int)w.len : MMD_ERR_CAPACITY;
}
