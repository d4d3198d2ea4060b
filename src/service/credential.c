/* SPDX-License-Identifier: MIT */
/* The fields of a credential. All are checked before the first is written anywhere, so that none
 * can end a line, a path segment, a form's member or a JSON string. */
#include "service/credential.h"

#include <string.h>

#include "http/request_writer.h"
#include "mmdclose/version.h"
#include "service/fields.h"
#include "text/charclass.h"
#include "text/hostname.h"

#define ENDPOINT_MAX 512
#define SCOPE_MAX    512
#define SECRET_MAX   1024

static bool is_escape(const char *s)
{
    return s[0] == '%' && mmd_hex_digit(s[1]) >= 0 && mmd_hex_digit(s[2]) >= 0;
}

/* A slash, or a character of a segment that stands for itself (RFC 3986, 3.3). */
static bool is_path_char(char c)
{
    return mmd_is_char(c, MMD_CHAR_UNRESERVED) ||
           (c != '\0' && strchr("/!$&'()*+,;=:@", c) != NULL);
}

static size_t span_of_path(const char *s)
{
    size_t len = 0;

    if (s[0] != '/')
        return 0;
    for (;;) {
        if (is_path_char(s[len]))
            len++;
        else if (is_escape(s + len))
            len += 3;
        else
            return len;
    }
}

/* Whether a segment, up to the next slash or the end, is "." or "..". */
static bool is_dots(const char *s)
{
    size_t len = 0;

    while (s[len] == '.')
        len++;
    return (len == 1 || len == 2) && (s[len] == '/' || s[len] == '\0');
}

static bool check_path(const char *s, struct mmd_fault *fault)
{
    if (!mmd_check_span(s, span_of_path(s), ENDPOINT_MAX, fault))
        return false;
    for (size_t at = 0; s[at] != '\0'; at++)
        if (s[at] == '/' && is_dots(s + at + 1))
            return mmd_refuse(fault, MMD_RULE_DOTS, at + 1);
    return true;
}

/* The characters of a scope, and the space between several (RFC 6749, 3.3). */
static bool is_scope_char(char c)
{
    return mmd_is_char(c, MMD_CHAR_LINE) && mmd_is_char(c, MMD_CHAR_PLAIN);
}

static bool check_scope(const char *s, struct mmd_fault *fault)
{
    size_t good = 0;

    if (s == NULL)
        return mmd_refuse(fault, MMD_RULE_EMPTY, 0);
    while (is_scope_char(s[good]))
        good++;
    return mmd_check_span(s, good, SCOPE_MAX, fault);
}

enum mmd_token_field mmd_credential_common(const struct mmd_credential *c, struct mmd_fault *fault)
{
    if (!mmd_check_hostname(c->host, fault))
        return MMD_TOKEN_FIELD_HOST;
    if (c->path != NULL && !check_path(c->path, fault))
        return MMD_TOKEN_FIELD_PATH;
    if (c->path == NULL && !mmd_check_id(c->tenant_id, fault))
        return MMD_TOKEN_FIELD_TENANT_ID;
    if (!mmd_check_id(c->client_id, fault))
        return MMD_TOKEN_FIELD_CLIENT_ID;
    if (!check_scope(c->scope, fault))
        return MMD_TOKEN_FIELD_SCOPE;
    return MMD_TOKEN_FIELD_NONE;
}

static enum mmd_token_field fault_of_credential(const struct mmd_credential *c,
                                                struct mmd_fault *fault)
{
    enum mmd_token_field common = mmd_credential_common(c, fault);

    if (common != MMD_TOKEN_FIELD_NONE)
        return common;
    if (c->client_secret != NULL)
        return mmd_check_span(c->client_secret, strlen(c->client_secret), SECRET_MAX, fault)
                   ? MMD_TOKEN_FIELD_NONE
                   : MMD_TOKEN_FIELD_CLIENT_SECRET;
    if (c->certificate == NULL || c->certificate_len == 0 || c->sign == NULL) {
        mmd_refuse(fault, MMD_RULE_EMPTY, 0);
        return MMD_TOKEN_FIELD_CERTIFICATE;
    }
    return MMD_TOKEN_FIELD_NONE;
}

int mmd_credential_check(const struct mmd_credential *credential, struct mmd_token_info *info)
{
    *info = (struct mmd_token_info){0};
    info->field = fault_of_credential(credential, &info->fault);
    return info->field == MMD_TOKEN_FIELD_NONE ? MMD_OK : MMD_ERR_INPUT;
}

void mmd_credential_path(const struct mmd_credential *credential,
                         const char *pieces[MMD_PATH_PIECES])
{
    bool is_given = credential->path != NULL;

    pieces[0] = is_given ? credential->path : "/";
    pieces[1] = is_given ? "" : credential->tenant_id;
    pieces[2] = is_given ? "" : "/oauth2/v2.0/token";
}

void mmd_credential_put_path(struct mmd_writer *w, const struct mmd_credential *credential)
{
    const char *path[MMD_PATH_PIECES];

    mmd_credential_path(credential, path);
    for (size_t i = 0; i < MMD_PATH_PIECES; i++)
        mmd_put_text(w, path[i]);
}

void mmd_credential_put_fields(struct mmd_writer *w, const struct mmd_credential *credential,
                               const char *client_request_id)
{
    mmd_request_host(w, credential->host, credential->port);
    mmd_request_field(w, "Accept", "application/json");
    mmd_request_field(w, "Accept-Encoding", "identity");
    mmd_request_field(w, "Content-Type", "application/x-www-form-urlencoded");
    mmd_request_field(w, "User-Agent", "mmdclose/" MMD_VERSION);
    mmd_request_field(w, "client-request-id", client_request_id);
    mmd_request_field(w, "Connection", "close");
}
