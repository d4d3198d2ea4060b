/* SPDX-License-Identifier: MIT */
/* --token-command and --sign-command: a token, and a signature, from another program. */
#ifndef MMD_TOKEN_COMMAND_H
#define MMD_TOKEN_COMMAND_H

#include "input.h"
#include "mmdclose/key.h"
#include "mmdclose/token.h"
#include "words.h"

/* Splits the value of --token-command or --sign-command, which is the option's name. Fills report
 * and returns false if it is not a program with its arguments. The value is not shown. */
bool read_program(struct program_words *out, const char *option, const char *value,
                  struct report *report);

/* Runs the program and takes the token from what it prints: JSON, if that begins with "{", or the
 * bare token. Sets *lifetime_s as mmd_token_from_json does. quiet: as in struct program. Fills
 * report and returns false if there is none, with MMD_ERR_TOKEN: it may be there later. In either
 * case the caller wipes and frees what was read. */
bool run_token_command(const struct program_words *words, const struct deadline *deadline,
                       bool quiet, struct data *out, uint32_t *lifetime_s, struct report *report);

/* The context of sign_by_command. Everything is borrowed. */
struct sign_command {
    const struct program_words *words;
    const struct deadline *deadline;
    struct report *report; /* filled if there is no signature */
    bool quiet;            /* as in struct program */
};

/* An mmd_sign: gives the program the 32 bytes on its standard input, and takes the signature, as
 * it is, from its standard output. Blocks until it has ended. Returns the signature's length, or
 * the report's error. Whether it is a signature, and of which key, is for the caller to check. */
int sign_by_command(void *context, const uint8_t sha256[MMD_SHA256_LEN], uint8_t *out, size_t cap);

#endif
