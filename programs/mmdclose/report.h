/* SPDX-License-Identifier: MIT */
/* What the command reports at its end: a sentence for people, and the result for scripts. */
#ifndef MMD_REPORT_H
#define MMD_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "mmdclose/closing.h"
#include "mmdclose/guid.h"
#include "sentence.h"

/* Holds no secret once it is filled. */
struct report {
    enum mmd_outcome outcome;
    char sentence[SENTENCE_MAX];
    struct mmd_result result; /* its strings are borrowed from the exchange */
    struct mmd_verdict verdict;
    char client_request_id[MMD_GUID_LEN + 1]; /* "" if none was made */
    uint32_t elapsed_ms;
};

/* Reports why nothing was sent: an error, and a sentence, which is made printable. Always false. */
bool refuse(struct report *report, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool refuse_no_memory(struct report *report);

/* Prints the sentence, and with json the line of JSON. Returns the exit status: the outcome, or
 * MMD_OUTCOME_INTERNAL if a success could not be printed. */
enum mmd_outcome print_report(const struct report *report, bool json);

/* json.c: prints the line of JSON. False: there was no memory for it, which was reported. */
bool print_json(const struct report *report);

/* After all is printed. Returns the exit status of a success, or, reporting it,
 * MMD_OUTCOME_INTERNAL if the standard output cannot be written. */
enum mmd_outcome end_output(void);

#define DATE_LEN 16
void put_date(char out[DATE_LEN], int64_t seconds); /* since 1970, as 2026-01-31 */

#endif
