/* SPDX-License-Identifier: BSD-3-Clause */
#include "layers/http3_settings.h"

#include "exact_block.h"
#include "writer.h"

typedef struct {
    const char *name, *stream, *expected; /* NULL: no settings */
    bool done;
} control_case;

static const control_case cases[] = {
    /* Chrome's, as services print it: settings, then one chosen at random. */
    {"chrome", "00 04 1b 01 80010000 06 80040000 07 4064 33 01 c0000004a817c7f8 80000005",
     "1:65536;6:262144;7:100;51:1;GREASE|m,a,s,p", true},
    {"empty", "00 04 00", "|m,a,s,p", true},
    {"qpack", "02 04 02 01 00", NULL, true},
    {"other-frame-first", "00 07 01 00", NULL, true},
    {"incomplete", "00 04 05 01 00", NULL, false},
    {"long-types", "4000 4004 4002 01 05", "1:5|m,a,s,p", true},
};

static void test_control(gconstpointer data)
{
    const control_case *row = data;
    GByteArray *stream = g_byte_array_new();
    put_hex(stream, row->stream);
    for (size_t step = 1; step <= stream->len; step++) {
        http3_control control = {0};
        GByteArray *settings = g_byte_array_new();
        GString *text = g_string_new(NULL);
        for (size_t at = 0; at < stream->len; at += step) {
            tlsfp_span block =
                exact_block((tlsfp_span){stream->data + at, MIN(step, stream->len - at)});
            http3_control_read(&control, block, settings);
            exact_block_free(block);
        }
        g_assert_true(control.done == row->done);
        http3_append_fingerprint(span_of(settings), "m,a,s,p", text);
        g_assert_cmpstr(text->str, ==, row->expected != NULL ? row->expected : "|m,a,s,p");
        http3_control_clear(&control);
        g_string_free(text, TRUE);
        g_byte_array_unref(settings);
    }
    g_byte_array_unref(stream);
}

/** A frame that claims more than a kilobyte is not kept. */
static void test_bound(void)
{
    http3_control control = {0};
    GByteArray *stream = g_byte_array_new(), *settings = g_byte_array_new();
    put_hex(stream, "00 04 5000");
    put_times(stream, 4096, 0);
    for (size_t at = 0; at + 100 < stream->len; at += 100)
        http3_control_read(&control, (tlsfp_span){stream->data + at, 100}, settings);
    g_assert_true(control.done);
    g_assert_null(control.bytes);
    g_assert_cmpuint(settings->len, ==, 0);
    g_byte_array_unref(stream);
    g_byte_array_unref(settings);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *path = g_strdup_printf("/http3-settings/%s", cases[i].name);
        g_test_add_data_func(path, &cases[i], test_control);
        g_free(path);
    }
    g_test_add_func("/http3-settings/bound", test_bound);
    return g_test_run();
}
