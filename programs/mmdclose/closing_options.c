/* SPDX-License-Identifier: MIT */
/* What a command needs of its options, and what excludes what. */
#include <stdio.h>
#include <string.h>

#include "job.h"

#define EXPLAINED_CAP 1400

static const size_t instead_of_tenant[] = {FIELD(tenants), 0};

static bool is_stdin(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

static bool refuse_options(struct report *report, const struct options *o, const char *names,
                           const char *what)
{
    return refuse(report, MMD_ERR_INPUT, "%s %s; see 'mmdclose %s --help'.", names, what,
                  name_of_command(o->command));
}

/* Which of the file's options could have been meant, and why they do not count. fields: end with a
 * 0, as nothing stands in for a tenant. */
static void explain(char out[EXPLAINED_CAP], const struct options *o, const size_t *fields)
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < OPTION_COUNT && len < EXPLAINED_CAP; i++) {
        const struct option *option = &option_table[i];
        const size_t *field = fields;
        while (*field != 0 && *field != option->field)
            field++;
        if (*field == 0 || o->lines[i] == 0 || o->sources[i] != SOURCE_DEFAULT)
            continue;
        bool is_taken = (option->commands & o->command) != 0;
        len += (size_t)snprintf(
            out + len, EXPLAINED_CAP - len, "; %s (%.500s:%u) does not count: %s%s%s", option->name,
            o->file, o->lines[i], is_taken ? "the command line replaces it" : "'",
            is_taken ? "" : name_of_command(o->command), is_taken ? "" : "' does not take it");
    }
}

/* The file may have what is missing, or its like. */
static bool refuse_missing(struct report *report, const struct options *o, const char *names,
                           const char *what, const size_t *fields)
{
    char explained[EXPLAINED_CAP];

    explain(explained, o, fields);
    return refuse(report, MMD_ERR_INPUT, "%s %s%s; see 'mmdclose %s --help'.", names, what,
                  explained, name_of_command(o->command));
}

static bool refuse_both(struct report *report, const char *names)
{
    return refuse(report, MMD_ERR_INPUT, "%s cannot be used together; give one of them.", names);
}

/* How many of them were given. */
static int count(const char *const given[], int of)
{
    int n = 0;

    for (int i = 0; i < of; i++)
        n += given[i] != NULL;
    return n;
}

static size_t index_of(size_t field)
{
    size_t i = 0;

    while (i + 1 < OPTION_COUNT && option_table[i].field != field)
        i++;
    return i;
}

bool is_typed(const struct options *o, size_t field)
{
    size_t i = index_of(field);

    return o->given[i] != NULL && o->sources[i] == SOURCE_COMMAND_LINE;
}

/* What has no effect without another option. The file may have it: it is for all commands. */
static bool check_effects(const struct options *o, struct report *report)
{
    static const struct {
        unsigned commands;
        size_t field, needs;
    } pairs[] = {
        {FOR_CLOSE, FIELD(drop_dir), FIELD(queue)},
        {FOR_CLOSE | FOR_TOKEN | FOR_FLUSH, FIELD(authority), FIELD(client_id)},
        {FOR_CLOSE | FOR_TOKEN | FOR_FLUSH, FIELD(authority_connect), FIELD(client_id)},
        {FOR_CLOSE | FOR_TOKEN | FOR_FLUSH, FIELD(scope), FIELD(client_id)},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *needed = option_table[index_of(pairs[i].needs)].name;
        if ((pairs[i].commands & o->command) != 0 && is_typed(o, pairs[i].field) &&
            o->given[index_of(pairs[i].needs)] == NULL)
            return refuse(report, MMD_ERR_INPUT,
                          "--%s is missing for --%s; see 'mmdclose %s --help'.", needed,
                          option_table[index_of(pairs[i].field)].name, name_of_command(o->command));
    }
    return true;
}

static bool check_credential(const struct options *o, struct report *report)
{
    const char *login = o->login ? "" : NULL;
    const char *const kinds[] = {o->client_secret_file, o->certificate, login};
    const char *const keys[] = {o->key_file, o->sign_command};
    int given = count(kinds, 3), with = count(keys, 2);

    if (o->client_id == NULL && given + with > 0)
        return refuse_missing(report, o, "--client-id", "is missing",
                              (const size_t[]){FIELD(client_id), 0});
    if (given == 0 && with > 0)
        return refuse_missing(report, o, "--certificate",
                              "is missing for --key-file or --sign-command",
                              (const size_t[]){FIELD(certificate), 0});
    if (o->client_id != NULL && given == 0)
        return refuse_missing(report, o, "--client-secret-file, --certificate or --login",
                              "is missing for --client-id",
                              (const size_t[]){FIELD(client_secret_file), FIELD(certificate), 0});
    if (given > 1)
        return refuse_both(report, "--client-secret-file, --certificate and --login");
    if (with > 1)
        return refuse_both(report, "--key-file and --sign-command");
    if ((o->certificate != NULL) != (with == 1))
        return refuse_missing(
            report, o, "--certificate", "and --key-file or --sign-command go together",
            (const size_t[]){FIELD(certificate), FIELD(key_file), FIELD(sign_command), 0});
    return true;
}

/* What "mmdclose token" has no --token-file among. */
static bool check_source(const struct options *o, bool takes_file, struct report *report)
{
    const char *const sources[] = {o->token_file, o->token_command, o->client_id};
    int given = count(sources, 3);

    if (!IS_WHOLE)
        return given == 1 || refuse_options(report, o, "--token-file", "is missing");
    if (given > 1)
        return refuse_both(report, "--token-file, --token-command and --client-id");
    if (!check_credential(o, report))
        return false;
    return given == 1 || refuse_missing(report, o,
                                        takes_file ? "--token-file, --token-command or --client-id"
                                                   : "--token-command or --client-id",
                                        "is missing",
                                        (const size_t[]){FIELD(token_file), FIELD(token_command),
                                                         FIELD(client_id), 0});
}

/* Of the files that are read before anything is sent, one may be the standard input. */
static bool check_stdin(const struct options *o, struct report *report)
{
    const char *const files[] = {o->actions_file, o->token_file, o->client_secret_file, o->key_file,
                                 o->proxy_user_file};
    int given = 0;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        given += is_stdin(files[i]);
    return given <= 1 || refuse(report, MMD_ERR_INPUT,
                                "the standard input cannot be both the token or a secret and the "
                                "actions, or another secret; give a file for one of them.");
}

bool check_token_options(const struct options *o, struct report *report)
{
    if (o->tenant == NULL && o->client_id != NULL)
        return refuse_missing(report, o, "--tenant", "is missing", instead_of_tenant);
    return check_source(o, false, report) && check_effects(o, report) && check_stdin(o, report);
}

static bool check_subject(const struct options *o, struct report *report)
{
    if (o->tenant == NULL)
        return refuse_missing(report, o, "--tenant", "is missing", instead_of_tenant);
    return o->request != NULL || refuse_options(report, o, "--request", "is missing");
}

static bool check_actions_options(const struct options *o, struct report *report)
{
    if (o->actions == NULL && o->actions_file == NULL)
        return refuse_options(report, o, "--actions or --actions-file", "is missing");
    if (o->actions != NULL && o->actions_file != NULL)
        return refuse_both(report, "--actions and --actions-file");
    return true;
}

bool check_add_options(const struct options *o, struct report *report)
{
    return check_subject(o, report) && check_actions_options(o, report);
}

bool check_selection(const struct options *o, struct report *report)
{
    if (o->all && o->request != NULL)
        return refuse_both(report, "--all and --request");
    return o->all || o->request != NULL ||
           refuse_options(report, o, "--request or --all", "is missing");
}

bool check_tenants(const struct options *o, struct report *report)
{
    const char *tenants = o->tenants != NULL ? o->tenants : o->tenant;

    if (tenants == NULL)
        return refuse_options(report, o, "--tenant or --tenants", "is missing");
    if (tenants[strspn(tenants, " ")] == '\0')
        return refuse(report, MMD_ERR_INPUT, "%s is empty; name a tenant in it.",
                      o->tenants != NULL ? "--tenants" : "--tenant");
    /* of a list that is misspelt, every closing would be another tenant's */
    return (check_ids(tenants) == NULL && (o->tenants != NULL || strchr(tenants, ' ') == NULL)) ||
           refuse(report, MMD_ERR_INPUT, "%s takes ids of 1 to %d letters, digits or one of -._~.",
                  o->tenants != NULL ? "--tenants" : "--tenant", ID_MAX);
}

bool check_flush_options(const struct options *o, struct report *report)
{
    const char *const files[] = {o->token_file, o->client_secret_file, o->key_file,
                                 o->proxy_user_file};
    size_t n = sizeof files / sizeof *files;

    while (n > 0 && !is_stdin(files[n - 1]))
        n--;
    if (n > 0)
        return refuse(report, MMD_ERR_INPUT,
                      "the queue reads its files again and again; none of them can be the standard "
                      "input.");
    if (o->tenants != NULL && strchr(o->tenants, ' ') != NULL && o->client_id == NULL)
        return refuse(report, MMD_ERR_INPUT,
                      "--tenants has several, and a token is for one; give --client-id.");
    /* of a host that is none, no record could be sent: each would be moved aside */
    return check_tenants(o, report) && check_source(o, true, report) && check_effects(o, report) &&
           check_host(o, report);
}

bool check_closing_options(const struct options *o, struct report *report)
{
    if (!check_subject(o, report) || !check_source(o, true, report) ||
        !check_actions_options(o, report))
        return false;
    if (o->dry_run && o->json)
        return refuse_both(report, "--dry-run and --json");
    return (!IS_WHOLE || check_effects(o, report)) && check_stdin(o, report);
}
