/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/fingerprint.h>
#include <tlsfp/labels.h>

enum { PART_B_AT = 11, PART_C_AT = 24 }; /* in JA4: parts a, b and c, which '_' joins */

/** What is looked up of a hello. */
typedef struct {
    tlsfp_context *context;
    const tlsfp_client_hello *hello;
    const char *of[TLSFP_N_LABEL_KINDS];
    char ja3[TLSFP_JA3_SIZE], ja4[TLSFP_JA4_SIZE], ja4_o[TLSFP_JA4_SIZE], stable[TLSFP_JA4_SIZE];
    char parts[TLSFP_JA4_SIZE]; /* of JA4, each ended by NUL */
    GString *raw[TLSFP_N_LABEL_KINDS];
} values;

static void set_parts(values *found)
{
    tlsfp_ja4(found->context, found->hello, TLSFP_SORTED, found->parts);
    found->parts[PART_B_AT - 1] = found->parts[PART_C_AT - 1] = '\0';
    found->of[TLSFP_BY_JA4_A] = found->parts;
    found->of[TLSFP_BY_JA4_B] = found->parts + PART_B_AT;
    found->of[TLSFP_BY_JA4_C] = found->parts + PART_C_AT;
}

static void set_raw(values *found, tlsfp_label_kind kind)
{
    GString *text = found->raw[kind] = g_string_new(NULL);
    if (kind == TLSFP_BY_JA3_R)
        tlsfp_ja3_text(found->context, found->hello, text);
    else if (kind == TLSFP_BY_STABLE_R)
        tlsfp_stable_text(found->context, found->hello, text);
    else
        tlsfp_ja4_text(found->context, found->hello,
                       kind == TLSFP_BY_JA4_R ? TLSFP_SORTED : TLSFP_ORIGINAL, text);
    found->of[kind] = text->str;
}

static void set_value(values *found, tlsfp_label_kind kind)
{
    switch (kind) {
    case TLSFP_BY_JA3:
        tlsfp_ja3(found->context, found->hello, found->ja3);
        found->of[kind] = found->ja3;
        break;
    case TLSFP_BY_JA4:
        tlsfp_ja4(found->context, found->hello, TLSFP_SORTED, found->ja4);
        found->of[kind] = found->ja4;
        break;
    case TLSFP_BY_JA4_O:
        tlsfp_ja4(found->context, found->hello, TLSFP_ORIGINAL, found->ja4_o);
        found->of[kind] = found->ja4_o;
        break;
    case TLSFP_BY_STABLE:
        tlsfp_stable(found->context, found->hello, found->stable);
        found->of[kind] = found->stable;
        break;
    case TLSFP_BY_JA4_A:
    case TLSFP_BY_JA4_B:
    case TLSFP_BY_JA4_C:
        set_parts(found);
        break;
    case TLSFP_BY_JA4_R:
    case TLSFP_BY_JA4_RO:
    case TLSFP_BY_STABLE_R:
    case TLSFP_BY_JA3_R:
        set_raw(found, kind);
        break;
    case TLSFP_N_LABEL_KINDS:
        break;
    }
}

size_t tlsfp_labels_find_client(const tlsfp_labels *labels, tlsfp_context *context,
                                const tlsfp_client_hello *hello, tlsfp_label *out, size_t n_out)
{
    values found = {.context = context, .hello = hello};
    for (unsigned kind = 0; kind < TLSFP_N_LABEL_KINDS; kind++)
        if (tlsfp_labels_have(labels, (tlsfp_label_kind)kind))
            set_value(&found, (tlsfp_label_kind)kind);
    size_t n = tlsfp_labels_find(labels, found.of, out, n_out);
    for (unsigned kind = 0; kind < TLSFP_N_LABEL_KINDS; kind++)
        if (found.raw[kind] != NULL)
            g_string_free(found.raw[kind], TRUE);
    return n;
}
