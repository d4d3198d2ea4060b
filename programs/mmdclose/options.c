/* SPDX-License-Identifier: MIT */
/* The table of options. Nothing here knows what a command line looks like. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "mmdclose/token.h"

#define ADDRESS_MAX 253
#define ADDRESS     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:%"

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
    double seconds = strtod(value, &end);

    if (strspn(value, "0123456789.") != strlen(value) || end == value || *end != '\0' ||
        !(seconds >= 0.001 && seconds <= 86400))
        return "seconds, from 0.001 to 86400";
    *(uint32_t *)field = (uint32_t)(seconds * 1000);
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

static const char *set_switch(void *field, const char *value)
{
    (void)value;
    *(bool *)field = true;
    return NULL;
}

#define FOR_BOTH (FOR_CLOSE | FOR_TOKEN)

const struct option option_table[OPTION_COUNT] = {
    {"tenant", set_text, FIELD(tenant), FOR_BOTH, "ID", "the tenant's id"},
    {"request", set_text, FIELD(request), FOR_CLOSE, "ID", "the elevation request's id"},
    {"actions", set_text, FIELD(actions), FOR_CLOSE, "TEXT", "what was done, in UTF-8"},
    {"actions-file", set_text, FIELD(actions_file), FOR_CLOSE, "FILE",
     "the same from a file; - is the standard input"},

    {"token-file", set_text, FIELD(token_file), FOR_CLOSE, "FILE",
     "the access token, in a file only you can read\n"
     "(chmod 600), in $CREDENTIALS_DIRECTORY, or in a pipe;\n"
     "- is the standard input"},
    {"token-command", set_text, FIELD(token_command), FOR_BOTH, "COMMAND",
     "a program, by its absolute path, with arguments: it\n"
     "prints a token, or JSON with access_token"},
    {"client-id", set_text, FIELD(client_id), FOR_BOTH, "ID",
     "get the token from the token server, as this\n"
     "application: with a secret, a certificate or --login"},
    {"client-secret-file", set_text, FIELD(client_secret_file), FOR_BOTH, "FILE",
     "its secret, in a file as for --token-file"},
    {"certificate", set_text, FIELD(certificate), FOR_BOTH, "FILE",
     "its certificate, in PEM or DER; with one of the next:"},
    {"key-file", set_text, FIELD(key_file), FOR_BOTH, "FILE",
     "its key in PEM, in a file as for --token-file"},
    {"sign-command", set_text, FIELD(sign_command), FOR_BOTH, "COMMAND",
     "a program that signs with the key, which is elsewhere:\n"
     "32 bytes of SHA-256 in, the PS256 signature out"},
    {"login", set_switch, FIELD(login), FOR_BOTH, NULL,
     "a person with the permission MWaaSDevice.Read signs in\n"
     "on another device: address and code are shown"},
    {"authority", set_authority, FIELD(authority), FOR_BOTH, "NAME[:N]",
     "the token server (default:\n" MMD_TOKEN_HOST ")"},
    {"authority-connect", set_address, FIELD(authority_connect), FOR_BOTH, "ADDRESS",
     "as --connect, for the token server"},
    {"scope", set_text, FIELD(scope), FOR_BOTH, "TEXT", "what the token is for (default: closing)"},

    {"host", set_text, FIELD(host), FOR_CLOSE, "NAME",
     "the service's host (default: " MMD_SERVICE_HOST ");\n"
     "its certificate must be for this name"},
    {"port", set_port, FIELD(port), FOR_CLOSE, "N", "the TCP port (default: 443)"},
    {"connect", set_address, FIELD(connect), FOR_CLOSE, "ADDRESS",
     "connect to this name or address instead of the host;\n"
     "the certificate must still be for the host"},
    {"proxy", set_text, FIELD(proxy), FOR_BOTH, "URL",
     "an HTTP proxy, http://NAME:PORT; \"\" for none (default:\n"
     "https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY, except\n"
     "for hosts in no_proxy or NO_PROXY)"},
    {"proxy-user-file", set_text, FIELD(proxy_user_file), FOR_BOTH, "FILE",
     "USER:PASSWORD for it, in a file as for --token-file"},
    {"ca-file", set_text, FIELD(ca_file), FOR_BOTH | FOR_TRUST, "FILE",
     "the trusted certificates, in PEM\n"
     "(default: the system's CA bundle)"},

    {"timeout", set_seconds, FIELD(timeout_ms), FOR_BOTH, "SECONDS",
     "the time limit for a try, from reading pipes to the\n"
     "end of the response (default: 30)"},
    {"retry", set_count, FIELD(retries), FOR_BOTH, "N",
     "try again up to N times, after a growing delay, while\n"
     "the exit status would be 7, 9 or 10 (default: 0)"},
    {"retry-max-time", set_seconds, FIELD(retry_max_ms), FOR_BOTH, "SECONDS",
     "the time limit for all tries and delays\n"
     "(default: one day)"},
    {"client-request-id", set_text, FIELD(client_request_id), FOR_BOTH, "ID",
     "the same GUID in all tries of a closing, for the\n"
     "service's support (default: a new one)"},
    {"already-closed-ok", set_switch, FIELD(already_closed_ok), FOR_CLOSE, NULL,
     "exit with 0, not 3, if the request was closed already"},
    {"json", set_switch, FIELD(json), FOR_BOTH, NULL,
     "print the result as one line of JSON to the standard\n"
     "output, in place of a sentence"},
    {"print", set_switch, FIELD(print), FOR_TOKEN, NULL,
     "print the token, a secret, to the standard output"},
    {"verbose", set_switch, FIELD(verbose), FOR_BOTH, NULL,
     "report each phase and its time, the TLS version and\n"
     "suite, and the certificates"},
    {"dry-run", set_switch, FIELD(dry_run), FOR_CLOSE, NULL,
     "print the request and send nothing; in place of the\n"
     "token its length is printed, if it is in a file"},
    {"help", set_switch, FIELD(help), FOR_CLOSE | FOR_TRUST | FOR_TOKEN, NULL, "print this help"},
};

void set_default_options(struct options *options)
{
    *options = (struct options){.host = MMD_SERVICE_HOST,
                                .port = MMD_SERVICE_PORT,
                                .authority = {MMD_TOKEN_HOST, MMD_TOKEN_PORT},
                                .timeout_ms = 30000};
}

const struct option *find_option(unsigned command, const char *name, size_t len)
{
    for (const struct option *o = option_table; o < option_table + OPTION_COUNT; o++)
        if ((o->commands & command) != 0 && strlen(o->name) == len &&
            memcmp(o->name, name, len) == 0)
            return o;
    return NULL;
}

bool set_option(struct options *options, const struct option *option, const char *value,
                enum source source, struct report *report)
{
    unsigned char *set_by = &options->sources[option - option_table];

    if (option->value != NULL && *set_by == source)
        return refuse(report, MMD_ERR_INPUT, "--%s may be given only once.", option->name);
    const char *takes = option->set((char *)options + option->field, value);
    if (takes != NULL)
        return refuse(report, MMD_ERR_INPUT, "--%s takes %s; see 'mmdclose --help'.", option->name,
                      takes);
    *set_by = (unsigned char)source;
    return true;
}
