/* SPDX-License-Identifier: MIT */
/* mmdclose config: prints the options in force as a configuration file. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "config_file.h"
#include "mmdclose/device_code.h"
#include "printable.h"
#include "proxy_options.h"

#define NAME_WIDTH 18 /* of the longest name */

/* What is printed has to be a line that can be read again, and no secret. */
static bool check_given(const struct options *options, struct report *report)
{
    struct options unused = {.tenant = NULL};

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &option_table[i];
        if (!is_stored(option) || options->given[i] == NULL)
            continue;
        const char *takes = set_stored(&unused, option, options->given[i]);
        if (takes != NULL)
            return refuse(report, MMD_ERR_INPUT,
                          "--%s takes %s, since a configuration file does; see mmdclose.conf(5).",
                          option->name, takes);
    }
    return true;
}

/* As preset; also where the default depends on options that a file cannot have. */
static const char *usual_value(const struct option *option)
{
    return option->field == FIELD(scope)          ? MMD_TOKEN_SCOPE
           : option->field == FIELD(retry_max_ms) ? DEFAULT_RETRY_MAX
                                                  : preset(option);
}

#define ORIGIN_MAX (SENTENCE_MAX + 32)

/* Where a value comes from, as a comment. */
static void put_origin(char out[ORIGIN_MAX], const struct options *options, size_t i)
{
    const char *variable = option_table[i].field == FIELD(proxy) ? proxy_variable() : NULL;

    if (options->sources[i] == SOURCE_FILE)
        snprintf(out, ORIGIN_MAX, "# from %.*s:%u", SENTENCE_MAX, options->file, options->lines[i]);
    else if (options->sources[i] == SOURCE_COMMAND_LINE)
        snprintf(out, ORIGIN_MAX, "# from the command line");
    else if (variable != NULL)
        snprintf(out, ORIGIN_MAX, "# not set here; %s of the environment is", variable);
    else if (option_table[i].field == FIELD(scope))
        snprintf(out, ORIGIN_MAX, "# default, but with --login: " MMD_DEVICE_SCOPE);
    else
        snprintf(out, ORIGIN_MAX, "# %s",
                 usual_value(&option_table[i]) != NULL ? "default" : "not set");
    make_printable(out);
}

static void print_option(const struct options *options, size_t i)
{
    const struct option *option = &option_table[i];
    const char *value = options->given[i] != NULL ? options->given[i] : usual_value(option);

    printf("%s%-*s =%s%s\n", options->given[i] != NULL ? "" : "#",
           NAME_WIDTH + (options->given[i] != NULL), option->name,
           value != NULL && value[0] != '\0' ? " " : "", value != NULL ? value : "");
}

static void print_options(const struct options *options)
{
    char origin[ORIGIN_MAX], last[ORIGIN_MAX] = "";

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!is_stored(&option_table[i]))
            continue;
        put_origin(origin, options, i);
        if (strcmp(origin, last) != 0) /* of several in a row it is said once */
            printf("\n%s\n", origin);
        memcpy(last, origin, sizeof last);
        print_option(options, i);
    }
}

static enum mmd_outcome run(const struct options *options, struct report *report)
{
    if (!check_given(options, report))
        return print_report(report, false);
    puts("# The options in force, as a file that mmdclose.conf(5) describes.");
    if (options->file == NULL)
        puts("# No file was read.");
    print_options(options);
    return end_output();
}

enum mmd_outcome command_config(int argc, char **argv)
{
    return run_with_options(FOR_CONFIG, argc, argv, run);
}
