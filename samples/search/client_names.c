/* SPDX-License-Identifier: BSD-3-Clause */
#include "client_names.h"

#include <stdio.h>
#include <string.h>

/** What is looked up of a hello. */
typedef struct {
    const char *of[TLSFP_N_LABEL_KINDS];
    char parts[JA4_LEN + 1]; /* of JA4, each ended by NUL */
    char stable[TLSFP_JA4_SIZE];
    GString *raw[TLSFP_N_LABEL_KINDS];
} values;

static void tell(const char *message, void *data)
{
    (void)data;
    fprintf(stderr, "tlsfp: %s\n", message);
}

bool client_names_read(tlsfp_labels *labels, const char *path, GError **error)
{
    char *text;
    gsize len;
    if (!g_file_get_contents(path, &text, &len, error))
        return false;
    tlsfp_labels_read(labels, path, (tlsfp_span){(const uint8_t *)text, len}, tell, NULL);
    g_free(text);
    return true;
}

static void set_parts(values *found, const char *ja4)
{
    memcpy(found->parts, ja4, sizeof found->parts);
    found->parts[JA4_B_AT - 1] = found->parts[JA4_C_AT - 1] = '\0';
    found->of[TLSFP_BY_JA4_A] = found->parts + JA4_A_AT;
    found->of[TLSFP_BY_JA4_B] = found->parts + JA4_B_AT;
    found->of[TLSFP_BY_JA4_C] = found->parts + JA4_C_AT;
}

static void set_raw(values *found, tlsfp_label_kind kind, sighting *seen)
{
    GString *text = found->raw[kind] = g_string_new(NULL);
    const tlsfp_client_hello *hello = seen->found->hello;
    if (kind == TLSFP_BY_JA3_R)
        tlsfp_ja3_text(seen->context, hello, text);
    else if (kind == TLSFP_BY_STABLE_R)
        tlsfp_stable_text(seen->context, hello, text);
    else
        tlsfp_ja4_text(seen->context, hello, kind == TLSFP_BY_JA4_R ? TLSFP_SORTED : TLSFP_ORIGINAL,
                       text);
    found->of[kind] = text->str;
}

/** Computes a value of that kind, of which there are labels. */
static void set_value(values *found, tlsfp_label_kind kind, sighting *seen)
{
    switch (kind) {
    case TLSFP_BY_JA3:
        found->of[kind] = sighting_ja3(seen);
        break;
    case TLSFP_BY_JA4:
        found->of[kind] = sighting_ja4(seen);
        break;
    case TLSFP_BY_JA4_O:
        found->of[kind] = sighting_ja4_o(seen);
        break;
    case TLSFP_BY_STABLE:
        tlsfp_stable(seen->context, seen->found->hello, found->stable);
        found->of[kind] = found->stable;
        break;
    case TLSFP_BY_JA4_A:
    case TLSFP_BY_JA4_B:
    case TLSFP_BY_JA4_C:
        set_parts(found, sighting_ja4(seen));
        break;
    case TLSFP_BY_JA4_R:
    case TLSFP_BY_JA4_RO:
    case TLSFP_BY_STABLE_R:
    case TLSFP_BY_JA3_R:
        set_raw(found, kind, seen);
        break;
    case TLSFP_N_LABEL_KINDS:
        break;
    }
}

size_t client_names_of(sighting *seen, tlsfp_label out[MAX_NAMES], tlsfp_level *out_level)
{
    values found = {.of = {NULL}};
    *out_level = TLSFP_LEVEL_NONE;
    if (seen->labels == NULL)
        return 0;
    for (unsigned kind = 0; kind < TLSFP_N_LABEL_KINDS; kind++)
        if (tlsfp_labels_have(seen->labels, (tlsfp_label_kind)kind))
            set_value(&found, (tlsfp_label_kind)kind, seen);
    size_t n = tlsfp_labels_find(seen->labels, found.of, out, MAX_NAMES);
    for (size_t i = 0; i < n; i++)
        *out_level = MAX(*out_level, out[i].level);
    for (unsigned kind = 0; kind < TLSFP_N_LABEL_KINDS; kind++)
        if (found.raw[kind] != NULL)
            g_string_free(found.raw[kind], TRUE);
    return n;
}
