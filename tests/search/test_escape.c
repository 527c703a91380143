/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/escape.h"

#include "exact_block.h"
#include "writer.h"

typedef struct {
    const char *name;
    const char *hex;
    char separator;
    const char *expected;
} escape_case;

static const escape_case escape_cases[] = {
    {"empty", "", 0, ""},
    {"ascii", "6578616d706c652e636f6d", 0, "example.com"},
    {"all-printed", "207e22", 0, " ~\""},
    {"tab", "610962", 0, "a\\tb"},
    {"newline", "0a", 0, "\\n"},
    {"backslash", "5c74", 0, "\\\\t"},
    {"carriage-return", "0d", 0, "\\x0d"},
    {"nul", "610062", 0, "a\\x00b"},
    {"escape", "1b5b33316d", 0, "\\x1b[31m"},
    {"delete", "7f", 0, "\\x7f"},
    {"separator", "612c62", ',', "a\\x2cb"},
    {"no-separator", "612c62", 0, "a,b"},
    {"utf-8", "c3a4e282acf09f9982", 0, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82"},
    {"high-byte", "61ff62", 0, "a\\xffb"},
    {"continuation-alone", "80", 0, "\\x80"},
    {"cut-off", "61e282", 0, "a\\xe2\\x82"},
    {"overlong", "c080", 0, "\\xc0\\x80"},
    {"surrogate", "eda080", 0, "\\xed\\xa0\\x80"},
    {"beyond-unicode", "f4908080", 0, "\\xf4\\x90\\x80\\x80"},
    {"control-sequence-of-one-character", "c29b", 0, "\\xc2\\x9b"},
    {"right-to-left", "e280ae61", 0, "\\xe2\\x80\\xaea"},
    {"line-separator", "e280a8", 0, "\\xe2\\x80\\xa8"},
};

static void test_escape(const void *data)
{
    const escape_case *row = data;
    GByteArray *bytes = bytes_of_hex(row->hex);
    tlsfp_span text = exact_block(span_of(bytes));
    GString *out = g_string_new("kept ");
    append_escaped(out, text, row->separator);
    g_assert_true(g_str_has_prefix(out->str, "kept "));
    g_assert_cmpstr(out->str + strlen("kept "), ==, row->expected);
    g_string_free(out, TRUE);
    exact_block_free(text);
    g_byte_array_unref(bytes);
}

/** Whatever comes, the result is UTF-8 on one line. */
static void test_every_pair(void)
{
    GString *out = g_string_new(NULL);
    for (unsigned pair = 0; pair <= 0xffff; pair++) {
        const uint8_t bytes[] = {(uint8_t)(pair >> 8), (uint8_t)pair};
        g_string_truncate(out, 0);
        append_escaped(out, (tlsfp_span){bytes, sizeof bytes}, '\0');
        if (strpbrk(out->str, "\t\n\r") != NULL ||
            !g_utf8_validate(out->str, (gssize)out->len, NULL))
            g_error("%04x: '%s'", pair, out->str);
    }
    g_string_free(out, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(escape_cases); i++) {
        char *path = g_strdup_printf("/escape/%s", escape_cases[i].name);
        g_test_add_data_func(path, &escape_cases[i], test_escape);
        g_free(path);
    }
    g_test_add_func("/escape/every-pair", test_every_pair);
    return g_test_run();
}
