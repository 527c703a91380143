/* SPDX-License-Identifier: BSD-3-Clause */
#include "layers/quic_parameters.h"

#include "exact_block.h"
#include "writer.h"

/** In order, with values as numbers, flags, versions and bytes; GREASE is known by its id. */
static void test_list(void)
{
    static const struct {
        uint64_t id, number;
        bool is_number, grease;
    } rows[] = {{1, 30000, true, false},          {0x1b, 0, false, true}, {0x2ab2, 0, false, false},
                {0x11, 0, false, false},          {4, 64, true, false},   {0x0f, 0, false, false},
                {0x3e8 * 31 + 27, 0, false, true}};
    GByteArray *bytes = g_byte_array_new();
    quic_parameter parameter;
    uint64_t number;
    put_hex(bytes, "01 04 80007530 1b 02 abcd 6ab2 00 11 08 00000001 1a2a3a4a 04 02 4040 0f 00 "
                   "80007933 01 ff");
    tlsfp_span block = exact_block(span_of(bytes)), list = block;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_true(quic_next_parameter(&list, &parameter));
        g_assert_cmpuint(parameter.id, ==, rows[i].id);
        g_assert_true(quic_parameter_is_grease(parameter.id) == rows[i].grease);
        g_assert_true(quic_parameter_number(&parameter, &number) == rows[i].is_number);
        if (rows[i].is_number)
            g_assert_cmpuint(number, ==, rows[i].number);
    }
    g_assert_false(quic_next_parameter(&list, &parameter));
    for (size_t len = 0; len < block.len; len++) { /* cut anywhere: fewer, and an end */
        tlsfp_span part = exact_block((tlsfp_span){block.data, len}), rest = part;
        size_t n = 0;
        while (quic_next_parameter(&rest, &parameter))
            n++;
        g_assert_cmpuint(n, <, G_N_ELEMENTS(rows));
        exact_block_free(part);
    }
    exact_block_free(block);
    g_byte_array_unref(bytes);
}

static void test_names(void)
{
    g_assert_cmpstr(quic_parameter_name(0x0e), ==, "active_connection_id_limit");
    g_assert_null(quic_parameter_name(0x1b));
    g_assert_cmpstr(quic_version_name(1), ==, "1");
    g_assert_cmpstr(quic_version_name(0x6b3343cf), ==, "2");
    g_assert_null(quic_version_name(0x1a2a3a4a));
    g_assert_true(quic_version_is_grease(0x1a2a3a4a));
    g_assert_false(quic_version_is_grease(0x6b3343cf));
}

/** Numbers with something behind them, or cut, are bytes. */
static void test_no_number(void)
{
    const uint8_t long_value[] = {1, 2}, cut[] = {0x40};
    uint64_t number;
    quic_parameter parameter = {.id = 4, .value = {long_value, sizeof long_value}};
    g_assert_false(quic_parameter_number(&parameter, &number));
    parameter.value = (tlsfp_span){cut, sizeof cut};
    g_assert_false(quic_parameter_number(&parameter, &number));
    parameter.value = (tlsfp_span){long_value, 0};
    g_assert_false(quic_parameter_number(&parameter, &number));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/quic-parameters/list", test_list);
    g_test_add_func("/quic-parameters/names", test_names);
    g_test_add_func("/quic-parameters/no-number", test_no_number);
    return g_test_run();
}
