/* SPDX-License-Identifier: BSD-3-Clause */
#include "subject.h"

struct subject *subject_new(const char *title)
{
    struct subject *subject = g_new0(struct subject, 1);
    subject->title = g_strdup(title);
    subject->count = 1;
    return subject;
}

void subject_free(struct subject *subject)
{
    if (subject == NULL)
        return;
    for (size_t i = 0; i < TLSFP_N_CLIENT_KINDS; i++)
        g_free(subject->values[i]);
    g_free(subject->title);
    g_free(subject->known_from);
    tlsfp_shape_free(subject->shape);
    g_free(subject);
}

void subject_take_hello(struct subject *subject, tlsfp_context *context,
                        const tlsfp_client_hello *hello)
{
    for (unsigned i = 0; i < TLSFP_N_CLIENT_KINDS; i++) {
        GString *value = g_string_new(NULL);
        tlsfp_append_value(context, hello, (tlsfp_kind)i, value);
        subject->values[i] = g_string_free(value, FALSE);
    }
    subject->shape = tlsfp_shape_of_hello(hello);
    subject->whole = true;
    subject->post_quantum = tlsfp_offers_post_quantum(hello);
    subject->ech = tlsfp_has_ech(hello);
    subject->grease = tlsfp_has_grease(hello);
    subject->resumption = tlsfp_offers_resumption(hello);
}

static void complete_parts(struct subject *subject)
{
    const char *ja4 = subject->values[TLSFP_KIND_JA4];
    for (unsigned i = 0; ja4 != NULL && i < TLSFP_N_CLIENT_KINDS; i++)
        if (tlsfp_kind_is_part((tlsfp_kind)i) && subject->values[i] == NULL) {
            GString *part = g_string_new(NULL);
            tlsfp_append_part(ja4, (tlsfp_kind)i, part);
            subject->values[i] = g_string_free(part, FALSE);
        }
}

/** Part a, which a raw JA4 begins with. */
static void complete_part_a(struct subject *subject)
{
    static const tlsfp_kind raw[] = {TLSFP_KIND_JA4_R, TLSFP_KIND_JA4_RO};
    for (size_t i = 0; i < G_N_ELEMENTS(raw); i++)
        if (subject->values[raw[i]] != NULL && subject->values[TLSFP_KIND_JA4_A] == NULL)
            subject->values[TLSFP_KIND_JA4_A] = g_strndup(subject->values[raw[i]], TLSFP_JA4_A_LEN);
}

static void complete_shape(struct subject *subject)
{
    static const tlsfp_kind raw[] = {TLSFP_KIND_JA4_RO, TLSFP_KIND_JA4_R, TLSFP_KIND_JA3_R,
                                     TLSFP_KIND_JA3N_R};
    for (size_t i = 0; i < G_N_ELEMENTS(raw); i++) {
        const char *text = subject->values[raw[i]];
        if (text == NULL)
            continue;
        if (subject->shape == NULL)
            subject->shape = tlsfp_shape_new();
        tlsfp_shape_add_text(subject->shape, text);
    }
}

void subject_complete(struct subject *subject)
{
    complete_parts(subject);
    complete_part_a(subject);
    if (!subject->whole)
        complete_shape(subject);
}
