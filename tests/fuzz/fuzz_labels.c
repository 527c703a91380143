/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The input is a list of labels. Whatever is found in it can be shown as it is, and what is
 * reported names the file.
 */
#include <string.h>
#include <tlsfp/labels.h>

#include "fuzz_target.h"

static const tlsfp_hash_key hash_key = {{1, 2}};

static const char *const values[TLSFP_N_CLIENT_KINDS] = {
    [TLSFP_KIND_JA4_R] = "t13d1516h2_002f,0035_0005_0403",
    [TLSFP_KIND_JA3_R] = "769,47-53,0-10-11,23,0",
    [TLSFP_KIND_JA3] = "ada70206e40642a3e4461f35503241d5",
    [TLSFP_KIND_JA4] = "t13d1516h2_8daaf6152771_e5627efa2ab1",
    [TLSFP_KIND_STABLE] = "t13d1516h2_8daaf6152771_e5627efa2ab1",
    [TLSFP_KIND_JA4_C] = "e5627efa2ab1",
    [TLSFP_KIND_JA4_B] = "8daaf6152771",
    [TLSFP_KIND_JA4_A] = "t13d1516h2",
};

static void check_text(const char *text)
{
    g_assert_true(g_utf8_validate(text, -1, NULL));
    for (; *text != '\0'; text++)
        g_assert_false(g_ascii_iscntrl(*text));
}

static void check_report(const char *message, void *data)
{
    size_t *n_reports = data;
    ++*n_reports;
    g_assert_true(g_str_has_prefix(message, "list:"));
    check_text(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    tlsfp_span input = {data, len};
    tlsfp_labels *labels = tlsfp_labels_new(&hash_key);
    size_t n_reports = 0;
    size_t n = tlsfp_labels_read(labels, "list", input, check_report, &n_reports);
    g_assert_cmpuint(n_reports, <=, 21);
    tlsfp_label found[16];
    size_t n_found = tlsfp_labels_find(labels, values, found, G_N_ELEMENTS(found));
    g_assert_cmpuint(n_found, <=, MIN(n, G_N_ELEMENTS(found)));
    for (size_t i = 0; i < n_found; i++) {
        g_assert_cmpint(found[i].name[0], !=, '\0');
        check_text(found[i].name);
        if (found[i].comment != NULL)
            check_text(found[i].comment);
    }
    tlsfp_labels_free(labels);
    return 0;
}
