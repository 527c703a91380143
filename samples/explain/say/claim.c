/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Whether a subject fits what its client says it is. */
#include <stdio.h>
#include <tlsfp/escape.h>

#include "say/parts.h"
#include "say/say.h"

static void print_claim(const char *title, tlsfp_claim claim, const char *why)
{
    GString *shown = g_string_new(NULL);
    tlsfp_append_escaped_string(shown, title);
    printf("%s: %s: %s\n", shown->str, tlsfp_claim_name(claim), why);
    g_string_free(shown, TRUE);
}

static void print_claim_json(const char *title, tlsfp_claim claim, const char *why)
{
    char *valid = g_utf8_make_valid(title, -1);
    print_json(
        json_pack("{s:s, s:s, s:s}", "what", valid, "claim", tlsfp_claim_name(claim), "why", why));
    g_free(valid);
}

tlsfp_claim say_claim(const struct subject *subject, const struct lists *lists,
                      const char *user_agent, bool json)
{
    GString *why = g_string_new(NULL);
    tlsfp_claim claim = TLSFP_CLAIM_UNKNOWN;
    if (lists->missing != NULL)
        g_string_append(why, lists->missing);
    else if (subject->shape != NULL)
        claim = tlsfp_claim_judge(lists->clients, user_agent, subject->shape, why);
    else
        g_string_append(why, "only a hash of this hello is known");
    if (json)
        print_claim_json(subject->title, claim, why->str);
    else
        print_claim(subject->title, claim, why->str);
    g_string_free(why, TRUE);
    return claim;
}
