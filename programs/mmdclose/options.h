/* SPDX-License-Identifier: MIT */
/* The options and their table, from which the command line and the help are driven. */
#ifndef MMD_OPTIONS_H
#define MMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report.h"

/* With ONLY=close, this command closes, with a token that is in a file, and does nothing else: no
 * queue, no token server, no program of the user's, no proxy. */
#if defined(MMD_ONLY_CLOSE)
#define IS_WHOLE 0
#else
#define IS_WHOLE 1
#endif

#define OPTION_COUNT (IS_WHOLE ? 44 : 20)
#define ID_MAX       128 /* bytes of a tenant's id */

#define DEFAULT_CONFIG      "/etc/mmdclose.conf"
#define DEFAULT_STATE_DIR   "/var/lib/mmdclose"
#define DEFAULT_DROP_DIR    "/var/spool/mmdclose"
#define DEFAULT_RUNTIME_DIR "/run/mmdclose"
#define DEFAULT_RETRY_MAX   "86400" /* seconds; only if there is a retry */

/* The commands that take an option. */
enum {
    FOR_CLOSE = 1 << 0,
    FOR_TOKEN = 1 << 1,
    FOR_TRUST = 1 << 2,
    FOR_ADD = 1 << 3,
    FOR_INTAKE = 1 << 4,
    FOR_FLUSH = 1 << 5,
    FOR_LIST = 1 << 6,
    FOR_RETRY = 1 << 7,
    FOR_DROP = 1 << 8,
    FOR_CHECK = 1 << 9,
    FOR_DOCTOR = 1 << 10,
    FOR_CONFIG = 1 << 11,
    IN_FILE = FOR_CONFIG | 1 << 12 /* both bits: the configuration file may have it */
};

/* Where a value comes from. */
enum source { SOURCE_DEFAULT, SOURCE_FILE, SOURCE_COMMAND_LINE };

/* A token server. */
struct authority {
    char host[254];
    uint16_t port;
};

/* The options' values. Strings are borrowed from the command line and from file_text; NULL: not
 * given. A scope that is not given depends on the other options: see read_job_options. */
struct options {
    const char *tenant, *request, *actions, *actions_file, *token_file;
    const char *token_command, *client_id, *client_secret_file, *certificate, *key_file;
    const char *sign_command, *authority_connect, *scope, *proxy, *proxy_user_file;
    const char *host, *connect, *ca_file, *client_request_id;
    const char *config, *tenants, *state_dir, *drop_dir, *runtime_dir;
    struct authority authority;
    unsigned command; /* whose options these are */
    uint16_t port;
    uint32_t timeout_ms, retries, retry_max_ms; /* retry_max_ms: 0: not given */
    uint32_t queue_max, record_max_age_s, max_age_s;
    bool json, verbose, dry_run, already_closed_ok, login, print, help;
    bool no_config, queue, watch, all, no_token_cache;
    const char *given[OPTION_COUNT];     /* the values as they were written; NULL: not given */
    unsigned char sources[OPTION_COUNT]; /* enum source, in the order of the table */
    unsigned lines[OPTION_COUNT]; /* of the file, also if it does not count; 0: it has none */
    const char *file;             /* its name, as it may be shown; NULL: none was read */
    char *file_text;              /* owned: end_options frees it */
};

#define FIELD(name) offsetof(struct options, name)

struct option {
    const char *name; /* without "--" */
    /* Sets the field to the value, NULL for a switch. Returns NULL, or what it takes instead. */
    const char *(*set)(void *field, const char *value);
    size_t field;      /* its offset in struct options */
    unsigned commands; /* those that take it */
    const char *value; /* what the help calls the value; NULL: a switch, which has none */
    const char *help;  /* lines of at most 56 columns */
};

extern const struct option option_table[OPTION_COUNT];

void set_default_options(struct options *options);

/* An option's default, as a value of it; NULL: it has none, or that depends on other options. */
const char *preset(const struct option *option);

/* read_options.c: sets the defaults, then what the command line gives, then what the configuration
 * file does and the command line neither gives nor replaces. Fills report and returns false if a
 * word or the file is wrong; even then options->json is set if --json is among the words. The
 * caller calls end_options in any case, after the last use of an option's value. */
bool read_options(struct options *options, unsigned command, int argc, char **argv,
                  struct report *report);
void end_options(struct options *options);

/* The same for a command that gets no token: reads its options and runs it, or prints what is
 * wrong. Returns the exit status. */
enum mmd_outcome run_with_options(unsigned command, int argc, char **argv,
                                  enum mmd_outcome (*run)(const struct options *options,
                                                          struct report *report));

/* Finds an option of the command by the len bytes of its name; NULL: it has none of that name. */
const struct option *find_option(unsigned command, const char *name, size_t len);

/* nearest.c: of the options that are for all of these commands the one whose name is most like the
 * len bytes of a wrong name; NULL: more than half of them would have to be changed. Pure. */
const struct option *nearest_option(unsigned commands, const char *name, size_t len);

/* nearest.c: how many bytes have to be put in, taken out or changed to make one of the other, which
 * has a NUL at its end and at most NEAR_MAX bytes. Pure. */
#define NEAR_MAX 32
size_t distance(const char *a, size_t a_len, const char *b);

/* command_line.c: whether the option with this field is among the words. */
bool asks_for(size_t field, unsigned command, int argc, char **argv);

/* main.c: "close", "queue add", ... */
const char *name_of_command(unsigned command);

/* command_line.c: sets the options that follow the command's name. Fills report and returns false
 * if a word is wrong; even then options->json is set if --json is among the words. */
bool read_command_line(struct options *options, unsigned command, int argc, char **argv,
                       struct report *report);

/* closing_options.c: checks what a closing needs, and what excludes what. Fills report and returns
 * false if the options do not suffice. */
bool check_closing_options(const struct options *options, struct report *report);
bool check_token_options(const struct options *options, struct report *report);
bool check_add_options(const struct options *options, struct report *report);
/* Whether the command line gives it. */
bool is_typed(const struct options *options, size_t field);

bool check_selection(const struct options *options, struct report *report);
bool check_tenants(const struct options *options, struct report *report);
bool check_flush_options(const struct options *options, struct report *report);

/* config_values.c: what a list of ids takes instead of this value, or NULL. Pure. */
const char *check_ids(const char *value);

/* origins.c: puts file and line after the options that it names, if the values are the file's. */
void name_origins(const struct options *options, char sentence[SENTENCE_MAX]);

#endif
