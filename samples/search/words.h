/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The words of the command line. */
#ifndef SEARCH_WORDS_H
#define SEARCH_WORDS_H

#include <glib.h>

/**
 * Puts the value of a short option, as in "-j4", into a word of its own, as GOption wants it for
 * options with callbacks; nothing behind "--" is split.
 * @return to be freed with g_strfreev().
 */
char **words_split(int argc, char **argv);

#endif
