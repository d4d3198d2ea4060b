/* SPDX-License-Identifier: MIT */
/* This machine as a board: the firmware as a program on a user-mode network, to debug it and the
 * lwIP port and to run them under sanitizers. Environment variables: FRAME_LOSS is how many of 100
 * frames are lost each way, LEASE for how many seconds DHCP gives the address, VLAN what the frames
 * that come are tagged with (802.1Q; at most 255). */
#include "firmware.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <lwip/etharp.h>
#include <lwip/sys.h>

#include "slirp_link.h"

#define FRAMES  64 /* that wait to be received; more are lost */
#define LONGEST (1514 + TAG_LEN)

#define ADDRESSES_LEN 12 /* of a frame's two stations */
#define TAG_LEN       4

const char board_name[] = "slirp";

static struct {
    char command_line[8192];
    bool too_long; /* it has more words */
    struct {
        size_t len;
        unsigned char bytes[LONGEST];
    } frames[FRAMES];
    size_t begin, end; /* of the frames that wait; they only count up */
} board;

/* Words with blanks or quotes go in quotes, as the firmware reads them. */
static void add_word(const char *word)
{
    char *to = board.command_line + strlen(board.command_line);

    if (strlen(word) * 2 + 4 > (size_t)(board.command_line + sizeof board.command_line - to)) {
        board.too_long = true;
        return;
    }
    *to++ = '"';
    for (; *word != '\0'; word++) {
        if (*word == '"' || *word == '\\')
            *to++ = '\\';
        *to++ = *word;
    }
    *to++ = '"';
    *to++ = ' ';
    *to = '\0';
}

void board_start(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        add_word(argv[i]);
}

bool board_command_line(char *out, size_t cap)
{
    size_t len = strlen(board.command_line);

    if (board.too_long || len >= cap)
        return false;
    memcpy(out, board.command_line, len + 1);
    return true;
}

void board_write(const char *text, size_t len)
{
    fwrite(text, 1, len, stdout);
    fflush(stdout);
}

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint32_t board_us(void)
{
    return (uint32_t)now_us();
}

u32_t sys_now(void)
{
    static uint64_t start;

    if (start == 0)
        start = now_us();
    return (u32_t)((now_us() - start) / 1000);
}

/* ---- the seed: a file "seed" in the working folder ---- */

bool board_load_seed(uint8_t seed[SEED_LEN])
{
    FILE *file = fopen("seed", "rb");
    bool done = file != NULL && fread(seed, SEED_LEN, 1, file) == 1;

    if (file != NULL)
        fclose(file);
    return done;
}

bool board_store_seed(const uint8_t seed[SEED_LEN])
{
    FILE *file = fopen("seed", "wb");
    bool done = file != NULL && fwrite(seed, SEED_LEN, 1, file) == 1;

    return file != NULL && fclose(file) == 0 && done;
}

/* ---- the credential: a file "secret" ---- */

const uint8_t *board_secret(size_t *cap)
{
    static uint8_t secret[8192]; /* zeros after what the file has */
    FILE *file = fopen("secret", "rb");

    *cap = sizeof secret;
    if (file == NULL)
        return NULL;
    size_t len = fread(secret, 1, sizeof secret, file);
    fclose(file);
    return len > 0 ? secret : NULL;
}

/* ---- the network interface ---- */

/* libslirp always gives an address for a day. */
static void shorten_lease(unsigned char *frame, size_t len)
{
    static const unsigned char day[] = {51, 4, 0, 1, 0x51, 0x80};
    const char *lease = getenv("LEASE");
    unsigned char *at = memmem(frame, len, day, sizeof day);

    if (lease == NULL || at == NULL)
        return;
    uint32_t seconds = lwip_htonl((uint32_t)atoi(lease));
    memcpy(at + 2, &seconds, sizeof seconds);
    memset(frame + 40, 0, 2); /* UDP without a checksum */
    SAY("DHCP gives the address for ", lease, " s");
}

/* Returns the frame's new length. */
static size_t tag(unsigned char *frame, size_t len)
{
    const char *vlan = getenv("VLAN");

    if (vlan == NULL)
        return len;
    memmove(frame + ADDRESSES_LEN + TAG_LEN, frame + ADDRESSES_LEN, len - ADDRESSES_LEN);
    memcpy(frame + ADDRESSES_LEN,
           (unsigned char[TAG_LEN]){0x81, 0x00, 0xE0 /* priority 7 */, (unsigned char)atoi(vlan)},
           TAG_LEN);
    return len + TAG_LEN;
}

static void keep_frame(const void *frame, size_t len)
{
    if (len > LONGEST - TAG_LEN || board.end - board.begin == FRAMES)
        return;
    unsigned char *bytes = board.frames[board.end % FRAMES].bytes;
    memcpy(bytes, frame, len);
    shorten_lease(bytes, len);
    board.frames[board.end++ % FRAMES].len = tag(bytes, len);
}

static err_t send_frame(struct netif *netif, struct pbuf *frame)
{
    unsigned char bytes[LONGEST];

    (void)netif;
    slirp_link_send(bytes, pbuf_copy_partial(frame, bytes, sizeof bytes, 0));
    return ERR_OK;
}

err_t board_netif_init(struct netif *netif)
{
    static const unsigned char address[] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
    const char *loss = getenv("FRAME_LOSS");

    netif->hwaddr_len = sizeof address;
    memcpy(netif->hwaddr, address, sizeof address);
    netif->mtu = 1500;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    return slirp_link_start(loss != NULL ? (unsigned)atoi(loss) : 0, keep_frame) ? ERR_OK : ERR_IF;
}

static bool take_frame(struct netif *netif)
{
    if (board.begin == board.end)
        return false;
    size_t at = board.begin++ % FRAMES, len = board.frames[at].len;
    struct pbuf *frame = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);
    if (frame == NULL)
        return true; /* lost for lack of memory, as on a board */
    pbuf_take(frame, board.frames[at].bytes, (u16_t)len);
    if (netif->input(frame, netif) != ERR_OK)
        pbuf_free(frame);
    return true;
}

void board_poll(struct netif *netif, uint32_t timeout_ms)
{
    if (board.begin == board.end)
        slirp_link_poll(-1, timeout_ms);
    while (take_frame(netif))
        continue;
}

/* ---- what a process lacks ---- */

size_t board_stack_used(void)
{
    return 0;
}

size_t board_stack_size(void)
{
    return 0;
}

_Noreturn void board_exit(int status)
{
    exit(status);
}
