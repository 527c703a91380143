/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/date.h"

static void test_field(void)
{
    date_line line = {0};
    const char *text = date_now(&line);
    g_assert_true(g_regex_match_simple(
        "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z][a-z] 2\\d{3} \\d\\d:\\d\\d:\\d\\d GMT$",
        text, 0, 0));
    g_assert_cmpint(time(NULL) - line.second, <=, 1);
    g_assert_true(date_now(&line) == text);
}

static void test_rfc_3339(void)
{
    GString *text = g_string_new("at ");
    date_append(text);
    g_assert_true(g_regex_match_simple("^at 2\\d{3}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$",
                                       text->str, 0, 0));
    g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/date/field", test_field);
    g_test_add_func("/date/rfc-3339", test_rfc_3339);
    return g_test_run();
}
