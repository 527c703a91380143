/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Lines of tlsfp --json. */
#include <jansson.h>

#include "read/parts.h"

/** Takes the values in a line's "tls_fingerprints". @return false where it has no JA4. */
static bool take_values(struct subject *subject, const json_t *fingerprints)
{
    for (unsigned i = 0; i < TLSFP_N_CLIENT_KINDS; i++) {
        const char *value =
            json_string_value(json_object_get(fingerprints, tlsfp_kind_name((tlsfp_kind)i)));
        if (value != NULL && tlsfp_kind_fits((tlsfp_kind)i, value))
            subject->values[i] = g_strdup(value);
    }
    return subject->values[TLSFP_KIND_JA4] != NULL;
}

static bool read_line(struct subjects *subjects, const char *title, const char *line,
                      GError **error)
{
    json_t *object = json_loads(line, 0, NULL);
    struct subject *subject = subject_new(title);
    const bool fine = take_values(subject, json_object_get(object, "tls_fingerprints"));
    json_decref(object);
    if (!fine) {
        subject_free(subject);
        return subjects_fail(error, title, "not a line of tlsfp --json");
    }
    subject_complete(subject);
    subjects_count_client(subjects, subject);
    return true;
}

bool read_lines(struct subjects *subjects, const char *name, const char *text, GError **error)
{
    char **lines = g_strsplit(text, "\n", -1);
    bool fine = true;
    for (unsigned i = 0; fine && lines[i] != NULL; i++) {
        char *title = g_strdup_printf("%s:%u", name, i + 1);
        if (g_strstrip(lines[i])[0] != '\0')
            fine = read_line(subjects, title, lines[i], error);
        g_free(title);
    }
    g_strfreev(lines);
    return fine;
}
