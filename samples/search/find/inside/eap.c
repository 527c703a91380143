/* SPDX-License-Identifier: BSD-3-Clause */
/* EAP methods that carry TLS, in EAPOL, PPP, RADIUS and PANA. */
#include <string.h>

#include "find/inside/inside.h"
#include "find/streams/hello_start.h"

enum {
    EAPOL_PACKET = 0, /* IEEE 802.1X 11.3 */
    EAP_RESPONSE = 2, /* RFC 3748 4 */
    EAP_TLS = 13,
    EAP_TTLS = 21,
    EAP_PEAP = 25,
    EAP_FAST = 43,
    EAP_TEAP = 55,
    FLAG_LENGTH = 0x80, /* RFC 5216 3.1 */

    RADIUS_ACCESS_REQUEST = 1, /* RFC 2865 */
    RADIUS_HEADER = 20,
    RADIUS_USER_NAME = 1,
    RADIUS_CALLING_STATION = 31,
    RADIUS_EAP_MESSAGE = 79, /* RFC 3579 */
    MAX_EAP = 4096,          /* of a RADIUS packet, RFC 2865 3 */

    PANA_HEADER = 16, /* RFC 5191 6.2 */
    PANA_EAP_PAYLOAD = 2,
    PANA_VENDOR = 0x8000,
};

static bool carries_tls(uint8_t type)
{
    return type == EAP_TLS || type == EAP_TTLS || type == EAP_PEAP || type == EAP_FAST ||
           type == EAP_TEAP;
}

/** RFC 5216 3.1: what of TLS is in a client's packet. */
static bool take_tls(tlsfp_span eap, uint8_t *out_id, tlsfp_span *out)
{
    tlsfp_span header;
    if (!take(&eap, 6, &header) || get_u8(header, 0) != EAP_RESPONSE ||
        !carries_tls(get_u8(header, 4)) || get_u16(header, 2) < 6)
        return false;
    cut(&eap, get_u16(header, 2) - 6u);
    if (get_u8(header, 5) & FLAG_LENGTH && !pass(&eap, 4))
        return false;
    *out_id = get_u8(header, 1);
    *out = eap;
    return eap.len > 0;
}

static void eap_add(struct finder *finder, uint64_t key, const endpoints *ends, tlsfp_span eap)
{
    bool is_new;
    uint8_t id;
    tlsfp_span bytes;
    if (!take_tls(eap, &id, &bytes))
        return;
    struct flow *flow = flows_find(finder->flows, key);
    bool is_open = flow != NULL && tls_is_open(flow);
    if (is_open && flow->half->number == id) /* sent again */
        return;
    if (!is_open && starts_at_front(bytes, ANYWHERE) != START_FOUND)
        return;
    flow = flows_get(finder->flows, key, &is_new);
    const struct side side = {.finder = finder, .flow = flow, .ends = ends};
    tls_add(&side, bytes);
    if (tls_is_open(flow)) {
        flow->half->number = id;
        flows_weigh(finder->flows, flow->half, false);
    } else
        flows_drop_half(finder->flows, flow);
}

void eapol_add(struct finder *finder, tlsfp_span bytes)
{
    tlsfp_span header;
    if (!take(&bytes, 4, &header) || get_u8(header, 1) != EAPOL_PACKET)
        return;
    cut(&bytes, get_u16(header, 2));
    eap_frame_add(finder, bytes);
}

void eap_frame_add(struct finder *finder, tlsfp_span bytes)
{
    uint64_t key = tlsfp_hash(&finder->limits.key, finder->stations) | 1;
    const endpoints ends = {.connection = key};
    watch(finder, key);
    if (!is_ours(finder, connection_of(key)))
        return;
    eap_add(finder, key, &ends, bytes);
}

/** Reassembles the EAP message of a RADIUS packet; hashes what names the client. */
static bool read_attributes(struct finder *finder, tlsfp_span rest, uint64_t *key, tlsfp_span *out)
{
    static const tlsfp_span none = {NULL, 0};
    tlsfp_span header, value;
    size_t len = 0;
    *out = none;
    while (take(&rest, 2, &header)) {
        if (get_u8(header, 1) < 2 || !take(&rest, get_u8(header, 1) - 2u, &value))
            return false;
        uint8_t type = get_u8(header, 0);
        if (type == RADIUS_USER_NAME || type == RADIUS_CALLING_STATION)
            *key ^= tlsfp_hash(&finder->limits.key, value);
        if (type == RADIUS_EAP_MESSAGE && value.len > 0 && len + value.len <= MAX_EAP) {
            memcpy(finder->eap + len, value.data, value.len);
            len += value.len;
        }
    }
    *out = (tlsfp_span){finder->eap, len};
    return len > 0;
}

bool radius_add(struct finder *finder, const ports *ends, tlsfp_span datagram)
{
    tlsfp_span header, eap;
    uint64_t key = flow_key(&finder->factors, ends, PROTOCOL_UDP);
    if (!take(&datagram, RADIUS_HEADER, &header) || get_u8(header, 0) != RADIUS_ACCESS_REQUEST ||
        get_u16(header, 2) != RADIUS_HEADER + datagram.len)
        return false;
    if (finder->eap == NULL)
        finder->eap = g_malloc(MAX_EAP);
    if (!read_attributes(finder, datagram, &key, &eap))
        return false;
    const endpoints found = endpoints_of(finder, ends);
    eap_add(finder, key | 1, &found, eap);
    return true;
}

/** RFC 5191 6.3. */
static bool take_pana_attribute(tlsfp_span *rest, uint16_t *out_code, tlsfp_span *out)
{
    tlsfp_span header;
    if (!take(rest, 8, &header))
        return false;
    bool has_vendor = get_u16(header, 2) & PANA_VENDOR;
    if ((has_vendor && !pass(rest, 4)) || !take(rest, get_u16(header, 4), out))
        return false;
    (void)take_up_to(rest, -get_u16(header, 4) & 3u);
    *out_code = has_vendor ? 0 : get_u16(header, 0);
    return true;
}

bool pana_add(struct finder *finder, const ports *ends, tlsfp_span datagram)
{
    tlsfp_span header, value;
    uint16_t code;
    if (!take(&datagram, PANA_HEADER, &header) || get_u16(header, 0) != 0 ||
        get_u16(header, 2) != PANA_HEADER + datagram.len)
        return false;
    const endpoints found = endpoints_of(finder, ends);
    uint64_t key = flow_key(&finder->factors, ends, PROTOCOL_UDP);
    while (take_pana_attribute(&datagram, &code, &value))
        if (code == PANA_EAP_PAYLOAD)
            eap_add(finder, key, &found, value);
    return true;
}
