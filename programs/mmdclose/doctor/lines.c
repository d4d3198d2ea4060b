/* SPDX-License-Identifier: MIT */
/* The lines that the doctor prints: for people, or of JSON (RFC 8259). */
#include <stdarg.h>

#include "doctor.h"
#include "json_members.h"
#include "printable.h"

#define JSON_MAX (6 * SENTENCE_MAX) /* bytes: each of a sentence's may be escaped */

static void print_json_line(const struct check *check, const char *text)
{
    static const char *const states[] = {"ok", "warning", "failed", "not_checked"};
    char line[JSON_MAX + 1024];
    struct mmd_writer w = {line, sizeof line, 0};

    mmd_put_text(&w, "{");
    put_number(&w, "v", 1);
    put_text_member(&w, "check", check->name);
    put_text_member(&w, "state", states[check->state]);
    put_text_member(&w, "sentence", text);
    put_text_member(&w, "advice", check->advice);
    if (check->state == CHECK_FAILED) {
        put_text_member(&w, "outcome", outcome_name(check->outcome));
    } else {
        put_name(&w, "outcome");
        mmd_put_text(&w, "null");
    }
    mmd_put_text(&w, "}\n");
    fwrite(line, 1, w.len < w.cap ? w.len : w.cap, stdout);
}

static void print_text_line(const struct check *check, const char *text)
{
    static const char *const states[] = {"ok", "warning", "not ok", "not checked"};
    char name[64];

    snprintf(name, sizeof name, "%s", check->name);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '_')
            *c = ' ';
    printf("%-12s %s: %s%s%s\n", states[check->state], name, text,
           check->advice[0] != '\0' ? " " : "", check->advice);
}

static void print_line(struct doctor *d, const struct check *check, const char *text)
{
    char amended[SENTENCE_MAX];

    if (check->state == CHECK_FAILED && d->outcome == MMD_OUTCOME_CLOSED)
        d->outcome = check->outcome;
    snprintf(amended, sizeof amended, "%s", text);
    if (check->state == CHECK_FAILED || check->state == CHECK_WARNING)
        name_origins(&d->job->options, amended);
    if (d->job->options.json)
        print_json_line(check, amended);
    else
        print_text_line(check, amended);
    fflush(stdout); /* the next check may take long */
}

void say(struct doctor *d, struct check check, const char *format, ...)
{
    char text[SENTENCE_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    make_printable(text);
    print_line(d, &check, text);
}

void say_report(struct doctor *d, const char *name)
{
    const struct report *report = &d->job->report;
    const struct check check = {name, CHECK_FAILED, "", report->outcome};

    print_line(d, &check, report->sentence);
}

void say_not_checked(struct doctor *d, const char *name, const char *why)
{
    const struct check check = {name, CHECK_NOT_CHECKED, "", MMD_OUTCOME_CLOSED};

    print_line(d, &check, why);
}
