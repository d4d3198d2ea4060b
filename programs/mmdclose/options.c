/* SPDX-License-Identifier: MIT */
/* The table of options. Nothing here knows what a command line looks like. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "mmdclose/token.h"

#define ADDRESS_MAX  253
#define DURATION_MAX (3650u * 86400u)
#define SECONDS_MAX  86400ul
#define ADDRESS      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:%"

static const char *set_text(void *field, const char *value)
{
    *(const char **)field = value;
    return NULL;
}

static const char *set_address(void *field, const char *value)
{
    if (value[0] == '\0' || value[strspn(value, ADDRESS)] != '\0' || strlen(value) > ADDRESS_MAX)
        return "a name or an address, without brackets";
    return set_text(field, value);
}

static const char *set_port(void *field, const char *value)
{
    char *end;
    unsigned long port = strtoul(value, &end, 10);

    if (value[0] < '0' || value[0] > '9' || *end != '\0' || port < 1 || port > 65535)
        return "a number from 1 to 65535";
    *(uint16_t *)field = (uint16_t)port;
    return NULL;
}

static const char *set_seconds(void *field, const char *value)
{
    char *end;
    unsigned long seconds = strtoul(value, &end, 10), ms = 0;

    if (*end == '.')
        for (unsigned long unit = 100; *++end >= '0' && *end <= '9'; unit /= 10)
            ms += unit * (unsigned long)(*end - '0');
    if (strspn(value, "0123456789.") != strlen(value) || *end != '\0' || seconds > SECONDS_MAX ||
        seconds * 1000 + ms < 1 || seconds * 1000 + ms > SECONDS_MAX * 1000)
        return "seconds, from 0.001 to 86400";
    *(uint32_t *)field = (uint32_t)(seconds * 1000 + ms);
    return NULL;
}

static const char *set_count(void *field, const char *value)
{
    char *end;
    unsigned long count = strtoul(value, &end, 10);

    if (value[0] < '0' || value[0] > '9' || *end != '\0' || count > 1000)
        return "a number from 0 to 1000";
    *(uint32_t *)field = (uint32_t)count;
    return NULL;
}

#if IS_WHOLE
static const char *set_positive(void *field, const char *value)
{
    return strcmp(value, "0") != 0 && set_count(field, value) == NULL ? NULL
                                                                      : "a number from 1 to 1000";
}

/* A whole number of seconds, or with one of the letters s, m, h, d. */
static const char *set_duration(void *field, const char *value)
{
    static const struct {
        const char *unit;
        uint32_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    char *end;
    unsigned long count = strtoul(value, &end, 10);

    for (size_t i = 0; i < sizeof units / sizeof *units && value[0] >= '0' && value[0] <= '9'; i++)
        if (strcmp(end, units[i].unit) == 0 && count >= 1 &&
            count <= DURATION_MAX / units[i].seconds) {
            *(uint32_t *)field = (uint32_t)count * units[i].seconds;
            return NULL;
        }
    return "a time such as 90s, 15m, 12h or 30d, at most 3650d";
}

/* NAME or NAME:PORT */
static const char *set_authority(void *field, const char *value)
{
    struct authority *authority = field;
    size_t len = strcspn(value, ":");

    if (len >= sizeof authority->host)
        return "a host's name, or NAME:PORT";
    memcpy(authority->host, value, len);
    authority->host[len] = '\0';
    authority->port = MMD_TOKEN_PORT;
    if (value[len] == ':' && set_port(&authority->port, value + len + 1) != NULL)
        return "a host's name, or NAME:PORT";
    return NULL;
}
#endif

static const char *set_switch(void *field, const char *value)
{
    (void)value;
    *(bool *)field = true;
    return NULL;
}

#define FETCHES   (FOR_CLOSE | FOR_TOKEN | FOR_FLUSH | FOR_DOCTOR)
#define SENDS     (FOR_CLOSE | FOR_FLUSH | FOR_DOCTOR)
#define NAMES_ONE (FOR_ADD | FOR_RETRY | FOR_DROP)
#define READS_STATE                                                                                \
    (FOR_INTAKE | FOR_FLUSH | FOR_LIST | FOR_RETRY | FOR_DROP | FOR_CHECK | FOR_DOCTOR)
#define READS_DROPS                                                                                \
    (FOR_CLOSE | FOR_ADD | FOR_INTAKE | FOR_FLUSH | FOR_LIST | FOR_RETRY | FOR_DROP | FOR_CHECK |  \
     FOR_DOCTOR)
#define FOR_ALL (2 * FOR_CONFIG - 1)

const struct option option_table[OPTION_COUNT] = {
    {"tenant", set_text, FIELD(tenant), FETCHES | NAMES_ONE | FOR_INTAKE | IN_FILE, "ID",
     "the tenant's id"},
    {"request", set_text, FIELD(request), FOR_CLOSE | NAMES_ONE, "ID",
     "the elevation request's id"},
    {"actions", set_text, FIELD(actions), FOR_CLOSE | FOR_ADD, "TEXT", "what was done, in UTF-8"},
    {"actions-file", set_text, FIELD(actions_file), FOR_CLOSE | FOR_ADD, "FILE",
     "the same from a file; - is the standard input"},

    {"token-file", set_text, FIELD(token_file), SENDS | IN_FILE, "FILE",
     "the access token, in a file only you can read\n"
     "(chmod 600), in $CREDENTIALS_DIRECTORY, or in a pipe;\n"
     "- is the standard input"},
#if IS_WHOLE
    {"token-command", set_text, FIELD(token_command), FETCHES | IN_FILE, "COMMAND",
     "a program, by its absolute path, with arguments: it\n"
     "prints a token, or JSON with access_token"},
    {"client-id", set_text, FIELD(client_id), FETCHES | IN_FILE, "ID",
     "get the token from the token server, as this\n"
     "application: with a secret, a certificate or --login"},
    {"client-secret-file", set_text, FIELD(client_secret_file), FETCHES | IN_FILE, "FILE",
     "its secret, in a file as for --token-file"},
    {"certificate", set_text, FIELD(certificate), FETCHES | IN_FILE, "FILE",
     "its certificate, in PEM or DER; with one of the next:"},
    {"key-file", set_text, FIELD(key_file), FETCHES | IN_FILE, "FILE",
     "its key in PEM, in a file as for --token-file"},
    {"sign-command", set_text, FIELD(sign_command), FETCHES | IN_FILE, "COMMAND",
     "a program that signs with the key, which is elsewhere:\n"
     "32 bytes of SHA-256 in, the PS256 signature out"},
    {"login", set_switch, FIELD(login), FOR_CLOSE | FOR_TOKEN, NULL,
     "a person with the permission MWaaSDevice.Read signs in\n"
     "on another device: address and code are shown"},
    {"authority", set_authority, FIELD(authority), FETCHES | IN_FILE, "NAME[:N]",
     "the token server (default:\n" MMD_TOKEN_HOST ")"},
    {"authority-connect", set_address, FIELD(authority_connect), FETCHES | IN_FILE, "ADDRESS",
     "as --connect, for the token server"},
    {"scope", set_text, FIELD(scope), FETCHES | IN_FILE, "TEXT",
     "what the token is for (default: closing)"},
#endif

    {"host", set_text, FIELD(host), SENDS | IN_FILE, "NAME",
     "the service's host (default: " MMD_SERVICE_HOST ");\n"
     "its certificate must be for this name"},
    {"port", set_port, FIELD(port), SENDS | IN_FILE, "N", "the TCP port (default: 443)"},
    {"connect", set_address, FIELD(connect), SENDS | IN_FILE, "ADDRESS",
     "connect to this name or address instead of the host;\n"
     "the certificate must still be for the host"},
#if IS_WHOLE
    {"proxy", set_text, FIELD(proxy), FETCHES | IN_FILE, "URL",
     "an HTTP proxy, http://NAME:PORT; \"\" for none (default:\n"
     "https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY, except\n"
     "for hosts in no_proxy or NO_PROXY)"},
    {"proxy-user-file", set_text, FIELD(proxy_user_file), FETCHES | IN_FILE, "FILE",
     "USER:PASSWORD for it, in a file as for --token-file"},
#endif
    {"ca-file", set_text, FIELD(ca_file), FETCHES | FOR_TRUST | IN_FILE, "FILE",
     "the trusted certificates, in PEM\n"
     "(default: the system's CA bundle)"},

    {"timeout", set_seconds, FIELD(timeout_ms), FETCHES | IN_FILE, "SECONDS",
     "the time limit for a try, from reading pipes to the\n"
     "end of the response (default: 30)"},
    {"retry", set_count, FIELD(retries), FOR_CLOSE | FOR_TOKEN | IN_FILE, "N",
     "try again up to N times, after a growing delay, while\n"
     "the exit status would be 7, 9 or 10 (default: 0)"},
    {"retry-max-time", set_seconds, FIELD(retry_max_ms), FOR_CLOSE | FOR_TOKEN | IN_FILE, "SECONDS",
     "the time limit for all tries and delays\n"
     "(default: one day)"},
    {"client-request-id", set_text, FIELD(client_request_id), FOR_CLOSE | FOR_TOKEN | FOR_ADD, "ID",
     "the same GUID in all tries of a closing, for the\n"
     "service's support (default: a new one)"},
    {"already-closed-ok", set_switch, FIELD(already_closed_ok), FOR_CLOSE | IN_FILE, NULL,
     "exit with 0, not 3, if the request was closed already"},
    {"json", set_switch, FIELD(json), FOR_ALL & ~(FOR_TRUST | FOR_CONFIG), NULL,
     "print the result as one line of JSON to the standard\n"
     "output, in place of a sentence"},
#if IS_WHOLE
    {"print", set_switch, FIELD(print), FOR_TOKEN, NULL,
     "print the token, a secret, to the standard output"},
#endif
    {"verbose", set_switch, FIELD(verbose), FETCHES, NULL,
     "report each phase and its time, the TLS version and\n"
     "suite, and the certificates"},
    {"dry-run", set_switch, FIELD(dry_run), FOR_CLOSE, NULL,
     "print the request and send nothing; in place of the\n"
     "token its length is printed, if it is in a file"},
#if IS_WHOLE
    {"queue", set_switch, FIELD(queue), FOR_CLOSE, NULL,
     "if the closing is not settled now, store it in the\n"
     "queue, which sends it later"},
    {"watch", set_switch, FIELD(watch), FOR_FLUSH, NULL,
     "do not end: send what is added, and what becomes due"},
    {"all", set_switch, FIELD(all), FOR_RETRY | FOR_DROP, NULL, "in place of --request: all"},
    {"max-age", set_duration, FIELD(max_age_s), FOR_CHECK | IN_FILE, "TIME",
     "how long a closing may wait: 90s, 15m, 12h or 30d\n"
     "(default: 1d)"},
    {"record-max-age", set_duration, FIELD(record_max_age_s), FOR_FLUSH | IN_FILE, "TIME",
     "a closing that the service has not accepted for so\n"
     "long is moved aside (default: 30d)"},
    {"queue-max", set_positive, FIELD(queue_max),
     FOR_INTAKE | FOR_FLUSH | FOR_RETRY | FOR_DROP | IN_FILE, "N",
     "the closings that the queue takes at most (default:\n"
     "1000)"},
    {"tenants", set_text, FIELD(tenants), FOR_INTAKE | FOR_FLUSH | FOR_DOCTOR | IN_FILE, "ID...",
     "the tenants whose closings are taken, separated by\n"
     "spaces (default: that of --tenant)"},
    {"drop-dir", set_text, FIELD(drop_dir), READS_DROPS | IN_FILE, "DIR",
     "the folder that closings are added to (default:\n" DEFAULT_DROP_DIR ")"},
    {"state-dir", set_text, FIELD(state_dir), READS_STATE | IN_FILE, "DIR",
     "the folder of the queue (default:\n" DEFAULT_STATE_DIR ")"},
    {"runtime-dir", set_text, FIELD(runtime_dir), FOR_FLUSH | FOR_DOCTOR | IN_FILE, "DIR",
     "the folder, in memory only, where a token is kept\n"
     "between runs (default: " DEFAULT_RUNTIME_DIR ")"},
    {"no-token-cache", set_switch, FIELD(no_token_cache), FOR_FLUSH | IN_FILE, NULL,
     "keep no token between runs"},
#endif
    {"config", set_text, FIELD(config), FOR_ALL, "FILE",
     "options in a file (default: " DEFAULT_CONFIG ", if\n"
     "it is there); the command line's win"},
    {"no-config", set_switch, FIELD(no_config), FOR_ALL, NULL, "read no such file"},
    {"help", set_switch, FIELD(help), FOR_ALL, NULL, "print this help"},
};

static const struct {
    size_t field;
    const char *value;
} presets[] = {
    {FIELD(authority), MMD_TOKEN_HOST},
    {FIELD(host), MMD_SERVICE_HOST},
    {FIELD(port), "443"},
    {FIELD(timeout_ms), "30"},
    {FIELD(retries), "0"},
    {FIELD(max_age_s), "1d"},
    {FIELD(record_max_age_s), "30d"},
    {FIELD(queue_max), "1000"},
    {FIELD(drop_dir), DEFAULT_DROP_DIR},
    {FIELD(state_dir), DEFAULT_STATE_DIR},
    {FIELD(runtime_dir), DEFAULT_RUNTIME_DIR},
};

const char *preset(const struct option *option)
{
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (presets[i].field == option->field)
            return presets[i].value;
    return option->value == NULL ? "no" : NULL;
}

void set_default_options(struct options *options)
{
    *options = (struct options){.tenant = NULL};
    for (const struct option *o = option_table; o < option_table + OPTION_COUNT; o++)
        if (o->value != NULL && preset(o) != NULL)
            o->set((char *)options + o->field, preset(o));
}

const struct option *find_option(unsigned command, const char *name, size_t len)
{
    for (const struct option *o = option_table; o < option_table + OPTION_COUNT; o++)
        if ((o->commands & command) != 0 && strlen(o->name) == len &&
            memcmp(o->name, name, len) == 0)
            return o;
    return NULL;
}
