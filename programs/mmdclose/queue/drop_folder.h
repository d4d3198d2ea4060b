/* SPDX-License-Identifier: MIT */
/* The drop folder, where those who may add a closing leave it for the user who sends.
 *
 * It is the sender's, with mode 1730: the members of its group may add files, but can neither list
 * nor remove each other's, and those who may not search it cannot read what lies there. So a file
 * can have mode 0644 in it: the sender has to read it. Names that begin with a dot are not yet, or
 * not now, to be taken in:
 *
 *   .GUID        is being written, and locked by its writer; without the lock: abandoned
 *   .later-GUID  could not be taken in; every intake tries again
 *   .stuck-GUID  cannot be removed: another user's folder */
#ifndef MMD_DROP_FOLDER_H
#define MMD_DROP_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "report.h"

/* Stores a line durably as a new file. The folder cannot be opened by who may only add, so the file
 * system is synced by the file (syncfs(2)). Fills report and returns false if it was not stored. */
bool drop_line(const char *folder, const char *line, size_t len, struct report *report);

#endif
