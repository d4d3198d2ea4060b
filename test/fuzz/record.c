/* SPDX-License-Identifier: MIT */
/* Records seeds for client_tls, and tells whether they still hold.
 *
 *   record PORT ANCHORS >SEED        runs an exchange with the server on that port of this machine,
 *                                    and writes it down
 *   record PORT again OTHER >SEED    puts one behind that of another seed, which keeps its session
 *   record check SEED...             fails unless each is answered, and resumes the session exactly
 *                                    if the seed's name ends so */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exchange.h"

static uint8_t seed[65536];

static size_t read_file(const char *name, uint8_t *out, size_t cap)
{
    FILE *file = fopen(name, "rb");
    size_t len = file != NULL ? fread(out, 1, cap, file) : 0;

    if (file == NULL || len == 0) {
        perror(name);
        exit(1);
    }
    fclose(file);
    return len;
}

/* The seed's plan, behind the anchors. */
static uint8_t *plan_of_seed(void)
{
    return seed + 2 + (seed[0] | seed[1] << 8);
}

static bool is_answered(size_t len, bool *resumed)
{
    struct exchange_end end = exchange_over_tls(seed, len);

    fprintf(stderr, "  %s%s\n", mmd_error_text(end.error), end.resumed ? " (resumed)" : "");
    *resumed = end.resumed;
    return end.error == MMD_OK;
}

static int connect_to(const char *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        perror("record");
        exit(1);
    }
    return fd;
}

/* The plan: no fault, ample room, whole pieces, a session is kept. */
static const uint8_t plan[EXCHANGE_PLAN] = {0, 0, 0, 0xFF, 0x0F, 32, 0, 0, 0, 32, 0};

/* Records what comes behind the first len bytes of the seed. */
static bool go_on(size_t len, const char *port)
{
    bool resumed;

    memcpy(seed + len, plan, sizeof plan);
    len += sizeof plan;
    fwrite(seed, 1, len, stdout);
    exchange_socket = connect_to(port);
    bool good = is_answered(len, &resumed);
    close(exchange_socket);
    return good;
}

/* Makes room for another exchange behind the first; returns the new length. */
static size_t put_extras(size_t len)
{
    uint8_t *first = plan_of_seed(), *extras = first + sizeof plan;
    size_t said = len - (size_t)(extras - seed);

    memmove(extras + 2, extras, said);
    *first |= EXCHANGE_AGAIN;
    extras[0] = (uint8_t)said;
    extras[1] = (uint8_t)(said >> 8);
    return len + 2;
}

int main(int argc, char **argv)
{
    bool good = argc > 2, resumed;

    if (argc > 2 && strcmp(argv[1], "check") == 0) {
        for (int i = 2; i < argc; i++)
            good &= is_answered(read_file(argv[i], seed, sizeof seed), &resumed) &&
                    resumed == (strstr(argv[i], "-resumed") != NULL);
    } else if (argc == 4 && strcmp(argv[2], "again") == 0) {
        good = go_on(put_extras(read_file(argv[3], seed, 16384)), argv[1]);
    } else if (argc == 3) {
        size_t len = read_file(argv[2], seed + 2, 16384);
        seed[0] = (uint8_t)len;
        seed[1] = (uint8_t)(len >> 8);
        good = go_on(2 + len, argv[1]);
    }
    return good ? 0 : 1;
}
