/* SPDX-License-Identifier: MIT */
/* Values of the configuration file whose option takes any text, and refuses it where it is used:
 * the file's are refused when it is read, used or not, by the checks that would do so later. */
#include <stdio.h>
#include <string.h>

#include "config_file.h"
#include "mmdclose/token.h"
#include "proxy_options.h"
#include "words.h"

/* Each can be used; one member is replaced by what is to be checked. */
static const struct mmd_credential usable = {.host = "a.test",
                                             .port = MMD_TOKEN_PORT,
                                             .tenant_id = "a",
                                             .client_id = "a",
                                             .scope = "a",
                                             .client_secret = "a"};

static bool is_usable(const struct mmd_credential *credential)
{
    struct mmd_token_info info;

    return mmd_credential_check(credential, &info) == MMD_OK;
}

static const char *check_id(const char *value)
{
    struct mmd_credential c = usable;

    c.tenant_id = value;
    return is_usable(&c) ? NULL : "1 to 128 letters, digits or one of -._~";
}

const char *check_ids(const char *value)
{
    char id[ID_MAX + 2]; /* one character that is too much, and a NUL */
    size_t n;

    for (value += strspn(value, " "); *value != '\0'; value += n, value += strspn(value, " ")) {
        n = strcspn(value, " ");
        snprintf(id, sizeof id, "%.*s", (int)(n < sizeof id ? n : sizeof id), value);
        if (check_id(id) != NULL)
            return "ids of 1 to 128 letters, digits or one of -._~, separated by spaces";
    }
    return NULL;
}

static const char *check_host(const char *value)
{
    struct mmd_credential c = usable;

    c.host = value;
    return is_usable(&c) ? NULL : "a name, not an address: 1 to 253 letters, digits or one of -._";
}

#if IS_WHOLE
static const char *check_authority(const char *value)
{
    char host[sizeof(struct authority)];

    snprintf(host, sizeof host, "%.*s", (int)strcspn(value, ":"), value);
    return check_host(host) == NULL ? NULL : "a host's name, not an address, or NAME:PORT";
}

static const char *check_scope(const char *value)
{
    struct mmd_credential c = usable;

    c.scope = value;
    return is_usable(&c) ? NULL : "1 to 512 printable ASCII characters, without quotes";
}

static const char *check_url(const char *value)
{
    struct report unused = {.outcome = MMD_OUTCOME_CLOSED};

    return check_proxy(value, &unused)
               ? NULL
               : "[http://]host[:port], without a password, which is for proxy-user-file";
}

static const char *check_command(const char *value)
{
    struct program_words words;
    size_t at;

    if (split_words(&words, value, &at) == NULL)
        return NULL;
    return words.count > 0 && words.word[0][0] != '/'
               ? "a program by its absolute path, with arguments"
               : "a program with its arguments, where quotes are closed, and a backslash is "
                 "written "
                 "twice";
}

#endif

const char *check_stored(const struct option *option, const char *value)
{
    static const struct {
        size_t field;
        const char *(*check)(const char *value);
    } checks[] = {
        {FIELD(tenant), check_id},
        {FIELD(host), check_host},
#if IS_WHOLE
        {FIELD(tenants), check_ids},
        {FIELD(client_id), check_id},
        {FIELD(scope), check_scope},
        {FIELD(authority), check_authority},
        {FIELD(proxy), check_url},
        {FIELD(token_command), check_command},
        {FIELD(sign_command), check_command},
#endif
    };

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (checks[i].field == option->field)
            return checks[i].check(value);
    return NULL;
}
