/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "fingerprint/raw.h"
#include "fingerprint/text.h"

void hello_lists_read(tlsfp_context *context, const tlsfp_client_hello *hello)
{
    hello_lists *lists = &context->lists;
    lists->n_ciphers = read_values(hello->cipher_suites, lists->ciphers);
    lists->n_types = read_extensions(hello->extensions, lists->types);
    lists->has_sorted = false;
}

const uint16_t *hello_lists_sorted_types(tlsfp_context *context)
{
    hello_lists *lists = &context->lists;
    if (!lists->has_sorted) {
        memcpy(lists->sorted_types, lists->types, lists->n_types * sizeof *lists->types);
        sort_values(lists->sorted_types, lists->n_types, &context->room);
        lists->has_sorted = true;
    }
    return lists->sorted_types;
}
