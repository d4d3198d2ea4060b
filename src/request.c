/* The request that closes an elevation request. Every field is checked before the first is
 * written, so that no text of a caller's can end a line, a path segment or a JSON string. */
#include "mmdclose/request.h"

#include <limits.h>

#include "alphabet.h"
#include "writer.h"

#define ID_MAX   128
#define HOST_MAX 253

static const struct mmd_alphabet reg_name = {'0', '-', "._"};    /* of RFC 3986, what hosts use */
static const struct mmd_alphabet unreserved = {'0', '-', "._~"}; /* RFC 3986, 2.3 */
static const struct mmd_alphabet b64token = {'-', '_', "-./~+"}; /* RFC 6750, 2.1, before the "=" */

/* The message up to the length of its body. Each "*" stands for a field, in the order of put_head.
 */
static const char head[] = "PATCH /support/odata/v1/tenants/*/elevationRequests/* HTTP/1.1\r\n"
                           "Host: **\r\n"
                           "Authorization: Bearer *\r\n"
                           "Accept: application/json\r\n"
                           "Content-Type: application/json\r\n"
                           "User-Agent: mmdclose/" MMD_VERSION "\r\n"
                           "client-request-id: *\r\n"
                           "Connection: close\r\n"
                           "Content-Length: ";

/* Returns whether the field is right; if not, info tells which it is and where. */
static int is_id(const char *s, size_t max, const struct mmd_alphabet *alphabet,
                 enum mmd_field field, struct mmd_request_info *info)
{
    size_t len = strlen(s), good = mmd_span(s, len < max ? len : max, alphabet);

    info->field = field;
    info->offset = good;
    return len > 0 && good == len && strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
}

/* b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=" */
static int is_token(const char *token, struct mmd_request_info *info)
{
    size_t len = strlen(token), good = mmd_span(token, len, &b64token);

    while (good > 0 && good < len && token[good] == '=')
        good++;
    info->field = MMD_FIELD_TOKEN;
    info->offset = good;
    return len > 0 && good == len;
}

static void put_head(struct mmd_writer *w, const struct mmd_close *close)
{
    char port[8] = "";
    struct mmd_writer p = {port, sizeof port - 1, 0};
    const char *const fields[] = {close->tenant_id, close->elevation_request_id, close->host, port,
                                  close->token,     close->client_request_id};
    const char *from = head, *star;

    if (close->port != MMD_SERVICE_PORT) {
        mmd_put_text(&p, ":");
        mmd_put_decimal(&p, close->port);
        port[p.len] = '\0';
    }
    for (size_t i = 0; (star = strchr(from, '*')) != NULL; from = star + 1, i++) {
        mmd_put(w, from, (size_t)(star - from));
        mmd_put_text(w, fields[i]);
    }
    mmd_put_text(w, from);
}

/* Puts the rest: the length of the body, the empty line, the body. The length is known only behind
 * the body, so the text is put without it and then moved by its few digits. */
static size_t put_body(struct mmd_writer *w, const struct mmd_close *close)
{
    static const char open[] = "\r\n\r\n{\"ActionsTaken\":\"", shut[] = "\"}";
    char digits[20];
    struct mmd_writer length = {digits, sizeof digits, 0};
    size_t from = w->len;

    mmd_put(w, open, sizeof open - 1);
    size_t valid = mmd_put_json(w, close->actions_taken, close->actions_taken_len);
    mmd_put(w, shut, sizeof shut - 1);

    size_t moved = w->len - from;
    mmd_put_decimal(&length, moved - 4);
    mmd_put(w, digits, length.len); /* makes room behind the body, or counts */
    if (w->len <= w->cap) {
        memmove(w->buf + from + length.len, w->buf + from, moved);
        memcpy(w->buf + from, digits, length.len);
    }
    return valid;
}

int mmd_request_write(char *buf, size_t cap, const struct mmd_close *close,
                      struct mmd_request_info *info)
{
    struct mmd_writer w = {buf, cap, 0};

    info->needed = 0;
    if (!is_id(close->host, HOST_MAX, &reg_name, MMD_FIELD_HOST, info) ||
        !is_id(close->tenant_id, ID_MAX, &unreserved, MMD_FIELD_TENANT_ID, info) ||
        !is_id(close->elevation_request_id, ID_MAX, &unreserved, MMD_FIELD_ELEVATION_REQUEST_ID,
               info) ||
        !is_token(close->token, info) ||
        !is_id(close->client_request_id, ID_MAX, &unreserved, MMD_FIELD_CLIENT_REQUEST_ID, info))
        return MMD_ERR_INPUT;

    put_head(&w, close);
    info->field = MMD_FIELD_ACTIONS_TAKEN;
    info->offset = put_body(&w, close);
    if (info->offset != close->actions_taken_len)
        return MMD_ERR_INPUT;
    info->field = MMD_FIELD_NONE;
    info->needed = w.len;
    return w.len <= cap && w.len <= INT_MAX ? (int)w.len : MMD_ERR_CAPACITY;
}

void mmd_guid(char out[MMD_GUID_LEN + 1], const uint8_t random[16])
{
    static const char hex[] = "0123456789abcdef";
    size_t at = 0;

    for (size_t i = 0; i < 16; i++) {
        unsigned byte = random[i];
        if (i == 6)
            byte = (byte & 0x0F) | 0x40; /* the version */
        if (i == 8)
            byte = (byte & 0x3F) | 0x80; /* the variant */
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        out[at++] = hex[byte >> 4];
        out[at++] = hex[byte & 15];
    }
    out[at] = '\0';
}
