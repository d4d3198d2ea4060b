/* SPDX-License-Identifier: MIT */
/* The network of a board: lwIP, DHCP, DNS, SNTP. */
#include <lwip/apps/sntp.h>
#include <lwip/dhcp.h>
#include <lwip/dns.h>
#include <lwip/init.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>

#include "firmware.h"
#include "network.h"

#define SNTP_WAIT_MS 8000 /* two tries; then the firmware goes on, and lwIP keeps asking */

#define LONGEST_USE (30 * 31557600u) /* seconds after the build's date that are believed */

uint16_t network_dns_port, network_sntp_port;

static struct netif netif;

static void poll(void *context, uint32_t timeout_ms)
{
    board_poll(context, timeout_ms);
}

const struct mmd_lwip_board network_board = {
    .context = &netif,
    .poll = poll,
    .calendar_s = clock_s,
    .random = random_fill,
};

uint32_t network_random(void)
{
    uint32_t value = 0;

    (void)random_fill(NULL, &value, sizeof value);
    return value;
}

/* A server may send any time, even zero, which lwIP reads as the year 2036. */
void network_set_clock(uint32_t seconds)
{
    if (seconds >= mmd_clock_floor && seconds - mmd_clock_floor < LONGEST_USE)
        clock_set(seconds);
}

static bool wait_for(bool (*is_there)(void), uint32_t timeout_ms)
{
    uint32_t start = sys_now(), waited = 0;

    while (!is_there() && (waited = sys_now() - start) < timeout_ms)
        mmd_lwip_poll(&network_board, timeout_ms - waited);
    return is_there();
}

static bool has_address(void)
{
    return dhcp_supplied_address(&netif) != 0;
}

static bool has_time(void)
{
    return clock_s(NULL) != MMD_CLOCK_NOT_SET;
}

static void report_address(void)
{
    char a[12], b[12], c[12], d[12];
    const ip4_addr_t *ip = netif_ip4_addr(&netif);

    SAY("address ", number(a, ip4_addr1(ip)), ".", number(b, ip4_addr2(ip)), ".",
        number(c, ip4_addr3(ip)), ".", number(d, ip4_addr4(ip)), " by DHCP");
}

static void start_sntp(const char *server)
{
    sntp_setoperatingmode(SNTP_OPMODE_POLL);
    sntp_setservername(0, server);
    sntp_init();
}

void network_set_dns(const char *address)
{
    ip_addr_t dns;

    if (address == NULL || !ipaddr_aton(address, &dns))
        return;
    dns_setserver(0, &dns);
    dns_setserver(1, NULL);
}

bool network_start(const struct options *options)
{
    network_dns_port = options->dns_port;
    network_sntp_port = options->sntp_port;
    lwip_init();
    netif_add(&netif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4, NULL, board_netif_init,
              ethernet_input);
    netif_set_default(&netif);
    netif_set_up(&netif);
    netif_set_link_up(&netif);
    dhcp_start(&netif);
    if (!wait_for(has_address, options->timeout_ms))
        return false;
    network_set_dns(options->dns);
    report_address();
    start_sntp(options->sntp);
    SAY(wait_for(has_time, SNTP_WAIT_MS) ? "the clock is set by SNTP" : "no time from SNTP");
    return true;
}
