/* SPDX-License-Identifier: BSD-3-Clause */
#include "labels/product.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_CHARACTERS                                                                           \
    "!#$%&'*+-.^_`|~0123456789"                                                                    \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" /* RFC 9110 5.6.2 */

/** Tokens that name a browser; those that other browsers send, too, come last. */
static const char *const browsers[] = {
    "Edg/",   "EdgA/",    "EdgiOS/",         "OPR/",      "Vivaldi/", "YaBrowser/",     "CriOS/",
    "FxiOS/", "Firefox/", "SamsungBrowser/", "Chromium/", "Chrome/",  "HeadlessChrome/"};

/** The token where it begins a word: "Chrome/" is not in "HeadlessChrome/". */
static const char *find_word(const char *agent, const char *token)
{
    for (const char *at = strstr(agent, token); at != NULL; at = strstr(at + 1, token))
        if (at == agent || at[-1] == ' ' || at[-1] == '(')
            return at;
    return NULL;
}

static const char *find_browser(const char *agent)
{
    for (size_t i = 0; i < G_N_ELEMENTS(browsers); i++) {
        const char *at = find_word(agent, browsers[i]);
        if (at != NULL)
            return at;
    }
    return NULL;
}

/** What says more than "Mozilla/5.0": "(compatible; Name/1.0; ...)", "(...) Name/1.0". */
static const char *behind_mozilla(const char *agent)
{
    static const char compatible[] = "(compatible; ";
    const char *at = strstr(agent, compatible);
    if (at != NULL)
        return at + strlen(compatible);
    at = strstr(agent, ") ");
    return at != NULL ? at + strlen(") ") : "";
}

static named_product read_product(const char *at)
{
    named_product found = {.has_version = false};
    const size_t len = strspn(at, TOKEN_CHARACTERS);
    memcpy(found.name, at, MIN(len, PRODUCT_SIZE - 1));
    if (len > 0 && at[len] == '/' && g_ascii_isdigit(at[len + 1])) {
        found.has_version = true;
        found.major = (unsigned)MIN(strtoul(at + len + 1, NULL, 10), G_MAXUINT);
    }
    return found;
}

named_product product_of(const char *agent)
{
    const char *browser = find_browser(agent);
    if (browser != NULL)
        return read_product(browser);
    const char *version = find_word(agent, "Version/");
    if (version != NULL && strstr(version, " Safari/") != NULL) {
        named_product safari = read_product(version);
        strcpy(safari.name, "Safari");
        return safari;
    }
    const bool is_mozilla = g_str_has_prefix(agent, "Mozilla/");
    return read_product(is_mozilla ? behind_mozilla(agent) : agent);
}

const char *product_alias(const char *name)
{
    return strcmp(name, "HeadlessChrome") == 0 || strcmp(name, "Chromium") == 0 ? "Chrome" : name;
}

bool version_range_read(const char *text, version_range *out)
{
    if (text == NULL || !g_ascii_isdigit(text[0]))
        return false;
    const char *last = text;
    for (const char *at = text + 1; *at != '\0'; at++)
        if (g_ascii_isdigit(*at) && !g_ascii_isdigit(at[-1]) && at[-1] != '.')
            last = at;
    out->first = (unsigned)strtoul(text, NULL, 10);
    out->last = (unsigned)strtoul(last, NULL, 10);
    return true;
}
