/* SPDX-License-Identifier: MIT */
/* The other end of a conformance test. */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ECHO_CAP sizeof((struct port_peer *)0)->text

void port_peer_accept(struct port_peer *p, uint32_t now_ms)
{
    struct port_peer before = *p;
    bool doomed = before.task == 'n';

    if (before.open)
        port_peer_ended(&before, "open", now_ms);
    *p = (struct port_peer){.open = true,
                            .right = true,
                            .commanded = doomed,
                            .task = doomed ? '?' : '\0',
                            .last_end = before.last_end != NULL ? before.last_end : "none",
                            .last_taken = before.last_taken,
                            .last_ms = now_ms - before.last_ms,
                            .last_right = before.last_right};
}

void port_peer_ended(struct port_peer *p, const char *how, uint32_t now_ms)
{
    p->open = false;
    p->last_end = how;
    p->last_taken = p->taken;
    p->last_right = p->right;
    p->last_ms = now_ms;
}

/* ---- reading ---- */

static void say(struct port_peer *p, const char *text)
{
    p->text_len = strlen(text);
    memcpy(p->text, text, p->text_len);
}

static void begin(struct port_peer *p)
{
    static const char *const tasks[] = {"echo",   "source", "sink", "half", "deaf",
                                        "silent", "reset",  "next", "late", "last"};
    static const char letters[] = "eSshdirnwl";
    const char *number = strchr(p->line, ' ');
    size_t len = number != NULL ? (size_t)(number - p->line) : p->line_len;

    p->commanded = true;
    p->task = '?'; /* not known: as good as a reset */
    p->amount = number != NULL ? (uint32_t)strtoul(number, NULL, 10) : 0;
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
        if (strlen(tasks[i]) == len && memcmp(tasks[i], p->line, len) == 0)
            p->task = letters[i];
    if (p->task == 'l')
        p->text_len = (size_t)snprintf(p->text, sizeof p->text, "%s %u %s %u\n", p->last_end,
                                       (unsigned)p->last_taken, p->last_right ? "right" : "wrong",
                                       (unsigned)p->last_ms);
}

size_t port_peer_room(const struct port_peer *p)
{
    if (!p->commanded)
        return 1; /* not a byte over the line's end, in case that it is "deaf" */
    if (p->task == 'd')
        return 0;
    return p->task == 'e' ? ECHO_CAP - p->text_len : 4096;
}

static void take_of_line(struct port_peer *p, char byte)
{
    if (byte == '\n')
        begin(p);
    else if (p->line_len < sizeof p->line - 1)
        p->line[p->line_len++] = byte;
}

static void take_byte(struct port_peer *p, unsigned char byte)
{
    p->right &= byte == pattern_at(p->taken++);
    if (p->task == 'e')
        p->text[p->text_len++] = (char)byte;
    if (p->task == 's' && p->taken == p->amount)
        say(p, p->right ? "right\n" : "wrong\n");
}

void port_peer_take(struct port_peer *p, const void *data, size_t len)
{
    for (const unsigned char *byte = data; len > 0; len--, byte++)
        if (p->commanded)
            take_byte(p, *byte);
        else
            take_of_line(p, (char)*byte);
}

/* ---- writing ---- */

size_t port_peer_give(struct port_peer *p, void *out, size_t cap)
{
    unsigned char *bytes = out;
    size_t n = 0;

    if (p->task == 'S' || p->task == 'r')
        while (n < cap && p->given < p->amount)
            bytes[n++] = pattern_at(p->given++);
    if (n == 0 && p->text_len > 0) {
        n = p->text_len < cap ? p->text_len : cap;
        memcpy(bytes, p->text, n);
        p->text_len -= n;
        memmove(p->text, p->text + n, p->text_len);
        p->given += (uint32_t)n;
    }
    return n;
}

enum peer_wish port_peer_wish(const struct port_peer *p)
{
    if (!p->commanded)
        return PEER_GO_ON;
    switch (p->task) {
    case 'S': return p->given == p->amount ? PEER_END : PEER_GO_ON;
    case 's':
    case 'l': return p->given > 0 && p->text_len == 0 ? PEER_END : PEER_GO_ON;
    case 'h':
    case 'n':
    case 'w': return PEER_END;
    case '?': return PEER_RESET;
    case 'r':
        return p->given == p->amount && (p->amount == 0 || p->taken > 0) ? PEER_RESET : PEER_GO_ON;
    default: return PEER_GO_ON;
    }
}
