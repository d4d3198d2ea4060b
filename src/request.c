/* The request that closes an elevation request. Every field is checked before the first is
 * written, so that no text of a caller's can end a line, a path segment or a JSON string. */
#include "mmdclose/request.h"

#include <limits.h>

#include "bytes.h"
#include "writer.h"

#define ID_MAX   128
#define HOST_MAX 253

/* Letters, digits, and a few more. Whole words of letters, of from..'9' and of also take an express
 * lane; rest holds all that are neither letter nor digit. */
struct alphabet {
    char from, also, rest[7];
};

static const struct alphabet reg_name = {'0', '-', "-._"};    /* of RFC 3986, what hosts use */
static const struct alphabet unreserved = {'0', '-', "-._~"}; /* RFC 3986, 2.3 */
static const struct alphabet b64token = {'-', '_', "-._~+/"}; /* RFC 6750, 2.1, before the "=" */

/* The top bit of each byte tells whether it may take the lane, if no byte of word is >= 0x80. */
static inline size_t lane(size_t word, const struct alphabet *alphabet)
{
    size_t lower = word | MMD_EACH(0x20);
    size_t letter = (lower + MMD_AT_LEAST('a')) ^ (lower + MMD_AT_LEAST('z' + 1));
    size_t digit = (word + MMD_AT_LEAST((size_t)alphabet->from)) ^ (word + MMD_AT_LEAST('9' + 1));
    size_t other = (word ^ MMD_EACH((size_t)alphabet->also)) + MMD_AT_LEAST(1);
    return letter | digit | ~other;
}

static inline int take_lane(const char *s, size_t words, const struct alphabet *alphabet)
{
    size_t good = MMD_TOP, seen = 0;

    for (size_t i = 0; i < words; i++) {
        size_t word = mmd_load_word(s + i * sizeof word);
        good &= lane(word, alphabet);
        seen |= word;
    }
    return (good & ~seen) == MMD_TOP;
}

/* How many bytes from the start of s are of the alphabet. Eight words at a time: compilers turn
 * that into vector code. */
static size_t span(const char *s, size_t len, const struct alphabet *alphabet)
{
    const size_t word = sizeof(size_t);
    size_t at = 0;

    while (len - at >= 8 * word && take_lane(s + at, 8, alphabet))
        at += 8 * word;
    while (len - at >= word && take_lane(s + at, 1, alphabet))
        at += word;
    while (at < len && (mmd_is_alnum((unsigned char)s[at]) ||
                        (s[at] != '\0' && strchr(alphabet->rest, s[at]) != NULL)))
        at++;
    return at;
}

/* Returns whether the field is right; if not, info tells which it is and where. */
static int is_id(const char *s, size_t max, const struct alphabet *alphabet, enum mmd_field field,
                 struct mmd_request_info *info)
{
    size_t len = strlen(s), good = span(s, len < max ? len : max, alphabet);

    info->field = field;
    info->offset = good;
    return len > 0 && good == len && strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
}

/* b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=" */
static int is_token(const char *token, size_t len, struct mmd_request_info *info)
{
    size_t good = span(token, len, &b64token);

    while (good > 0 && good < len && token[good] == '=')
        good++;
    info->field = MMD_FIELD_TOKEN;
    info->offset = good;
    return len > 0 && good == len;
}

static void put_target(struct mmd_writer *w, const struct mmd_close *close)
{
    mmd_put_text(w, "PATCH /support/odata/v1/tenants/");
    mmd_put_text(w, close->tenant_id);
    mmd_put_text(w, "/elevationRequests/");
    mmd_put_text(w, close->elevation_request_id);
    mmd_put_text(w, " HTTP/1.1\r\nHost: ");
    mmd_put_text(w, close->host);
    if (close->port != MMD_SERVICE_PORT) {
        mmd_put(w, ":", 1);
        mmd_put_decimal(w, close->port);
    }
}

static void put_head(struct mmd_writer *w, const struct mmd_close *close, size_t token_len)
{
    put_target(w, close);
    mmd_put_text(w, "\r\nAuthorization: Bearer ");
    mmd_put(w, close->token, token_len);
    mmd_put_text(w, "\r\nAccept: application/json"
                    "\r\nContent-Type: application/json"
                    "\r\nUser-Agent: mmdclose/" MMD_VERSION "\r\nclient-request-id: ");
    mmd_put_text(w, close->client_request_id);
    mmd_put_text(w, "\r\nConnection: close\r\nContent-Length: ");
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
    size_t token_len = strlen(close->token);

    info->needed = 0;
    if (!is_id(close->host, HOST_MAX, &reg_name, MMD_FIELD_HOST, info) ||
        !is_id(close->tenant_id, ID_MAX, &unreserved, MMD_FIELD_TENANT_ID, info) ||
        !is_id(close->elevation_request_id, ID_MAX, &unreserved, MMD_FIELD_ELEVATION_REQUEST_ID,
               info) ||
        !is_id(close->client_request_id, ID_MAX, &unreserved, MMD_FIELD_CLIENT_REQUEST_ID, info) ||
        !is_token(close->token, token_len, info))
        return MMD_ERR_INPUT;

    put_head(&w, close, token_len);
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
