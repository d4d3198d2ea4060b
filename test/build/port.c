/* SPDX-License-Identifier: MIT */
#include "port.h"

static int mine_connect(void *context, const char *host, uint16_t tcp_port)
{
    (void)context, (void)host, (void)tcp_port;
    return MMD_ERR_CONNECT;
}

static int mine_send(void *context, const void *data, size_t len)
{
    (void)context, (void)data, (void)len;
    return MMD_ERR_NETWORK;
}

static int mine_receive(void *context, void *data, size_t cap)
{
    (void)context, (void)data, (void)cap;
    return MMD_ERR_NETWORK;
}

static void mine_wait(void *context, uint32_t timeout_ms)
{
    (void)context, (void)timeout_ms;
}

static void mine_report(void *context, struct mmd_port_report *out)
{
    (void)context;
    *out = (struct mmd_port_report){.address = ""};
}

static void mine_disconnect(void *context)
{
    (void)context;
}

static uint32_t mine_monotonic_ms(void *context)
{
    (void)context;
    return 0;
}

static int64_t mine_calendar_s(void *context)
{
    (void)context;
    return mmd_clock_floor;
}

static int mine_random(void *context, void *data, size_t len)
{
    (void)context, (void)data, (void)len;
    return MMD_ERR_ENTROPY;
}

const struct mmd_port port_mine = {.connect = mine_connect,
                                   .send = mine_send,
                                   .receive = mine_receive,
                                   .wait = mine_wait,
                                   .report = mine_report,
                                   .disconnect = mine_disconnect,
                                   .monotonic_ms = mine_monotonic_ms,
                                   .calendar_s = mine_calendar_s,
                                   .random = mine_random};
