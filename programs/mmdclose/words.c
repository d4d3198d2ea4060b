/* SPDX-License-Identifier: MIT */
/* Splitting an option's value into words. The words are never longer than what they come from. */
#include "words.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "charclass.h"

struct splitting {
    const char *value;
    size_t at; /* the next byte of it */
    char *end; /* of the words, as far as they are written */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* ---- escapes ---- */

static void put_utf8(struct splitting *s, uint32_t c)
{
    static const unsigned char marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    unsigned n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (unsigned i = n; i-- > 1; c >>= 6)
        s->end[i] = (char)(0x80 | (c & 0x3F));
    s->end[0] = (char)(marks[n > 1 ? n : 0] | c);
    s->end += n;
}

/* Reads exactly so many digits of the base; false: others, or a NUL. */
static bool read_digits(struct splitting *s, unsigned count, uint32_t base, uint32_t *number)
{
    for (*number = 0; count > 0; count--, s->at++) {
        int digit = mmd_hex_digit(s->value[s->at]);
        if (digit < 0 || (uint32_t)digit >= base)
            return false;
        *number = *number * base + (uint32_t)digit;
    }
    return *number != 0;
}

static bool put_byte(struct splitting *s, unsigned digits, uint32_t base)
{
    uint32_t byte;

    if (!read_digits(s, digits, base, &byte) || byte > 0xFF)
        return false;
    *s->end++ = (char)byte;
    return true;
}

static bool put_character(struct splitting *s, unsigned digits)
{
    uint32_t c;

    if (!read_digits(s, digits, 16, &c) || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return false;
    put_utf8(s, c);
    return true;
}

/* After the backslash. */
static bool put_escape(struct splitting *s)
{
    static const char letters[] = "abfnrtv\\\"'s", means[] = "\a\b\f\n\r\t\v\\\"' ";
    char c = s->value[s->at];
    const char *letter = c != '\0' ? strchr(letters, c) : NULL;

    if (letter == NULL && c >= '0' && c <= '7')
        return put_byte(s, 3, 8);
    s->at += c != '\0';
    if (c == 'x')
        return put_byte(s, 2, 16);
    if (c == 'u' || c == 'U')
        return put_character(s, c == 'u' ? 4 : 8);
    if (letter != NULL)
        *s->end++ = means[letter - letters];
    return letter != NULL;
}

/* ---- words ---- */

/* Reads the word that begins here. Returns NULL, or what is wrong, with s->at at its byte. */
static const char *put_word(struct splitting *s)
{
    size_t quoted_at = 0;
    char quote = '\0';

    for (char c; (c = s->value[s->at]) != '\0' && (quote != '\0' || !is_space(c));) {
        size_t from = s->at++;
        if (c == quote) {
            quote = '\0';
        } else if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
            quoted_at = from;
        } else if (c != '\\') {
            *s->end++ = c;
        } else if (!put_escape(s)) {
            s->at = from;
            return "the backslash begins no known escape; a backslash itself is written twice";
        }
    }
    if (quote == '\0')
        return NULL;
    s->at = quoted_at;
    return "the quote is not closed";
}

static const char *put_words(struct program_words *out, struct splitting *s)
{
    const char *fault;

    for (;;) {
        while (is_space(s->value[s->at]))
            s->at++;
        if (s->value[s->at] == '\0')
            break;
        if (out->count == WORDS_MAX)
            return "it has too many words";
        out->word[out->count++] = s->end;
        if ((fault = put_word(s)) != NULL)
            return fault;
        *s->end++ = '\0';
    }
    out->word[out->count] = NULL;
    return NULL;
}

static const char *check_program(const char *path)
{
    if (path == NULL)
        return "it is empty";
    if (path[0] != '/')
        return "the program is not given by its whole path, from / on";
    for (; *path != '\0'; path++)
        if ((unsigned char)*path < ' ' || *path == 0x7F)
            return "the program's path has a control character";
    return NULL;
}

const char *split_words(struct program_words *out, const char *value, size_t *at)
{
    struct splitting s = {value, 0, out->text};

    out->count = 0;
    if (strlen(value) > WORDS_TEXT_MAX) {
        *at = WORDS_TEXT_MAX + 1;
        return "it is too long";
    }
    const char *fault = put_words(out, &s);
    *at = s.at + 1;
    if (fault != NULL)
        return fault;
    *at = 1;
    return check_program(out->word[0]);
}
