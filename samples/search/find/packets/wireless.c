/* SPDX-License-Identifier: BSD-3-Clause */
/* IEEE 802.11 data frames, and the radiotap header in front of them. */
#include "find/parts.h"

enum {
    /* IEEE 802.11 9.2.4.1, in the order in which the two bytes are sent */
    FC_TYPE_MASK = 0x0c,
    FC_TYPE_DATA = 0x08,
    FC_QOS = 0x80,
    FC_NO_DATA = 0x40,
    FC_TO_DS = 0x01,
    FC_FROM_DS = 0x02,
    FC_PROTECTED = 0x40,
    FC_ORDER = 0x80,
    QOS_AMSDU = 0x80,

    RADIOTAP_TSFT = 1 << 0,
    RADIOTAP_FLAGS = 1 << 1,
    RADIOTAP_MORE = 1u << 31,
    RADIOTAP_FLAG_PADDED = 0x20,
};

/** Data frames in the clear. */
void wireless_add(struct finder *finder, tlsfp_span bytes, bool padded)
{
    tlsfp_span control, rest, qos = {NULL, 0};
    if (!take(&bytes, 24, &control)) /* up to and with the sequence control */
        return;
    uint8_t type = get_u8(control, 0), flags = get_u8(control, 1);
    size_t header_len = 24;
    if ((type & FC_TYPE_MASK) != FC_TYPE_DATA || type & FC_NO_DATA || flags & FC_PROTECTED)
        return;
    if (flags & FC_TO_DS && flags & FC_FROM_DS) {
        if (!pass(&bytes, 6)) /* a fourth address */
            return;
        header_len += 6;
    }
    if (type & FC_QOS) {
        if (!take(&bytes, 2, &qos) || get_u8(qos, 0) & QOS_AMSDU)
            return;
        header_len += 2;
        if (flags & FC_ORDER) {
            if (!pass(&bytes, 4)) /* HT control */
                return;
            header_len += 4;
        }
    }
    if (padded && header_len % 4 != 0 && !take(&bytes, 4 - header_len % 4, &rest))
        return;
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
