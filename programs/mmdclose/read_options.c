/* SPDX-License-Identifier: MIT */
/* The options of a command, from the command line and the configuration file. */
#include <stdlib.h>

#include "config_file.h"

#define REPLACED_MAX 6

/* An option of the command line also replaces what belongs to the file's value: a password must
 * not go to another proxy, and a token's source is replaced whole. */
static const struct {
    size_t given, replaced[REPLACED_MAX + 1]; /* ends with a 0: nothing replaces the tenant */
} replacing[] = {
#if IS_WHOLE
    {FIELD(token_file),
     {FIELD(token_command), FIELD(client_id), FIELD(client_secret_file), FIELD(certificate),
      FIELD(key_file), FIELD(sign_command)}},
    {FIELD(token_command),
     {FIELD(token_file), FIELD(client_id), FIELD(client_secret_file), FIELD(certificate),
      FIELD(key_file), FIELD(sign_command)}},
    {FIELD(client_id), {FIELD(token_file), FIELD(token_command)}},
    {FIELD(client_secret_file),
     {FIELD(token_file), FIELD(token_command), FIELD(certificate), FIELD(key_file),
      FIELD(sign_command)}},
    {FIELD(certificate), {FIELD(token_file), FIELD(token_command), FIELD(client_secret_file)}},
    {FIELD(login),
     {FIELD(token_file), FIELD(token_command), FIELD(client_secret_file), FIELD(certificate),
      FIELD(key_file), FIELD(sign_command)}},
    {FIELD(key_file), {FIELD(sign_command)}},
    {FIELD(sign_command), {FIELD(key_file)}},
    {FIELD(authority), {FIELD(authority_connect)}},
    {FIELD(proxy), {FIELD(proxy_user_file)}},
#endif
    {FIELD(host), {FIELD(port), FIELD(connect)}},
};

/* Whether the command line has the option of a field: the file's are not in *options yet. */
static bool is_given(const struct options *options, size_t field)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (option_table[i].field == field)
            return options->given[i] != NULL;
    return false;
}

static bool is_replaced(const struct options *options, size_t field)
{
    for (size_t i = 0; i < sizeof replacing / sizeof *replacing; i++)
        for (const size_t *replaced = replacing[i].replaced; *replaced != 0; replaced++)
            if (*replaced == field && is_given(options, replacing[i].given))
                return true;
    return false;
}

/* Takes over what counts. It was checked when it was read: nothing can be wrong here. */
static void merge(struct options *options, const struct options *file, unsigned command)
{
    const struct options given = *options;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &option_table[i];
        options->lines[i] = file->lines[i];
        if (file->given[i] == NULL || given.given[i] != NULL || (option->commands & command) == 0 ||
            is_replaced(&given, option->field))
            continue;
        set_stored(options, option, file->given[i]);
        options->given[i] = file->given[i];
        options->sources[i] = SOURCE_FILE;
    }
}

static bool read_file(struct options *options, unsigned command, struct report *report)
{
    struct options file = {.tenant = NULL};
    const char *path = options->config;

    if (path != NULL && options->no_config)
        return refuse(report, MMD_ERR_INPUT,
                      "--config and --no-config cannot be used together; give one of them.");
    bool done = options->no_config ||
                read_config_file(&file, path != NULL ? path : DEFAULT_CONFIG, path != NULL, report);
    options->file = file.file;
    options->file_text = file.file_text;
    if (done)
        merge(options, &file, command);
    return done;
}

bool read_options(struct options *options, unsigned command, int argc, char **argv,
                  struct report *report)
{
    set_default_options(options);
    options->command = command;
    if (!read_command_line(options, command, argc, argv, report) ||
        !read_file(options, command, report))
        return false;
    report->amend = name_origins;
    report->options = options;
    return true;
}

void end_options(struct options *options)
{
    free(options->file_text);
    options->file_text = NULL;
}

enum mmd_outcome run_with_options(unsigned command, int argc, char **argv,
                                  enum mmd_outcome (*run)(const struct options *options,
                                                          struct report *report))
{
    struct report report = {.tenant = "", .request = "", .client_request_id = "", .host = ""};
    struct options options;
    bool read = read_options(&options, command, argc, argv, &report);
    enum mmd_outcome outcome = read ? run(&options, &report) : print_report(&report, options.json);

    end_options(&options);
    return outcome;
}
