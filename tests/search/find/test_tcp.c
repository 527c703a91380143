/* SPDX-License-Identifier: BSD-3-Clause */
/* Random exchanges against a Linux server are in tests/evasion; here is what each rule does by
 * itself. */
#include "finding.h"

#define SYN "{06 (00000000 00000000 02 )}|"
#define SYN_ACK "^{06 (00005000 00000001 12 )}|"
#define FIRST "{06 (00000001 00000000 10 %0-50%)}"
#define SECOND "{06 (00000033 00000000 18 %50-100%)}"

static const finding_case tcp_cases[] = {
    {"one", LINK_RAW, SYN "{06 T}", 1},
    {"two", LINK_RAW, SYN FIRST "|" SECOND, 1},
    {"two-backwards", LINK_RAW, SYN SECOND "|" FIRST, 1},
    {"without-syn", LINK_RAW, FIRST "|" SECOND, 1},
    {"without-syn-backwards", LINK_RAW, SECOND "|" FIRST, 1},
    {"again", LINK_RAW, SYN FIRST "|" FIRST "|" SECOND "|" SECOND, 1},
    {"whole-again", LINK_RAW, SYN "{06 T}|{06 T}", 1},
    {"first-missing", LINK_RAW, SYN SECOND, 0},
    {"second-missing", LINK_RAW, SYN FIRST, 0},
    {"middle-missing", LINK_RAW, SYN FIRST "|{06 (00000034 00000000 18 %51-100%)}", 0},
    {"overlap", LINK_RAW, SYN FIRST "|{06 (00000029 00000000 18 %40-100%)}", 1},
    {"overlap-backwards", LINK_RAW, SYN "{06 (00000029 00000000 18 %40-100%)}|" FIRST, 1},
    {"overlap-first-stays", LINK_RAW, SYN FIRST "|{06 (00000032 00000000 18 ff %50-100%)}", 1},
    {"round", LINK_RAW,
     "{06 (ffffffe0 00000000 02 )}|{06 (ffffffe1 00000000 10 %0-50%)}|"
     "{06 (00000013 00000000 18 %50-100%)}",
     1},
    {"round-backwards", LINK_RAW,
     "{06 (ffffffe0 00000000 02 )}|{06 (00000013 00000000 18 %50-100%)}|"
     "{06 (ffffffe1 00000000 10 %0-50%)}",
     1},
    {"round-at-the-segment", LINK_RAW,
     "{06 (ffffffcd 00000000 02 )}|{06 (00000000 00000000 18 %50-100%)}|"
     "{06 (ffffffce 00000000 10 %0-50%)}",
     1},
    {"sign", LINK_RAW,
     "{06 (7fffffe0 00000000 02 )}|{06 (80000013 00000000 18 %50-100%)}|"
     "{06 (7fffffe1 00000000 10 %0-50%)}",
     1},
    {"reset", LINK_RAW, "{06 (00000001 00000000 14 H)}", 0},
    {"no-ack", LINK_RAW, SYN "{06 (00000001 00000000 08 H)}", 0},
    {"fin", LINK_RAW, SYN "{06 (00000001 00000000 19 H)}", 1},
    {"keepalive", LINK_RAW, SYN "{06 (00000000 00000000 10 00)}|{06 T}", 1},
    {"keepalive-later", LINK_RAW, SYN FIRST "|{06 (00000032 00000000 10 00)}|" SECOND, 1},
    /* segments that are held together */
    {"behind-binary-without-syn", LINK_RAW,
     "{06 (00000001 00000000 18 000000000001)}|{06 (00000007 00000000 18 H)}", 1},
    {"behind-binary-early", LINK_RAW,
     SYN "{06 (00000005 00000000 18 00000000)}|{06 (00000009 00000000 18 H)}|"
         "{06 (00000001 00000000 18 00000000)}",
     1},
    {"behind-binary-early-overlap", LINK_RAW,
     SYN "{06 (00000005 00000000 18 00000000)}|{06 (00000009 00000000 18 H)}|"
         "{06 (00000001 00000000 18 00000000 0000)}",
     1},
    /* an acknowledgment of what was never sent, RFC 5961 5 */
    {"acknowledges", LINK_RAW, SYN SYN_ACK "{06 (00000001 00005001 18 H)}", 1},
    {"acknowledges-too-much", LINK_RAW, SYN SYN_ACK "{06 (00000001 00005002 18 H)}", 0},
    /* bytes in a SYN, RFC 7413 */
    {"syn-data-acknowledged", LINK_RAW,
     "{06 (00000000 00000000 02 %0-50%)}|^{06 (00005000 00000033 12 )}|" SECOND, 1},
    {"syn-data-not-acknowledged", LINK_RAW, "{06 (00000000 00000000 02 %0-50%)}|" SYN_ACK SECOND,
     0},
    {"syn-data-again", LINK_RAW, "{06 (00000000 00000000 02 ffff)}|" SYN_ACK FIRST "|" SECOND, 1},
    {"syn-data-without-answer", LINK_RAW, "{06 (00000000 00000000 02 %0-50%)}|" SECOND, 1},
    /* a SYN within a connection, RFC 5961 4 */
    {"syn-within", LINK_RAW, SYN FIRST "|{06 (00007000 00000000 02 )}|" SECOND, 1},
    {"syn-starts-anew", LINK_RAW,
     SYN FIRST "|{06 (00007000 00000000 02 )}|{06 (00007001 00000000 18 H)}", 1},
    /* an urgent byte is not read, RFC 6093 */
    {"urgent", LINK_RAW,
     SYN "{06 9c40 01bb 00000001 00000000 50 38 ffff 0000 0033 %0-50% ff %50-100%}", 1},
    {"urgent-without-flag", LINK_RAW,
     SYN "{06 9c40 01bb 00000001 00000000 50 18 ffff 0000 0033 %0-50% ff %50-100%}", 0},
    {"urgent-first", LINK_RAW,
     SYN "{06 9c40 01bb 00000001 00000000 50 38 ffff 0000 0001 ff %0-100%}", 1},
    {"urgent-0", LINK_RAW, SYN "{06 9c40 01bb 00000001 00000000 50 38 ffff 0000 0000 ff %0-100%}",
     1},
    /* signatures without agreement, RFC 2385 */
    {"signed", LINK_RAW,
     SYN "{06 9c40 01bb 00000001 00000000 a0 18 ffff 0000 0000 "
         "1312 00112233445566778899aabbccddeeff 0000 H}",
     0},
    {"signed-from-the-syn", LINK_RAW,
     "{06 9c40 01bb 00000000 00000000 a0 02 ffff 0000 0000 "
     "1312 00112233445566778899aabbccddeeff 0000}|"
     "{06 9c40 01bb 00000001 00000000 a0 18 ffff 0000 0000 "
     "1312 00112233445566778899aabbccddeeff 0000 H}",
     1},
    /* old timestamps, RFC 7323 5.3 */
    {"timestamps", LINK_RAW,
     "{06 9c40 01bb 00000000 00000000 80 02 ffff 0000 0000 0101 080a 00000100 00000000}|"
     "{06 9c40 01bb 00000001 00000000 80 18 ffff 0000 0000 0101 080a 00000101 00000000 H}",
     1},
    {"timestamps-old", LINK_RAW,
     "{06 9c40 01bb 00000000 00000000 80 02 ffff 0000 0000 0101 080a 00000100 00000000}|"
     "{06 9c40 01bb 00000001 00000000 80 18 ffff 0000 0000 0101 080a 000000f0 00000000 H}",
     0},
    /* far away */
    {"outside-the-window", LINK_RAW,
     SYN SYN_ACK FIRST "|{06 (00020000 00000000 18 16030100)}|" SECOND, 1},
    {"other-ports", LINK_RAW,
     SYN FIRST "|{06 9c41 01bb 00000033 00000000 50 18 ffff 0000 0000 %50-100%}", 0},
    {"other-direction", LINK_RAW, SYN FIRST "|^{06 (00000033 00000000 18 %50-100%)}", 0},
    {"either-direction", LINK_RAW, "^{06 (00000001 00000000 18 H)}", 1},
};

/** The hello belongs to the frame that completes it, or to the last one that was held. */
static void test_frame(void)
{
    finding *noted = finding_new(NULL);
    finding_add_text(noted, LINK_RAW, SYN SECOND "|" FIRST "|{06 (00000097 00000000 18 00)}");
    g_assert_cmpuint(noted->n_found, ==, 1);
    g_assert_cmpuint(noted->in_frame, ==, 3);
    g_assert_cmpuint(noted->ends.src_port, ==, 40000);
    finding_free(noted);
}

/** Segments that wait at the end of the capture are looked at then. */
static void test_end(void)
{
    finding *noted = finding_new(NULL);
    finding_add_text(noted, LINK_RAW, SYN "{06 (00000065 00000000 18 H)}");
    g_assert_cmpuint(noted->n_found, ==, 0);
    finder_end(noted->finder);
    g_assert_cmpuint(noted->n_found, ==, 1);
    g_assert_cmpuint(noted->in_frame, ==, 2);
    finder_end(noted->finder);
    g_assert_cmpuint(noted->n_found, ==, 1);
    finding_free(noted);
}

/** A packet that was cut when it was captured, in the middle of a hello. */
static void test_cut(void)
{
    finding *noted = finding_new(NULL);
    finding_add_text(noted, LINK_RAW,
                     "45 00 008c 0000 0000 40 06 0000 c0000201 c6336402 "
                     "(00000001 00000000 18 %0-50%)|{06 (00000065 00000000 18 %0-100%)}");
    finder_counts counts = finder_counted(noted->finder);
    g_assert_cmpuint(counts.cut_hellos, ==, 1);
    g_assert_cmpuint(counts.cut_len, ==, 90);
    g_assert_cmpuint(noted->n_found, ==, 1); /* the one behind it */
    finding_free(noted);
}

/** Bytes in a SYN that were given up for want of memory: what comes next, of either side, is taken
 * without them. */
static void test_syn_data_given_up(void)
{
    static const char *const next[] = {"^{06 (00005000 00000033 12 )}", SECOND, FIRST "|" SECOND};
    const finder_limits limits = {.memory = 8192, .max_hello = 4096, .key = {{1, 2}}};
    for (size_t i = 0; i < G_N_ELEMENTS(next); i++) {
        finding *noted = finding_new(&limits);
        finding_add_text(noted, LINK_RAW, "{06 (00000000 00000000 02 %0-50%)}");
        for (unsigned port = 1; port <= 50; port++) {
            char *other = g_strdup_printf(
                "{06 %04x 01bb 00000000 00000000 50 02 ffff 0000 0000 %%0-50%%}", port);
            finding_add_text(noted, LINK_RAW, other);
            g_free(other);
        }
        g_assert_cmpuint(finder_counted(noted->finder).dropped, >, 0);
        finding_add_text(noted, LINK_RAW, next[i]);
        finding_add_text(noted, LINK_RAW, "{06 (00000097 00000000 18 H)}");
        finder_end(noted->finder);
        g_test_message("next: %s", next[i]);
        g_assert_cmpuint(noted->n_found, ==, 1);
        finding_free(noted);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("tcp", tcp_cases);
    g_test_add_func("/tcp/frame", test_frame);
    g_test_add_func("/tcp/end", test_end);
    g_test_add_func("/tcp/cut", test_cut);
    g_test_add_func("/tcp/syn-data-given-up", test_syn_data_given_up);
    return g_test_run();
}
