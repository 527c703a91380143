/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/decoder.h"

#include <string.h>

#include "read/budget.h"

#define SPAN(literal) ((tlsfp_span){(const uint8_t *)(literal), sizeof(literal) - 1})

/** "tlsfp\n", compressed by the programs of these names. */
static const struct {
    const char *path, *name;
    tlsfp_span bytes;
} files[] = {
    {"/decoder/gzip", "gzip",
     SPAN("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x2b\xc9\x29\x4e\x2b\xe0\x02\x00\x30\x5c\x89\x87"
          "\x06\x00\x00\x00")},
    {"/decoder/zstd", "zstd",
     SPAN("\x28\xb5\x2f\xfd\x04\x58\x31\x00\x00\x74\x6c\x73\x66\x70\x0a\xce\x53\x68\xe9")},
    {"/decoder/xz", "xz",
     SPAN("\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f"
          "\xe5\xa3\x01\x00\x05\x74\x6c\x73\x66\x70\x0a\x00\x00\x00\x22\x13\xdb\xec\x84\x21\xdc\x6e"
          "\x00\x01\x1e\x06\xc1\x2f\xa4\x1d\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a")},
    {"/decoder/lz4", "lz4",
     SPAN("\x04\x22\x4d\x18\x64\x40\xa7\x06\x00\x00\x80\x74\x6c\x73\x66\x70\x0a\x00\x00\x00\x00\xa8"
          "\x7f\x80\x59")},
    {"/decoder/bzip2", "bzip2",
     SPAN("\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x78\x5b\xa4\xb1\x00\x00\x02\xc1\x80\x00\x10\x01"
          "\x04\x4c\x00\x20\x00\x22\x18\x68\x30\x09\x4a\x18\x5d\xc9\x14\xe1\x42\x41\xe1\x6e\x92"
          "\xc4")},
};

/** Compressed bytes, handed out a few at a time. */
typedef struct {
    tlsfp_span left;
    size_t step;
    uint8_t piece[64];
} feeding;

static ssize_t feed(void *data, const uint8_t **out)
{
    feeding *from = data;
    size_t n = MIN(from->step, from->left.len);
    memcpy(from->piece, from->left.data, n);
    *out = from->piece;
    from->left.data += n;
    from->left.len -= n;
    return (ssize_t)n;
}

/** Decodes all of it, @p step bytes at a time; NULL where that fails. */
static GString *decode(tlsfp_span bytes, size_t step)
{
    feeding from = {.left = bytes, .step = step};
    stream_decoder *decoder = decoder_new(compression_of(bytes), feed, &from);
    GString *text = g_string_new(NULL);
    GError *error = NULL;
    uint8_t room[4];
    ssize_t n;
    while ((n = decoder_read(decoder, room, sizeof room, &error)) > 0)
        g_string_append_len(text, (const char *)room, n);
    decoder_free(decoder);
    if (n == 0)
        return text;
    g_error_free(error);
    g_string_free(text, TRUE);
    return NULL;
}

static void test_whole(gconstpointer data)
{
    tlsfp_span bytes = files[GPOINTER_TO_SIZE(data)].bytes;
    g_assert_cmpstr(compression_of(bytes)->name, ==, files[GPOINTER_TO_SIZE(data)].name);
    for (size_t step = 1; step <= 64; step++) {
        GString *text = decode(bytes, step);
        g_assert_nonnull(text);
        g_assert_cmpstr(text->str, ==, "tlsfp\n");
        g_string_free(text, TRUE);
    }
}

/** Every prefix fails, or gives nothing: never a wrong text. */
static void test_prefixes(gconstpointer data)
{
    tlsfp_span bytes = files[GPOINTER_TO_SIZE(data)].bytes;
    for (size_t len = 6; len < bytes.len; len++) {
        uint8_t *cut = g_memdup2(bytes.data, len);
        GString *text = decode((tlsfp_span){cut, len}, 64);
        if (text != NULL) {
            g_assert_true(g_str_has_prefix("tlsfp\n", text->str));
            g_string_free(text, TRUE);
        }
        g_free(cut);
    }
}

static void test_kinds(void)
{
    g_assert_null(compression_of(SPAN("")));
    g_assert_null(compression_of(SPAN("\x1f")));
    g_assert_null(compression_of(SPAN("\xd4\xc3\xb2\xa1\x02\x00")));
    g_assert_null(compression_of(SPAN("\x0a\x0d\x0d\x0a\x1c\x00")));
    g_assert_nonnull(compression_of(SPAN("\x1f\x8b"))->to_cat);
    g_assert_cmpstr(compression_of(SPAN("LRZI\x00\x06"))->name, ==, "lrzip");
    g_assert_null(compression_of(SPAN("LRZI\x00\x06"))->to_cat);
}

/** Frames of zstd that ask for a window: the exponent is in the upper five bits of the sixth byte.
 */
static void test_zstd_window(void)
{
    static const struct {
        const char *head;
        size_t len;
        const char *mib;
    } rows[] = {
        {"\x28\xb5\x2f\xfd\x00\x98", 6, "513 MiB"},
        {"\x28\xb5\x2f\xfd\x00\x90", 6, "257 MiB"},
        {"\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x40", 9,
         "1025 MiB"}, /* the whole content is the window */
        {"\x50\x2a\x4d\x18\x01\x00\x00\x00x\x28\xb5\x2f\xfd\x00\x90", 15,
         NULL}, /* skippable first */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char *reason = NULL;
        feeding from = {.left = {(const uint8_t *)rows[i].head, rows[i].len}, .step = 64};
        stream_decoder *decoder =
            decoder_new(compression_of(SPAN("\x28\xb5\x2f\xfd")), feed, &from);
        GError *error = NULL;
        uint8_t room[4];
        g_assert_cmpint(decoder_read(decoder, room, sizeof room, &error), ==, -1);
        reason = g_strdup(error->message);
        g_assert_nonnull(strstr(reason, rows[i].mib != NULL ? rows[i].mib : "257 MiB"));
        g_free(reason);
        g_error_free(error);
        decoder_free(decoder);
    }
}

static void test_budget(void)
{
    size_t first = 0, second = 0;
    g_assert_false(budget_reserve(DECODER_MEMORY + 1, &first));
    g_assert_true(budget_reserve(DECODER_MEMORY / 2, &first));
    g_assert_true(budget_reserve(DECODER_MEMORY / 4, &second));
    g_assert_true(budget_reserve(DECODER_MEMORY / 4, &first)); /* less than it has */
    g_assert_false(budget_reserve(DECODER_MEMORY, &first));    /* more than is left: no waiting */
    g_assert_true(budget_reserve(DECODER_MEMORY / 4 * 3, &first));
    g_assert_false(budget_reserve(DECODER_MEMORY / 2, &second));
    budget_return(&first);
    g_assert_cmpuint(first, ==, 0);
    g_assert_true(budget_reserve(DECODER_MEMORY, &second));
    budget_return(&second);
}

static gpointer return_soon(gpointer reserved)
{
    g_usleep(20000);
    budget_return(reserved);
    return NULL;
}

/** A decoder that has nothing yet waits for the others. */
static void test_budget_waits(void)
{
    size_t first = 0, second = 0;
    g_assert_true(budget_reserve(DECODER_MEMORY, &first));
    GThread *other = g_thread_new("other", return_soon, &first);
    g_assert_true(budget_reserve(DECODER_MEMORY, &second));
    g_thread_join(other);
    g_assert_cmpuint(first, ==, 0);
    budget_return(&second);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        char *prefixes = g_strconcat(files[i].path, "/prefixes", NULL);
        g_test_add_data_func(files[i].path, GSIZE_TO_POINTER(i), test_whole);
        g_test_add_data_func(prefixes, GSIZE_TO_POINTER(i), test_prefixes);
        g_free(prefixes);
    }
    g_test_add_func("/decoder/kinds", test_kinds);
    g_test_add_func("/decoder/zstd/window", test_zstd_window);
    g_test_add_func("/budget/limit", test_budget);
    g_test_add_func("/budget/waits", test_budget_waits);
    return g_test_run();
}
