/* SPDX-License-Identifier: MIT */
/* Tokens and signatures from programs that the user names. */
#include "token_command.h"

#include <string.h>

#include "charclass.h"
#include "run_program.h"
#include "wipe.h"

static const char token_option[] = "--token-command", sign_option[] = "--sign-command";

bool read_program(struct program_words *out, const char *option, const char *value,
                  struct report *report)
{
    size_t at;
    const char *fault = split_words(out, value, &at);

    return fault == NULL ||
           refuse(report, MMD_ERR_INPUT,
                  "%s takes a program with its arguments, such as '/usr/bin/program \"an "
                  "argument\"', but at byte %zu: %s.",
                  option, at, fault);
}

/* Moves the token to the front, and wipes the rest of the JSON. */
static bool take_from_json(struct data *out, int64_t now, uint32_t *lifetime_s,
                           struct report *report)
{
    char *token = mmd_token_from_json(out->bytes, out->len, now, lifetime_s);

    if (token == NULL)
        return refuse(report, MMD_ERR_TOKEN,
                      "there is no token now: the program of --token-command printed \"{\", but no "
                      "JSON with a string access_token or accessToken; check what it prints.");
    size_t len = strlen(token);
    memmove(out->bytes, token, len);
    mmd_wipe(out->bytes + len, out->len - len);
    out->len = len;
    return true;
}

bool run_token_command(const struct program_words *words, const struct deadline *deadline,
                       bool quiet, struct data *out, uint32_t *lifetime_s, struct report *report)
{
    const struct program program = {.option = token_option,
                                    .argv = words->word,
                                    .output_max = TOKEN_MAX,
                                    .error = MMD_ERR_TOKEN,
                                    .quiet = quiet};

    *lifetime_s = MMD_TOKEN_LIFETIME_UNKNOWN;
    if (!run_program(&program, deadline, out, report))
        return false;
    trim_secret(out);
    size_t blanks = mmd_span(out->bytes, out->len, MMD_CHAR_BLANK);
    int64_t now = deadline->port->calendar_s(deadline->port->context);
    if (out->bytes[blanks] == '{' && !take_from_json(out, now, lifetime_s, report))
        return false;
    return check_token(out, "what the program of --token-command printed", report);
}

int sign_by_command(void *context, const uint8_t sha256[MMD_SHA256_LEN], uint8_t *out, size_t cap)
{
    const struct sign_command *command = context;
    const struct program program = {.option = sign_option,
                                    .argv = command->words->word,
                                    .input = sha256,
                                    .input_len = MMD_SHA256_LEN,
                                    .output_max = cap < MMD_SIGNATURE_MAX ? cap : MMD_SIGNATURE_MAX,
                                    .error = MMD_ERR_SIGN,
                                    .quiet = command->quiet};
    struct data signature = {NULL, 0};
    int result;

    if (run_program(&program, command->deadline, &signature, command->report)) {
        memcpy(out, signature.bytes, signature.len);
        result = (int)signature.len;
    } else {
        result = command->report->verdict.error;
    }
    wipe_and_free(&signature);
    return result;
}
