/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/sighting.h"

sighting sighting_of(const found_hello *found, const char *file, tlsfp_context *context)
{
    sighting seen;
    seen.file = file;
    seen.found = found;
    seen.context = context;
    seen.names = NULL;
    seen.ja3[0] = seen.ja4[0] = '\0';
    return seen;
}

const char *sighting_ja3(sighting *seen)
{
    if (seen->ja3[0] == '\0')
        tlsfp_ja3(seen->context, seen->found->hello, seen->ja3);
    return seen->ja3;
}

const char *sighting_ja4(sighting *seen)
{
    if (seen->ja4[0] == '\0')
        tlsfp_ja4(seen->context, seen->found->hello, TLSFP_SORTED, seen->ja4);
    return seen->ja4;
}

void sighting_append(sighting *seen, tlsfp_kind kind, GString *out)
{
    if (kind == TLSFP_KIND_JA3)
        g_string_append_len(out, sighting_ja3(seen), TLSFP_JA3_LEN);
    else if (tlsfp_kind_is_part(kind))
        tlsfp_append_part(sighting_ja4(seen), kind, out);
    else
        tlsfp_append_value(seen->context, seen->found->hello, kind, out);
}
