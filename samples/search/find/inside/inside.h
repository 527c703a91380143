/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Protocols that carry TLS, DTLS or QUIC in packets of their own. */
#ifndef SEARCH_INSIDE_H
#define SEARCH_INSIDE_H

#include "find/streams/side.h"

/** A datagram of OpenVPN or RDP: their packets are numbered, and TLS is in them in order. */
bool numbered_packet_add(struct finder *finder, const ports *ends, tlsfp_span datagram);

/** A datagram of TURN, SOCKS 5 or a Telegram reflector around another one; true if it was. */
bool relayed_add(struct finder *finder, const ports *ends, tlsfp_span datagram);

/** RADIUS with EAP; true if it was. */
bool radius_add(struct finder *finder, const ports *ends, tlsfp_span datagram);

/** PANA with EAP; true if it was. */
bool pana_add(struct finder *finder, const ports *ends, tlsfp_span datagram);

/** Whether TLS or DTLS is in packets of OpenVPN, TDS or TURN in the TCP connection that goes on
 * with these bytes. @p is_first: they are its first. */
bool framed_starts(const struct side *side, tlsfp_span bytes, bool is_first);

/** Looks into such packets. */
void framed_add(const struct side *side, tlsfp_span bytes);

/** The packet of OpenVPN's TCP form, without its length: what of TLS is in it, else nothing. */
tlsfp_span openvpn_payload(tlsfp_span packet, uint16_t hmac, uint32_t *out_number);

/** The size of the HMAC in an OpenVPN packet that starts a hello, or the answer to one; false where
 * it does not. */
bool openvpn_guess(const struct side *side, tlsfp_span packet, uint16_t *out_hmac);

#endif
