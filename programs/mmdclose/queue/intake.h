/* SPDX-License-Identifier: MIT */
/* Taking in what was added. Nothing of a dropped file is trusted: it is opened without following
 * links and without blocking, has to be a regular file with one name and of a bounded size, and is
 * copied, since the one who added it may still write to it. Of its record only tenant, request,
 * client-request-id and actions are used, so whoever may add can never choose a host, a proxy, a CA
 * or a credential. */
#ifndef MMD_INTAKE_H
#define MMD_INTAKE_H

#include "options.h"
#include "queue/store.h"

struct intake {
    struct store *store;
    const struct options *options;
    int dir;              /* the drop folder */
    unsigned due, failed; /* files in the queue's folders */
    unsigned taken;       /* of this intake; */
    unsigned left;        /* in the drop folder, for the next one */
    bool any_tenant;      /* closings of other tenants than this queue's are taken in, too */
    bool emptied;         /* whether no name is left that would start another intake */
    char why[256];        /* what failed; "": nothing did */
};

/* Takes in all it can, and logs each. Fills the store's report and returns false if the drop folder
 * or the queue cannot be read, the queue not be written, or the drop folder not be emptied. */
bool take_in_all(struct intake *intake, struct store *store, const struct options *options);

/* The same before the queue is changed: of any tenant, since a flush sends those of its own only,
 * and by the drop folder's owner or root only. Without a drop folder nothing was added. False also
 * if something is left in it. */
bool take_in_to_change(struct intake *intake, struct store *store, const struct options *options);

/* Why a closing of another tenant is moved to failed/; as the end of a sentence. */
#define FOREIGN_TENANT "its tenant is not this queue's; see --tenants"

/* Why a closing with another client-request-id is; the same. */
#define NO_GUID                                                                                    \
    "its client-request-id is no GUID (hexadecimal digits, 8-4-4-4-12); add the closing again, "   \
    "with a GUID or without an id"

/* Whether closings of the tenant are taken: it is the one of --tenant, or among --tenants. */
bool is_own_tenant(const struct options *options, const char *tenant);

#endif
