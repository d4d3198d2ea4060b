/* SPDX-License-Identifier: MIT */
/* The configuration file: lines of "name = value", with the names of options. mmdclose.conf(5)
 * describes it.
 *
 * Nothing of a value gets into a message: a secret may have been put there by mistake. */
#ifndef MMD_CONFIG_FILE_H
#define MMD_CONFIG_FILE_H

#include "options.h"

#define CONFIG_MAX 65536 /* bytes */

/* Reads a file into *out, which has no options yet: given, lines and file. A file that is absent
 * has none, unless it is required. Fills report and returns false if the file or a line of it
 * cannot be used. In either case the caller calls end_options. */
bool read_config_file(struct options *out, const char *path, bool required, struct report *report);

/* config_lines.c: the same of len bytes, which are changed and have to outlive *out; text[len] is a
 * NUL. out->file is what messages call the file. Pure. */
bool parse_config(struct options *out, char *text, size_t len, struct report *report);

/* Whether the file may have it. */
bool is_stored(const struct option *option);

/* config_values.c: what the option takes instead of a value that only its use would refuse, or
 * NULL. Pure. */
const char *check_stored(const struct option *option, const char *value);

/* Sets the option's field to a value of the file. Returns NULL, or what it takes instead. Pure. */
const char *set_stored(struct options *options, const struct option *option, const char *value);

#endif
