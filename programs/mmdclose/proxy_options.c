/* SPDX-License-Identifier: MIT */
/* Settings of a proxy: from options and the environment. proxy_bypass.c reads NO_PROXY. */
#include "proxy_options.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "charclass.h"
#include "printable.h"
#include "wipe.h"
#include "writer.h"

#define USER_FILE_MAX 1024 /* bytes; more than can be used */

static const char too_long[] = "user and password together have more than 255 bytes";

/* ---- credentials ---- */

/* Puts the text with its percent escapes decoded. */
static void put_decoded(struct mmd_writer *w, const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        int high = at + 2 < len && text[at] == '%' ? mmd_hex_digit(text[at + 1]) : -1;
        int low = high >= 0 ? mmd_hex_digit(text[at + 2]) : -1;
        char decoded = (char)(high * 16 + low);
        mmd_put(w, low >= 0 ? &decoded : text + at, 1);
        at += low >= 0 ? 3 : 1;
    }
}

static const char *check_credentials(const char *text, size_t len)
{
    return mmd_span(text, len, MMD_CHAR_LINE) == len ? NULL
                                                     : "user or password has a control character";
}

/* Of "user[:password]"; Basic has a colon between the two in any case. */
static const char *parse_credentials(struct proxy_setting *out, const char *text, size_t len)
{
    struct mmd_writer w = {out->credentials, MMD_PROXY_CREDENTIALS_MAX, 0};
    const char *colon = memchr(text, ':', len);
    size_t user_len = colon != NULL ? (size_t)(colon - text) : len;

    put_decoded(&w, text, user_len);
    if (memchr(w.buf, ':', w.len < w.cap ? w.len : w.cap) != NULL)
        return "the user's name has a colon in it, which Basic cannot express";
    mmd_put_text(&w, ":");
    if (colon != NULL)
        put_decoded(&w, colon + 1, len - user_len - 1);
    if (w.len > w.cap)
        return too_long;
    out->credentials[w.len] = '\0';
    out->has_credentials = true;
    return check_credentials(out->credentials, w.len);
}

/* ---- host and port ---- */

static const char *parse_port(struct proxy_setting *out, const char *text, size_t len)
{
    unsigned long port = 0;

    out->port = PROXY_PORT;
    if (len == 0 || (len == 1 && text[0] == ':'))
        return NULL;
    for (size_t i = 1; i < len && port <= 65535; i++)
        port = port * 10 + (unsigned long)mmd_hex_digit(text[i]);
    if (text[0] != ':' || mmd_span(text + 1, len - 1, MMD_CHAR_DIGIT) != len - 1 || port < 1 ||
        port > 65535)
        return "the port is not a number from 1 to 65535";
    out->port = (uint16_t)port;
    return NULL;
}

static bool copy_host(struct proxy_setting *out, const char *text, size_t len)
{
    if (len == 0 || len >= sizeof out->host)
        return false;
    memcpy(out->host, text, len);
    out->host[len] = '\0';
    return true;
}

/* An address of IPv6, maybe with a zone, which stands after "%25" in a URL. */
static bool check_address(char *host)
{
    struct in6_addr address;
    char *zone = strchr(host, '%');

    if (zone != NULL) {
        *zone = '\0';
        bool is_address = inet_pton(AF_INET6, host, &address) == 1;
        *zone++ = '%';
        if (strncmp(zone, "25", 2) == 0)
            memmove(zone, zone + 2, strlen(zone + 2) + 1);
        size_t len = strlen(zone);
        return is_address && len > 0 && mmd_span(zone, len, MMD_CHAR_UNRESERVED) == len;
    }
    return inet_pton(AF_INET6, host, &address) == 1;
}

static const char *parse_host(struct proxy_setting *out, const char *text, size_t len)
{
    bool brackets = len > 0 && text[0] == '[';
    const char *end = brackets ? memchr(text, ']', len) : NULL;
    size_t host_len =
        brackets ? (end != NULL ? (size_t)(end - text) : len) : mmd_span(text, len, MMD_CHAR_HOST);

    if (brackets) {
        if (end == NULL || !copy_host(out, text + 1, host_len - 1) || !check_address(out->host))
            return "there is no IPv6 address in its brackets";
        host_len++;
    } else if (!copy_host(out, text, host_len) || (host_len < len && text[host_len] != ':')) {
        return "its host is not a name or an address (of IPv6 in brackets), or a character of user "
               "or password must be percent-encoded";
    }
    return parse_port(out, text + host_len, len - host_len);
}

/* ---- the URL ---- */

static const char *check_scheme(const char *url, size_t len)
{
    if (len == 4 && strncasecmp(url, "http", 4) == 0)
        return NULL;
    if (len == 5 && strncasecmp(url, "https", 5) == 0)
        return "TLS to the proxy itself (https://) is not supported; only http:// is";
    if (len >= 5 && strncasecmp(url, "socks", 5) == 0)
        return "SOCKS is not supported; only a proxy for HTTP is (http://)";
    return "its scheme is not http";
}

static const char *parse_authority(struct proxy_setting *out, const char *text, size_t len)
{
    const char *at = memchr(text, '@', len), *fault = NULL;

    if (at != NULL) {
        fault = parse_credentials(out, text, (size_t)(at - text));
        len -= (size_t)(at + 1 - text);
        text = at + 1;
    }
    return fault != NULL ? fault : parse_host(out, text, len);
}

const char *parse_proxy(struct proxy_setting *out, const char *url)
{
    const char *scheme_end = strstr(url, "://");

    *out = (struct proxy_setting){.port = 0};
    if (scheme_end != NULL) {
        const char *fault = check_scheme(url, (size_t)(scheme_end - url));
        if (fault != NULL)
            return fault;
        url = scheme_end + 3;
    }
    size_t len = strcspn(url, "/?#");
    if (url[len] != '\0' && strcmp(url + len, "/") != 0)
        return "it has something after host and port (a / in user or password is written %2F)";
    return parse_authority(out, url, len);
}

/* ---- where it is set ---- */

/* The first of the two that is set and not empty; NULL: none. */
static const char *find_variable(const char *const names[], size_t count, const char **name)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            *name = names[i];
            return value;
        }
    }
    return NULL;
}

static const char *find_url(const char **name)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};

    return find_variable(names, sizeof names / sizeof *names, name);
}

static bool is_excepted(const char *host)
{
    static const char *const names[] = {"no_proxy", "NO_PROXY"};
    const char *name, *list = find_variable(names, sizeof names / sizeof *names, &name);

    return list != NULL && bypasses_proxy(list, host);
}

static bool refuse_proxy(struct report *report, const char *name, const char *fault)
{
    return refuse(report, MMD_ERR_INPUT,
                  "%s names no proxy that can be used: %s; it takes [http://]host[:port].", name,
                  fault);
}

/* Others can see the command line. A user's name without a password is none. */
static bool has_password(const struct proxy_setting *setting)
{
    const char *colon = setting->has_credentials ? strchr(setting->credentials, ':') : NULL;

    return colon != NULL && colon[1] != '\0';
}

static bool read_url(const char *url, struct proxy_setting *out, struct report *report)
{
    const char *fault = parse_proxy(out, url);

    if (fault != NULL)
        return refuse_proxy(report, "--proxy", fault);
    return !has_password(out) ||
           refuse(report, MMD_ERR_INPUT,
                  "--proxy has a password in it, which other users can see; change the password, "
                  "and give user:password with --proxy-user-file.");
}

bool check_proxy(const char *url, struct report *report)
{
    struct proxy_setting setting = {.port = 0};
    bool usable = url[0] == '\0' || read_url(url, &setting, report);

    mmd_wipe(&setting, sizeof setting);
    return usable;
}

const char *proxy_variable(void)
{
    const char *name;

    return find_url(&name) != NULL ? name : NULL;
}

static bool read_environment(struct proxy_setting *out, struct report *report)
{
    const char *name, *url = find_url(&name);
    const char *fault = url != NULL ? parse_proxy(out, url) : NULL;

    return fault == NULL || refuse_proxy(report, name, fault);
}

/* ---- --proxy-user-file ---- */

static bool take_user(const struct input *in, const struct data *file, struct proxy_setting *out,
                      struct report *report)
{
    const char *fault = NULL;
    char shown[SHOWN_FILE_CAP];

    if (strchr(file->bytes, ':') == NULL)
        fault = "it has no colon";
    else if (file->len >= sizeof out->credentials)
        fault = too_long;
    else
        fault = check_credentials(file->bytes, file->len);
    if (fault != NULL)
        return refuse(report, MMD_ERR_INPUT,
                      "%s cannot be used: %s; it takes one line, user:password.",
                      show_file(shown, in->path, in->option), fault);
    mmd_wipe(out->credentials, sizeof out->credentials);
    memcpy(out->credentials, file->bytes, file->len);
    out->has_credentials = true;
    return true;
}

static bool read_user_file(const char *path, const struct deadline *deadline,
                           struct proxy_setting *out, struct report *report)
{
    const struct input in = {.what = "the proxy's password",
                             .path = path,
                             .option = "--proxy-user-file",
                             .max = USER_FILE_MAX,
                             .absent = MMD_ERR_INPUT,
                             .deadline = deadline};
    struct data file = {NULL, 0};
    bool done = read_secret(&in, &file, report) && take_user(&in, &file, out, report);

    wipe_and_free(&file);
    return done;
}

/* ---- all of it ---- */

bool find_proxy(const struct proxy_options *options, const char *host,
                const struct deadline *deadline, struct proxy_setting *out, struct report *report)
{
    const char *url = options->url;
    bool excepted = is_excepted(host), usable = true;

    *out = (struct proxy_setting){.port = 0};
    if (url != NULL && url[0] != '\0')
        usable = read_url(url, out, report);
    else if (url == NULL && !excepted)
        usable = read_environment(out, report);
    if (!usable)
        return false;
    if (excepted)
        mmd_wipe(out, sizeof *out);
    return out->host[0] == '\0' || options->user_file == NULL ||
           read_user_file(options->user_file, deadline, out, report);
}

struct mmd_proxy_config proxy_config(const struct proxy_setting *setting)
{
    return (struct mmd_proxy_config){.host = setting->host,
                                     .port = setting->port,
                                     .credentials =
                                         setting->has_credentials ? setting->credentials : NULL};
}

void show_proxy(char out[PROXY_SHOWN_CAP], const struct proxy_setting *setting)
{
    bool is_ipv6 = strchr(setting->host, ':') != NULL;
    int user_len = setting->has_credentials ? (int)strcspn(setting->credentials, ":") : 0;

    snprintf(out, PROXY_SHOWN_CAP, "http://%.*s%s%s%s%s:%u", user_len, setting->credentials,
             setting->has_credentials ? ":***@" : "", is_ipv6 ? "[" : "", setting->host,
             is_ipv6 ? "]" : "", setting->port);
    make_printable(out);
}
