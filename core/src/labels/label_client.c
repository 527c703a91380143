/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/labels.h>

/** @param ja4 empty until it is needed. */
static void append_value(tlsfp_context *context, const tlsfp_client_hello *hello, tlsfp_kind kind,
                         char ja4[TLSFP_JA4_SIZE], GString *out)
{
    if (!tlsfp_kind_is_part(kind)) {
        tlsfp_append_value(context, hello, kind, out);
        return;
    }
    if (ja4[0] == '\0')
        tlsfp_ja4(context, hello, TLSFP_SORTED, ja4);
    tlsfp_append_part(ja4, kind, out);
}

size_t tlsfp_labels_find_client(const tlsfp_labels *labels, tlsfp_context *context,
                                const tlsfp_client_hello *hello, tlsfp_label *out, size_t n_out)
{
    GString *texts = g_string_new(NULL); /* all values, each with its NUL */
    size_t starts[TLSFP_N_CLIENT_KINDS];
    const char *values[TLSFP_N_CLIENT_KINDS] = {NULL};
    char ja4[TLSFP_JA4_SIZE] = "";
    for (unsigned kind = 0; kind < TLSFP_N_CLIENT_KINDS; kind++)
        if (tlsfp_labels_have(labels, (tlsfp_kind)kind)) {
            starts[kind] = texts->len;
            append_value(context, hello, (tlsfp_kind)kind, ja4, texts);
            g_string_append_c(texts, '\0');
        }
    for (unsigned kind = 0; kind < TLSFP_N_CLIENT_KINDS; kind++)
        if (tlsfp_labels_have(labels, (tlsfp_kind)kind))
            values[kind] = texts->str + starts[kind];
    size_t n = tlsfp_labels_find(labels, values, out, n_out);
    g_string_free(texts, TRUE);
    return n;
}
