/* SPDX-License-Identifier: MIT */
/* Which proxy is used for a host, if any, with curl's precedence: --proxy, where an empty value
 * means none; then the environment's https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY, where an empty
 * one counts as not set. A host that no_proxy or else NO_PROXY names is reached without a proxy,
 * also if there is --proxy. */
#ifndef MMD_PROXY_OPTIONS_H
#define MMD_PROXY_OPTIONS_H

#include "input.h"
#include "mmdclose/proxy.h"

#define PROXY_PORT     1080 /* of a URL without one, as curl has it */
#define PROXY_HOST_MAX 253

/* A proxy. */
struct proxy_setting {
    char host[PROXY_HOST_MAX + 1]; /* a name, or an address without brackets; "": no proxy */
    uint16_t port;
    bool has_credentials;
    /* Secret: "user:password". The caller wipes it. */
    char credentials[MMD_PROXY_CREDENTIALS_MAX + 1];
};

/* Parses the URL of a proxy: [http://][user[:password]@]host[:port][/]. User and password are
 * percent-decoded; what is no escape stays as it is. Returns NULL, or what is wrong, as a clause in
 * English that shows nothing of the URL. In either case *out may hold a secret. Pure. */
const char *parse_proxy(struct proxy_setting *out, const char *url);

/* Whether a list, as NO_PROXY is one, names the host: "*", which must be all of it; or names,
 * separated by commas or blanks, of the host or of a domain that it is in, in any letter case, with
 * or without a dot before or after; or addresses and networks such as 192.0.2.0/24, which match
 * only a host that is an address. There are no ports and no other wildcards. Pure. */
bool bypasses_proxy(const char *list, const char *host);

/* What the options say; NULL: not given. */
struct proxy_options {
    const char *url;       /* of --proxy; a password in it is refused: others can see it */
    const char *user_file; /* of --proxy-user-file: has "user:password", not percent-encoded */
};

/* Finds the proxy for the host. Fills report and returns false if a setting cannot be used; in
 * either case the caller wipes *out. Of what is not used only --proxy is checked. */
bool find_proxy(const struct proxy_options *options, const char *host,
                const struct deadline *deadline, struct proxy_setting *out, struct report *report);

/* Checks the URL of --proxy: it has to name a proxy, or be empty, and have no password. */
bool check_proxy(const char *url, struct report *report);

/* The name of the environment's variable that names the proxy; NULL: none does. */
const char *proxy_variable(void);

/* The setting for mmd_proxy_init; borrows *setting. */
struct mmd_proxy_config proxy_config(const struct proxy_setting *setting);

#define PROXY_SHOWN_CAP (PROXY_HOST_MAX + MMD_PROXY_CREDENTIALS_MAX + 32)

/* Writes what can be shown of it: "http://user:***@host:port". Printable. */
void show_proxy(char out[PROXY_SHOWN_CAP], const struct proxy_setting *setting);

#endif
