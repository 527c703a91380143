/* SPDX-License-Identifier: BSD-3-Clause */
#include "ask/claims.h"

#include <string.h>

/** Browsers name each other: the first of these that is there is meant. */
static const char *const products[] = {
    "Edg/",     "EdgA/",           "OPR/",      "Vivaldi/", "YaBrowser/", "SamsungBrowser/",
    "Firefox/", "HeadlessChrome/", "Chromium/", "Chrome/",  "CriOS/",     "FxiOS/",
};

/** "Chrome/131": up to what follows the first number. */
static char *take_product(const char *at)
{
    const size_t name = strcspn(at, "/ ");
    size_t len = name;
    if (at[len] == '/')
        len += 1 + strspn(at + len + 1, "0123456789");
    return g_strndup(at, MIN(len, 64));
}

char *claim_product(const char *agent)
{
    if (agent[0] == '\0')
        return g_strdup("(none)");
    for (size_t i = 0; i < G_N_ELEMENTS(products); i++) {
        const char *at = strstr(agent, products[i]);
        if (at != NULL)
            return take_product(at);
    }
    const char *safari = strstr(agent, "Version/");
    if (safari != NULL && strstr(safari, "Safari/") != NULL) {
        char *version = take_product(safari + strlen("Version/"));
        char *text = g_strdup_printf("Safari/%s", version);
        g_free(version);
        return text;
    }
    return take_product(agent);
}
