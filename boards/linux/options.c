/* The command line. Everything is checked here that can be checked without a file or the network.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

enum {
    TENANT = 256,
    REQUEST,
    ACTIONS,
    ACTIONS_FILE,
    TOKEN_FILE,
    HOST,
    PORT,
    CONNECT,
    CA_FILE,
    TIMEOUT,
    JSON,
    VERBOSE,
    DRY_RUN,
    COUNT
};

static const struct option close_options[] = {
    {"tenant", required_argument, NULL, TENANT},
    {"request", required_argument, NULL, REQUEST},
    {"actions", required_argument, NULL, ACTIONS},
    {"actions-file", required_argument, NULL, ACTIONS_FILE},
    {"token-file", required_argument, NULL, TOKEN_FILE},
    {"host", required_argument, NULL, HOST},
    {"port", required_argument, NULL, PORT},
    {"connect", required_argument, NULL, CONNECT},
    {"ca-file", required_argument, NULL, CA_FILE},
    {"timeout", required_argument, NULL, TIMEOUT},
    {"json", no_argument, NULL, JSON},
    {"verbose", no_argument, NULL, VERBOSE},
    {"dry-run", no_argument, NULL, DRY_RUN},
    {NULL, 0, NULL, 0},
};
static const struct option trust_options[] = {
    {"ca-file", required_argument, NULL, CA_FILE},
    {NULL, 0, NULL, 0},
};

static bool wrong(struct report *report, const char *what, const char *argument)
{
    char shown[128];

    snprintf(shown, sizeof shown, "%s", argument);
    make_printable(shown);
    return refuse(report, MMD_OUTCOME_USAGE, "%s '%s'; see 'mmdclose --help'.", what, shown);
}

static bool parse_port(const char *text, uint16_t *out)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    *out = (uint16_t)value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && value >= 1 && value <= 65535;
}

static bool parse_seconds(const char *text, uint32_t *out_ms)
{
    char *end;
    double value = strtod(text, &end);

    if (strspn(text, "0123456789.") != strlen(text) || end == text || *end != '\0' ||
        !(value >= 0.001 && value <= 86400))
        return false;
    *out_ms = (uint32_t)(value * 1000);
    return true;
}

static bool store(struct options *o, int option, char *value, struct report *report)
{
    switch (option) {
    case TENANT: o->tenant = value; break;
    case REQUEST: o->request = value; break;
    case ACTIONS: o->actions = value; break;
    case ACTIONS_FILE: o->actions_file = value; break;
    case TOKEN_FILE: o->token_file = value; break;
    case HOST: o->host = value; break;
    case CONNECT: o->connect = value; break;
    case CA_FILE: o->ca_file = value; break;
    case JSON: o->json = true; break;
    case VERBOSE: o->verbose = true; break;
    case DRY_RUN: o->dry_run = true; break;
    case PORT:
        return parse_port(value, &o->port) ||
               wrong(report, "--port takes a number from 1 to 65535, not", value);
    case TIMEOUT:
        return parse_seconds(value, &o->timeout_ms) ||
               wrong(report, "--timeout takes seconds, from 0.001 to 86400, not", value);
    default: break;
    }
    return true;
}

static bool parse(int argc, char **argv, const struct option *known, struct options *out,
                  struct report *report)
{
    bool seen[COUNT - TENANT] = {false};
    int option;

    *out =
        (struct options){.host = MMD_SERVICE_HOST, .port = MMD_SERVICE_PORT, .timeout_ms = 30000};
    for (int i = 1; i < argc; i++) /* a wrong option may stand before it */
        out->json |= known == close_options && strcmp(argv[i], "--json") == 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        if (option == ':')
            return wrong(report, "an argument is missing behind", argv[optind - 1]);
        if (option == '?')
            return wrong(report, "there is no such option as", argv[optind - 1]);
        if (seen[option - TENANT])
            return wrong(report, "only once can be said", argv[optind - 1]);
        seen[option - TENANT] = true;
        if (!store(out, option, optarg, report))
            return false;
    }
    return optind == argc || wrong(report, "there is no use for", argv[optind]);
}

static bool is_stdin(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

bool parse_close_options(int argc, char **argv, struct options *out, struct report *report)
{
    if (!parse(argc, argv, close_options, out, report))
        return false;
    const struct {
        const char *name, *value;
    } required[] = {
        {"--tenant", out->tenant},
        {"--request", out->request},
        {"--token-file", out->token_file},
        {"--actions or --actions-file", out->actions != NULL ? out->actions : out->actions_file},
    };
    for (size_t i = 0; i < sizeof required / sizeof *required; i++)
        if (required[i].value == NULL)
            return refuse(report, MMD_OUTCOME_USAGE, "%s is missing; see 'mmdclose --help'.",
                          required[i].name);
    if (out->actions != NULL && out->actions_file != NULL)
        return refuse(report, MMD_OUTCOME_USAGE,
                      "--actions and --actions-file exclude each other; give one of them.");
    if (is_stdin(out->token_file) && is_stdin(out->actions_file))
        return refuse(report, MMD_OUTCOME_USAGE,
                      "the standard input cannot be both the token and the actions; give a file "
                      "for one of them.");
    return true;
}

bool parse_trust_options(int argc, char **argv, struct options *out, struct report *report)
{
    return parse(argc, argv, trust_options, out, report);
}
