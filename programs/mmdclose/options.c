/* The command line. Everything is checked here that can be checked without a file or the network.
 *
 * getopt would take "--token SECRET" for an abbreviation of --token-file. Here names are whole, and
 * what is not understood is not repeated: it might be a secret in the wrong place. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define ADDRESS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:%"

static bool wrong(struct report *report, const char *option, const char *what)
{
    return refuse(report, MMD_ERR_INPUT, "%s %s; see 'mmdclose --help'.", option, what);
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

/* Options with a text as value, and where it goes. */
static const struct {
    char name[16];
    size_t offset;
    bool for_trust; /* mmdclose trust knows it, too */
} texts[] = {
    {"--tenant", offsetof(struct options, tenant), false},
    {"--request", offsetof(struct options, request), false},
    {"--actions", offsetof(struct options, actions), false},
    {"--actions-file", offsetof(struct options, actions_file), false},
    {"--token-file", offsetof(struct options, token_file), false},
    {"--host", offsetof(struct options, host), false},
    {"--connect", offsetof(struct options, connect), false},
    {"--ca-file", offsetof(struct options, ca_file), true},
    {"--port", offsetof(struct options, port_text), false},
    {"--timeout", offsetof(struct options, timeout_text), false},
};

static const struct {
    char name[16];
    size_t offset;
} switches[] = {
    {"--json", offsetof(struct options, json)},
    {"--verbose", offsetof(struct options, verbose)},
    {"--dry-run", offsetof(struct options, dry_run)},
};

static bool set_switch(struct options *o, const char *word)
{
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
        if (strcmp(word, switches[i].name) == 0)
            return *(bool *)(void *)((char *)o + switches[i].offset) = true;
    return false;
}

/* Where the value of this option goes, or NULL. */
static const char **text_for(struct options *o, const char *word, size_t len, bool trust)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strlen(texts[i].name) == len && memcmp(word, texts[i].name, len) == 0 &&
            (!trust || texts[i].for_trust))
            return (const char **)(void *)((char *)o + texts[i].offset);
    return NULL;
}

/* Shows a word that looks like an option, as far as it cannot be a secret. */
static bool unknown(struct report *report, int place, const char *word)
{
    int shown = word[0] == '-' ? (int)strcspn(word, "=") : 0;

    return refuse(report, MMD_ERR_INPUT,
                  "there is no such option as argument %d%s%.*s%s; see 'mmdclose --help'.",
                  place + 1, shown > 0 ? ", '" : "", shown < 15 ? shown : 15, word,
                  shown > 0 ? "'" : "");
}

static bool parse_words(int argc, char **argv, bool trust, struct options *out,
                        struct report *report)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *equals = strchr(word, '=');
        if (!trust && set_switch(out, word))
            continue;
        const char **value =
            text_for(out, word, equals != NULL ? (size_t)(equals - word) : strlen(word), trust);
        if (value == NULL)
            return unknown(report, i, word);
        if (*value != NULL)
            return refuse(report, MMD_ERR_INPUT, "%.*s may be said only once.",
                          (int)strcspn(word, "="), word);
        if (equals == NULL && i + 1 == argc)
            return wrong(report, word, "lacks its value");
        *value = equals != NULL ? equals + 1 : argv[++i];
    }
    return true;
}

static bool parse(int argc, char **argv, bool trust, struct options *out, struct report *report)
{
    *out = (struct options){.port = MMD_SERVICE_PORT, .timeout_ms = 30000};
    for (int i = 1; i < argc && !trust; i++) /* what is wrong may stand before it */
        if (strcmp(argv[i], "--json") == 0)
            out->json = true;
        else if (text_for(out, argv[i], strlen(argv[i]), false) != NULL)
            i++; /* its value may be any word */
    if (!parse_words(argc, argv, trust, out, report))
        return false;
    if (out->host == NULL)
        out->host = MMD_SERVICE_HOST;
    if (out->port_text != NULL && !parse_port(out->port_text, &out->port))
        return wrong(report, "--port", "takes a number from 1 to 65535");
    if (out->timeout_text != NULL && !parse_seconds(out->timeout_text, &out->timeout_ms))
        return wrong(report, "--timeout", "takes seconds, from 0.001 to 86400");
    return true;
}

static bool is_stdin(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

bool parse_close_options(int argc, char **argv, struct options *out, struct report *report)
{
    if (!parse(argc, argv, false, out, report))
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
            return refuse(report, MMD_ERR_INPUT, "%s is missing; see 'mmdclose --help'.",
                          required[i].name);
    if (out->actions != NULL && out->actions_file != NULL)
        return refuse(report, MMD_ERR_INPUT,
                      "--actions and --actions-file exclude each other; give one of them.");
    if (out->dry_run && out->json)
        return refuse(report, MMD_ERR_INPUT,
                      "--dry-run and --json exclude each other; give one of them.");
    if (out->connect != NULL &&
        (out->connect[0] == '\0' || out->connect[strspn(out->connect, ADDRESS)] != '\0'))
        return wrong(report, "--connect", "takes a name or an address, without brackets");
    if (is_stdin(out->token_file) && is_stdin(out->actions_file))
        return refuse(report, MMD_ERR_INPUT,
                      "the standard input cannot be both the token and the actions; give a file "
                      "for one of them.");
    return true;
}

bool parse_trust_options(int argc, char **argv, struct options *out, struct report *report)
{
    return parse(argc, argv, true, out, report);
}
