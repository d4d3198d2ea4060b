/* SPDX-License-Identifier: MIT */
/* Where the error object's texts are found, in three shapes:
 *   {"error":{"code":"...","message":"..."}}
 *   {"error":{"code":"...","message":{"lang":"...","value":"..."}}}     OData 3.0
 *   {"error":"...","error_description":"..."}                            RFC 6749, 5.2 */
#include "service/error_object.h"

#include "text/json.h"

void mmd_error_object_read(struct mmd_error_object *out, char *body, size_t len, bool cut)
{
    struct mmd_json json;

    *out = (struct mmd_error_object){(char *)"", (char *)"", false};
    if (!mmd_json_parse(&json, body, len, cut))
        return;
    const jsmntok_t *root = json.tokens, *code, *message;
    const jsmntok_t *error = mmd_json_member(&json, root, "error");
    if (mmd_json_is_object(error)) {
        code = mmd_json_member(&json, error, "code");
        message = mmd_json_member(&json, error, "message");
        if (mmd_json_is_object(message))
            message = mmd_json_member(&json, message, "value");
    } else {
        code = error;
        message = mmd_json_member(&json, root, "error_description");
    }
    out->code = mmd_json_text(&json, code);
    out->message = mmd_json_text(&json, message);
    out->message_cut = mmd_json_is_cut(&json, message);
}
