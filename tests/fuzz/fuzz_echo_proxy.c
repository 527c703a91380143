/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The input is the start of a connection behind a load balancer. What is said of its first bytes
 * stays true as more of them come.
 */
#include <arpa/inet.h>
#include <string.h>

#include "exact_block.h"
#include "fuzz_target.h"
#include "serve/proxy.h"
#include "writer.h"

enum { N_PREFIXES = 128 }; /* each of the first ones is tried; they hold a line, and a head */

static void check_source(const proxy_source *from)
{
    uint8_t bytes[sizeof(struct in6_addr)];
    if (from->known)
        g_assert_true(inet_pton(AF_INET, from->address, bytes) == 1 ||
                      inet_pton(AF_INET6, from->address, bytes) == 1);
}

static void check_same(const proxy_source *a, const proxy_source *b)
{
    g_assert_true(a->known == b->known && a->port == b->port);
    g_assert_cmpstr(a->address, ==, b->address);
}

/** In a block of its exact size. */
static tlsfp_status parse(tlsfp_span bytes, proxy_source *out, size_t *out_len)
{
    tlsfp_span block = exact_block(bytes);
    const tlsfp_status status = proxy_parse(block, out, out_len);
    exact_block_free(block);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const tlsfp_span input = {data, len};
    proxy_source whole = {0};
    size_t whole_len = 0;
    const tlsfp_status expected = proxy_parse(input, &whole, &whole_len);
    if (expected == TLSFP_OK) {
        g_assert_true(whole_len > 0 && whole_len <= len);
        check_source(&whole);
    }
    for (size_t n = 0; n < MIN(len, N_PREFIXES); n++) {
        proxy_source part = {0};
        size_t part_len = 0;
        const tlsfp_status status = parse(slice(input, 0, n), &part, &part_len);
        g_assert_true(status == TLSFP_MORE || status == expected);
        g_assert_true(status != TLSFP_OK || part_len == whole_len);
        g_assert_true(status != TLSFP_MORE || expected != TLSFP_OK || n < whole_len);
        if (status == TLSFP_OK)
            check_same(&part, &whole);
    }
    return 0;
}
