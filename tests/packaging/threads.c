/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Several threads compute every fingerprint of the same messages and datagrams, each in objects of
 * its own, and find what one thread finds. threads.py builds it with ThreadSanitizer; with
 * SHARE_A_CONTEXT they break the rule.
 *
 *     threads FOLDER-OF-MESSAGES FOLDER-OF-DATAGRAMS
 */
#include <tlsfp/tlsfp.h>

enum {
    N_THREADS = 4,
    N_ROUNDS = 3,
    LIMIT = 65536,
};

static GPtrArray *messages, *datagrams; /* GBytes, filled before the threads start */
static tlsfp_labels *labels;            /* read before the threads start */

#ifdef SHARE_A_CONTEXT
enum { SHARED = true };
#else
enum { SHARED = false };
#endif
static tlsfp_context *shared; /* where they break the rule */

static tlsfp_span span_of(const void *bytes)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data((GBytes *)bytes, &len);
    return (tlsfp_span){data, len};
}

static void add_labels(const char *ja4, GString *out)
{
    const char *values[TLSFP_N_CLIENT_KINDS] = {[TLSFP_KIND_JA4] = ja4};
    tlsfp_label label;
    if (tlsfp_labels_find(labels, values, &label, 1) == 1)
        g_string_append(out, label.name);
}

static void add_fingerprints(tlsfp_context *context, tlsfp_span message, tlsfp_transport transport,
                             GString *out)
{
    tlsfp_client_hello hello;
    tlsfp_status status = tlsfp_parse(message, transport, &hello);
    g_string_append_printf(out, "%d ", status);
    if (status != TLSFP_OK)
        return;
    char ja3[TLSFP_JA3_SIZE], ja4[TLSFP_JA4_SIZE], stable[TLSFP_JA4_SIZE];
    tlsfp_ja3(context, &hello, ja3);
    tlsfp_ja4(context, &hello, TLSFP_SORTED, ja4);
    tlsfp_stable(context, &hello, stable);
    g_string_append_printf(out, "%s %s %s ", ja3, ja4, stable);
    tlsfp_ja3_text(context, &hello, out);
    tlsfp_ja4_text(context, &hello, TLSFP_SORTED, out);
    tlsfp_ja4_text(context, &hello, TLSFP_ORIGINAL, out);
    add_labels(ja4, out);
}

static void add_stream(tlsfp_context *context, tlsfp_span bytes, GString *out)
{
    tlsfp_stream *stream = tlsfp_stream_new(TLSFP_QUIC, LIMIT);
    for (size_t at = bytes.len; at > 0; at--)
        tlsfp_stream_add(stream, at - 1, (tlsfp_span){bytes.data + at - 1, 1});
    tlsfp_span message;
    if (tlsfp_stream_message(stream, &message) == TLSFP_OK)
        add_fingerprints(context, message, TLSFP_QUIC, out);
    tlsfp_stream_free(stream);
}

static void add_datagram(tlsfp_context *context, tlsfp_span datagram, GString *out)
{
    tlsfp_quic *quic = tlsfp_quic_new(LIMIT);
    tlsfp_status status = tlsfp_quic_add(context, quic, datagram);
    g_string_append_printf(out, "%d ", status);
    tlsfp_span message;
    if (tlsfp_quic_message(quic, &message) == TLSFP_OK)
        add_fingerprints(context, message, TLSFP_QUIC, out);
    tlsfp_quic_free(quic);
}

static GString *everything(void)
{
    tlsfp_context *context = SHARED ? shared : tlsfp_context_new();
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < messages->len; i++) {
        tlsfp_span message = span_of(messages->pdata[i]);
        add_fingerprints(context, message, TLSFP_TLS, out);
        add_fingerprints(context, message, TLSFP_DTLS, out);
        if (i % 16 == 0)
            add_stream(context, message, out);
    }
    for (guint i = 0; i < datagrams->len && !SHARED; i++)
        add_datagram(context, span_of(datagrams->pdata[i]), out);
    if (!SHARED)
        tlsfp_context_free(context);
    return out;
}

/** @return GString: what every round found. */
static gpointer work(gpointer unused)
{
    (void)unused;
    GString *found = everything();
    for (int i = 1; i < N_ROUNDS; i++) {
        GString *again = everything();
        g_assert_true(SHARED || g_string_equal(again, found));
        g_string_free(again, TRUE);
    }
    return found;
}

static GPtrArray *read_folder(const char *path)
{
    GPtrArray *files = g_ptr_array_new();
    GDir *folder = g_dir_open(path, 0, NULL);
    g_assert_nonnull(folder);
    for (const char *name; (name = g_dir_read_name(folder)) != NULL;) {
        char *file = g_build_filename(path, name, NULL), *data;
        gsize len;
        g_assert_true(g_file_get_contents(file, &data, &len, NULL));
        g_ptr_array_add(files, g_bytes_new_take(data, len));
        g_free(file);
    }
    g_dir_close(folder);
    g_assert_cmpuint(files->len, >, 0);
    return files;
}

int main(int argc, char **argv)
{
    g_assert_cmpint(argc, ==, 3);
    messages = read_folder(argv[1]);
    datagrams = read_folder(argv[2]);
    const tlsfp_hash_key hash_key = {{1, 2}};
    labels = tlsfp_labels_new(&hash_key);
    tlsfp_labels_add(labels, TLSFP_KIND_JA4, "t13d1516h2_8daaf6152771_e5627efa2ab1",
                     &(tlsfp_label){.name = "a browser"});
    if (SHARED)
        shared = tlsfp_context_new();
    /* The library is first used by all of them at once. */
    GThread *threads[N_THREADS];
    for (int i = 0; i < N_THREADS; i++)
        threads[i] = g_thread_new(NULL, work, NULL);
    GString *found[N_THREADS];
    for (int i = 0; i < N_THREADS; i++)
        found[i] = g_thread_join(threads[i]);
    GString *expected = everything();
    for (int i = 0; i < N_THREADS; i++)
        g_assert_true(SHARED || g_string_equal(found[i], expected));
    g_print("%u messages and %u datagrams, %d threads, %zu bytes of fingerprints each\n",
            messages->len, datagrams->len, N_THREADS, expected->len);
    return 0;
}
