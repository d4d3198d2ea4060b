/* SPDX-License-Identifier: MIT */
/* Where the error object's texts are found: see the table in error_object.h. */
#include "service/error_object.h"

#include "text/json.h"

/* The first of several members that there is, or NULL. The list ends with NULL. */
static const jsmntok_t *first_member(const struct mmd_json *json, const jsmntok_t *object,
                                     const char *const names[])
{
    const jsmntok_t *found = NULL;

    for (; found == NULL && *names != NULL; names++)
        found = mmd_json_member(json, object, *names);
    return found;
}

/* Of an object's message, which OData 3.0 wraps in another object. */
static const jsmntok_t *message_of(const struct mmd_json *json, const jsmntok_t *error)
{
    const jsmntok_t *message = mmd_json_member(json, error, "message");

    return mmd_json_is_object(message) ? mmd_json_member(json, message, "value") : message;
}

void mmd_error_object_read(struct mmd_error_object *out, char *body, size_t len, bool cut)
{
    static const char *const codes[] = {"code", "statusCode", "status", "error", NULL};
    static const char *const messages[] = {"message", "Message", "error_description",
                                           "detail",  "title",   NULL};
    struct mmd_json json;

    *out = (struct mmd_error_object){.code = (char *)"", .message = (char *)""};
    if (!mmd_json_parse(&json, body, len, cut))
        return;
    const jsmntok_t *root = json.tokens, *code, *message;
    const jsmntok_t *error = mmd_json_member(&json, root, "error");
    out->documented = mmd_json_is_object(error);
    if (!out->documented)
        error = mmd_json_member(&json, root, "odata.error");
    if (mmd_json_is_object(error)) {
        code = mmd_json_member(&json, error, "code");
        message = message_of(&json, error);
    } else {
        code = first_member(&json, root, codes);
        message = first_member(&json, root, messages);
    }
    out->code = mmd_json_text(&json, code);
    out->message = mmd_json_text(&json, message);
    out->message_cut = mmd_json_is_cut(&json, message);
}
