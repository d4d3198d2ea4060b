/* SPDX-License-Identifier: MIT */
/* Reading the lines of the configuration file. */
#include <string.h>

#include "config_file.h"

#define BLANKS    " \t\r" /* before a line's end, \r belongs to it */
#define SHOWN_MAX 15      /* bytes of an unknown name, which may be a secret: too few for one */

/* ---- values ---- */

bool is_stored(const struct option *option)
{
    return (option->commands & IN_FILE) == IN_FILE;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if (((unsigned char)*text < ' ' && *text != '\t') || *text == '\x7f')
            return true;
    return false;
}

/* Whether it would be the same, read again from a line. */
static bool fits_line(const char *value)
{
    size_t len = strlen(value);

    return !has_control(value) && (len == 0 || (strchr(BLANKS, value[0]) == NULL &&
                                                strchr(BLANKS, value[len - 1]) == NULL));
}

static bool takes_path(const struct option *option)
{
    return strcmp(option->value, "FILE") == 0 || strcmp(option->value, "DIR") == 0;
}

/* A path from elsewhere than / would depend on who reads the file; and a secret in the place of
 * its file's name has none. */
const char *set_stored(struct options *options, const struct option *option, const char *value)
{
    if (option->value == NULL && strcmp(value, "yes") != 0)
        return strcmp(value, "no") == 0 ? NULL : "yes or no";
    if (option->value == NULL)
        return option->set((char *)options + option->field, NULL);
    if (value[0] == '\0' && option->field != FIELD(proxy))
        return "a value; remove the line to have the default";
    if (!fits_line(value))
        return "a value without control characters, and blanks at its ends";
    if (takes_path(option) && value[0] != '/')
        return "an absolute path, without quotes";
    if (value[0] == '"' && strcmp(option->value, "COMMAND") != 0)
        return "a value without quotes";
    const char *takes = check_stored(option, value);
    return takes != NULL ? takes : option->set((char *)options + option->field, value);
}

/* ---- lines ---- */

struct place {
    const char *file;
    unsigned line;
    struct report *report;
};

static bool refuse_line(const struct place *at, const char *what)
{
    return refuse(at->report, MMD_ERR_INPUT, "%s:%u: %s; see mmdclose.conf(5).", at->file, at->line,
                  what);
}

static bool refuse_name(const struct place *at, const char *name)
{
    const struct option *near = nearest_option(IN_FILE, name, strlen(name));

    for (const struct option *o = option_table; o < option_table + OPTION_COUNT; o++)
        if (strcmp(o->name, name) == 0)
            return refuse(at->report, MMD_ERR_INPUT,
                          "%s:%u: %s is an option of the command line only; remove it here.",
                          at->file, at->line, name);
    return refuse(at->report, MMD_ERR_INPUT,
                  "%s:%u: '%.*s' is not a known name%s%s%s; see mmdclose.conf(5).", at->file,
                  at->line, SHOWN_MAX, name, IS_WHOLE ? "" : " in this build (ONLY=close)",
                  near != NULL ? "; the nearest is " : "", near != NULL ? near->name : "");
}

static bool set(struct options *out, const char *name, const char *value, const struct place *at)
{
    const struct option *option = find_option(FOR_CONFIG, name, strlen(name));
    size_t i = (size_t)(option != NULL ? option - option_table : 0);

    if (option == NULL || !is_stored(option))
        return refuse_name(at, name);
    if (out->given[i] != NULL)
        return refuse(at->report, MMD_ERR_INPUT, "%s:%u: %s is in line %u already; remove one.",
                      at->file, at->line, name, out->lines[i]);
    const char *takes = set_stored(out, option, value);
    if (takes != NULL)
        return refuse(at->report, MMD_ERR_INPUT, "%s:%u: %s takes %s; see mmdclose.conf(5).",
                      at->file, at->line, name, takes);
    out->given[i] = value;
    out->sources[i] = SOURCE_FILE;
    out->lines[i] = at->line;
    return true;
}

static char *trim(char *text)
{
    text += strspn(text, BLANKS);
    size_t len = strlen(text);

    while (len > 0 && strchr(BLANKS, text[len - 1]) != NULL)
        len--;
    text[len] = '\0';
    return text;
}

static bool read_line(struct options *out, char *line, const struct place *at)
{
    char *text = trim(line), *equals = strchr(text, '=');

    if (has_control(text)) /* also where another system's line ends make one comment of the file */
        return refuse_line(at, "there is a control character in it");
    if (text[0] == '\0' || text[0] == '#' || text[0] == ';')
        return true;
    if (text[0] == '[')
        return refuse_line(at, "there are no sections, remove it");
    if (equals == NULL)
        return refuse_line(at, "it has no '='");
    *equals = '\0';
    return set(out, trim(text), trim(equals + 1), at);
}

bool parse_config(struct options *out, char *text, size_t len, struct report *report)
{
    struct place at = {out->file, 1, report};
    char *end = text + len, *line = strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? text + 3 : text;

    if (strlen(text) != len)
        return refuse(report, MMD_ERR_INPUT, "%s has a NUL at byte %zu; it must be text, in UTF-8.",
                      at.file, strlen(text));
    for (char *next; line < end; line = next, at.line++) {
        next = line + strcspn(line, "\n") + 1;
        next[-1] = '\0';
        if (!read_line(out, line, &at))
            return false;
    }
    return true;
}
