/* SPDX-License-Identifier: MIT */
/* What the command reports at its end: a sentence for people, and the result for scripts. */
#ifndef MMD_REPORT_H
#define MMD_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "mmdclose/close.h"
#include "sentence.h"

struct options;

/* What "mmdclose token" reports of a token. */
struct token_report {
    bool is_asked_for;
    const char *client_id, *scope; /* NULL: not known */
    uint32_t lifetime_s;           /* MMD_TOKEN_LIFETIME_UNKNOWN */
    const char *bytes;             /* secret; NULL: it is not to be printed */
};

/* Holds no secret once it is filled, but a token that is to be printed. */
struct report {
    /* NULL, or adds to a sentence where the values come from that it names. */
    void (*amend)(const struct options *options, char sentence[SENTENCE_MAX]);
    const struct options *options; /* borrowed, for amend */
    enum mmd_outcome outcome;
    char sentence[SENTENCE_MAX];
    struct mmd_result result; /* its strings are borrowed from the exchange */
    struct mmd_verdict verdict;
    enum mmd_delivery delivery; /* of all tries together */
    enum mmd_stage stage;       /* where it ended */
    unsigned attempts;
    bool by_earlier_try;
    uint32_t again_ms; /* try again after that time; 0: any time */
    /* What the closing is about, as far as it is known and can be printed; else "". */
    const char *tenant, *request, *client_request_id, *host;
    uint32_t elapsed_ms;
    struct token_report token;
    bool queued;            /* it is stored in the queue, which sends it: a success */
    bool already_closed_ok; /* "already closed" counts as a success */
};

/* Reports why nothing was sent: an error, and a sentence, which is made printable. Always false. */
bool refuse(struct report *report, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool refuse_no_memory(struct report *report);

/* The outcome, or MMD_OUTCOME_CLOSED for "already closed" where that counts as a success. */
enum mmd_outcome exit_status(const struct report *report);

/* Prints the sentence or, with json, the line of JSON. Returns the exit status: the outcome, or
 * MMD_OUTCOME_INTERNAL if a success could not be printed to the standard output, unless it is that
 * the closing is stored in the queue; then it is printed to the standard error. */
enum mmd_outcome print_report(const struct report *report, bool json);

/* json.c: as one word: "closed", "internal", ... */
const char *outcome_name(enum mmd_outcome outcome);

/* json.c: prints the line of JSON, with the exit status. False: there was no memory for it, which
 * was reported. */
bool print_json(const struct report *report, enum mmd_outcome status, FILE *out);

/* After all is printed. Returns the exit status of a success, or, reporting it,
 * MMD_OUTCOME_INTERNAL if the standard output cannot be written. */
enum mmd_outcome end_output(void);

#define TIME_CAP 24
void put_date(char out[TIME_CAP], int64_t seconds); /* since 1970, as 2026-01-31 */
void put_time(char out[TIME_CAP], int64_t seconds); /* the same, as 2026-01-31T08:05:00Z */

#endif
