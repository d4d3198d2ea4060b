/* SPDX-License-Identifier: MIT */
/* A program with its arguments, given as the value of one option: split into words as systemd
 * splits ExecStart= (systemd.syntax(7), "Quoting"). Pure.
 *
 * White space (blank, tab, line ends) separates words. Single and double quotes group, anywhere in
 * a word, and are removed; "" is an empty word. In quotes of both kinds and outside of them a
 * backslash begins an escape: \a \b \f \n \r \t \v \\ \" \' \s (a blank) \xHH \NNN (octal) \uXXXX
 * \UXXXXXXXX; none of them makes a NUL.
 *
 * Unlike systemd: an unknown escape is refused, not kept with a warning; nothing is expanded or
 * special, neither $ nor % nor a lone ; nor a character before the path. */
#ifndef MMD_WORDS_H
#define MMD_WORDS_H

#include <stddef.h>

#define WORDS_MAX      64
#define WORDS_TEXT_MAX 4095 /* bytes of the value */

struct program_words {
    char *word[WORDS_MAX + 1]; /* point into text; after the last one NULL: an argv */
    size_t count;
    char text[WORDS_TEXT_MAX + 1];
};

/* Splits a value and checks that the first word can be a program: a path from "/" on, without
 * control characters. Returns NULL, or what is wrong, as a clause in English ("a quote is not
 * closed"), and sets *at to the byte at fault, the first being 1. *out may then be anything. It
 * must not be moved: it points into itself. */
const char *split_words(struct program_words *out, const char *value, size_t *at);

#endif
