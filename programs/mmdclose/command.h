/* What the parts of the mmdclose command share. */
#ifndef MMD_COMMAND_H
#define MMD_COMMAND_H

#include <stdarg.h>
#include <stdbool.h>

#include "mmdclose/closing.h"
#include "mmdclose/trust.h"
#include "sentence.h"

/* What the command line says; strings are its own. */
struct options {
    const char *tenant, *request, *actions, *actions_file, *token_file;
    const char *host, *connect, *ca_file, *port_text, *timeout_text;
    uint16_t port;
    uint32_t timeout_ms;
    bool json, verbose, dry_run;
};

/* What is told at the end: one sentence for people, and the result for scripts. */
struct report {
    enum mmd_outcome outcome;
    int error; /* of a refusal */
    char sentence[SENTENCE_MAX];
};

/* Bytes of a file, from the heap. */
struct data {
    char *bytes; /* a NUL stands behind the last */
    size_t len;
};

/* options.c: both fill report and return false if the command line is wrong. */
bool parse_close_options(int argc, char **argv, struct options *out, struct report *report);
bool parse_trust_options(int argc, char **argv, struct options *out, struct report *report);

/* input.c: all fill report and return false if the file cannot be used. */
bool read_actions(const struct options *options, struct data *out, struct report *report);
bool read_token(const char *path, struct data *out, struct report *report);
bool read_trust(const char *path, struct data *file, struct mmd_trust *out, struct report *report);
void wipe_and_free(struct data *data);

/* close.c, trust.c: the subcommands. */
enum mmd_outcome command_close(int argc, char **argv);
enum mmd_outcome command_trust(int argc, char **argv);

#define DATE_LEN 16

/* report.c */
void put_date(char out[DATE_LEN], int64_t seconds); /* since 1970, as 2026-01-31 */
bool refuse(struct report *report, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4))); /* sets all of it; always false */
void report_result(struct report *report, const struct options *options,
                   const struct mmd_result *result, const struct mmd_verdict *verdict);
enum mmd_outcome print_report(const struct report *report, bool json,
                              const struct mmd_result *result, const struct mmd_verdict *verdict,
                              const char *client_request_id, uint32_t elapsed_ms);
bool flush_output(
    const char *done); /* false, and says so behind done, if stdout cannot be written */

#endif
