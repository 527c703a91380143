/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/subjects.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "read/carrier.h"
#include "read/parts.h"

enum { STDIN_LIMIT = 64 * 1024 * 1024 };

struct subjects {
    GPtrArray *all;
    GHashTable *clients; /* of the present source, by the hash of what tells clients apart */
    tlsfp_hash_key key;
};

GQuark subject_error_quark(void)
{
    return g_quark_from_static_string("explain-subject");
}

bool subjects_fail(GError **error, const char *word, const char *why)
{
    g_set_error(error, SUBJECT_ERROR, 0, "%s: %s", word, why);
    return false;
}

struct subjects *subjects_new(void)
{
    struct subjects *subjects = g_new0(struct subjects, 1);
    subjects->all = g_ptr_array_new_with_free_func((GDestroyNotify)subject_free);
    subjects->clients = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    tlsfp_hash_key_draw(&subjects->key);
    return subjects;
}

void subjects_free(struct subjects *subjects)
{
    if (subjects == NULL)
        return;
    g_hash_table_unref(subjects->clients);
    g_ptr_array_unref(subjects->all);
    g_free(subjects);
}

size_t subjects_count(const struct subjects *subjects)
{
    return subjects->all->len;
}

const struct subject *subjects_get(const struct subjects *subjects, size_t number)
{
    return g_ptr_array_index(subjects->all, number);
}

void subjects_begin_source(struct subjects *subjects)
{
    g_hash_table_remove_all(subjects->clients);
}

void subjects_add(struct subjects *subjects, struct subject *subject)
{
    g_ptr_array_add(subjects->all, subject);
}

static void append_value(GString *out, const struct subject *subject, tlsfp_kind kind)
{
    if (subject->values[kind] != NULL)
        g_string_append(out, subject->values[kind]);
    g_string_append_c(out, '\n');
}

/** Clients that shuffle their extensions are the same where JA4 and JA3N are. */
static guint64 hash_of_client(const struct subjects *subjects, const struct subject *subject)
{
    GString *text = g_string_new(NULL);
    append_value(text, subject, TLSFP_KIND_JA4);
    append_value(text, subject, TLSFP_KIND_JA4_R);
    append_value(text, subject, TLSFP_KIND_JA3N_R);
    if (subject->values[TLSFP_KIND_JA3N_R] == NULL)
        append_value(text, subject, TLSFP_KIND_JA3_R);
    const guint64 hash =
        tlsfp_hash(&subjects->key, (tlsfp_span){(const uint8_t *)text->str, text->len});
    g_string_free(text, TRUE);
    return hash;
}

void subjects_count_client(struct subjects *subjects, struct subject *subject)
{
    const guint64 hash = hash_of_client(subjects, subject);
    struct subject *known = g_hash_table_lookup(subjects->clients, &hash);
    if (known != NULL) {
        known->count++;
        subject_free(subject);
        return;
    }
    g_hash_table_insert(subjects->clients, g_memdup2(&hash, sizeof hash), subject);
    subjects_add(subjects, subject);
}

/* ---- files ---- */

/** The first bytes of a file, NUL-terminated. */
static bool read_start(const char *path, GString *out, GError **error)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return subjects_fail(error, path, g_strerror(errno));
    g_string_set_size(out, MAX_HELLO);
    const size_t len = fread(out->str, 1, MAX_HELLO, file);
    const bool fine = ferror(file) == 0 || subjects_fail(error, path, g_strerror(errno));
    g_string_set_size(out, len);
    fclose(file);
    return fine;
}

static bool read_hello_file(struct subjects *subjects, const char *path, GError **error)
{
    char *text;
    gsize len;
    if (!g_file_get_contents(path, &text, &len, error))
        return false;
    const bool fine = read_hello_text(subjects, path, text, len, error);
    g_free(text);
    return fine;
}

static bool read_file(struct subjects *subjects, const char *path, GError **error)
{
    GString *start = g_string_new(NULL);
    bool fine = read_start(path, start, error);
    if (fine && looks_like_hello(start->str, start->len))
        fine = read_hello_file(subjects, path, error);
    else if (fine)
        fine = read_capture(subjects, path, path, 0, error);
    g_string_free(start, TRUE);
    return fine;
}

/** "FILE:FRAME", where there is such a file. */
static bool split_frame(const char *word, char **out_path, uint64_t *out_number)
{
    const char *colon = strrchr(word, ':');
    char *end;
    if (colon == NULL || !g_ascii_isdigit(colon[1]))
        return false;
    *out_number = g_ascii_strtoull(colon + 1, &end, 10);
    *out_path = g_strndup(word, (gsize)(colon - word));
    if (*end == '\0' && *out_number > 0 && g_file_test(*out_path, G_FILE_TEST_EXISTS))
        return true;
    g_free(*out_path);
    return false;
}

/* ---- standard input ---- */

static GString *read_all(FILE *file)
{
    GString *text = g_string_new(NULL);
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0 && text->len < STDIN_LIMIT;)
        g_string_append_len(text, chunk, (gssize)n);
    return text;
}

static bool read_input_value(struct subjects *subjects, const GString *text,
                             const tlsfp_clients *clients)
{
    tlsfp_kind kind;
    if (strlen(text->str) != text->len || text->len > MAX_HELLO)
        return false;
    char *word = g_strstrip(g_strdup(text->str));
    const bool is_value = value_kind(word, &kind);
    if (is_value)
        read_value(subjects, word, kind, clients);
    g_free(word);
    return is_value;
}

/** A capture is kept in a file while it is read. */
static bool read_input_capture(struct subjects *subjects, const GString *bytes, GError **error)
{
    char *path = NULL;
    const int fd = g_file_open_tmp("tlsfp-explain-XXXXXX", &path, error);
    if (fd < 0)
        return false;
    bool fine = write(fd, bytes->str, bytes->len) == (ssize_t)bytes->len;
    if (!fine)
        subjects_fail(error, path, g_strerror(errno));
    close(fd);
    fine = fine && read_capture(subjects, path, "-", 0, error);
    unlink(path);
    g_free(path);
    return fine;
}

static bool read_standard_input(struct subjects *subjects, const tlsfp_clients *clients,
                                GError **error)
{
    GString *text = read_all(stdin);
    const bool fine = read_input_value(subjects, text, clients) ||
                      (looks_like_hello(text->str, text->len)
                           ? read_hello_text(subjects, "-", text->str, text->len, error)
                           : read_input_capture(subjects, text, error));
    g_string_free(text, TRUE);
    return fine;
}

/* ---- words ---- */

static bool fail_unknown(const char *word, const tlsfp_clients *clients, GError **error)
{
    char *others = other_versions(word, clients);
    char *why = others != NULL ? g_strconcat("the list has no such client, but ", others, NULL)
                               : g_strdup("not a file, a fingerprint, or a client in the list");
    subjects_fail(error, word, why);
    g_free(why);
    g_free(others);
    return false;
}

bool subjects_read(struct subjects *subjects, const char *word, const tlsfp_clients *clients,
                   GError **error)
{
    tlsfp_kind kind;
    char *path;
    uint64_t number;
    subjects_begin_source(subjects);
    if (strcmp(word, "-") == 0)
        return read_standard_input(subjects, clients, error);
    if (g_file_test(word, G_FILE_TEST_EXISTS))
        return read_file(subjects, word, error);
    if (split_frame(word, &path, &number)) {
        const bool fine = read_capture(subjects, path, path, number, error);
        g_free(path);
        return fine;
    }
    if (value_kind(word, &kind)) {
        read_value(subjects, word, kind, clients);
        return true;
    }
    if (read_name(subjects, word, clients))
        return true;
    if (is_hex(word))
        return read_hex(subjects, "hello", word, error);
    return fail_unknown(word, clients, error);
}
