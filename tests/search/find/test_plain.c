/* SPDX-License-Identifier: BSD-3-Clause */
/* The short way finds what the long way finds: each frame goes both, the long one as the same frame
 * of another link type. */
#include "finding.h"

enum { LINK_NETANALYZER = 240 }; /* Ethernet behind 4 bytes */

#define MACS "020000000002 020000000001"

static const char *const frames[] = {
    "0800 I",
    "0800 {11 <9c40 01bb Y>}",
    "86dd S",
    "86dd [11 <9c40 01bb Y>]",
    "0800 I 00000000",
    "86dd S 00000000",
    "0800 {06 (00000001 00000000 18 %0-50%)}",
    "0800 45 00 0013 0000 0000 40 06 0000 c0000201 c6336402 T",
    "0800 45 00 0014 0000 0000 40 06 0000 c0000201 c6336402 T",
    "0800 45 00 0000 0000 0000 40 06 0000 c0000201 c6336402 T",
    "0800 45 00 008b 0000 0000 40 06 0000 c0000201 c6336402 T",
    "0800 45 00 008d 0000 0000 40 06 0000 c0000201 c6336402 T",
    "0800 45 00 008c 0000 2000 40 06 0000 c0000201 c6336402 T",
    "0800 45 00 008c 0000 0001 40 06 0000 c0000201 c6336402 T",
    "0800 45 00 008c 0000 4000 40 06 0000 c0000201 c6336402 T",
    "0800 45 00 008c 0000 8000 40 06 0000 c0000201 c6336402 T",
    "0800 46 00 0090 0000 0000 40 06 0000 c0000201 c6336402 01010101 T",
    "0800 55 00 008c 0000 0000 40 06 0000 c0000201 c6336402 T",
    "0800 {04 I}",
    "0800 {29 S}",
    "0800 S",
    "86dd I",
    "86dd [00 06 00 000000000000 T]",
    "86dd [2c 06 00 0000 00000001 T]",
    "86dd 60000000 0000 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002 T",
    "86dd 60000000 0077 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002 T",
    "86dd 60000000 0079 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002 T",
    "86dd 50000000 0078 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002 T",
    "0806 I",
};

static void see(const frame *packet, uint64_t connection, void *data)
{
    (void)packet;
    g_array_append_val((GArray *)data, connection);
}

/** The first @p len bytes of a frame, of which @p front stands before the Ethernet header. */
static finding *find_in(int link_type, const char *front, const char *rest, size_t len,
                        GArray *seen)
{
    char *text = g_strconcat(front, MACS, rest, NULL);
    composed made = compose(text);
    finding *noted = finding_new(NULL);
    finder_watch(noted->finder, see, seen);
    finding_add(noted, link_type, slice(span_of(made.bytes), 0, len));
    finder_end(noted->finder);
    g_byte_array_unref(made.bytes);
    g_free(text);
    return noted;
}

static void test_same(const void *data)
{
    const char *rest = data;
    composed made = compose(rest);
    for (size_t len = 0; len <= made.bytes->len; len++) {
        GArray *seen[2] = {g_array_new(FALSE, FALSE, sizeof(uint64_t)),
                           g_array_new(FALSE, FALSE, sizeof(uint64_t))};
        finding *plain = find_in(LINK_ETHERNET, "", rest, 12 + len, seen[0]),
                *behind = find_in(LINK_NETANALYZER, "00000000", rest, 16 + len, seen[1]);
        finder_counts counts[2] = {finder_counted(plain->finder), finder_counted(behind->finder)};
        counts[0].cut_len += counts[0].cut_len > 0 ? 4 : 0; /* of the frame */
        g_assert_cmpuint(plain->n_found, ==, behind->n_found);
        g_assert_true(memcmp(&plain->ends, &behind->ends, sizeof plain->ends) == 0);
        g_assert_true(memcmp(&counts[0], &counts[1], sizeof counts[0]) == 0);
        g_assert_cmpuint(seen[0]->len, ==, seen[1]->len);
        g_assert_true(seen[0]->len == 0 ||
                      g_array_index(seen[0], uint64_t, 0) == g_array_index(seen[1], uint64_t, 0));
        for (int i = 0; i < 2; i++)
            g_array_unref(seen[i]);
        finding_free(plain);
        finding_free(behind);
    }
    g_byte_array_unref(made.bytes);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(frames); i++) {
        char *path = g_strdup_printf("/plain/%zu", i);
        g_test_add_data_func(path, frames[i], test_same);
        g_free(path);
    }
    return g_test_run();
}
