/* SPDX-License-Identifier: MIT */
/* The status line, and the fields that matter. */
#include "http/response_head.h"

#include <string.h>

#include "http/challenge.h"
#include "http/http_date.h"
#include "http/response_framing.h"
#include "http/word.h"
#include "text/charclass.h"

/* 1*DIGIT as a number; false if it is not that or does not fit. */
static bool decimal(const char *text, size_t len, uint64_t *out)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++) {
        if (!mmd_is_char(text[i], MMD_CHAR_DIGIT))
            return false;
        unsigned digit = (unsigned)(text[i] - '0');
        if (value > UINT64_MAX / 10 || value * 10 > UINT64_MAX - digit)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return len > 0;
}

/* ---- the status line (RFC 9112, 4): HTTP/1.x SP 3DIGIT, then nothing or SP and a reason ---- */

static const char version[] = "HTTP/1.";
#define VERSION_LEN (sizeof version - 1)

bool mmd_begins_status_line(const char *text, size_t len)
{
    return memcmp(text, version, len < VERSION_LEN ? len : VERSION_LEN) == 0;
}

int mmd_head_status_line(struct mmd_response *r, const char *line, size_t len)
{
    const size_t end = sizeof "HTTP/1.1 204" - 1;
    uint64_t status;

    if (len < end || !mmd_begins_status_line(line, len) || !mmd_is_char(line[7], MMD_CHAR_DIGIT) ||
        line[8] != ' ' || !decimal(line + 9, 3, &status) || status < 100)
        return MMD_ERR_PROTOCOL;
    if (len > end && line[end] != ' ')
        return MMD_ERR_PROTOCOL;
    bool is_http_1_0 = line[7] == '0';
    r->status = (uint16_t)status;
    r->reusable = !is_http_1_0;
    r->coding_unknown = is_http_1_0; /* it has no codings */
    return MMD_OK;
}

/* ---- words and lists (RFC 9110, 5.6) ---- */

/* Removes the white space at both ends. A line holds no CR or LF. */
static void trim(const char **text, size_t *len)
{
    while (*len > 0 && mmd_is_char(**text, MMD_CHAR_BLANK)) {
        ++*text;
        --*len;
    }
    while (*len > 0 && mmd_is_char((*text)[*len - 1], MMD_CHAR_BLANK))
        --*len;
}

/* Whether a comma-separated list has the word as a member. */
static bool has_member(const char *list, size_t len, const struct mmd_word *word)
{
    const char *end = list + len;

    while (list < end) {
        const char *comma = memchr(list, ',', (size_t)(end - list));
        const char *member = list, *member_end = comma != NULL ? comma : end;
        size_t member_len = (size_t)(member_end - member);
        trim(&member, &member_len);
        if (mmd_is_word(member, member_len, word))
            return true;
        list = comma != NULL ? comma + 1 : end;
    }
    return false;
}

/* ---- the fields that matter; each gets its value without white space around ---- */

static int content_length(struct mmd_response *r, const char *value, size_t len)
{
    uint64_t number;

    if (mmd_framing_is_ignored(r))
        return MMD_OK;
    if (r->line_cut || !decimal(value, len, &number) || (r->has_length && number != r->left))
        return MMD_ERR_PROTOCOL;
    r->left = number;
    r->has_length = true;
    return MMD_OK;
}

/* Only "chunked" can be delimited, named once; what else there is, is refused at the head's end. */
static int transfer_encoding(struct mmd_response *r, const char *value, size_t len)
{
    static const struct mmd_word chunked = MMD_WORD("chunked");

    if (r->chunked || r->line_cut || !mmd_is_word(value, len, &chunked))
        r->coding_unknown = true;
    r->chunked = true;
    return MMD_OK;
}

static int connection(struct mmd_response *r, const char *value, size_t len)
{
    static const struct mmd_word close = MMD_WORD("close");

    if (r->line_cut || has_member(value, len, &close))
        r->reusable = false;
    return MMD_OK;
}

/* Of several the longest counts. */
static void set_delay(struct mmd_response *r, uint64_t seconds)
{
    int32_t delay = seconds < MMD_RETRY_AFTER_MAX ? (int32_t)seconds : MMD_RETRY_AFTER_MAX;

    if (delay > r->retry_after_s)
        r->retry_after_s = delay;
}

static int retry_after(struct mmd_response *r, const char *value, size_t len)
{
    uint64_t seconds;

    if (r->line_cut)
        return MMD_OK;
    if (decimal(value, len, &seconds)) {
        set_delay(r, seconds);
    } else {
        int64_t at = mmd_http_date(value, len);
        if (at > r->retry_at)
            r->retry_at = at;
    }
    return MMD_OK;
}

/* Of a success nothing asks for it. */
static int date(struct mmd_response *r, const char *value, size_t len)
{
    if (r->status >= 300)
        r->date = mmd_http_date(value, len);
    return MMD_OK;
}

static int content_encoding(struct mmd_response *r, const char *value, size_t len)
{
    static const struct mmd_word identity = MMD_WORD("identity");

    if (len > 0 && !mmd_is_word(value, len, &identity))
        r->coded = true;
    return MMD_OK;
}

/* The first one that has a Bearer challenge. */
static int www_authenticate(struct mmd_response *r, const char *value, size_t len)
{
    if (!r->bearer)
        r->bearer = mmd_challenge_read(value, len, r->challenge, sizeof r->challenge);
    return MMD_OK;
}

static bool ends_authority(char c)
{
    return c == '/' || c == '?' || c == '#';
}

/* Where the host of an authority begins: after the user, who may have a password. */
static const char *after_user(const char *authority, size_t len)
{
    while (len > 0 && authority[len - 1] != '@')
        len--;
    return authority + len;
}

/* Of a URI reference that has them, the host and port (RFC 3986, 3.2): after a scheme and "//". */
static int location(struct mmd_response *r, const char *value, size_t len)
{
    const char *end = value + len, *at = value + mmd_span(value, len, MMD_CHAR_TCHAR);
    size_t n = 0;

    if (at < end && *at == ':')
        at++;
    else
        at = value;
    if (end - at < 2 || memcmp(at, "//", 2) != 0)
        return MMD_OK;
    for (at += 2; at + n < end && !ends_authority(at[n]);)
        n++;
    if (r->line_cut && at + n == end)
        return MMD_OK; /* what is kept may be only the user, with a password */
    const char *host = after_user(at, n);
    n -= (size_t)(host - at);
    n = n < MMD_LOCATION_MAX ? n : MMD_LOCATION_MAX;
    memcpy(r->location, host, n);
    r->location[n] = '\0';
    return MMD_OK;
}

static const struct {
    struct mmd_word name;
    int (*take)(struct mmd_response *r, const char *value, size_t len);
} fields[] = {
    {MMD_WORD("content-length"), content_length},
    {MMD_WORD("transfer-encoding"), transfer_encoding},
    {MMD_WORD("connection"), connection},
    {MMD_WORD("retry-after"), retry_after},
    {MMD_WORD("date"), date},
    {MMD_WORD("content-encoding"), content_encoding},
    {MMD_WORD("www-authenticate"), www_authenticate},
    {MMD_WORD("location"), location},
};

/* Fields that name the exchange, for the support of who answered: the service's own come first, and
 * are kept in place of any other, which a front door sets. */
#define OWN_IDS 2
static const struct mmd_word ids[] = {
    MMD_WORD("request-id"),  MMD_WORD("x-ms-request-id"), MMD_WORD("x-azure-ref"),
    MMD_WORD("traceparent"), MMD_WORD("x-ms-error-code"),
};

/* Keeps the first one that is not empty and fits. */
static void keep_id(struct mmd_response *r, size_t i, const char *value, size_t len)
{
    bool own = i < OWN_IDS;

    trim(&value, &len);
    if (r->line_cut || len == 0 || len > MMD_REQUEST_ID_MAX ||
        (r->request_id[0] != '\0' && (r->request_id_own || !own)))
        return;
    memcpy(r->request_id, value, len);
    r->request_id[len] = '\0';
    r->request_id_name = ids[i].text;
    r->request_id_own = own;
}

/* ---- field lines (RFC 9112, 5): a name, a colon and a value ---- */

/* The length of the name before the colon, or 0 if the line is not a field line. */
static size_t name_of(const char *line, size_t len)
{
    size_t name_len = mmd_span(line, len, MMD_CHAR_TCHAR);

    return name_len < len && line[name_len] == ':' ? name_len : 0;
}

int mmd_head_trailer_line(const char *line, size_t len)
{
    return name_of(line, len) > 0 ? MMD_OK : MMD_ERR_PROTOCOL;
}

int mmd_head_field_line(struct mmd_response *r, const char *line, size_t len)
{
    size_t name_len = name_of(line, len);

    if (name_len == 0)
        return MMD_ERR_PROTOCOL;
    const char *value = line + name_len + 1;
    size_t value_len = len - name_len - 1;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (mmd_is_word(line, name_len, &fields[i].name)) {
            trim(&value, &value_len);
            return fields[i].take(r, value, value_len);
        }
    }
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (mmd_is_word(line, name_len, &ids[i]))
            keep_id(r, i, value, value_len);
    return MMD_OK;
}

/* ---- the end of the head ---- */

void mmd_head_end(struct mmd_response *r)
{
    if (r->retry_at >= 0 && r->date >= 0)
        set_delay(r, r->retry_at > r->date ? (uint64_t)(r->retry_at - r->date) : 0);
    if (r->status < 300)
        r->retry_after_s = MMD_RETRY_AFTER_ABSENT;
}
