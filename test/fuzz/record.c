/* Records seeds for client_tls, and tells whether they still hold.
 *
 *   record PORT ANCHORS >SEED    runs an exchange with the server on that port of this machine, and
 *                                writes it down
 *   record check SEED...         fails unless each exchange is answered */
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

static bool is_answered(size_t len)
{
    int error = exchange_over_tls(seed, len);

    fprintf(stderr, "  %s\n", mmd_error_text(error));
    return error == MMD_OK || error == MMD_ERR_STATUS;
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

int main(int argc, char **argv)
{
    bool good = argc > 2;

    if (argc > 2 && strcmp(argv[1], "check") == 0) {
        for (int i = 2; i < argc; i++)
            good &= is_answered(read_file(argv[i], seed, sizeof seed));
    } else if (argc == 3) {
        size_t len = read_file(argv[2], seed + 2, 16384);
        seed[0] = (uint8_t)len;
        seed[1] = (uint8_t)(len >> 8);
        memcpy(seed + 2 + len, plan, sizeof plan);
        len += 2 + sizeof plan;
        fwrite(seed, 1, len, stdout);
        exchange_socket = connect_to(argv[1]);
        good = is_answered(len);
        close(exchange_socket);
    }
    return good ? 0 : 1;
}
