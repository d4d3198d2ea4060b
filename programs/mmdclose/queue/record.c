/* SPDX-License-Identifier: MIT */
/* A record of the queue, written and read. */
#include "queue/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "charclass.h"
#include "json.h"
#include "json_members.h"
#include "mmdclose/key.h"

#define VERSION   1
#define SUM_BEGIN ",\"sha256\":\""
#define SUM_END   "\"}\n"
#define SUM_LEN   (sizeof SUM_BEGIN - 1 + RECORD_SUM_CAP - 1 + sizeof SUM_END - 1)

_Static_assert(MMD_JSON_TOKENS >= 2 * 20 + 1, "a record's names and values have to be found");

/* ---- the checksum ---- */

static void put_sum(struct mmd_writer *w)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t sum[MMD_SHA256_LEN] = {0};
    char text[RECORD_SUM_CAP];

    if (w->len <= w->cap)
        mmd_sha256(w->buf, w->len, sum);
    for (size_t i = 0; i < RECORD_SUM_CAP - 1; i++)
        text[i] = hex[i % 2 == 0 ? sum[i / 2] >> 4 : sum[i / 2] & 15];
    text[RECORD_SUM_CAP - 1] = '\0';
    mmd_put_text(w, SUM_BEGIN);
    mmd_put_text(w, text);
    mmd_put_text(w, SUM_END);
}

static bool has_its_sum(char *line, size_t len)
{
    char expected[SUM_LEN];
    struct mmd_writer w = {line, len, len - SUM_LEN};

    if (len < SUM_LEN)
        return false;
    memcpy(expected, line + len - SUM_LEN, SUM_LEN);
    put_sum(&w);
    return memcmp(expected, line + len - SUM_LEN, SUM_LEN) == 0;
}

/* ---- writing ---- */

static void put_time_member(struct mmd_writer *w, const char *name, int64_t seconds)
{
    put_name(w, name);
    mmd_put_text(w, "\"");
    if (seconds > 0)
        mmd_put_time(w, seconds);
    mmd_put_text(w, "\"");
}

static void put_wait_members(struct mmd_writer *w, const struct wait *wait)
{
    put_number(w, "attempts", (long)wait->attempts);
    put_time_member(w, "last_try", wait->at.wall_s);
    put_text_member(w, "boot", wait->at.boot_id);
    put_number(w, "uptime_s", (long)wait->at.uptime_s);
    put_number(w, "wait_s", (long)wait->wait_s);
    put_text_member(w, "outcome", wait->outcome);
    put_text_member(w, "said", wait->said);
    put_bool(w, "alarm", wait->alarm);
}

static void begin(struct mmd_writer *w)
{
    mmd_put_text(w, "{");
    put_number(w, "v", VERSION);
}

void put_record(struct mmd_writer *w, const struct record *record)
{
    begin(w);
    put_text_member(w, "tenant", record->tenant);
    put_text_member(w, "request", record->request);
    put_text_member(w, "client_request_id", record->client_request_id);
    put_text_member(w, "actions", record->actions);
    put_time_member(w, "added", record->added_s);
    put_number(w, "added_by", (long)record->added_by);
    put_time_member(w, "first_try", record->first_try_s);
    put_bool(w, "maybe_sent", record->maybe_sent);
    put_bool(w, "aside", record->aside);
    put_wait_members(w, &record->wait);
    put_sum(w);
}

void put_wait(struct mmd_writer *w, const struct wait *wait, const char *credential)
{
    begin(w);
    put_text_member(w, "credential", credential);
    put_wait_members(w, wait);
    put_sum(w);
}

/* ---- reading ---- */

static const jsmntok_t *member(const struct mmd_json *json, const char *name)
{
    return mmd_json_member(json, json->tokens, name);
}

static const char *text_of(const struct mmd_json *json, const char *name)
{
    const jsmntok_t *value = member(json, name);

    return mmd_json_is_string(value) ? mmd_json_text(json, value) : "";
}

static unsigned long long number_of(const struct mmd_json *json, const char *name)
{
    return strtoull(mmd_json_text(json, member(json, name)), NULL, 10);
}

static bool bool_of(const struct mmd_json *json, const char *name)
{
    const jsmntok_t *value = member(json, name);

    return value != NULL && value->type == JSMN_PRIMITIVE && json->text[value->start] == 't';
}

/* Seconds since 1970; 0: there is none, or it is no time as mmd_put_time writes it. */
static int64_t time_of(const struct mmd_json *json, const char *name)
{
    static const char form[] = "0000-00-00T00:00:00Z"; /* 0: a digit */
    const char *text = text_of(json, name);
    int n[6] = {0}, at = 0;

    if (strlen(text) != sizeof form - 1)
        return 0;
    for (size_t i = 0; text[i] != '\0'; i++)
        if (form[i] == '0' && mmd_is_char(text[i], MMD_CHAR_DIGIT))
            n[at] = n[at] * 10 + (text[i] - '0');
        else if (text[i] == form[i] && form[i] != '0')
            at++;
        else
            return 0;
    if (n[0] < 1970 || n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 31)
        return 0;
    return mmd_seconds_since_1970(n[0], n[1], n[2], n[3], n[4], n[5]);
}

static void read_wait_members(struct wait *wait, const struct mmd_json *json)
{
    unsigned long long attempts = number_of(json, "attempts"), seconds = number_of(json, "wait_s");

    *wait = (struct wait){
        .attempts = attempts < 1000000 ? (unsigned)attempts : 1000000,
        .at = {.wall_s = time_of(json, "last_try"), .uptime_s = number_of(json, "uptime_s")},
        .wait_s = seconds < RECORD_WAIT_MAX ? (uint32_t)seconds : RECORD_WAIT_MAX,
        .outcome = text_of(json, "outcome"),
        .said = text_of(json, "said"),
        .alarm = bool_of(json, "alarm"),
    };
    snprintf(wait->at.boot_id, sizeof wait->at.boot_id, "%s", text_of(json, "boot"));
}

static const char *parse(struct mmd_json *json, char *line, size_t len)
{
    if (!has_its_sum(line, len))
        return "its checksum is wrong";
    if (!mmd_json_parse(json, line, len, false))
        return "it is not JSON";
    return number_of(json, "v") == VERSION ? NULL : "it is of another version";
}

const char *read_record(struct record *record, char *line, size_t len)
{
    struct mmd_json json;
    const char *wrong = parse(&json, line, len);

    if (wrong != NULL)
        return wrong;
    *record = (struct record){
        .tenant = text_of(&json, "tenant"),
        .request = text_of(&json, "request"),
        .client_request_id = text_of(&json, "client_request_id"),
        .actions = text_of(&json, "actions"),
        .added_s = time_of(&json, "added"),
        .added_by = (unsigned)number_of(&json, "added_by"),
        .first_try_s = time_of(&json, "first_try"),
        .maybe_sent = bool_of(&json, "maybe_sent"),
        .aside = bool_of(&json, "aside"),
    };
    read_wait_members(&record->wait, &json);
    return record->actions[0] != '\0' ? NULL : "it says nothing of what was done";
}

const char *read_wait(struct wait *wait, const char **credential, char *line, size_t len)
{
    struct mmd_json json;
    const char *wrong = parse(&json, line, len);

    if (wrong != NULL)
        return wrong;
    *credential = text_of(&json, "credential");
    read_wait_members(wait, &json);
    return NULL;
}

/* ---- the file's name ---- */

static bool is_id(const char *id)
{
    size_t len = strlen(id);

    return len > 0 && len <= 128 && mmd_span(id, len, MMD_CHAR_UNRESERVED) == len;
}

bool record_name(char out[RECORD_NAME_CAP], const char *tenant, const char *request)
{
    return is_id(tenant) && is_id(request) &&
           snprintf(out, RECORD_NAME_CAP, "%s,%s.json", tenant, request) < RECORD_NAME_CAP;
}
