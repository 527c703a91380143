/* SPDX-License-Identifier: BSD-3-Clause */
#include "subject.h"

#include <captures.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "carrier.h"

enum {
    MEMORY = 64 * 1024 * 1024,
    STDIN_LIMIT = 64 * 1024 * 1024,
    MIN_HEX = 80, /* digits of the shortest hello, about */
};

GQuark subject_error_quark(void)
{
    return g_quark_from_static_string("explain-subject");
}

static bool fail(GError **error, const char *word, const char *why)
{
    g_set_error(error, SUBJECT_ERROR, 0, "%s: %s", word, why);
    return false;
}

static void free_subject(gpointer data)
{
    subject *found = data;
    for (size_t i = 0; i < TLSFP_N_CLIENT_KINDS; i++)
        g_free(found->values[i]);
    g_free(found->title);
    tlsfp_shape_free(found->shape);
    g_free(found);
}

GPtrArray *subjects_new(void)
{
    return g_ptr_array_new_with_free_func(free_subject);
}

static subject *add_subject(GPtrArray *out, const char *title)
{
    subject *added = g_new0(subject, 1);
    added->title = g_strdup(title);
    added->count = 1;
    g_ptr_array_add(out, added);
    return added;
}

/** The values that follow from others: the parts of a JA4, the shape from raw forms. */
static void complete(subject *found)
{
    static const tlsfp_kind raw[] = {TLSFP_KIND_JA4_RO, TLSFP_KIND_JA4_R, TLSFP_KIND_JA3_R,
                                     TLSFP_KIND_JA3N_R};
    const char *ja4 = found->values[TLSFP_KIND_JA4];
    for (unsigned i = 0; ja4 != NULL && i < TLSFP_N_CLIENT_KINDS; i++)
        if (tlsfp_kind_is_part((tlsfp_kind)i) && found->values[i] == NULL) {
            GString *part = g_string_new(NULL);
            tlsfp_append_part(ja4, (tlsfp_kind)i, part);
            found->values[i] = g_string_free(part, FALSE);
        }
    for (size_t i = 0; i < G_N_ELEMENTS(raw); i++) {
        if (found->values[raw[i]] == NULL || found->whole)
            continue;
        if (found->shape == NULL)
            found->shape = tlsfp_shape_new();
        tlsfp_shape_add_text(found->shape, found->values[raw[i]]);
    }
}

/* ---- hellos ---- */

static bool is_same(const subject *a, const subject *b)
{
    return strcmp(a->values[TLSFP_KIND_JA4_RO], b->values[TLSFP_KIND_JA4_RO]) == 0 &&
           strcmp(a->values[TLSFP_KIND_JA3_R], b->values[TLSFP_KIND_JA3_R]) == 0;
}

/** Clients that shuffle their extensions are one where JA4 and JA3N are. */
static bool is_alike(const subject *a, const subject *b)
{
    return is_same(a, b) ||
           (strcmp(a->values[TLSFP_KIND_JA4_R], b->values[TLSFP_KIND_JA4_R]) == 0 &&
            strcmp(a->values[TLSFP_KIND_JA3N_R], b->values[TLSFP_KIND_JA3N_R]) == 0);
}

/** Adds a hello, or counts it where one like it is there from @p first on. */
static void add_hello(GPtrArray *out, guint first, const char *title, tlsfp_context *context,
                      const tlsfp_client_hello *hello)
{
    subject *added = add_subject(out, title);
    for (unsigned i = 0; i < TLSFP_N_CLIENT_KINDS; i++) {
        GString *value = g_string_new(NULL);
        tlsfp_append_value(context, hello, (tlsfp_kind)i, value);
        added->values[i] = g_string_free(value, FALSE);
    }
    for (guint i = first; i + 1 < out->len; i++) {
        subject *known = g_ptr_array_index(out, i);
        if (is_alike(known, added)) {
            known->count++;
            g_ptr_array_remove_index(out, out->len - 1);
            return;
        }
    }
    added->shape = tlsfp_shape_of_hello(hello);
    added->whole = true;
    added->post_quantum = tlsfp_offers_post_quantum(hello);
    added->ech = tlsfp_has_ech(hello);
    added->grease = tlsfp_has_grease(hello);
    added->resumption = tlsfp_offers_resumption(hello);
}

typedef struct {
    GPtrArray *out;
    guint first;
    const char *path;
    uint64_t frame; /* 0: all */
    tlsfp_context *context;
} search;

static void take_hello(const found_hello *found, void *data)
{
    search *state = data;
    if (state->frame != 0 && found->frame->number != state->frame)
        return;
    char *title = g_strdup_printf("%s:%" G_GUINT64_FORMAT, state->path, found->frame->number);
    add_hello(state->out, state->first, title, state->context, found->hello);
    g_free(title);
}

/** @param name how to call it. */
static bool read_capture(const char *path, const char *name, uint64_t number, GPtrArray *out,
                         GError **error)
{
    const finder_limits limits = {.memory = MEMORY, .max_hello = MAX_HELLO};
    search state = {out, out->len, name, number, tlsfp_context_new()};
    GError *reason = NULL;
    frame packet;
    struct capture *capture = capture_open(path, &reason);
    struct finder *finder = finder_new(&limits, state.context, take_hello, &state);
    while (capture != NULL && capture_next(capture, &packet, &reason) == CAPTURE_FRAME)
        finder_add(finder, &packet);
    if (capture != NULL)
        finder_end(finder);
    finder_free(finder);
    capture_close(capture);
    tlsfp_context_free(state.context);
    if (reason != NULL && out->len > state.first) { /* it is cut: what came before is explained */
        fprintf(stderr, "tlsfp-explain: %s\n", reason->message);
        g_clear_error(&reason);
    }
    if (reason != NULL) {
        g_propagate_error(error, reason);
        return false;
    }
    return out->len > state.first ||
           fail(error, name,
                number != 0 ? "no hello ends in this frame" : "there is no hello in it");
}

static const char *why_none(tlsfp_status status)
{
    if (status == TLSFP_MORE)
        return "the hello goes on after these bytes";
    return status == TLSFP_MALFORMED ? "this hello contradicts itself"
                                     : "this is neither a ClientHello nor what carries one in TLS, "
                                       "DTLS or QUIC";
}

static bool parse_bytes(const char *name, tlsfp_span bytes, GPtrArray *out, GError **error)
{
    tlsfp_client_hello hello;
    hello_carrier carrier;
    const tlsfp_status status = carrier_open(&carrier, bytes, &hello);
    if (status == TLSFP_OK)
        add_hello(out, out->len, name, carrier.context, &hello);
    carrier_close(&carrier);
    return status == TLSFP_OK || fail(error, name, why_none(status));
}

static bool parse_hex(const char *name, const char *text, GPtrArray *out, GError **error)
{
    GByteArray *bytes = g_byte_array_new();
    int high = -1;
    for (; *text != '\0'; text++) {
        const int digit = g_ascii_xdigit_value(*text);
        if (digit >= 0 && high >= 0) {
            const guint8 byte = (guint8)(high << 4 | digit);
            g_byte_array_append(bytes, &byte, 1);
        }
        if (digit >= 0)
            high = high < 0 ? digit : -1;
    }
    const bool fine = parse_bytes(name, (tlsfp_span){bytes->data, bytes->len}, out, error);
    g_byte_array_unref(bytes);
    return fine;
}

static bool is_hex(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        if (g_ascii_isxdigit(*text))
            n++;
        else if (!g_ascii_isspace(*text) && *text != ':')
            return false;
    }
    return n >= MIN_HEX;
}

/* ---- lines of tlsfp --json ---- */

static bool read_line(const char *name, unsigned number, const char *line, GPtrArray *out,
                      guint first, GError **error)
{
    json_t *object = json_loads(line, 0, NULL);
    const json_t *given = json_object_get(object, "tls_fingerprints");
    char *title = g_strdup_printf("%s:%u", name, number);
    bool fine = json_is_object(given) && json_is_string(json_object_get(given, "ja4")) &&
                tlsfp_kind_fits(TLSFP_KIND_JA4, json_string_value(json_object_get(given, "ja4")));
    if (fine) {
        subject *added = add_subject(out, title);
        for (unsigned i = 0; i < TLSFP_N_CLIENT_KINDS; i++) {
            const char *value =
                json_string_value(json_object_get(given, tlsfp_kind_name((tlsfp_kind)i)));
            if (value != NULL && tlsfp_kind_fits((tlsfp_kind)i, value))
                added->values[i] = g_strdup(value);
        }
        for (guint i = first; i + 1 < out->len; i++) {
            subject *known = g_ptr_array_index(out, i);
            if (g_strcmp0(known->values[TLSFP_KIND_JA4_RO], added->values[TLSFP_KIND_JA4_RO]) ==
                    0 &&
                g_strcmp0(known->values[TLSFP_KIND_JA3_R], added->values[TLSFP_KIND_JA3_R]) == 0) {
                known->count++;
                g_ptr_array_remove_index(out, out->len - 1);
                added = NULL;
                break;
            }
        }
        if (added != NULL)
            complete(added);
    } else {
        fail(error, title, "this is no line of tlsfp --json");
    }
    g_free(title);
    json_decref(object);
    return fine;
}

static bool read_lines(const char *name, const char *text, GPtrArray *out, GError **error)
{
    const guint first = out->len;
    char **lines = g_strsplit(text, "\n", -1);
    bool fine = true;
    for (unsigned i = 0; fine && lines[i] != NULL; i++)
        if (g_strstrip(lines[i])[0] != '\0')
            fine = read_line(name, i + 1, lines[i], out, first, error);
    g_strfreev(lines);
    return fine;
}

/* ---- values and names ---- */

/** The kind of a value by its form: raw forms first, as no hash has a comma. */
static bool kind_of(const char *word, tlsfp_kind *out)
{
    static const tlsfp_kind kinds[] = {
        TLSFP_KIND_JA4,   TLSFP_KIND_JA4_BC, TLSFP_KIND_JA4_A, TLSFP_KIND_JA3,
        TLSFP_KIND_JA4_R, TLSFP_KIND_JA3_R,  TLSFP_KIND_JA4_B,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (tlsfp_kind_fits(kinds[i], word)) {
            *out = kinds[i];
            return kinds[i] != TLSFP_KIND_JA3_R || strchr(word, ',') != NULL;
        }
    return false;
}

static void read_value(const char *word, tlsfp_kind kind, GPtrArray *out)
{
    subject *added = add_subject(out, word);
    char *value = g_strdup(word);
    tlsfp_kind_fold(kind, value);
    added->values[kind] = value;
    if (kind == TLSFP_KIND_JA4_B) /* or c: a hash does not say */
        added->values[TLSFP_KIND_JA4_C] = g_strdup(value);
    complete(added);
}

static bool is_named(const tlsfp_client *client, const char *word)
{
    if (g_ascii_strcasecmp(client->name, word) == 0)
        return true;
    if (client->family == NULL || client->versions == NULL)
        return false;
    char *name = g_strdup_printf("%s %s", client->family, client->versions);
    const bool named = g_ascii_strcasecmp(name, word) == 0;
    g_free(name);
    return named;
}

static bool read_name(const char *word, const tlsfp_clients *clients, GPtrArray *out)
{
    for (size_t i = 0; i < tlsfp_clients_count(clients); i++) {
        const tlsfp_client *client = tlsfp_clients_get(clients, i);
        if (!is_named(client, word))
            continue;
        subject *added = add_subject(out, client->name);
        added->values[TLSFP_KIND_JA4] = g_strdup(client->ja4);
        added->values[TLSFP_KIND_JA4_R] = g_strdup(client->ja4_r);
        added->values[TLSFP_KIND_STABLE] = g_strdup(client->stable);
        added->values[TLSFP_KIND_JA3] = g_strdup(client->ja3);
        added->values[TLSFP_KIND_JA3_R] = g_strdup(client->ja3_r);
        complete(added);
        return true;
    }
    return false;
}

/* ---- files ---- */

static bool read_text(const char *name, const char *text, gsize len, GPtrArray *out, GError **error)
{
    const bool is_text = strlen(text) == len;
    if (is_text && strchr("{", text[strspn(text, " \t\r\n")]) != NULL && len > 0)
        return read_lines(name, text, out, error);
    if (is_text && is_hex(text))
        return parse_hex(name, text, out, error);
    return parse_bytes(name, (tlsfp_span){(const uint8_t *)text, len}, out, error);
}

/** Captures begin with none of these: a hello, a record, a line of JSON, hex. */
static bool looks_like_hello(const char *text, gsize len)
{
    if (carrier_may_be((tlsfp_span){(const uint8_t *)text, len}))
        return true;
    return strlen(text) == len && (text[strspn(text, " \t\r\n")] == '{' || is_hex(text));
}

static bool read_file(const char *path, uint64_t number, GPtrArray *out, GError **error)
{
    char *start = g_malloc0(MAX_HELLO + 1);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        g_free(start);
        return fail(error, path, g_strerror(errno));
    }
    const size_t n = fread(start, 1, MAX_HELLO, file);
    fclose(file);
    bool fine;
    if (number == 0 && looks_like_hello(start, n)) {
        char *text;
        gsize len;
        fine = g_file_get_contents(path, &text, &len, error);
        if (fine) {
            fine = read_text(path, text, len, out, error);
            g_free(text);
        }
    } else {
        fine = read_capture(path, path, number, out, error);
    }
    g_free(start);
    return fine;
}

/** Standard input is kept in a file without a name while it is looked at. */
static bool read_standard_input(GPtrArray *out, GError **error)
{
    GByteArray *bytes = g_byte_array_new();
    guint8 chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, stdin)) > 0 && bytes->len < STDIN_LIMIT;)
        g_byte_array_append(bytes, chunk, (guint)n);
    const gsize len = bytes->len;
    g_byte_array_append(bytes, (const guint8 *)"", 1);
    const char *text = (const char *)bytes->data;
    char *path = NULL, *word = g_strstrip(g_strndup(text, MIN(len, MAX_HELLO)));
    tlsfp_kind kind;
    bool fine = false;
    if (strlen(text) == len && kind_of(word, &kind)) {
        read_value(word, kind, out);
        fine = true;
    } else if (looks_like_hello(text, len)) {
        fine = read_text("-", text, len, out, error);
    } else {
        const int fd = g_file_open_tmp("tlsfp-explain-XXXXXX", &path, error);
        fine = fd >= 0 && write(fd, text, len) == (ssize_t)len &&
               read_capture(path, "-", 0, out, error);
        if (fd >= 0)
            close(fd);
        if (path != NULL)
            unlink(path);
    }
    g_free(path);
    g_free(word);
    g_byte_array_unref(bytes);
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

bool subjects_read(const char *word, tlsfp_clients *clients, GPtrArray *out, GError **error)
{
    tlsfp_kind kind;
    char *path;
    uint64_t number;
    if (strcmp(word, "-") == 0)
        return read_standard_input(out, error);
    if (g_file_test(word, G_FILE_TEST_EXISTS))
        return read_file(word, 0, out, error);
    if (split_frame(word, &path, &number)) {
        const bool fine = read_file(path, number, out, error);
        g_free(path);
        return fine;
    }
    if (kind_of(word, &kind)) {
        read_value(word, kind, out);
        return true;
    }
    if (read_name(word, clients, out))
        return true;
    if (is_hex(word))
        return parse_hex("hello", word, out, error);
    return fail(error, word, "this is no file, no fingerprint, and no client of the list");
}
