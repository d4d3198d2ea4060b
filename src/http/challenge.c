/* SPDX-License-Identifier: MIT */
/* Goes through the words of the field: a scheme, or a parameter with its value. */
#include "http/challenge.h"

#include "http/word.h"
#include "text/charclass.h"
#include "text/writer.h"

struct span {
    const char *text;
    size_t len;
};

static void skip(struct span *s, size_t n)
{
    s->text += n;
    s->len -= n;
}

static bool is_at(const struct span *s, char c)
{
    return s->len > 0 && *s->text == c;
}

static void skip_blanks(struct span *s)
{
    skip(s, mmd_span(s->text, s->len, MMD_CHAR_BLANK));
}

static struct span take_token(struct span *s)
{
    struct span token = {s->text, mmd_span(s->text, s->len, MMD_CHAR_TCHAR)};

    skip(s, token.len);
    return token;
}

/* What stands between quotes, as it is written. */
static struct span take_quoted(struct span *s)
{
    skip(s, 1);
    struct span inside = {s->text, 0};
    while (s->len > 0 && !is_at(s, '"'))
        skip(s, is_at(s, '\\') && s->len > 1 ? 2 : 1);
    inside.len = (size_t)(s->text - inside.text);
    if (s->len > 0)
        skip(s, 1);
    return inside;
}

/* Takes "=" and a value. Returns false, and takes nothing, if the word before was a scheme. */
static bool take_value(struct span *s, struct span *value)
{
    struct span rest = *s;

    skip_blanks(&rest);
    if (!is_at(&rest, '='))
        return false;
    skip(&rest, 1);
    skip_blanks(&rest);
    *value = is_at(&rest, '"') ? take_quoted(&rest) : take_token(&rest);
    *s = rest;
    return true;
}

/* Puts a value without the backslashes of its quoted pairs (RFC 9110, 5.6.4). */
static void put_unquoted(struct mmd_writer *w, struct span value)
{
    for (; value.len > 0; skip(&value, 1)) {
        if (is_at(&value, '\\') && value.len > 1)
            skip(&value, 1);
        mmd_put(w, value.text, 1);
    }
}

static void put_both(char *out, size_t cap, struct span error, struct span description)
{
    struct mmd_writer w = {out, cap - 1, 0};

    put_unquoted(&w, error);
    if (error.len > 0 && description.len > 0)
        mmd_put_text(&w, ": ");
    put_unquoted(&w, description);
    out[w.len < cap ? w.len : cap - 1] = '\0';
}

bool mmd_challenge_read(const char *value, size_t len, char *out, size_t cap)
{
    struct span rest = {value, len}, word, parameter, error = {"", 0}, description = {"", 0};
    bool in_bearer = false, found = false;

    while (rest.len > 0) {
        word = take_token(&rest);
        if (word.len == 0 && is_at(&rest, '"')) {
            take_quoted(&rest); /* which belongs to nothing */
        } else if (word.len == 0) {
            skip(&rest, 1); /* white space, a comma, or what belongs to no grammar */
        } else if (!take_value(&rest, &parameter)) {
            in_bearer =
                !found && mmd_is_word(word.text, word.len, &(struct mmd_word)MMD_WORD("bearer"));
            found = found || in_bearer;
        } else if (in_bearer) {
            if (mmd_is_word(word.text, word.len, &(struct mmd_word)MMD_WORD("error")))
                error = parameter;
            if (mmd_is_word(word.text, word.len, &(struct mmd_word)MMD_WORD("error_description")))
                description = parameter;
        }
    }
    if (found)
        put_both(out, cap, error, description);
    return found;
}
