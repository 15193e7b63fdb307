/* SPDX-License-Identifier: MIT */
/* A folder of a test's own that is gone after it. */
#ifndef SCRATCH_FOLDER_H
#define SCRATCH_FOLDER_H

/* cmocka group fixtures. */
int scratch_folder_make(void **state);
int scratch_folder_remove(void **state);

/* The path of a file in it; the text is good for eight further calls. */
const char *scratch_folder_path(const char *name);

#endif
