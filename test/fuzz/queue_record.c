/* SPDX-License-Identifier: MIT */
/* Records of the queue. Whoever may add a closing writes them: whatever is in one with a right
 * checksum, its strings end within it, its times are in their bounds, and written again it reads
 * the same. With another checksum it is refused.
 *
 * Input: the record up to its checksum. */
#include "queue/record.h"

#include "fuzz.h"
#include "mmdclose/key.h"

#define SUM_LEN 30 /* ,"sha256":"0123456789abcdef"}\n */

static void put_sum(char *line, size_t len)
{
    uint8_t sum[MMD_SHA256_LEN];
    char text[SUM_LEN + 1];
    int at = sprintf(text, ",\"sha256\":\"");

    CHECK(mmd_sha256(line, len, sum) == MMD_OK);
    for (int i = 0; i < 8; i++)
        at += sprintf(text + at, "%02x", sum[i]);
    sprintf(text + at, "\"}\n");
    memcpy(line + len, text, SUM_LEN);
}

static void check_string(const char *text, const char *line, size_t len)
{
    if (*text == '\0')
        return; /* may be anywhere */
    CHECK(text >= line && text < line + len);
    CHECK(strnlen(text, (size_t)(line + len - text)) < (size_t)(line + len - text));
}

static void check_record(const struct record *r, const char *line, size_t len)
{
    const char *const texts[] = {r->tenant,  r->request,      r->client_request_id,
                                 r->actions, r->wait.outcome, r->wait.said};
    char name[RECORD_NAME_CAP];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_string(texts[i], line, len);
    CHECK(r->wait.wait_s <= RECORD_WAIT_MAX && r->added_s >= 0 && r->first_try_s >= 0);
    CHECK(strlen(r->wait.at.boot_id) < BOOT_ID_CAP && *r->actions != '\0');
    if (record_name(name, r->tenant, r->request))
        CHECK(strchr(name, '/') == NULL && name[0] != '\0' && strlen(name) < RECORD_NAME_CAP);
}

/* What is not UTF-8 is written as U+FFFD, so that it is the second writing that cannot change. */
static size_t write_again(char **line, const struct record *record)
{
    struct mmd_writer w = {NULL, 0, 0};

    put_record(&w, record);
    *line = exact_room(w.len + 1);
    w = (struct mmd_writer){*line, w.len, 0};
    put_record(&w, record);
    (*line)[w.len] = '\0';
    return w.len;
}

static void check_again(const struct record *first)
{
    struct record second, third;
    char *line, *again, *last;
    size_t len = write_again(&line, first);

    CHECK(read_record(&second, line, len) == NULL);
    size_t again_len = write_again(&again, &second);
    char *kept = exact_copy(again, again_len);
    CHECK(read_record(&third, again, again_len) == NULL);
    CHECK(write_again(&last, &third) == again_len && memcmp(last, kept, again_len) == 0);
    free(line);
    free(again);
    free(kept);
    free(last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *line = exact_room(len + SUM_LEN + 1);
    struct record record;

    memcpy(line, data, len);
    put_sum(line, len);
    line[len + SUM_LEN] = '\0';
    if (read_record(&record, line, len + SUM_LEN) == NULL) {
        check_record(&record, line, len + SUM_LEN);
        check_again(&record);
    }
    memcpy(line, data, len);
    put_sum(line, len);
    line[len + 12] ^= 1;
    CHECK(read_record(&record, line, len + SUM_LEN) != NULL);
    free(line);
    return 0;
}
