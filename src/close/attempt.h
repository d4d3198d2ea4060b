/* SPDX-License-Identifier: MIT */
/* What the files of this folder share of a closing: see mmdclose/close.h. */
#ifndef MMD_ATTEMPT_H
#define MMD_ATTEMPT_H

#include "mmdclose/close.h"

/* What mmd_close_step does next. */
enum mmd_close_next_step {
    MMD_CLOSE_BEGIN_TRY,
    MMD_CLOSE_FETCH,
    MMD_CLOSE_SIGN,
    MMD_CLOSE_GET_TOKEN,
    MMD_CLOSE_CLOSE,
    MMD_CLOSE_WAIT,
    MMD_CLOSE_DONE
};

/* ---- attempt.c ---- */

uint32_t mmd_close_now_ms(const struct mmd_close *c);
uint32_t mmd_close_left(uint32_t passed_ms, uint32_t timeout_ms);
uint32_t mmd_close_try_left(const struct mmd_close *c); /* of the total, too */

/* Begins a step that belongs to a stage, and reports that. */
void mmd_close_enter(struct mmd_close *c, enum mmd_close_next_step step, enum mmd_stage stage);

/* Sets who the next exchange is with. */
void mmd_close_connect_to(struct mmd_close *c, const char *host, uint16_t tcp_port,
                          const char *address, bool is_service);

/* Begins the exchange of the message in buf; what cannot begin ends the try. */
void mmd_close_exchange(struct mmd_close *c, enum mmd_close_next_step step, size_t len);

/* Ends a try by its verdict: tries again later, if that may help and there is time for it. */
void mmd_close_end_try(struct mmd_close *c);

/* Ends a try by an error, without a response. */
void mmd_close_fail(struct mmd_close *c, int error);

/* Ends all, by the last verdict. */
void mmd_close_finish(struct mmd_close *c);

/* ---- token_source.c ---- */

bool mmd_close_has_source(const struct mmd_close *c);
void mmd_close_begin_token(struct mmd_close *c);

/* One step. MMD_PENDING, with how long to wait, or MMD_OK: go on at once. */
int mmd_close_fetch(struct mmd_close *c, uint32_t *wait_ms);

/* Judges the token server's response. */
void mmd_close_end_token(struct mmd_close *c);

/* The message is in the first half of buf, an assertion may be in the second. */
void mmd_close_request_token(struct mmd_close *c, const char *assertion);

/* What the caller's function said: bounds how long it is waited for. */
int mmd_close_poll_owner(struct mmd_close *c, int result, uint32_t *wait_ms);

/* A build whose caller has the token takes 6 KB less. */
#if defined(MMD_NO_TOKEN_SERVER)
#define MMD_CLOSE_ASKS false
#else
#define MMD_CLOSE_ASKS true
#endif

/* ---- assertion_source.c ---- */

/* A build without keys takes 1.3 KB less flash. */
#if defined(MMD_NO_KEY)
#define MMD_CLOSE_SIGNS false
#else
#define MMD_CLOSE_SIGNS true
#endif

void mmd_close_begin_assertion(struct mmd_close *c);
int mmd_close_sign(struct mmd_close *c, uint32_t *wait_ms); /* as mmd_close_fetch */

/* ---- close.c ---- */

/* Goes on with a token in the cache. */
void mmd_close_proceed(struct mmd_close *c);

#endif
