/* SPDX-License-Identifier: MIT */
/* The result of a closing as one sentence: what happened, why, and what to do. The command and the
 * firmware share it. */
#ifndef MMD_SENTENCE_H
#define MMD_SENTENCE_H

#include "mmdclose/close.h"
#include "mmdclose/closing.h"
#include "mmdclose/port.h"

#define SENTENCE_MAX 2048 /* with its NUL; enough for any result and names of up to 255 bytes */

/* What the sentence is about; all strings are borrowed for the call. */
struct subject {
    const char *request, *tenant; /* request NULL: only a token was asked for */
    enum mmd_stage stage;         /* where it ended: who the next three are about */
    const char *host;             /* the service's or the token server's */
    const char *address;          /* the name or address that was connected to, or the proxy's */
    uint16_t port;
    bool only_why;           /* begin with the reason: what it is about was said before */
    bool by_earlier_try;     /* closed by a try whose response was lost */
    bool sent_before;        /* an earlier try may have been received */
    uint32_t again_ms;       /* when to try again, if it was tried; 0: any time */
    int64_t now;             /* seconds since 1970, or MMD_CLOCK_NOT_SET */
    const char *system_text; /* of the result's detail, if it is the system's; else "" */
    const char *hint;        /* put after what concerns the network: " " and a sentence, or "" */
    const char *ca_option;   /* how the user gives trust anchors */
    const char *clock;       /* the state of the clock, for the case that it is not set */
    const char *credential;  /* what to check besides ids if the token server does not accept it */
    const char *permission;  /* that the token has to have */
};

/* Writes the sentence, printable and NUL-terminated. */
void sentence(char out[SENTENCE_MAX], const struct subject *subject,
              const struct mmd_result *result, const struct mmd_verdict *verdict);

#endif
