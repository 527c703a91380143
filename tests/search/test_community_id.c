/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/community_id.h"

/* https://github.com/corelight/community-id-spec, README.md */
typedef struct {
    const char *name;
    endpoints ends;
    const char *expected;
} id_case;

static const id_case id_cases[] = {
    {"tcp",
     {.version = 4,
      .protocol = 6,
      .src = {128, 232, 110, 120},
      .dst = {66, 35, 250, 204},
      .src_port = 34855,
      .dst_port = 80},
     "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
    {"tcp-back",
     {.version = 4,
      .protocol = 6,
      .src = {66, 35, 250, 204},
      .dst = {128, 232, 110, 120},
      .src_port = 80,
      .dst_port = 34855},
     "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
};

static void test_id(gconstpointer data)
{
    const id_case *row = data;
    char text[COMMUNITY_ID_LEN + 1] = {0};
    g_assert_true(write_community_id(text, &row->ends) == text + COMMUNITY_ID_LEN);
    g_assert_cmpstr(text, ==, row->expected);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(id_cases); i++) {
        char *path = g_strdup_printf("/community-id/%s", id_cases[i].name);
        g_test_add_data_func(path, &id_cases[i], test_id);
        g_free(path);
    }
    tlsfp_context *context = tlsfp_context_new(); /* starts libgcrypt */
    int status = g_test_run();
    tlsfp_context_free(context);
    return status;
}
