/* The mmdclose command: what it can be asked, and who answers. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "command.h"
#include "mmdclose/version.h"

static const char help[] =
    "Closes an elevation request of Microsoft Managed Desktop.\n"
    "\n"
    "usage: mmdclose close --tenant ID --request ID (--actions TEXT | --actions-file FILE)\n"
    "                      --token-file FILE [option]...\n"
    "       mmdclose trust [--ca-file FILE]     list the trust anchors with their expiry\n"
    "       mmdclose --help | --version\n"
    "\n"
    "  --tenant ID          the tenant's id\n"
    "  --request ID         the elevation request's id\n"
    "  --actions TEXT       what was done; --actions-file FILE reads it from a file (UTF-8)\n"
    "  --token-file FILE    the access token; FILE must be readable by you alone (chmod 600),\n"
    "                       a pipe, or within $CREDENTIALS_DIRECTORY\n"
    "                       A FILE of - is the standard input.\n"
    "\n"
    "  --host NAME          the service's host (mmdls.microsoft.com); its certificate must say so\n"
    "  --port N             TCP port (443)\n"
    "  --connect ADDRESS    connect to this name or address instead; the host is verified all the "
    "same\n"
    "  --ca-file FILE       trust the certificates in this PEM file (the system's CA bundle)\n"
    "  --timeout SECONDS    for all of it, from name lookup to the answer (30)\n"
    "  --json               print the result as one line of JSON\n"
    "  --verbose            tell each phase with its time, TLS version and suite, and the chain\n"
    "  --dry-run            print the request, the token replaced by its length, and send nothing\n"
    "\n"
    "exit status:\n"
    "  0  closed                            5  refused; the same will be refused again\n"
    "  1  internal error                    6  not authorised: get another token\n"
    "  2  wrong usage or input              7  try again later; closing twice does no harm\n"
    "  3  already closed                    8  the server cannot be verified; nothing was sent\n"
    "  4  no such request                   9  the clock is not set; nothing was sent\n";

/* The token is in our memory: keep it out of core dumps and away from other processes. */
static void harden(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* A closed standard descriptor would be given to the next file or socket that is opened, and what
 * is meant for people would go there. */
static void occupy_standard_descriptors(void)
{
    int fd;

    while ((fd = open("/dev/null", O_RDONLY)) >= 0 && fd <= STDERR_FILENO)
        continue; /* writing still fails there */
    if (fd >= 0)
        close(fd);
}

static enum mmd_outcome print(const char *text)
{
    fputs(text, stdout);
    return flush_output("") ? MMD_OUTCOME_CLOSED : MMD_OUTCOME_INTERNAL;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";

    signal(SIGPIPE, SIG_IGN); /* nobody reads our output: an error to tell, not a reason to die */
    occupy_standard_descriptors();
    harden();
    if (argc == 3 && strcmp(argv[2], "--help") == 0)
        return (int)print(help);
    if (strcmp(verb, "close") == 0)
        return (int)command_close(argc - 1, argv + 1);
    if (strcmp(verb, "trust") == 0)
        return (int)command_trust(argc - 1, argv + 1);
    if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0 || strcmp(verb, "help") == 0)
        return (int)print(help);
    if (strcmp(verb, "--version") == 0)
        return (int)print("mmdclose " MMD_VERSION "\n");
    fprintf(stderr, "mmdclose: %s; see 'mmdclose --help'.\n",
            argc > 1 ? "there is no such command" : "say what to do: 'close' or 'trust'");
    return MMD_OUTCOME_USAGE;
}
