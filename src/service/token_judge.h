/* SPDX-License-Identifier: MIT */
/* What the judges of the token server's responses share. Pure. */
#ifndef MMD_TOKEN_JUDGE_H
#define MMD_TOKEN_JUDGE_H

#include <stdint.h>

#include "mmdclose/token.h"
#include "text/json.h"

/* Reads the JSON object of a success. Returns MMD_OK; or MMD_ERR_CODED or MMD_ERR_GATEWAY: it is
 * not the token server's own word. */
int mmd_token_open(struct mmd_json *json, const struct mmd_result *result);

/* The value of a number without sign, fraction and exponent, or of a string of digits; 0: it is
 * none, or has more than 18 digits. */
uint64_t mmd_token_seconds(const struct mmd_json *json, const jsmntok_t *value);

#endif
