/* SPDX-License-Identifier: MIT */
/* getaddrinfo in a thread. The question goes to the thread through a socket pair and the answer
 * comes back the same way, in one message each, so that no memory is shared and neither side ever
 * has to wait for the other to end. */
#include "lookup.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "race.h"
#include "writer.h"

struct question {
    char host[256], service[6];
};

struct answer {
    int error; /* MMD_OK or an error */
    struct mmd_detail detail;
    size_t count;
    union mmd_linux_address addresses[MMD_LINUX_ADDRESSES];
};

/* The error with which the system refuses a socket, or 0. What the resolver needs is refused, too,
 * then: that is not the name server's fault. glibc does not report it, and leaves any errno. */
static int socket_refusal(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return errno == EAFNOSUPPORT ? 0 : errno;
    close(fd);
    return 0;
}

static void set_error(struct answer *out, int gai_error)
{
    int refusal = 0;

    out->error = MMD_ERR_NAME;
    out->detail = (struct mmd_detail){MMD_DETAIL_GETADDRINFO, gai_error};
    switch (gai_error) {
    case EAI_MEMORY: refusal = ENOMEM; break;
    case EAI_AGAIN:
    case EAI_FAIL:
    case EAI_SYSTEM:
        out->error = MMD_ERR_LOOKUP;
        refusal = socket_refusal();
        break;
    default: break;
    }
    if (refusal != 0) {
        out->error = MMD_ERR_SYSTEM;
        out->detail = (struct mmd_detail){MMD_DETAIL_ERRNO, refusal};
    }
}

/* The next address of a family, from *at on. */
static const struct addrinfo *next_of(const struct addrinfo **at, int family)
{
    for (; *at != NULL; *at = (*at)->ai_next)
        if ((*at)->ai_family == family && (*at)->ai_addrlen <= sizeof(union mmd_linux_address)) {
            const struct addrinfo *found = *at;
            *at = found->ai_next;
            return found;
        }
    return NULL;
}

/* Copies the addresses, the families in turn, beginning with the one that the system prefers. */
static size_t alternate(const struct addrinfo *list, union mmd_linux_address *out)
{
    int first = list->ai_family == AF_INET6 ? AF_INET6 : AF_INET;
    int second = first == AF_INET6 ? AF_INET : AF_INET6;
    const struct addrinfo *of_first = list, *of_second = list;
    size_t count = 0;

    while (count < MMD_LINUX_ADDRESSES) {
        const struct addrinfo *next =
            count % 2 == 0 ? next_of(&of_first, first) : next_of(&of_second, second);
        if (next == NULL)
            next = count % 2 == 0 ? next_of(&of_second, second) : next_of(&of_first, first);
        if (next == NULL)
            break;
        memcpy(&out[count++], next->ai_addr, next->ai_addrlen);
    }
    return count;
}

static void look_up(const struct question *q, int family, int flags, struct answer *out)
{
    struct addrinfo hints = {
        .ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *list = NULL;

    memset(out, 0, sizeof *out);
    int gai_error = getaddrinfo(q->host, q->service, &hints, &list);
    if (gai_error != 0) {
        set_error(out, gai_error);
        return;
    }
    out->count = alternate(list, out->addresses);
    if (out->count == 0)
        set_error(out, EAI_NONAME);
    freeaddrinfo(list);
}

/* Asks for both families, then for each by itself, as far as that can help. musl gives up both if a
 * name server answers for IPv6 with an error. glibc reports that a name has no address if the
 * server failed for one family and knows no address of the other. */
static void look_up_name(const struct question *q, struct answer *out)
{
    struct answer one;

    look_up(q, AF_UNSPEC, 0, out);
    if (out->error == MMD_ERR_NAME || out->error == MMD_ERR_LOOKUP) {
        look_up(q, AF_INET, 0, &one);
        if (one.error != MMD_ERR_NAME)
            *out = one;
    }
    if (out->error == MMD_ERR_NAME) {
        look_up(q, AF_INET6, 0, &one);
        if (one.error != MMD_ERR_NAME)
            *out = one;
    }
}

static void *resolver(void *argument)
{
    int fd = (int)(intptr_t)argument;
    struct question question;
    struct answer answer;

    if (recv(fd, &question, sizeof question, 0) == sizeof question) {
        look_up_name(&question, &answer);
        (void)send(fd, &answer, sizeof answer, MSG_NOSIGNAL);
    }
    close(fd);
    return NULL;
}

/* Starts a thread that no signal of the program's is delivered to. */
static int start_thread(int fd)
{
    pthread_t thread;
    pthread_attr_t attributes;
    sigset_t all, before;

    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread, &attributes, resolver, (void *)(intptr_t)fd);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

static int ask(struct mmd_linux *p, const struct question *question)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return mmd_linux_fail(p, MMD_ERR_SYSTEM, errno);
    int error =
        send(pair[0], question, sizeof *question, MSG_NOSIGNAL) < 0 ? errno : start_thread(pair[1]);
    if (error != 0) {
        close(pair[0]);
        close(pair[1]);
        return mmd_linux_fail(p, MMD_ERR_SYSTEM, error);
    }
    p->lookup = pair[0];
    return MMD_PENDING;
}

static int take(struct mmd_linux *p, const struct answer *answer)
{
    p->count = answer->count;
    p->detail = answer->detail;
    memcpy(p->addresses, answer->addresses, sizeof p->addresses);
    return answer->error;
}

int mmd_lookup_begin(struct mmd_linux *p, const char *host, uint16_t tcp_port)
{
    struct question question;
    struct answer answer;
    struct mmd_writer service = {question.service, sizeof question.service - 1, 0};
    size_t len = strlen(host);

    memset(&question, 0, sizeof question);
    if (len >= sizeof question.host)
        return MMD_ERR_NAME;
    memcpy(question.host, host, len);
    mmd_put_decimal(&service, tcp_port);
    look_up(&question, AF_UNSPEC, AI_NUMERICHOST, &answer); /* never blocks */
    return answer.error == MMD_OK ? take(p, &answer) : ask(p, &question);
}

int mmd_lookup_finish(struct mmd_linux *p)
{
    struct answer answer;
    ssize_t n = recv(p->lookup, &answer, sizeof answer, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return MMD_PENDING;
    mmd_lookup_end(p);
    return n == sizeof answer ? take(p, &answer) : MMD_ERR_LOOKUP;
}

void mmd_lookup_end(struct mmd_linux *p)
{
    if (p->lookup >= 0)
        close(p->lookup);
    p->lookup = -1;
}
