/* The request that closes an elevation request. Every field is checked before the first is
 * written, so that no text of a caller's can end a line, a path segment or a JSON string. */
#include "mmdclose/request.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "alphabet.h"
#include "writer.h"

#define ID_MAX   128
#define TEXT_MAX (INT_MAX / 8) /* what is made of a byte takes 6 at most: no length wraps */

/* The message up to the length of its body. "*1" stands for the first field, and so on. */
static const char head[] = "PATCH /support/odata/v1/tenants/*2/elevationRequests/*3 HTTP/1.1\r\n"
                           "Host: *1*6\r\n"
                           "Authorization: Bearer *4\r\n"
                           "Accept: application/json\r\n"
                           "Content-Type: application/json\r\n"
                           "User-Agent: mmdclose/" MMD_VERSION "\r\n"
                           "client-request-id: *5\r\n"
                           "Connection: close\r\n"
                           "Content-Length: ";

static const struct mmd_alphabet unreserved = {'0', '-', "._~"}; /* RFC 3986, 2.3 */
static const struct mmd_alphabet b64token = {'-', '_', "-./~+"}; /* RFC 6750, 2.1; then "=" */

/* Whether all fields are right; if not, info tells which is the first that is not, and where. */
static bool are_right(const char *const fields[], struct mmd_request_info *info)
{
    int fault = mmd_host_fault(fields[0]);

    info->field = MMD_FIELD_HOST;
    if (fault >= 0) {
        info->offset = (size_t)fault;
        return false;
    }
    for (unsigned i = 1; i < MMD_FIELD_ACTIONS_TAKEN - MMD_FIELD_HOST; i++) {
        bool is_token = i == MMD_FIELD_TOKEN - MMD_FIELD_HOST;
        const char *s = fields[i];
        size_t len = strlen(s), good = mmd_span(s, len, is_token ? &b64token : &unreserved);
        if (good > ID_MAX && !is_token)
            good = ID_MAX;
        while (is_token && good > 0 && s[good] == '=')
            good++;
        info->field = (enum mmd_field)(MMD_FIELD_HOST + i);
        info->offset = good;
        if (good == 0 || good != len)
            return false;
        if (len <= 2 && s[0] == '.' && s[len - 1] == '.' && !is_token)
            return false; /* a path would take it for a way up */
    }
    return true;
}

static void put_head(struct mmd_writer *w, const char *const fields[])
{
    const char *from = head, *star;

    for (; (star = strchr(from, '*')) != NULL; from = star + 2) {
        mmd_put(w, from, (size_t)(star - from));
        mmd_put_text(w, fields[star[1] - '1']);
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
    char port[8] = "";
    struct mmd_writer w = {buf, cap, 0}, p = {port, sizeof port - 1, 0};
    /* in the order of enum mmd_field, and what belongs to the host */
    const char *const fields[] = {
        close->host,  close->tenant_id,         close->elevation_request_id,
        close->token, close->client_request_id, port};

    info->needed = 0;
    if (!are_right(fields, info))
        return MMD_ERR_INPUT;
    info->field = MMD_FIELD_ACTIONS_TAKEN;
    info->offset = TEXT_MAX;
    if (close->actions_taken_len > TEXT_MAX)
        return MMD_ERR_INPUT;
    if (close->port != MMD_SERVICE_PORT) {
        mmd_put_text(&p, ":");
        mmd_put_decimal(&p, close->port);
    }
    put_head(&w, fields);
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
