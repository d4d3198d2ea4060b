/* The errors' sentences and names, each list in the order of enum mmd_error. One string apiece, not
 * pointers: those would have to be relocated in RAM. */
#include "mmdclose/error.h"

#include <string.h>

static const char texts[] = "done\0"
                            "not finished yet\0"
                            "the connection was closed in order\0"
                            "an argument cannot be used\0"
                            "the buffer is too small\0"
                            "the memory for TLS is exhausted\0"
                            "there are no random bytes\0"
                            "there is no usable trust anchor\0"
                            "the clock is not set, so certificates cannot be verified\0"
                            "the host's name has no address\0"
                            "no name server answers\0"
                            "the host cannot be reached\0"
                            "the connection broke\0"
                            "the time allowed is over\0"
                            "TLS failed\0"
                            "the server speaks neither TLS 1.2 nor TLS 1.3\0"
                            "the server's certificate is for another host\0"
                            "a certificate of the server's has expired or is not valid yet\0"
                            "the server's certificate comes from an issuer that is not trusted\0"
                            "the server's certificate is self-signed\0"
                            "the server does not send its intermediate certificate\0"
                            "the server's certificate cannot be accepted\0"
                            "the answer is not valid HTTP\0"
                            "the answer's head is too large\0"
                            "the connection ended without an answer\0"
                            "the connection ended within the answer\0"
                            "something other than the service answered\0"
                            "the service answered with an error\0"
                            "unknown error";

static const char names[] = "ok\0"
                            "pending\0"
                            "closed\0"
                            "input\0"
                            "capacity\0"
                            "memory\0"
                            "entropy\0"
                            "trust\0"
                            "clock\0"
                            "name\0"
                            "lookup\0"
                            "connect\0"
                            "network\0"
                            "timeout\0"
                            "tls\0"
                            "tls_version\0"
                            "cert_name\0"
                            "cert_date\0"
                            "cert_issuer\0"
                            "cert_self_signed\0"
                            "cert_chain\0"
                            "cert\0"
                            "protocol\0"
                            "too_large\0"
                            "empty\0"
                            "truncated\0"
                            "gateway\0"
                            "status\0"
                            "unknown";

/* Behind the last stands what is said of all other numbers. */
static const char *nth(const char *list, int error)
{
    if (error > 0 || error < MMD_ERR_STATUS)
        error = MMD_ERR_STATUS - 1;
    for (; error < 0; error++)
        list += strlen(list) + 1;
    return list;
}

const char *mmd_error_text(int error)
{
    return nth(texts, error);
}

const char *mmd_error_name(int error)
{
    return nth(names, error);
}
