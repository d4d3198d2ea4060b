/* SPDX-License-Identifier: MIT */
/* The request that closes an elevation request. Every field is checked before the first is
 * written, so that no text of a caller's can end a line, a path segment or a JSON string. */
#include "mmdclose/closing.h"

#include <limits.h>
#include <string.h>

#include "http/request_writer.h"
#include "mmdclose/version.h"
#include "service/fields.h"
#include "text/hostname.h"
#include "text/json_string.h"
#include "text/writer.h"

#define TEXT_MAX (INT_MAX / 8) /* in JSON a byte takes at most 6: no length wraps */

/* ---- the fields ---- */

/* Returns how many bytes of the text are well-formed UTF-8: if not all, nothing of use was put. */
static size_t put_body(struct mmd_writer *w, const struct mmd_closing *c)
{
    mmd_put_text(w, "{\"ActionsTaken\":\"");
    size_t valid = mmd_put_json(w, c->actions_taken, c->actions_taken_len);
    mmd_put_text(w, "\"}");
    return valid;
}

static bool check_body(const struct mmd_closing *c, struct mmd_fault *fault,
                       struct mmd_writer *body)
{
    if (c->actions_taken_len > TEXT_MAX)
        return mmd_refuse(fault, MMD_RULE_LENGTH, TEXT_MAX);
    size_t valid = put_body(body, c);
    if (valid < c->actions_taken_len)
        return mmd_refuse(fault, MMD_RULE_UTF8, valid);
    return true;
}

/* Returns the first field that cannot be used. The body is put into a writer that only counts. */
static enum mmd_field find_fault(const struct mmd_closing *c, struct mmd_fault *fault,
                                 struct mmd_writer *body)
{
    if (!mmd_check_hostname(c->host, fault))
        return MMD_FIELD_HOST;
    if (!mmd_check_id(c->tenant_id, fault))
        return MMD_FIELD_TENANT_ID;
    if (!mmd_check_id(c->elevation_request_id, fault))
        return MMD_FIELD_ELEVATION_REQUEST_ID;
    if (!mmd_check_b64token(c->token, SIZE_MAX, fault))
        return MMD_FIELD_TOKEN;
    if (!mmd_check_id(c->client_request_id, fault))
        return MMD_FIELD_CLIENT_REQUEST_ID;
    return check_body(c, fault, body) ? MMD_FIELD_NONE : MMD_FIELD_ACTIONS_TAKEN;
}

/* ---- the message ---- */

static void put_head(struct mmd_writer *w, const struct mmd_closing *c,
                     struct mmd_closing_info *info)
{
    mmd_request_begin(w, "PATCH");
    mmd_put_text(w, "/support/odata/v1/tenants/");
    mmd_put_text(w, c->tenant_id);
    mmd_put_text(w, "/elevationRequests/");
    mmd_put_text(w, c->elevation_request_id);
    mmd_request_host(w, c->host, c->port);
    mmd_put_text(w, "Authorization: Bearer ");
    info->token_at = w->len;
    info->token_len = strlen(c->token);
    mmd_put(w, c->token, info->token_len);
    mmd_put_text(w, "\r\n");
    mmd_request_field(w, "Accept", "application/json");
    mmd_request_field(w, "Accept-Encoding", "identity");
    mmd_request_field(w, "Content-Type", "application/json");
    mmd_request_field(w, "User-Agent", "mmdclose/" MMD_VERSION);
    mmd_request_field(w, "client-request-id", c->client_request_id);
    if (!c->keep_alive)
        mmd_request_field(w, "Connection", "close");
}

int mmd_closing_write(char *buf, size_t cap, const struct mmd_closing *closing,
                      struct mmd_closing_info *info)
{
    struct mmd_writer w = {buf, cap, 0}, counted = {NULL, 0, 0};

    *info = (struct mmd_closing_info){0};
    info->field = find_fault(closing, &info->fault, &counted);
    if (info->field != MMD_FIELD_NONE)
        return MMD_ERR_INPUT;
    put_head(&w, closing, info);
    mmd_request_body(&w, counted.len);
    put_body(&w, closing);
    info->needed = w.len;
    return w.len <= cap && w.len <= INT_MAX ? (int)w.len : MMD_ERR_CAPACITY;
}
