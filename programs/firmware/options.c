/* The command line of the firmware: words, then options. */
#include <lwip/prot/iana.h>
#include <stddef.h>
#include <string.h>

#include "charclass.h"
#include "firmware.h"

#define DNS_PORT 53

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

/* Options with a text as value. */
static const struct {
    char name[12];
    uint8_t offset;
} texts[] = {
    {"--tenant", offsetof(struct options, tenant)},
    {"--actions", offsetof(struct options, actions)},
    {"--token", offsetof(struct options, token)},
    {"--host", offsetof(struct options, host)},
    {"--connect", offsetof(struct options, connect)},
    {"--dns", offsetof(struct options, dns)},
    {"--sntp", offsetof(struct options, sntp)},
};

/* Options with a TCP or UDP port as value. */
static const struct {
    char name[12];
    uint8_t offset;
} ports[] = {
    {"--port", offsetof(struct options, port)},
    {"--dns-port", offsetof(struct options, dns_port)},
    {"--sntp-port", offsetof(struct options, sntp_port)},
};

static bool is(const char *word, const char *name)
{
    return strlen(word) == strlen(name) && memcmp(word, name, strlen(name)) == 0;
}

static bool set_text(struct options *o, const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (is(name, texts[i].name)) {
            *(const char **)(void *)((char *)o + texts[i].offset) = value;
            return true;
        }
    return false;
}

static const char *set_number(struct options *o, const char *name, const char *value)
{
    uint32_t seconds, port;

    if (is(name, "--timeout")) {
        if (!parse_number(value, 86400, &seconds))
            return "--timeout takes seconds, from 1 to 86400";
        o->timeout_ms = seconds * 1000;
        return NULL;
    }
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        if (is(name, ports[i].name)) {
            if (!parse_number(value, 65535, &port))
                return "a port is a number from 1 to 65535";
            *(uint16_t *)(void *)((char *)o + ports[i].offset) = (uint16_t)port;
            return NULL;
        }
    return "an option is not known";
}

static const char *find_wrong(const struct options *o, unsigned requests)
{
    ip_addr_t dns;

    if (o->tenant == NULL)
        return "--tenant is missing";
    if (requests == 0)
        return "--request is missing";
    if (o->actions == NULL)
        return "--actions is missing";
    if (strlen(o->host) > HOST_MAX || strlen(o->sntp) > HOST_MAX ||
        (o->connect != NULL && strlen(o->connect) > HOST_MAX))
        return "a host's name is too long";
    if (o->dns != NULL && !ipaddr_aton(o->dns, &dns))
        return "--dns takes an IPv4 address";
    return o->token == NULL ? "--token is missing" : NULL;
}

const char *parse_options(struct options *out, char *line, unsigned index)
{
    const char *name, *value, *wrong;
    unsigned requests = 0;

    *out = (struct options){.host = MMD_SERVICE_HOST,
                            .sntp = SNTP_SERVER,
                            .port = MMD_SERVICE_PORT,
                            .dns_port = DNS_PORT,
                            .sntp_port = LWIP_IANA_PORT_SNTP,
                            .timeout_ms = 30000};
    (void)next_word(&line); /* the program's own name */
    while ((name = next_word(&line)) != NULL) {
        if (is(name, "--verbose")) {
            out->verbose = true;
            continue;
        }
        if ((value = next_word(&line)) == NULL)
            return "the last option lacks its value";
        if (is(name, "--request")) {
            if (requests++ == index)
                out->request = value;
        } else if (!set_text(out, name, value) && (wrong = set_number(out, name, value)) != NULL) {
            return wrong;
        }
    }
    return find_wrong(out, requests);
}
