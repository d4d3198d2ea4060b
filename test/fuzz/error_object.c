/* SPDX-License-Identifier: MIT */
/* The error object's reader, and a text looked up in any other JSON: whatever the body, they give
 * strings of UTF-8 that end within it.
 *
 * Input: whether the body was cut (a byte), the body. */
#include "service/error_object.h"

#include "../unit/reference.h"
#include "fuzz.h"
#include "json.h"

static void check_string(const char *text, const char *body, size_t len)
{
    if (*text == '\0')
        return; /* may be anywhere */
    CHECK(text >= body && text < body + len);
    size_t left = (size_t)(body + len - text), n = strnlen(text, left);
    CHECK(n < left);
}

/* Looks up each member as a token response's would be: the text of each value, in turn. */
static void check_members(const char *bytes, size_t len, bool cut)
{
    static const char *const names[] = {"access_token", "expires_in", "error", "x", ""};
    char *body = exact_copy(bytes, len);
    struct mmd_json json;

    if (mmd_json_parse(&json, body, len, cut))
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            const jsmntok_t *value = mmd_json_member(&json, json.tokens, names[i]);
            bool is_cut = mmd_json_is_cut(&json, value);
            CHECK(cut || !is_cut);
            check_string(mmd_json_text(&json, value), body, len);
        }
    free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in = {data, len};
    struct mmd_error_object object;
    bool cut = take_byte(&in) & 1;
    char *body = exact_copy(in.p, in.len);
    bool looks = mmd_json_is_any(body, in.len, cut);

    check_members(body, in.len, cut);

    mmd_error_object_read(&object, body, in.len, cut);
    check_string(object.code, body, in.len);
    check_string(object.message, body, in.len);
    CHECK(cut || !object.message_cut);
    CHECK(looks || (*object.code == '\0' && *object.message == '\0' && !object.message_cut));
    free(body);
    return 0;
}
