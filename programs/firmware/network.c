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

#define SNTP_WAIT_MS  8000 /* two tries; then the firmware goes on, and lwIP keeps asking */
#define SNTP_AGAIN_MS 2000

/* Seconds after the build's date that are believed: by then the roots have expired. A receiver of
 * GPS that is wrong by 1024 weeks, 19.6 years, is not. */
#define LONGEST_USE (15 * 31557600u)

/* In an SNTP reply (RFC 5905, 7.3). */
#define LEAP_AT        0
#define STRATUM_AT     1
#define TRANSMIT_AT    40
#define UNSYNCHRONIZED 3
#define STRATUM_END    16
#define UNIX_EPOCH     2208988800u /* in seconds since 1900 */

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

static bool can_be_now(uint32_t seconds)
{
    return seconds >= mmd_clock_floor && seconds - mmd_clock_floor < LONGEST_USE;
}

/* A server that has just been switched on says itself that its time is none, or sends any, even
 * zero, which lwIP reads as the year 2036. A kiss-o'-death, of stratum 0, is lwIP's to obey. */
bool network_believes(const struct pbuf *reply)
{
    uint32_t seconds;

    if (pbuf_copy_partial(reply, &seconds, sizeof seconds, TRANSMIT_AT) != sizeof seconds)
        return false;
    unsigned stratum = pbuf_get_at(reply, STRATUM_AT);
    return stratum == 0 ||
           (pbuf_get_at(reply, LEAP_AT) >> 6 != UNSYNCHRONIZED && stratum < STRATUM_END &&
            can_be_now(lwip_ntohl(seconds) - UNIX_EPOCH)); /* in 2036 NTP's begins anew, too */
}

static bool was_told; /* the time, since it was asked for */

void network_set_clock(uint32_t seconds)
{
    was_told = true;
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

static bool has_been_told(void)
{
    return was_told;
}

void network_ask_time(void)
{
    was_told = false;
    sntp_stop();
    sntp_init();
    wait_for(has_been_told, SNTP_AGAIN_MS);
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
