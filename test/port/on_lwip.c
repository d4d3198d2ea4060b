/* SPDX-License-Identifier: MIT */
/* The lwIP port's conformance on a board, in place of the firmware's main.c: its network is that of
 * the firmware. It takes the firmware's command line; of the options mean
 *   --connect ADDRESS --port N   where the peer is      --request N   the port where it refuses
 *   --host NAME                  a name of the peer     --tenant NAME a name without an address
 *   --actions N                  the port where no answer comes
 * and the program ends with 0 if all promises hold. */
#include <lwip/stats.h>

#include "firmware.h"
#include "verdict.h"

static void report(void *context, enum conformance_verdict verdict, const char *words,
                   const char *proof)
{
    (void)context;
    PRINT(verdict_text(verdict), words, ": ", proof);
}

/* Frames alone: lwIP's timers would send what nobody has let go. */
static void run(void *context)
{
    (void)context;
    network_board.poll(network_board.context, 10);
}

/* Buffers of what was received, and segments that were not acknowledged. */
static size_t held(void *context)
{
    (void)context;
#if LWIP_STATS
    return (size_t)lwip_stats.memp[MEMP_PBUF_POOL]->used + lwip_stats.memp[MEMP_TCP_SEG]->used;
#else
    return 0;
#endif
}

static uint16_t decimal(const char *text)
{
    unsigned value = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (unsigned)(*text - '0');
    return (uint16_t)value;
}

int main(int argc, char **argv)
{
    static char line[1024];
    static struct mmd_lwip lwip;
    static struct options o;
    struct mmd_port port;
    const char *wrong = "the command line is too long";

    board_start(argc, argv);
    if (board_command_line(line, sizeof line))
        wrong = parse_options(&o, line);
    if (wrong != NULL) {
        PRINT(wrong);
        return 2;
    }
    if (!random_start() || !network_start(&o)) {
        PRINT("there is no seed, or no network");
        return 2;
    }
    mmd_lwip_init(&lwip, &network_board, &port);
    struct conformance c = {.port = &port,
                            .address = o.connect,
                            .tcp_port = o.port,
                            .refused_port = decimal(o.requests[0]),
                            .silent_port = decimal(o.actions),
                            .name = o.host,
                            .unknown = o.tenant,
                            .report = report,
                            .run = run,
                            .held = held};
    return conformance_run(&c) == 0 ? 0 : 1;
}
