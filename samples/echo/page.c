/* SPDX-License-Identifier: BSD-3-Clause */
#include "page.h"

#include <string.h>

void page_append_text(GString *out, tlsfp_span text)
{
    char *valid = g_utf8_make_valid((const char *)text.data, (gssize)text.len);
    char *escaped = g_markup_escape_text(valid, -1);
    g_string_append(out, escaped);
    g_free(escaped);
    g_free(valid);
}

const char *page_policy(void)
{
    return "default-src 'none'";
}

GBytes *page_html(const client *who, tlsfp_context *context, const tlsfp_client_hello *hello)
{
    char ja4[TLSFP_JA4_SIZE];
    GString *out = g_string_new("<!doctype html><title>tlsfp-echo</title>");
    (void)who;
    tlsfp_ja4(context, hello, TLSFP_SORTED, ja4);
    g_string_append(out, ja4);
    return g_string_free_to_bytes(out);
}
