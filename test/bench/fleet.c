/* SPDX-License-Identifier: MIT */
/* A fleet of devices whose service is away, and what the service sees of them, for fleet.py:
 *
 *     fleet jitter|plain OUTAGE_S RETRY_AFTER_S
 *
 * jitter: the pauses of mmd_retry_backoff_ms; plain: its upper bounds, 1, 2, 4 ... 600 seconds, as
 * exponential backoff without jitter has them. Every device has one closing, and sends it for the
 * first time at random in the first second. For OUTAGE_S seconds each request fails at once. Then
 * the service takes the first CAPACITY requests of each second and refuses the others. If
 * RETRY_AFTER_S is not 0, each failure comes with that Retry-After. A response takes 50 to 250 ms.
 * No device gives up.
 *
 * Prints "SECOND REQUESTS CLOSED" for each second that saw a request, until all is closed. Time and
 * random numbers are the simulation's own, so the same arguments print the same.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mmdclose/retry.h"

#define DEVICES        10000
#define CAPACITY       200  /* requests a second */
#define BACKOFF_MS     1000 /* the command's, see programs/mmdclose/exchange.c */
#define BACKOFF_MAX_MS 600000
#define SLOTS          (1u << 20) /* milliseconds: more than the longest pause and a response */
#define LONGEST_S      1000

struct fleet {
    bool plain;
    uint32_t outage_s;
    struct mmd_result failure;
    uint64_t random;
    unsigned closed, requests_now, closed_now; /* now: in this second */
    unsigned failed[DEVICES];
    /* Who sends in a millisecond: the first, and who follows whom. Numbers from 1 on; 0 ends. */
    uint16_t first[SLOTS], following[DEVICES + 1];
};

/* The upper half of Knuth's linear congruence. */
static uint32_t draw(struct fleet *f)
{
    f->random = f->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(f->random >> 32);
}

static uint32_t below(struct fleet *f, uint32_t bound)
{
    return (uint32_t)((uint64_t)draw(f) * bound >> 32);
}

static void send_at(struct fleet *f, uint16_t device, uint32_t at_ms)
{
    f->following[device] = f->first[at_ms % SLOTS];
    f->first[at_ms % SLOTS] = device;
}

/* As src/close/attempt.c has it; without random parts, the longer of the two. */
static uint32_t pause_ms(struct fleet *f, unsigned failed)
{
    uint32_t random = f->plain ? UINT32_MAX : draw(f),
             backoff = mmd_retry_backoff_ms(failed, BACKOFF_MS, BACKOFF_MAX_MS, random),
             asked = mmd_retry_after_ms(&f->failure, 0);

    if (f->plain)
        return asked > backoff ? asked : backoff;
    return mmd_retry_pause_ms(backoff, asked, random);
}

static void receive(struct fleet *f, uint16_t device, uint32_t now_ms)
{
    f->requests_now++;
    if (now_ms / 1000 >= f->outage_s && f->closed_now < CAPACITY) {
        f->closed_now++;
        f->closed++;
        return;
    }
    uint32_t response_ms = 50 + below(f, 201);
    send_at(f, device, now_ms + response_ms + pause_ms(f, ++f->failed[device - 1]));
}

static void run_second(struct fleet *f, uint32_t second)
{
    f->requests_now = f->closed_now = 0;
    for (uint32_t ms = second * 1000; ms < (second + 1) * 1000; ms++) {
        uint16_t device = f->first[ms % SLOTS];
        f->first[ms % SLOTS] = 0;
        for (uint16_t next; device != 0; device = next) {
            next = f->following[device];
            receive(f, device, ms);
        }
    }
    if (f->requests_now > 0)
        printf("%u %u %u\n", (unsigned)second, f->requests_now, f->closed_now);
}

int main(int argc, char **argv)
{
    static struct fleet fleet = {.failure = MMD_RESULT_NONE, .random = 19};
    struct fleet *f = &fleet;
    long outage_s = argc == 4 ? atol(argv[2]) : -1, after_s = argc == 4 ? atol(argv[3]) : -1;

    if (outage_s < 0 || outage_s > 86400 || after_s < 0 || after_s > LONGEST_S) {
        fputs("usage: fleet jitter|plain OUTAGE_S RETRY_AFTER_S\n", stderr);
        return 2;
    }
    f->plain = strcmp(argv[1], "plain") == 0;
    f->outage_s = (uint32_t)outage_s;
    f->failure.retry_after_s = (int32_t)after_s;
    for (uint16_t device = 1; device <= DEVICES; device++)
        send_at(f, device, below(f, 1000));
    for (uint32_t second = 0; f->closed < DEVICES; second++)
        run_second(f, second);
    return 0;
}
