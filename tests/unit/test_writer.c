/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/writer.h>

static void test_appends(void)
{
    GString *out = g_string_new("before ");
    char *at = write_begin(out, 8);
    at = WRITE(at, "n=");
    at = write_bytes(at, NULL, 0);
    at = write_number(at, 4711);
    write_end(out, at);
    g_assert_cmpstr(out->str, ==, "before n=4711");
    g_assert_cmpuint(out->len, ==, 13);
    write_end(out, write_begin(out, 1000));
    g_assert_cmpstr(out->str, ==, "before n=4711");
    g_string_free(out, TRUE);
}

typedef struct {
    const char *name, *text;
    uint64_t value;
} number_case;

static const number_case number_cases[] = {
    {"zero", "0", 0},
    {"nine", "9", 9},
    {"ten", "10", 10},
    {"port", "65535", 65535},
    {"largest", "18446744073709551615", UINT64_MAX},
};

static void test_number(gconstpointer data)
{
    const number_case *row = data;
    char text[WRITE_NUMBER_MAX + 1];
    *write_number(text, row->value) = '\0';
    g_assert_cmpstr(text, ==, row->text);
}

/** More than was asked for is our own mistake. */
static void test_past_the_room(void)
{
    if (g_test_subprocess()) {
        GString *out = g_string_sized_new(100);
        write_end(out, write_begin(out, 2) + 3);
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*assertion failed*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/writer/appends", test_appends);
    g_test_add_func("/writer/past-the-room", test_past_the_room);
    for (size_t i = 0; i < G_N_ELEMENTS(number_cases); i++) {
        char *path = g_strdup_printf("/writer/number/%s", number_cases[i].name);
        g_test_add_data_func(path, &number_cases[i], test_number);
        g_free(path);
    }
    return g_test_run();
}
