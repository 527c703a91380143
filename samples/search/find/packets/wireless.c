/* SPDX-License-Identifier: BSD-3-Clause */
/* IEEE 802.11 data frames, and the radiotap header in front of them. */
#include "find/parts.h"

enum {
    /* IEEE 802.11 9.2.4.1, in the order in which the two bytes are sent */
    FC_VERSION_MASK = 0x03,
    FC_TYPE_MASK = 0x0c,
    FC_TYPE_DATA = 0x08,
    FC_QOS = 0x80,
    FC_NO_DATA = 0x40,
    FC_TO_DS = 0x01,
    FC_FROM_DS = 0x02,
    FC_PROTECTED = 0x40,
    FC_ORDER = 0x80,
    QOS_AMSDU = 0x80,
    AMSDU_HEADER = 14,

    RADIOTAP_TSFT = 1 << 0,
    RADIOTAP_FLAGS = 1 << 1,
    RADIOTAP_MORE = 1u << 31,
    RADIOTAP_FLAG_PADDED = 0x20,
};

/** IEEE 802.11 9.3.2.2: frames in one, each with its addresses, its length, and padding. */
static void amsdu_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header, inner;
    while (take(&bytes, AMSDU_HEADER, &header)) {
        size_t len = get_u16(header, AMSDU_HEADER - 2);
        inner = take_up_to(&bytes, len);
        int depth = finder->depth;
        if (enter(finder))
            llc_add(finder, inner);
        finder->depth = depth;
        (void)take_up_to(&bytes, -(AMSDU_HEADER + len) & 3u);
    }
}

/** Some access points send the two bytes of the frame control in the other order inside CAPWAP. */
static bool is_swapped(uint8_t first, uint8_t second)
{
    return (first & FC_TYPE_MASK) != FC_TYPE_DATA &&
           (second & (FC_TYPE_MASK | FC_VERSION_MASK)) == FC_TYPE_DATA;
}

/** Data frames in the clear. */
void wireless_add(struct finder *finder, tlsfp_span bytes, bool padded)
{
    tlsfp_span control, qos = {NULL, 0};
    if (!take(&bytes, 24, &control)) /* up to and with the sequence control */
        return;
    uint8_t type = get_u8(control, 0), flags = get_u8(control, 1);
    if (is_swapped(type, flags)) {
        type = flags;
        flags = get_u8(control, 0);
    }
    size_t header_len = 24;
    finder->stations = (tlsfp_span){control.data + 4, 12};
    if ((type & FC_TYPE_MASK) != FC_TYPE_DATA || type & FC_NO_DATA || flags & FC_PROTECTED)
        return;
    if (flags & FC_TO_DS && flags & FC_FROM_DS) {
        if (!pass(&bytes, 6)) /* a fourth address */
            return;
        header_len += 6;
    }
    if (type & FC_QOS) {
        if (!take(&bytes, 2, &qos))
            return;
        header_len += 2;
        if (flags & FC_ORDER && !pass(&bytes, 4)) /* HT control, which pads nothing */
            return;
    }
    if (padded && header_len % 4 != 0 && !pass(&bytes, 4 - header_len % 4))
        return;
    if (qos.len > 0 && get_u8(qos, 0) & QOS_AMSDU)
        amsdu_add(finder, bytes);
    else
        llc_add(finder, bytes);
}

/** https://www.radiotap.org: only whether the 802.11 header is padded matters here. */
void radiotap_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span fixed, header;
    if (bytes.len < 8)
        return;
    fixed = (tlsfp_span){bytes.data, 8};
    uint16_t len = GUINT16_SWAP_LE_BE(get_u16(fixed, 2));
    uint32_t present = GUINT32_SWAP_LE_BE(get_u32(fixed, 4));
    if (!take(&bytes, len, &header) || len < 8)
        return;
    size_t flags_at = 8;
    for (uint32_t more = present; more & RADIOTAP_MORE && flags_at + 4 <= len; flags_at += 4)
        more = GUINT32_SWAP_LE_BE(get_u32(header, flags_at));
    if (present & RADIOTAP_TSFT)
        flags_at = (flags_at + 7) / 8 * 8 + 8;
    bool padded = present & RADIOTAP_FLAGS && flags_at < len &&
                  get_u8(header, flags_at) & RADIOTAP_FLAG_PADDED;
    wireless_add(finder, bytes, padded);
}
