/* What a finished exchange means for the closing of an elevation request. Pure. */
#ifndef MMDCLOSE_OUTCOME_H
#define MMDCLOSE_OUTCOME_H

#include "mmdclose/client.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The values are the exit status of the mmdclose command and of the firmware; they do not change.
 */
enum mmd_outcome {
    MMD_OUTCOME_CLOSED = 0,
    MMD_OUTCOME_INTERNAL = 1,       /* no memory, no random bytes */
    MMD_OUTCOME_USAGE = 2,          /* an argument or a file cannot be used; nothing was sent */
    MMD_OUTCOME_ALREADY_CLOSED = 3, /* after a try that was maybe sent, that one did it */
    MMD_OUTCOME_NO_SUCH_REQUEST = 4,
    MMD_OUTCOME_REFUSED = 5,        /* for good: the same request will be refused again */
    MMD_OUTCOME_NOT_AUTHORISED = 6, /* the token: 401, 403 */
    MMD_OUTCOME_TRY_LATER = 7,      /* network, deadline, 408, 429, 5xx but 501, 505; repeat */
    MMD_OUTCOME_NOT_VERIFIED = 8,   /* the server; nothing was sent */
    MMD_OUTCOME_CLOCK_NOT_SET = 9   /* nothing was sent */
};

enum mmd_outcome mmd_outcome(const struct mmd_result *result);

#ifdef __cplusplus
}
#endif
#endif
