/* SPDX-License-Identifier: BSD-3-Clause */
#include "finding.h"

#define ADDRESSES "020000000001 020000000002 020000000003"
#define DATA "08 01 0000 " ADDRESSES "0000 "
#define QOS "88 01 0000 " ADDRESSES "0000 "

static const finding_case wireless_cases[] = {
    {"data", LINK_80211, DATA "L", 1},
    {"data-from-ap", LINK_80211, "08 02 0000 " ADDRESSES "0000 L", 1},
    {"data-between-aps", LINK_80211, "08 03 0000 " ADDRESSES "0000 020000000004 L", 1},
    {"data-between-stations", LINK_80211, "08 00 0000 " ADDRESSES "0000 L", 1},
    {"data-retried", LINK_80211, "08 09 0000 " ADDRESSES "0000 L", 1},
    {"data-with-order", LINK_80211, "08 81 0000 " ADDRESSES "0000 L", 1},
    {"qos", LINK_80211, QOS "0000 L", 1},
    {"qos-tid", LINK_80211, QOS "0700 L", 1},
    {"qos-ack-policy", LINK_80211, QOS "6600 L", 1},
    {"qos-every-other-bit", LINK_80211, QOS "7fff L", 1},
    {"qos-between-aps", LINK_80211, "88 03 0000 " ADDRESSES "0000 020000000004 0000 L", 1},
    {"qos-with-order", LINK_80211, "88 81 0000 " ADDRESSES "0000 0000 00000000 L", 1},
    {"data-and-ack", LINK_80211, "18 01 0000 " ADDRESSES "0000 L", 1},
    {"no-data", LINK_80211, "48 01 0000 " ADDRESSES "0000 L", 0},
    {"qos-no-data", LINK_80211, "c8 01 0000 " ADDRESSES "0000 0000 L", 0},
    {"encrypted", LINK_80211, "08 41 0000 " ADDRESSES "0000 L", 0},
    {"management", LINK_80211, "80 00 0000 " ADDRESSES "0000 L", 0},
    {"control", LINK_80211, "d4 00 0000 " ADDRESSES "0000 L", 0},
    {"swapped", LINK_80211, "01 08 0000 " ADDRESSES "0000 L", 1},
    {"swapped-qos", LINK_80211, "01 88 0000 " ADDRESSES "0000 0000 L", 1},
    {"swapped-encrypted", LINK_80211, "41 08 0000 " ADDRESSES "0000 L", 0},
    {"swapped-version", LINK_80211, "01 09 0000 " ADDRESSES "0000 L", 0},
    /* frames in one, IEEE 802.11 9.3.2.2 */
    {"amsdu", LINK_80211, QOS "8000 020000000001 020000000002 0094 L", 1},
    {"amsdu-tid", LINK_80211, QOS "8500 020000000001 020000000002 0094 L", 1},
    {"amsdu-every-bit", LINK_80211, QOS "ffff 020000000001 020000000002 0094 L", 1},
    {"amsdu-second", LINK_80211,
     QOS "8000 020000000001 020000000002 0003 424203 000000 "
         "020000000001 020000000002 0094 L",
     1},
    {"amsdu-second-not-padded", LINK_80211,
     QOS "8000 020000000001 020000000002 0006 424203000000 "
         "020000000001 020000000002 0094 L",
     1},
    {"amsdu-cut", LINK_80211, QOS "8000 020000000001 020000000002 0093 L", 0},
};

static const finding_case radiotap_cases[] = {
    {"empty", LINK_RADIOTAP, "00 00 0800 00000000" DATA "L", 1},
    {"longer", LINK_RADIOTAP, "00 00 0c00 04000000 02000000" DATA "L", 1},
    {"too-short", LINK_RADIOTAP, "00 00 0700 00000000" DATA "L", 0},
    {"flags-not-padded", LINK_RADIOTAP, "00 00 0900 02000000 10" DATA "L", 1},
    {"flags-padded", LINK_RADIOTAP, "00 00 0900 02000000 20" QOS "0000 0000 L", 1},
    {"flags-padded-nothing-to-pad", LINK_RADIOTAP, "00 00 0900 02000000 20" DATA "L", 1},
    {"flags-padded-four-addresses", LINK_RADIOTAP,
     "00 00 0900 02000000 20 08 03 0000 " ADDRESSES "0000 020000000004 0000 L", 1},
    {"flags-not-there", LINK_RADIOTAP, "00 00 0900 04000000 20" QOS "0000 L", 1},
    {"tsft", LINK_RADIOTAP, "00 00 1100 03000000 2020202020202020 00" QOS "0000 L", 1},
    {"tsft-padded", LINK_RADIOTAP, "00 00 1100 03000000 0000000000000000 20" QOS "0000 0000 L", 1},
    {"two-words", LINK_RADIOTAP, "00 00 0d00 02000080 00000000 20" QOS "0000 0000 L", 1},
    {"two-words-tsft", LINK_RADIOTAP,
     "00 00 1900 03000080 00000000 20202020 0000000000000000 20" QOS "0000 0000 L", 1},
    {"three-words", LINK_RADIOTAP, "00 00 1100 02000080 00000080 00000000 20" QOS "0000 0000 L", 1},
    {"three-words-not-padded", LINK_RADIOTAP,
     "00 00 1100 02000080 00000080 20202020 10" QOS "0000 L", 1},
    {"words-beyond", LINK_RADIOTAP, "00 00 0a00 02000080 2020" QOS "0000 L", 0},
    {"flags-beyond", LINK_RADIOTAP, "00 00 0800 02000000" QOS "0000 L", 1},
};

/** Every frame in one is opened, each at the depth of the first. */
static void test_amsdu_many(void)
{
    GString *text = g_string_new(QOS "8000 ");
    for (int i = 0; i < 40; i++) /* an IP packet in LLC without anything in it */
        g_string_append(text, "020000000001 020000000002 001c aaaa03 000000 0800 "
                              "45 00 0014 0000 0000 40 06 0000 c0000201 c6336402 0000");
    g_string_append(text, "020000000001 020000000002 0094 L");
    finding *noted = finding_new(NULL);
    finding_add_text(noted, LINK_80211, text->str);
    g_assert_cmpuint(noted->n_found, ==, 1);
    finding_free(noted);
    g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_FINDING_CASES("wireless", wireless_cases);
    ADD_FINDING_CASES("wireless/radiotap", radiotap_cases);
    g_test_add_func("/wireless/amsdu-many", test_amsdu_many);
    return g_test_run();
}
