/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Where the list of client names is that was installed with this program.
 */
#ifndef SEARCH_INSTALLED_LIST_H
#define SEARCH_INSTALLED_LIST_H

/** @return the path, to be freed: beside the program's folder, else where the build was told. NULL
 * where no list is. */
char *installed_list(void);

#endif
