/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/reader.h>

#include "finding.h"

#define ENDS "0000 c0000201 c6336402" /* an IPv4 header's checksum and addresses */
#define ENDS6 "40 20010db8000000000000000000000001 20010db8000000000000000000000002"

static const finding_case ip_cases[] = {
    {"ipv4", LINK_RAW, "I", 1},
    {"ipv4-options", LINK_RAW, "46 00 0090 0000 0000 40 06" ENDS "01010101 T", 1},
    {"ipv4-most-options", LINK_RAW,
     "4f 00 00b4 0000 0000 40 06" ENDS "01010101 01010101 01010101 01010101 01010101 01010101 "
     "01010101 01010101 01010101 01010101 T",
     1},
    {"ipv4-header-too-short", LINK_RAW, "44 00 008c 0000 0000 40 06" ENDS "T", 0},
    {"ipv4-padding", LINK_RAW, "I 000000000000", 1},
    {"ipv4-length-0", LINK_RAW, "45 00 0000 0000 0000 40 06" ENDS "T", 1},
    {"ipv4-length-below-header", LINK_RAW, "45 00 0013 0000 0000 40 06" ENDS "T", 0},
    {"ipv4-length-of-header", LINK_RAW, "45 00 0014 0000 0000 40 06" ENDS "T", 0},
    {"ipv4-length-cuts", LINK_RAW, "45 00 008b 0000 0000 40 06" ENDS "T", 0},
    {"ipv4-length-beyond", LINK_RAW, "45 00 008d 0000 0000 40 06" ENDS "T", 1},
    {"ipv4-do-not-fragment", LINK_RAW, "45 00 008c 0000 4000 40 06" ENDS "T", 1},
    {"ipv4-first-fragment", LINK_RAW, "45 00 008c 0000 2000 40 06" ENDS "T", 0},
    {"ipv4-later-fragment", LINK_RAW, "45 00 008c 0000 0001 40 06" ENDS "T", 0},
    {"version-5", LINK_RAW, "55 00 008c 0000 0000 40 06" ENDS "T", 0},
    {"ipv6", LINK_RAW, "S", 1},
    {"ipv6-padding", LINK_RAW, "S 000000000000", 1},
    {"ipv6-length-0", LINK_RAW, "60000000 0000 06" ENDS6 "T", 1},
    {"ipv6-length-cuts", LINK_RAW, "60000000 0077 06" ENDS6 "T", 0},
    {"ipv6-length-beyond", LINK_RAW, "60000000 0079 06" ENDS6 "T", 1},
    {"hop-by-hop", LINK_RAW, "[00 06 00 000000000000 T]", 1},
    {"routing", LINK_RAW, "[2b 06 02 000000000000 00000000000000000000000000000000 T]", 1},
    {"destination", LINK_RAW, "[3c 06 01 000000000000 0000000000000000 T]", 1},
    {"mobility", LINK_RAW, "[87 06 00 000000000000 T]", 1},
    {"authentication", LINK_RAW, "[33 06 04 0000 00000001 000102030405060708090a0b0c0d0e0f T]", 1},
    {"authentication-ipv4", LINK_RAW, "{33 06 01 0000 00000001 00010203 T}", 1},
    {"all-headers", LINK_RAW,
     "[00 2b 00 000000000000 3c 00 000000000000 87 00 000000000000 33 00 000000000000 "
     "06 00 0000 00000001 T]",
     1},
    {"header-beyond", LINK_RAW, "[3c 06 ff 000000000000 T]", 0},
    {"whole-in-a-fragment-header", LINK_RAW, "[2c 06 00 0000 00000001 T]", 1},
    {"reserved-bits-of-a-fragment", LINK_RAW, "[2c 06 00 0006 00000001 T]", 1},
    {"ipv6-first-fragment", LINK_RAW, "[2c 06 00 0001 00000001 T]", 0},
    {"ipv6-later-fragment", LINK_RAW, "[2c 06 00 0008 00000001 T]", 0},
    {"no-next-header", LINK_RAW, "[3b T]", 0},
    {"ipv4-in-ipv4", LINK_RAW, "{04 I}", 1},
    {"ipv6-in-ipv4", LINK_RAW, "{29 S}", 1},
    {"ipv4-in-ipv6", LINK_RAW, "[04 I]", 1},
    {"ipip", LINK_RAW, "{5e I}", 1},
    {"gre", LINK_RAW, "{2f 0000 0800 I}", 1},
    {"etherip", LINK_RAW, "{61 3000 N}", 1},
    {"etherip-other-version", LINK_RAW, "{61 2000 N}", 0},
    {"ethernet", LINK_RAW, "[8f N]", 1},
    {"mpls", LINK_RAW, "{89 00001140 I}", 1},
    {"l2tp", LINK_RAW, "{73 00000001 N}", 1},
    {"l2tp-control", LINK_RAW, "{73 00000000 N}", 0},
    {"l2tp-cookie", LINK_RAW, "{73 00000001 1122334455667788 N}", 1},
};

static const finding_case fragment_cases[] = {
    {"in-order", LINK_RAW,
     "45 00 003c 0007 2000 40 06" ENDS "(00000001 00000000 18 %0-20%)|"
     "45 00 0064 0007 0005 40 06" ENDS "%20-100%",
     1},
    {"backwards", LINK_RAW,
     "45 00 0064 0007 0005 40 06" ENDS "%20-100%|"
     "45 00 003c 0007 2000 40 06" ENDS "(00000001 00000000 18 %0-20%)",
     1},
    {"padded", LINK_RAW,
     "45 00 003c 0007 2000 40 06" ENDS "(00000001 00000000 18 %0-20%) 0000|"
     "45 00 0064 0007 0005 40 06" ENDS "%20-100% 0000",
     1},
    {"other-identification", LINK_RAW,
     "45 00 003c 0007 2000 40 06" ENDS "(00000001 00000000 18 %0-20%)|"
     "45 00 0064 0008 0005 40 06" ENDS "%20-100%",
     0},
    {"other-protocol", LINK_RAW,
     "45 00 003c 0007 2000 40 06" ENDS "(00000001 00000000 18 %0-20%)|"
     "45 00 0064 0007 0005 40 11" ENDS "%20-100%",
     0},
    {"other-source", LINK_RAW,
     "45 00 003c 0007 2000 40 06" ENDS "(00000001 00000000 18 %0-20%)|"
     "45 00 0064 0007 0005 40 06 0000 c0000203 c6336402 %20-100%",
     0},
    {"other-destination", LINK_RAW,
     "45 00 003c 0007 2000 40 06" ENDS "(00000001 00000000 18 %0-20%)|"
     "45 00 0064 0007 0005 40 06 0000 c0000201 c6336403 %20-100%",
     0},
    {"cut-by-the-capture", LINK_RAW,
     "45 00 0045 0007 2000 40 06" ENDS "(00000001 00000000 18 %0-20%)|"
     "45 00 0064 0007 0005 40 06" ENDS "%20-100%",
     0},
    {"ipv6", LINK_RAW,
     "[2c 06 00 0001 00000007 (00000001 00000000 18 %0-20%)]|[2c 06 00 0028 00000007 %20-100%]", 1},
    {"ipv6-headers-behind", LINK_RAW,
     "[2c 3c 00 0001 00000007 06 00 000000000000 (00000001 00000000 18 %0-20%)]|"
     "[2c 3c 00 0030 00000007 %20-100%]",
     1},
    {"ipv6-other-identification", LINK_RAW,
     "[2c 06 00 0001 00000007 (00000001 00000000 18 %0-20%)]|[2c 06 00 0028 00010007 %20-100%]", 0},
    /* RFC 8200 4.5: the first fragment says what the packet carries, and holds all headers */
    {"ipv6-other-header-later", LINK_RAW,
     "[2c 06 00 0001 00000007 (00000001 00000000 18 %0-20%)]|[2c 3b 00 0028 00000007 %20-100%]", 1},
    {"ipv6-other-header-first", LINK_RAW,
     "[2c 3b 00 0001 00000007 (00000001 00000000 18 %0-20%)]|[2c 06 00 0028 00000007 %20-100%]", 0},
    {"ipv6-first-without-tcp", LINK_RAW,
     "[2c 3c 00 0001 00000007 06 00 000000000000]|"
     "[2c 3c 00 0008 00000007 (00000001 00000000 18 H)]",
     0},
    {"ipv6-first-with-half-of-tcp", LINK_RAW,
     "[2c 06 00 0001 00000007 9c40 01bb 00000001 00000000 5018 ffff]|"
     "[2c 06 00 0010 00000007 0000 0000 H]",
     0},
    {"ipv6-cut-by-the-capture", LINK_RAW,
     "60000000 0100 2c" ENDS6 "06 00 0001 00000007 (00000001 00000000 18 %0-20%)|"
     "[2c 06 00 0028 00000007 %20-100%]",
     0},
    {"ecn-differs", LINK_RAW,
     "45 01 003c 0007 2000 40 06" ENDS "(00000001 00000000 18 %0-20%)|"
     "45 00 0064 0007 0005 40 06" ENDS "%20-100%",
     0},
    {"ipv6-ecn-differs", LINK_RAW,
     "60100000 0044 2c" ENDS6 "06 00 0001 00000007 (00000001 00000000 18 %0-20%)|"
     "[2c 06 00 0028 00000007 %20-100%]",
     0},
};

/** Which packets and fragments a watcher is told of. */
static void see(const frame *packet, uint64_t connection, void *data)
{
    (void)packet;
    g_array_append_val((GArray *)data, connection);
}

static void test_fragments_are_watched(void)
{
    finding *noted = finding_new(NULL);
    GArray *seen = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    finder_watch(noted->finder, see, seen);
    finding_add_text(noted, LINK_RAW, fragment_cases[0].frames);
    g_assert_cmpuint(seen->len, ==, 3); /* two fragments, and the packet in them */
    g_assert_true(g_array_index(seen, uint64_t, 0) == noted->ends.fragments);
    g_assert_true(g_array_index(seen, uint64_t, 1) == noted->ends.fragments);
    g_assert_true(g_array_index(seen, uint64_t, 2) == noted->ends.connection);
    g_assert_cmpuint(noted->in_frame, ==, 2);
    finding_add_text(noted, LINK_RAW, "[06 T]");
    g_assert_cmpuint(noted->ends.fragments, ==, 0);
    g_array_unref(seen);
    finding_free(noted);
}

static void test_ends(void)
{
    static const uint8_t src[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};
    finding *noted = finding_new(NULL);
    finding_add_text(noted, LINK_RAW, "{04 S}");
    g_assert_cmpuint(noted->ends.version, ==, 6);
    g_assert_cmpuint(noted->ends.protocol, ==, 6);
    g_assert_true(memcmp(noted->ends.src, src, 16) == 0);
    g_assert_cmpuint(noted->ends.dst[15], ==, 2);
    g_assert_cmpuint(noted->ends.src_port, ==, 40000);
    g_assert_cmpuint(noted->ends.dst_port, ==, 443);
    finding_add_text(noted, LINK_RAW, "I");
    g_assert_cmpuint(noted->ends.version, ==, 4);
    g_assert_cmpuint(noted->ends.src[0], ==, 192);
    g_assert_cmpuint(noted->ends.dst[3], ==, 2);
    finding_free(noted);
}

/** Headers within headers, at most 16. */
static void test_nesting(void)
{
    for (int around = 14; around < 18; around++) {
        GString *text = g_string_new(NULL);
        for (int i = 0; i < around; i++)
            g_string_append(text, i % 2 == 0 ? "{04 " : "{04");
        g_string_append_c(text, 'I');
        for (int i = 0; i < around; i++)
            g_string_append_c(text, '}');
        finding *noted = finding_new(NULL);
        finding_add_text(noted, LINK_RAW, text->str);
        g_assert_cmpuint(noted->n_found, ==, around + 1 <= 16);
        finding_add_text(noted, LINK_RAW, "S"); /* each frame begins anew */
        g_assert_cmpuint(noted->n_found, ==, 1 + (around + 1 <= 16));
        finding_free(noted);
        g_string_free(text, TRUE);
    }
}

/** Packets that are not opened are counted by protocol, but for those that hold no IP. */
static void test_passed(void)
{
    finding *noted = finding_new(NULL);
    finding_add_text(noted, LINK_RAW, "{85 T}|{85 T}|{32 T}|{01 T}|[3a T]|[3b T]|{59 T}");
    finder_counts counts = finder_counted(noted->finder);
    g_assert_cmpuint(counts.passed[0].number, ==, 133);
    g_assert_cmpuint(counts.passed[0].packets, ==, 2);
    g_assert_cmpint(counts.passed[0].kind, ==, PASSED_PROTOCOL);
    g_assert_cmpuint(counts.passed[1].number, ==, 50);
    g_assert_cmpuint(counts.passed[1].packets, ==, 1);
    g_assert_cmpuint(counts.passed[2].packets, ==, 0);
    finding_free(noted);
}

/** RFC 1071, over the packet in text that the test corrects. */
static uint16_t checksum_of(tlsfp_span bytes, uint32_t start)
{
    uint32_t total = start;
    for (size_t i = 0; i < bytes.len; i++)
        total += i % 2 == 0 ? (uint32_t)get_u8(bytes, i) << 8 : get_u8(bytes, i);
    while (total >> 16 != 0)
        total = (total & 0xffff) + (total >> 16);
    return (uint16_t)~total;
}

static void set_u16(GByteArray *bytes, size_t at, uint16_t value)
{
    bytes->data[at] = (uint8_t)(value >> 8);
    bytes->data[at + 1] = (uint8_t)value;
}

/** With the option, a packet counts only if both of its checksums are right. */
static void test_checksums(void)
{
    const finder_limits limits = {
        .memory = 1 << 20, .max_hello = 4096, .key = {{1, 2}}, .checksums = true};
    for (int wrong = 0; wrong < 4; wrong++) {
        composed made = compose("I");
        tlsfp_span packet = span_of(made.bytes);
        uint32_t pseudo = 6 + T_SIZE; /* protocol and length; then the addresses */
        for (size_t i = 12; i < 20; i += 2)
            pseudo += get_u16(packet, i);
        set_u16(made.bytes, 20 + 16, checksum_of(slice(packet, 20, packet.len), pseudo));
        set_u16(made.bytes, 10, checksum_of(slice(packet, 0, 20), 0));
        made.bytes->data[10] ^= (uint8_t)(wrong & 1);
        made.bytes->data[37] ^= (uint8_t)(wrong >> 1);
        finding *noted = finding_new(&limits), *usual = finding_new(NULL);
        finding_add(noted, LINK_RAW, packet);
        finding_add(usual, LINK_RAW, packet);
        g_assert_cmpuint(noted->n_found, ==, wrong == 0);
        g_assert_cmpuint(usual->n_found, ==, 1);
        finding_free(usual);
        finding_free(noted);
        g_byte_array_unref(made.bytes);
    }
}

/** Likewise of UDP, whose checksum covers what its length says and nothing behind that; 0 is none.
 */
static void test_udp_checksums(void)
{
    enum { UDP = 20, LENGTH = UDP + 4, CHECKSUM = UDP + 6 };
    static const struct {
        const char *packet;
        uint16_t wrong; /* in the checksum */
        bool none, found;
    } rows[] = {
        {"{11 <9c40 01bb Y>}", 0, false, true},          {"{11 <9c40 01bb Y>}", 1, false, false},
        {"{11 <9c40 01bb Y> 12345678}", 0, false, true}, {"{11 <9c40 01bb Y> 12}", 1, false, false},
        {"{11 <9c40 01bb Y> 12}", 0, true, true},
    };
    const finder_limits limits = {
        .memory = 1 << 20, .max_hello = 4096, .key = {{1, 2}}, .checksums = true};
    for (size_t row = 0; row < G_N_ELEMENTS(rows); row++) {
        composed made = compose(rows[row].packet);
        tlsfp_span packet = span_of(made.bytes);
        const uint16_t len = get_u16(packet, LENGTH);
        uint32_t pseudo = 17u + len;
        for (size_t i = 12; i < 20; i += 2)
            pseudo += get_u16(packet, i);
        set_u16(made.bytes, CHECKSUM, 0);
        const uint16_t sum = checksum_of(slice(packet, UDP, UDP + len), pseudo);
        set_u16(made.bytes, CHECKSUM, rows[row].none ? 0 : sum ^ rows[row].wrong);
        set_u16(made.bytes, 10, 0);
        set_u16(made.bytes, 10, checksum_of(slice(packet, 0, UDP), 0));
        finding *noted = finding_new(&limits);
        finding_add(noted, LINK_RAW, packet);
        g_test_message("%s %u", rows[row].packet, rows[row].wrong);
        g_assert_cmpuint(noted->n_found, ==, rows[row].found);
        finding_free(noted);
        g_byte_array_unref(made.bytes);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("ip", ip_cases);
    ADD_FINDING_CASES("ip/fragments", fragment_cases);
    g_test_add_func("/ip/fragments-are-watched", test_fragments_are_watched);
    g_test_add_func("/ip/ends", test_ends);
    g_test_add_func("/ip/nesting", test_nesting);
    g_test_add_func("/ip/passed", test_passed);
    g_test_add_func("/ip/checksums", test_checksums);
    g_test_add_func("/ip/udp-checksums", test_udp_checksums);
    return g_test_run();
}
