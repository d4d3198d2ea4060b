/* SPDX-License-Identifier: MIT */
/* The command line of the firmware: words, then options. */
#include <lwip/prot/iana.h>
#include <stddef.h>
#include <string.h>

#include "charclass.h"
#include "firmware.h"

#define DNS_PORT 53
#define HOST_MAX 127 /* bytes of a host's name: the small boards' DNS_MAX_NAME_LENGTH, less 1 */

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

static bool parse_number(const char *text, uint32_t max, uint32_t *out)
{
    size_t i = 0;

    for (*out = 0; i < 9 && mmd_is_char(text[i], MMD_CHAR_DIGIT); i++)
        *out = *out * 10 + (uint32_t)(text[i] - '0');
    return i > 0 && text[i] == '\0' && *out > 0 && *out <= max;
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
    SECONDS   /* uint32_t, in ms */
};

struct option {
    char name[12];
    enum kind kind;
    uint16_t offset; /* of the field in struct options */
};

static const struct option table[] = {
    {"--tenant", TEXT, offsetof(struct options, tenant)},
    {"--request", REQUEST, offsetof(struct options, requests)},
    {"--actions", TEXT, offsetof(struct options, actions)},
    {"--token", TEXT, offsetof(struct options, token)},
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
static const char *set_option(struct options *o, const struct option *option, const char *value)
{
    void *field = (char *)o + option->offset;
    uint32_t n;

    switch (option->kind) {
    case NO_VALUE: *(bool *)field = true; break;
    case TEXT: *(const char **)field = value; break;
    case REQUEST:
        if (o->request_count == REQUESTS_MAX)
            return "there are too many requests for one command line";
        o->requests[o->request_count++] = value;
        break;
    case PORT:
        if (!parse_number(value, 65535, &n))
            return "a port is a number from 1 to 65535";
        *(uint16_t *)field = (uint16_t)n;
        break;
    case SECONDS:
        if (!parse_number(value, 86400, &n))
            return "--timeout takes seconds, from 1 to 86400";
        *(uint32_t *)field = n * 1000;
        break;
    }
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
    if (strlen(o->host) > HOST_MAX || strlen(o->sntp) > HOST_MAX ||
        (o->connect != NULL && strlen(o->connect) > HOST_MAX))
        return "a host's name is too long";
    if (o->dns != NULL && !ipaddr_aton(o->dns, &dns))
        return "--dns takes an IPv4 address";
    return o->token == NULL ? "--token is missing" : NULL;
}

const char *parse_options(struct options *out, char *line)
{
    const struct option *option;
    const char *word, *wrong = NULL;

    *out = (struct options){.host = MMD_SERVICE_HOST,
                            .sntp = SNTP_SERVER,
                            .port = MMD_SERVICE_PORT,
                            .dns_port = DNS_PORT,
                            .sntp_port = LWIP_IANA_PORT_SNTP,
                            .timeout_ms = 30000};
    (void)next_word(&line); /* the program's own name */
    while (wrong == NULL && (word = next_word(&line)) != NULL) {
        option = find_option(word);
        bool takes_value = option == NULL || option->kind != NO_VALUE;
        const char *value = takes_value ? next_word(&line) : NULL;
        if (takes_value && value == NULL)
            return "the last option lacks its value";
        wrong = option != NULL ? set_option(out, option, value) : "an option is not known";
    }
    return wrong != NULL ? wrong : find_wrong(out);
}
