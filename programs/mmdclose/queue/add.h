/* SPDX-License-Identifier: MIT */
/* Storing a closing for later. */
#ifndef MMD_ADD_H
#define MMD_ADD_H

#include "job.h"

/* Stores job->closing. Fills the report and returns false if it was not stored. */
bool add_to_queue(const struct job *job, struct report *report);

#endif
