/* The error object's reader: whatever the body, it gives two strings of UTF-8 that end within it.
 *
 * Input: whether the body was cut (a byte), the body. */
#include "service/error_object.h"

#include "../unit/reference.h"
#include "fuzz.h"

static void check_string(const char *text, const char *body, size_t len)
{
    if (*text == '\0')
        return; /* may be anywhere */
    CHECK(text >= body && text < body + len);
    size_t room = (size_t)(body + len - text), n = strnlen(text, room);
    CHECK(n < room && reference_is_utf8(text, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in = {data, len};
    struct mmd_error_object object;
    bool cut = take_byte(&in) & 1;
    char *body = exact_copy(in.p, in.len);
    bool looks = mmd_looks_like_json(body, in.len);

    mmd_error_object_read(&object, body, in.len, cut);
    check_string(object.code, body, in.len);
    check_string(object.message, body, in.len);
    CHECK(cut || !object.message_cut);
    CHECK(looks || (*object.code == '\0' && *object.message == '\0' && !object.message_cut));
    free(body);
    return 0;
}
