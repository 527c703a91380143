/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Compares bytes; g_assert_cmpmem() takes lengths as int, which -Wconversion refuses. */
#ifndef TLSFP_SAME_BYTES_H
#define TLSFP_SAME_BYTES_H

#include <glib.h>
#include <string.h>

#define assert_same_bytes(bytes, len, expected, expected_len)                                      \
    do {                                                                                           \
        const void *bytes_ = (bytes), *expected_ = (expected);                                     \
        size_t len_ = (len), expected_len_ = (expected_len);                                       \
        g_assert_cmpuint(len_, ==, expected_len_);                                                 \
        if (len_ > 0 && len_ == expected_len_)                                                     \
            g_assert_true(memcmp(bytes_, expected_, len_) == 0);                                   \
    } while (0)

#endif
