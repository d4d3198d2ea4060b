/* SPDX-License-Identifier: MIT */
/* The command line of the firmware: words, then options. */
#include <lwip/prot/iana.h>
#include <stddef.h>
#include <string.h>

#include "charclass.h"
#include "firmware.h"

#define DNS_PORT 53
#define HOST_MAX 127 /* bytes of a host's name: the small boards' DNS_MAX_NAME_LENGTH, less 1 */

#define PROXY_PORT  1080 /* the default, as curl's */
#define RETRIES_MAX 1000

/* The next word, NUL-terminated in its place, or NULL at the end. */
static char *next_word(char **line)
{
    char *from = *line, *to, *begin;
    bool quoted = false;

    while (*from == ' ')
        from++;
    begin = to = from;
    if (*from == '\0')
        return NULL;
    for (; *from != '\0' && (quoted || *from != ' '); from++) {
        if (*from == '"') {
            quoted = !quoted;
            continue;
        }
        if (quoted && *from == '\\' && (from[1] == '"' || from[1] == '\\'))
            from++;
        *to++ = *from;
    }
    *line = from + (*from != '\0');
    *to = '\0';
    return begin;
}

static bool parse_number(const char *text, uint32_t min, uint32_t max, uint32_t *out)
{
    size_t i = 0;

    for (*out = 0; i < 9 && mmd_is_char(text[i], MMD_CHAR_DIGIT); i++)
        *out = *out * 10 + (uint32_t)(text[i] - '0');
    return i > 0 && text[i] == '\0' && *out >= min && *out <= max;
}

static const char *parse_port(uint16_t *out, const char *text)
{
    uint32_t n;

    if (!parse_number(text, 1, 65535, &n))
        return "a port is a number from 1 to 65535";
    *out = (uint16_t)n;
    return NULL;
}

/* "HOST" or "HOST:PORT". Names have no colon, nor have addresses: there is no IPv6 here. */
static const char *parse_endpoint(struct endpoint *out, char *text)
{
    char *colon = strchr(text, ':');

    out->host = text;
    if (colon == NULL)
        return NULL;
    *colon = '\0';
    return parse_port(&out->port, colon + 1);
}

static bool is(const char *word, const char *name)
{
    return strlen(word) == strlen(name) && memcmp(word, name, strlen(name)) == 0;
}

/* What an option's value is, and so the type of its field. */
enum kind {
    NO_VALUE, /* bool */
    TEXT,     /* const char * */
    REQUEST,  /* one more of the list */
    PORT,     /* uint16_t */
    ENDPOINT, /* struct endpoint */
    SECONDS,  /* uint32_t, in ms */
    COUNT     /* uint32_t */
};

struct option {
    char name[20];
    uint8_t kind;
    uint16_t offset; /* of the field in struct options */
};

static const struct option table[] = {
    {"--tenant", TEXT, offsetof(struct options, tenant)},
    {"--request", REQUEST, offsetof(struct options, requests)},
    {"--actions", TEXT, offsetof(struct options, actions)},
    {"--token", TEXT, offsetof(struct options, token)},
    {"--client-id", TEXT, offsetof(struct options, client_id)},
    {"--authority", ENDPOINT, offsetof(struct options, authority)},
    {"--authority-connect", TEXT, offsetof(struct options, authority_connect)},
    {"--scope", TEXT, offsetof(struct options, scope)},
#if defined(MMD_PROXY)
    {"--proxy", ENDPOINT, offsetof(struct options, proxy)},
#endif
    {"--retry", COUNT, offsetof(struct options, retries)},
    {"--retry-max-time", SECONDS, offsetof(struct options, retry_max_ms)},
    {"--host", TEXT, offsetof(struct options, host)},
    {"--port", PORT, offsetof(struct options, port)},
    {"--connect", TEXT, offsetof(struct options, connect)},
    {"--timeout", SECONDS, offsetof(struct options, timeout_ms)},
    {"--dns", TEXT, offsetof(struct options, dns)},
    {"--dns-port", PORT, offsetof(struct options, dns_port)},
    {"--sntp", TEXT, offsetof(struct options, sntp)},
    {"--sntp-port", PORT, offsetof(struct options, sntp_port)},
    {"--verbose", NO_VALUE, offsetof(struct options, verbose)},
};

static const struct option *find_option(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (is(name, table[i].name))
            return &table[i];
    return NULL;
}

/* Returns NULL, or what is wrong. */
static const char *set_option(struct options *o, const struct option *option, char *value)
{
    void *field = (char *)o + option->offset;
    uint32_t n;

    switch ((enum kind)option->kind) {
    case NO_VALUE: *(bool *)field = true; break;
    case TEXT: *(const char **)field = value; break;
    case REQUEST:
        if (o->request_count == REQUESTS_MAX)
            return "there are too many requests for one command line";
        o->requests[o->request_count++] = value;
        break;
    case PORT: return parse_port(field, value);
    case ENDPOINT: return parse_endpoint(field, value);
    case SECONDS:
        if (!parse_number(value, 1, 86400, &n))
            return "--timeout and --retry-max-time take seconds, from 1 to 86400";
        *(uint32_t *)field = n * 1000;
        break;
    case COUNT:
        if (!parse_number(value, 0, RETRIES_MAX, field))
            return "--retry takes a number from 0 to 1000";
        break;
    }
    return NULL;
}

static bool is_long(const char *host)
{
    return host != NULL && strlen(host) > HOST_MAX;
}

static const char *find_wrong_source(const struct options *o)
{
    if (o->token == NULL && o->client_id == NULL)
        return "--token or --client-id is missing";
    if (o->token != NULL && o->client_id != NULL)
        return "--token and --client-id exclude each other";
    if (o->token != NULL && o->token[0] == '\0')
        return "--token cannot be used from byte 0 on: it is empty";
    return NULL;
}

static const char *find_wrong(const struct options *o)
{
    ip_addr_t dns;

    if (o->tenant == NULL)
        return "--tenant is missing";
    if (o->request_count == 0)
        return "--request is missing";
    if (o->actions == NULL)
        return "--actions is missing";
    if (mmd_span(o->actions, strlen(o->actions), MMD_CHAR_BLANK) == strlen(o->actions))
        return "--actions is empty"; /* a closing with an empty report cannot be undone */
    if (is_long(o->host) || is_long(o->sntp) || is_long(o->connect) || is_long(o->authority.host) ||
        is_long(o->authority_connect) || is_long(o->proxy.host))
        return "a host's name is too long";
    if (o->dns != NULL && !ipaddr_aton(o->dns, &dns))
        return "--dns takes an IPv4 address";
    return find_wrong_source(o);
}

const char *parse_options(struct options *out, char *line)
{
    const struct option *option;
    const char *word, *wrong = NULL;

    *out = (struct options){.host = MMD_SERVICE_HOST,
                            .sntp = SNTP_SERVER,
                            .port = MMD_SERVICE_PORT,
                            .scope = MMD_TOKEN_SCOPE,
                            .authority = {MMD_TOKEN_HOST, MMD_TOKEN_PORT},
                            .proxy = {NULL, PROXY_PORT},
                            .dns_port = DNS_PORT,
                            .sntp_port = LWIP_IANA_PORT_SNTP,
                            .timeout_ms = 30000};
    (void)next_word(&line); /* the program's own name */
    while (wrong == NULL && (word = next_word(&line)) != NULL) {
        option = find_option(word);
        bool takes_value = option == NULL || option->kind != NO_VALUE;
        char *value = takes_value ? next_word(&line) : NULL;
        if (takes_value && value == NULL)
            return "the last option lacks its value";
        wrong = option != NULL ? set_option(out, option, value) : "an option is not known";
    }
    return wrong != NULL ? wrong : find_wrong(out);
}
