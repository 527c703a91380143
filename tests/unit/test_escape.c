/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/escape.h>

#include <jansson.h>
#include <string.h>

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
    {"separator-quote", "612262", '"', "a\\x22b"},
    {"no-separator", "612c62", 0, "a,b"},
    {"utf-8", "c3a4e282acf09f9982", 0, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82"},
    {"high-byte", "61ff62", 0, "a\\xffb"},
    {"continuation-alone", "80", 0, "\\x80"},
    {"cut-off", "61e282", 0, "a\\xe2\\x82"},
    {"overlong", "c080", 0, "\\xc0\\x80"},
    {"surrogate", "eda080", 0, "\\xed\\xa0\\x80"},
    {"beyond-unicode", "f4908080", 0, "\\xf4\\x90\\x80\\x80"},
    {"control-sequence-of-one-character", "c29b", 0, "\\xc2\\x9b"},
    {"first-of-c1", "c280", 0, "\\xc2\\x80"},
    {"last-of-c1", "c29f", 0, "\\xc2\\x9f"},
    {"no-break-space", "c2a0", 0, "\xc2\xa0"},
    {"right-to-left", "e280ae61", 0, "\\xe2\\x80\\xaea"},
    {"isolate", "e281a6", 0, "\\xe2\\x81\\xa6"},
    {"left-to-right-mark", "e2808e", 0, "\\xe2\\x80\\x8e"},
    {"arabic-letter-mark", "d89c", 0, "\\xd8\\x9c"},
    {"line-separator", "e280a8", 0, "\\xe2\\x80\\xa8"},
    {"tag", "f3a080a1", 0, "\\xf3\\xa0\\x80\\xa1"},
    {"noncharacter", "efbfbf", 0, "\\xef\\xbf\\xbf"},
};

static void test_text(const void *data)
{
    const escape_case *row = data;
    GByteArray *bytes = bytes_of_hex(row->hex);
    tlsfp_span text = exact_block(span_of(bytes));
    GString *out = g_string_new("kept ");
    tlsfp_append_escaped(out, text, row->separator);
    g_assert_true(g_str_has_prefix(out->str, "kept "));
    g_assert_cmpstr(out->str + strlen("kept "), ==, row->expected);
    g_string_free(out, TRUE);
    exact_block_free(text);
    g_byte_array_unref(bytes);
}

/** What a reader of JSON makes of the string; to be freed by the caller. */
static char *read_json_string(const char *json)
{
    json_t *read = json_loads(json, JSON_DECODE_ANY, NULL);
    g_assert_nonnull(read);
    char *value = g_strdup(json_string_value(read));
    json_decref(read);
    return value;
}

/* Whoever reads the JSON gets what stands in a line of text. */
static void test_json(const void *data)
{
    const escape_case *row = data;
    GByteArray *bytes = bytes_of_hex(row->hex);
    tlsfp_span text = exact_block(span_of(bytes));
    GString *plain = g_string_new(NULL), *json = g_string_new("kept ");
    tlsfp_append_escaped(plain, text, '\0');
    tlsfp_append_json_escaped(json, text);
    g_assert_true(g_str_has_prefix(json->str, "kept \""));
    char *value = read_json_string(json->str + strlen("kept "));
    g_assert_cmpstr(value, ==, plain->str);
    g_free(value);
    g_string_free(plain, TRUE);
    g_string_free(json, TRUE);
    exact_block_free(text);
    g_byte_array_unref(bytes);
}

typedef struct {
    const char *name;
    const char *text;
    const char *expected;
} string_case;

static const string_case string_cases[] = {
    {"empty", "", "\"\""},
    {"ascii", "Firefox 140", "\"Firefox 140\""},
    {"quote-and-backslash", "a\"b\\c", "\"a\\\"b\\\\c\""},
    {"slash", "a/b", "\"a/b\""},
    {"short-escapes", "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
    {"control", "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""},
    {"utf-8", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82\""},
    {"c1", "\xc2\x9b", "\"\\u009b\""},
    {"right-to-left", "\xe2\x80\xae", "\"\\u202e\""},
    {"tag", "\xf3\xa0\x80\xa1", "\"\\udb40\\udc21\""},
    {"not-utf-8", "a\xff\xe2\x82", "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
};

static void test_string(const void *data)
{
    const string_case *row = data;
    GString *out = g_string_new(NULL);
    tlsfp_append_json_string(out, row->text);
    g_assert_cmpstr(out->str, ==, row->expected);
    char *value = read_json_string(out->str);
    if (g_utf8_validate(row->text, -1, NULL))
        g_assert_cmpstr(value, ==, row->text);
    g_free(value);
    g_string_free(out, TRUE);
}

/** What may turn up in no form of any text: it moves a cursor, starts a line, or turns the
 * direction of writing. */
static bool is_harmful(gunichar character)
{
    return character < 0x20 || (character >= 0x7f && character <= 0x9f) || character == 0x061c ||
           (character >= 0x200b && character <= 0x200f) ||
           (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2060 && character <= 0x2069) || character == 0xfeff;
}

static void assert_harmless(const GString *out, unsigned input)
{
    if (!g_utf8_validate(out->str, (gssize)out->len, NULL))
        g_error("%x: '%s'", input, out->str);
    for (const char *at = out->str; *at != '\0'; at = g_utf8_next_char(at))
        if (is_harmful(g_utf8_get_char(at)))
            g_error("%x: '%s'", input, out->str);
}

static void test_every_pair(void)
{
    GString *out = g_string_new(NULL);
    for (unsigned pair = 0; pair <= 0xffff; pair++) {
        const uint8_t bytes[] = {(uint8_t)(pair >> 8), (uint8_t)pair};
        const char string[] = {(char)bytes[0], (char)bytes[1], '\0'};
        const tlsfp_span text = {bytes, sizeof bytes};
        g_string_truncate(out, 0);
        tlsfp_append_escaped(out, text, '\0');
        tlsfp_append_json_escaped(out, text);
        tlsfp_append_json_string(out, string);
        assert_harmless(out, pair);
    }
    g_string_free(out, TRUE);
}

static void test_every_character(void)
{
    GString *out = g_string_new(NULL);
    for (gunichar character = 1; character <= 0x10ffff; character++) {
        char string[7] = "";
        string[g_unichar_to_utf8(character, string)] = '\0';
        g_string_truncate(out, 0);
        tlsfp_append_escaped_string(out, string);
        tlsfp_append_json_string(out, string);
        assert_harmless(out, character);
    }
    g_string_free(out, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(escape_cases); i++) {
        char *path = g_strdup_printf("/escape/text/%s", escape_cases[i].name);
        g_test_add_data_func(path, &escape_cases[i], test_text);
        g_free(path);
        path = g_strdup_printf("/escape/json/%s", escape_cases[i].name);
        g_test_add_data_func(path, &escape_cases[i], test_json);
        g_free(path);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(string_cases); i++) {
        char *path = g_strdup_printf("/escape/json-string/%s", string_cases[i].name);
        g_test_add_data_func(path, &string_cases[i], test_string);
        g_free(path);
    }
    g_test_add_func("/escape/every-pair", test_every_pair);
    g_test_add_func("/escape/every-character", test_every_character);
    return g_test_run();
}
