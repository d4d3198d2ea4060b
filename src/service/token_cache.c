/* SPDX-License-Identifier: MIT */
/* The cache of one token. */
#include <string.h>

#include "mmdclose/token.h"
#include "text/wipe.h"

#define MARGIN_MS 300000u /* good for so much longer, or half of its life, it is fresh */

int mmd_token_keep(struct mmd_token *token, const char *bytes, size_t len, uint32_t lifetime_s,
                   uint32_t now_ms)
{
    if (len == 0 || len >= token->cap) {
        mmd_token_forget(token);
        return MMD_ERR_TOKEN_SIZE;
    }
    memmove(token->bytes, bytes, len);
    mmd_wipe(token->bytes + len, token->cap - len); /* what a longer one has left, too */
    token->len = len;
    token->got_ms = now_ms;
    token->lifetime_s = lifetime_s;
    return MMD_OK;
}

bool mmd_token_is_fresh(const struct mmd_token *token, uint32_t now_ms)
{
    if (token->len == 0)
        return false;
    if (token->lifetime_s == MMD_TOKEN_LIFETIME_UNKNOWN)
        return true;
    uint32_t age = now_ms - token->got_ms; /* right also when the clock has wrapped */
    uint64_t life = (uint64_t)token->lifetime_s * 1000, margin = life / 2;
    if (margin > MARGIN_MS)
        margin = MARGIN_MS;
    return age < life && life - age >= margin;
}

void mmd_token_forget(struct mmd_token *token)
{
    mmd_wipe(token->bytes, token->cap);
    token->len = 0;
    token->got_ms = token->lifetime_s = 0;
}
