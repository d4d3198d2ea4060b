/* SPDX-License-Identifier: MIT */
/* Which hosts are reached without the proxy: NO_PROXY. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "charclass.h"
#include "proxy_options.h"

#define ITEM_MAX  255
#define ITEM_ENDS ", \t"

/* An address, and how many bits of it count. */
struct network {
    unsigned char bytes[16];
    int family, bits;
};

static bool read_address(struct network *out, const char *text)
{
    *out = (struct network){.family = AF_INET, .bits = 32};
    if (inet_pton(AF_INET, text, out->bytes) == 1)
        return true;
    *out = (struct network){.family = AF_INET6, .bits = 128};
    return inet_pton(AF_INET6, text, out->bytes) == 1;
}

/* "address" or "address/bits". */
static bool read_network(struct network *out, char *text)
{
    char *slash = strchr(text, '/');

    if (slash != NULL)
        *slash++ = '\0';
    if (!read_address(out, text))
        return false;
    if (slash == NULL)
        return true;
    size_t len = strlen(slash);
    if (len < 1 || len > 3 || mmd_span(slash, len, MMD_CHAR_DIGIT) != len ||
        atoi(slash) > out->bits)
        return false;
    out->bits = atoi(slash);
    return true;
}

static bool is_in(const struct network *host, const struct network *network)
{
    int bytes = network->bits / 8, rest = network->bits % 8;

    if (host->family != network->family || memcmp(host->bytes, network->bytes, (size_t)bytes) != 0)
        return false;
    return rest == 0 || ((host->bytes[bytes] ^ network->bytes[bytes]) >> (8 - rest)) == 0;
}

/* Whether name is the domain, or in it. Neither has a dot at its end. */
static bool is_in_domain(const char *name, size_t name_len, const char *domain, size_t len)
{
    if (len == 0 || len > name_len || strncasecmp(name + name_len - len, domain, len) != 0)
        return false;
    return len == name_len || name[name_len - len - 1] == '.';
}

static size_t without_dot(const char *name, size_t len)
{
    return len > 0 && name[len - 1] == '.' ? len - 1 : len;
}

static bool item_matches(const char *item, size_t len, const char *host,
                         const struct network *address)
{
    char text[ITEM_MAX + 1];
    struct network network;

    if (len > ITEM_MAX)
        return false;
    if (address != NULL) {
        memcpy(text, item, len);
        text[len] = '\0';
        return read_network(&network, text) && is_in(address, &network);
    }
    len = without_dot(item, len);
    if (len > 0 && item[0] == '.')
        item++, len--;
    return is_in_domain(host, without_dot(host, strlen(host)), item, len);
}

bool bypasses_proxy(const char *list, const char *host)
{
    struct network address;
    bool is_address = read_address(&address, host);

    if (strcmp(list, "*") == 0)
        return true;
    for (size_t len; *list != '\0'; list += len) {
        list += strspn(list, ITEM_ENDS);
        len = strcspn(list, ITEM_ENDS);
        if (len > 0 && item_matches(list, len, host, is_address ? &address : NULL))
            return true;
    }
    return false;
}
