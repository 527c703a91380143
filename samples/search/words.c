/* SPDX-License-Identifier: BSD-3-Clause */
#include "words.h"

#include <stdbool.h>
#include <string.h>

/** Whether @p word is a short option with its value behind it, as in "-j4". */
static bool has_attached_value(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && strchr("cefijrwZ", word[1]) != NULL &&
           word[2] != '\0';
}

char **words_split(int argc, char **argv)
{
    GPtrArray *words = g_ptr_array_new();
    bool options_end = false;
    for (int i = 0; i < argc; i++) {
        options_end |= i > 0 && strcmp(argv[i], "--") == 0;
        if (i > 0 && !options_end && has_attached_value(argv[i])) {
            g_ptr_array_add(words, g_strndup(argv[i], 2));
            g_ptr_array_add(words, g_strdup(argv[i] + 2));
        } else {
            g_ptr_array_add(words, g_strdup(argv[i]));
        }
    }
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}
