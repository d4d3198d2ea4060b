/* SPDX-License-Identifier: MIT */
/* What a closing needs of its options. */
#include <string.h>

#include "options.h"

static const char *find_missing(const struct options *o)
{
    if (o->tenant == NULL)
        return "--tenant";
    if (o->request == NULL)
        return "--request";
    if (o->token_file == NULL)
        return "--token-file";
    return o->actions == NULL && o->actions_file == NULL ? "--actions or --actions-file" : NULL;
}

static const char *find_excluded(const struct options *o)
{
    if (o->actions != NULL && o->actions_file != NULL)
        return "--actions and --actions-file";
    return o->dry_run && o->json ? "--dry-run and --json" : NULL;
}

static bool is_stdin(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

bool check_closing_options(const struct options *options, struct report *report)
{
    const char *missing = find_missing(options), *excluded = find_excluded(options);

    if (missing != NULL)
        return refuse(report, MMD_ERR_INPUT, "%s is missing; see 'mmdclose --help'.", missing);
    if (excluded != NULL)
        return refuse(report, MMD_ERR_INPUT, "%s exclude each other; give one of them.", excluded);
    if (is_stdin(options->token_file) && is_stdin(options->actions_file))
        return refuse(report, MMD_ERR_INPUT,
                      "the standard input cannot be both the token and the actions; give a file "
                      "for one of them.");
    return true;
}
