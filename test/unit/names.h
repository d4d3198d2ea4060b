/* SPDX-License-Identifier: MIT */
/* A name service for tests. The getaddrinfo defined here comes before the C library's, in the whole
 * program; so one file of a test includes this. Numeric hosts mean themselves, any other name gets
 * the answer that was set. */
#ifndef TEST_NAMES_H
#define TEST_NAMES_H

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

union names_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool held;
    int waiting;
    int error;
    const union names_address *addresses;
    size_t count;
} names = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* The answer to every name from now on: an EAI_ error, or addresses (borrowed) in this order. A
 * port of 0 in an address becomes the one that was asked for. */
static void names_answer(int error, const union names_address *addresses, size_t count)
{
    pthread_mutex_lock(&names.lock);
    names.error = error;
    names.addresses = addresses;
    names.count = count;
    pthread_mutex_unlock(&names.lock);
}

/* While held, no question is answered. */
static void names_hold(bool held)
{
    pthread_mutex_lock(&names.lock);
    names.held = held;
    pthread_cond_broadcast(&names.changed);
    pthread_mutex_unlock(&names.lock);
}

/* How many questions wait for an answer. */
static inline int names_waiting(void)
{
    pthread_mutex_lock(&names.lock);
    int waiting = names.waiting;
    pthread_mutex_unlock(&names.lock);
    return waiting;
}

/* An entry of getaddrinfo's list, with its address. */
struct entry {
    struct addrinfo info;
    union names_address address;
};

static struct addrinfo *entry_of(const union names_address *address, const char *service)
{
    struct entry *e = calloc(1, sizeof *e);
    in_port_t port = htons((uint16_t)strtoul(service, NULL, 10));

    if (e == NULL)
        abort();
    e->address = *address;
    e->info.ai_family = address->any.sa_family;
    e->info.ai_socktype = SOCK_STREAM;
    e->info.ai_addr = &e->address.any;
    e->info.ai_addrlen =
        e->info.ai_family == AF_INET6 ? sizeof e->address.v6 : sizeof e->address.v4;
    if (e->info.ai_family == AF_INET && e->address.v4.sin_port == 0)
        e->address.v4.sin_port = port;
    if (e->info.ai_family == AF_INET6 && e->address.v6.sin6_port == 0)
        e->address.v6.sin6_port = port;
    return &e->info;
}

static int numeric(const char *host, const char *service, struct addrinfo **out)
{
    union names_address address;

    memset(&address, 0, sizeof address);
    if (inet_pton(AF_INET, host, &address.v4.sin_addr) == 1)
        address.v4.sin_family = AF_INET;
    else if (inet_pton(AF_INET6, host, &address.v6.sin6_addr) == 1)
        address.v6.sin6_family = AF_INET6;
    else
        return EAI_NONAME;
    *out = entry_of(&address, service);
    return 0;
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    if ((hints->ai_flags & AI_NUMERICHOST) != 0)
        return numeric(host, service, out);

    pthread_mutex_lock(&names.lock);
    names.waiting++;
    while (names.held)
        pthread_cond_wait(&names.changed, &names.lock);
    names.waiting--;
    int error = names.error;
    for (size_t i = 0; i < names.count && error == 0; i++) {
        *out = entry_of(&names.addresses[i], service);
        out = &(*out)->ai_next;
    }
    pthread_mutex_unlock(&names.lock);
    return error;
}

void freeaddrinfo(struct addrinfo *list)
{
    while (list != NULL) {
        struct addrinfo *next = list->ai_next;
        free(list); /* the entry begins with it */
        list = next;
    }
}

#endif
