#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""QUIC: hellos in Initials of each version, on any port, over several datagrams in any order, after Retry."""

import itertools
import random
import unittest

import initials
from builders import *
from initials import ACK as ACK_FRAME
from initials import DRAFT_29, DRAFT_34, PING, V1, V2, crypto, initial
from search_test import SearchTest

SHORT = hello("short.example", n_groups=100)
LONG = hello("long.example", n_groups=1500)  # three datagrams
OTHER = hello("other.example", n_groups=100)
DCID, SERVER_ID = b"\x83\x94\xc8\xf0\x3e\x51\x57\x08", b"\xf0\x67\xa5\x50\x2a\x42\x62\xb5"
SIZE = 1100
KNOWN = {"1": V1, "2": V2, **{f"draft {0xFF000000 ^ version}": version for version in range(DRAFT_29, DRAFT_34 + 1)}}


def datagrams(what, dcid=DCID, size=SIZE, **options):
    """One Initial in each, with that much of the hello."""
    return [
        initial(crypto(i * size, part), dcid, number=i, size=1200, **options)
        for i, part in enumerate(pieces(what.message, size))
    ]


def from_client(payloads, port=443, **options):
    return [udp_packet(payload, port, **options) for payload in payloads]


def from_server(payloads, port=443, **options):
    return from_client(payloads, port, side=1, **options)


class QuicTest(SearchTest):
    def check_quic(self, packets, *expected):
        self.check_packets(packets, *expected, transport="q")


class Versions(QuicTest):
    def test_each(self):
        for name, version in KNOWN.items():
            with self.subTest(name):
                self.check_quic(from_client(datagrams(SHORT, version=version)), (1, SHORT))
                self.check_quic(from_client(datagrams(LONG, version=version)), (3, LONG))

    def test_unknown(self):
        for version in 0, 2, 0x0A0A0A0A, 0xFF00001C, 0xFF000023, 0x709A50C4:
            with self.subTest(hex(version)):
                self.check_quic(from_client(datagrams(SHORT, version=version)))

    def test_ports_of_clients(self):
        """A client may have any port, also one that tunnels and other protocols have on a server."""
        for port in (1194, 1645, 1701, 1812, 2152, 3478, 3544, 4341, 4754, 4789, 4790, 5246, 5247, 6081, 6635, 8472, 37008):
            for version in V1, V2:
                with self.subTest(port, version=hex(version)):
                    packets = from_client(datagrams(SHORT, version=version), source_port=port)
                    self.check_quic(packets, (1, SHORT))

    def test_rfc_9001_a_2(self):
        """The RFC's own packet: what these tests seal is what it says."""
        frames = bytes.fromhex(
            "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868"
            "04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578"
            "616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e"
        )
        packet = initial(frames, DCID, number=2, number_len=4, size=1200)
        self.assertEqual(len(packet), 1200)
        self.assertEqual(packet[:22].hex(), "c000000001088394c8f03e5157080000449e7b9aec34")


class Datagrams(QuicTest):
    def test_ports(self):
        for port in 443, 80, 53, 123, 4433, 8443, 5060, 65535:
            with self.subTest(port):
                self.check_quic(from_client(datagrams(SHORT), port=port), (1, SHORT))

    def test_version_6(self):
        self.check_quic(from_client(datagrams(LONG), version=6), (3, LONG))

    def test_any_order(self):
        for version in V1, V2:
            for order in itertools.permutations(datagrams(LONG, version=version)):
                with self.subTest(version=version):
                    self.check_quic(from_client(order), (3, LONG))

    def test_twice(self):
        first, second, third = datagrams(LONG)
        self.check_quic(from_client([first, first, third, third, second]), (5, LONG))

    def test_again_after_the_hello(self):
        """Sent again, it is the same hello: it is listed once."""
        first, second, third = datagrams(LONG)
        self.check_quic(from_client([first, second, third, first, second, third]), (3, LONG))

    def test_sent_again_in_other_pieces(self):
        """New packet numbers, other offsets, overlaps."""
        first = initial(crypto(0, LONG.message[:SIZE]), DCID, number=0, size=1200)
        others = [
            initial(crypto(start, LONG.message[start : start + SIZE]), DCID, number=i, size=1200)
            for i, start in enumerate((500, 1000, 2050), 1)
        ]
        self.check_quic(from_client([first, *others]), (4, LONG))

    def test_frames_in_any_order(self):
        """As Chromium does: many small CRYPTO frames, with PING and PADDING between."""
        for seed in range(10):
            parts = [(i * 37, part) for i, part in enumerate(pieces(SHORT.message, 37))]
            random.Random(seed).shuffle(parts)
            between = PING, b"\0" * 5, ACK_FRAME, b""
            frames = b"".join(crypto(offset, part) + between[offset % 4] for offset, part in parts)
            with self.subTest(seed):
                self.check_quic(from_client([initial(frames, DCID, size=1200)]), (1, SHORT))

    def test_one_byte_a_frame(self):
        frames = b"".join(crypto(i, SHORT.message[i : i + 1]) for i in range(len(SHORT.message)))
        self.check_quic(from_client([initial(frames, DCID)]), (1, SHORT))

    def test_one_byte_a_datagram(self):
        small = hello("s.example", n_groups=1)
        parts = [initial(crypto(i, bytes([byte])), DCID, number=i, size=1200) for i, byte in enumerate(small.message)]
        self.check_quic(from_client(parts), (len(parts), small))

    def test_packet_numbers(self):
        for number, number_len in (0, 1), (255, 1), (0x1234, 2), (0xABCDE, 3), (0x7FFFFFFF, 4):
            with self.subTest(number):
                packet = initial(crypto(0, SHORT.message), DCID, number=number, number_len=number_len, size=1200)
                self.check_quic(from_client([packet]), (1, SHORT))

    def test_connection_ids(self):
        for length in 0, 1, 4, 8, 19, 20:
            with self.subTest(length):
                packets = datagrams(LONG, dcid=bytes(range(length)), scid=b"\1" * (20 - length))
                self.check_quic(from_client(packets), (3, LONG))

    def test_token(self):
        for size in 1, 63, 64, 300:
            with self.subTest(size):
                self.check_quic(from_client(datagrams(SHORT, token=b"t" * size)), (1, SHORT))

    def test_without_padding(self):
        """Too small by RFC 9000 14.1, and read all the same."""
        self.check_quic(from_client([initial(crypto(0, SHORT.message), DCID)]), (1, SHORT))


class Coalesced(QuicTest):
    """Several packets in a datagram, RFC 9000 12.2."""

    def test_two_initials(self):
        half = len(SHORT.message) // 2
        parts = [
            initial(crypto(half, SHORT.message[half:]), DCID, number=0),
            initial(crypto(0, SHORT.message[:half]), DCID, number=1),
        ]
        for order in parts, parts[::-1]:
            self.check_quic(from_client([b"".join(order)]), (1, SHORT))

    def test_zero_rtt_beside(self):
        packet = initial(crypto(0, SHORT.message), DCID)
        beside = initials.opaque(initials.ZERO_RTT, DCID)
        for name, datagram in {"behind": packet + beside, "in front": beside + packet}.items():
            with self.subTest(name):
                self.check_quic(from_client([datagram]), (1, SHORT))

    def test_padding_behind(self):
        """Bytes after the last packet, which are none."""
        self.check_quic(from_client([initial(crypto(0, SHORT.message), DCID) + bytes(600)]), (1, SHORT))

    def test_short_header_behind(self):
        self.check_quic(from_client([initial(crypto(0, SHORT.message), DCID) + b"\x41" + bytes(50)]), (1, SHORT))

    def test_zero_rtt_before(self):
        """In a datagram of its own."""
        packets = [initials.opaque(initials.ZERO_RTT, DCID, size=1100), *datagrams(LONG)]
        self.check_quic(from_client(packets), (4, LONG))


class Connections(QuicTest):
    def test_the_servers_answer(self):
        """Is no hello; and what the client then sends to the server's connection ID is none either."""
        answer = initial(
            ACK_FRAME + crypto(0, synthetic.server_hello()),
            b"",
            scid=SERVER_ID,
            key_dcid=DCID,
            side=b"server",
            size=1200,
        )
        acknowledged = initial(ACK_FRAME, SERVER_ID, key_dcid=DCID, number=1, size=1200)
        packets = from_client(datagrams(SHORT)) + from_server([answer]) + from_client([acknowledged])
        self.check_quic(packets, (1, SHORT))

    def test_the_answer_comes_within_the_hello(self):
        """The server acknowledges the first datagram, and the client goes on with the server's connection ID."""
        first = datagrams(LONG)[0]
        answer = initial(ACK_FRAME, b"", scid=SERVER_ID, key_dcid=DCID, side=b"server", size=1200)
        rest = [
            initial(crypto(i * SIZE, part), SERVER_ID, key_dcid=DCID, number=i, size=1200)
            for i, part in enumerate(pieces(LONG.message, SIZE))
            if i > 0
        ]
        packets = from_client([first]) + from_server([answer]) + from_client(rest)
        self.check_quic(packets, (4, LONG))

    def test_retry(self):
        """The hello is sent again, with keys from the server's connection ID: two hellos."""
        for version in V1, V2, DRAFT_29:
            with self.subTest(version):
                again = datagrams(LONG, dcid=SERVER_ID, token=b"token", version=version)
                packets = from_client(datagrams(LONG, version=version))
                packets += from_server([initials.retry(b"", SERVER_ID, version=version)])
                self.check_quic(packets + from_client(again), (3, LONG), (7, LONG))

    def test_retry_within_the_hello(self):
        first = datagrams(LONG)[0]
        packets = from_client([first]) + from_server([initials.retry(b"", SERVER_ID)])
        packets += from_client(datagrams(LONG, dcid=SERVER_ID, token=b"token"))
        self.check_quic(packets, (5, LONG))

    def test_retry_that_was_not_captured(self):
        packets = from_client([*datagrams(SHORT), *datagrams(SHORT, dcid=SERVER_ID, token=b"token")])
        self.check_quic(packets, (1, SHORT), (2, SHORT))

    def test_after_hello_retry_request(self):
        """The second hello goes on in the CRYPTO stream."""
        length = len(SHORT.message)
        frames = ACK_FRAME + crypto(0, synthetic.server_hello())
        answer = initial(frames, b"", scid=SERVER_ID, key_dcid=DCID, side=b"server", size=1200)
        second = initial(crypto(length, OTHER.message), SERVER_ID, key_dcid=DCID, number=1, size=1200)
        packets = from_client(datagrams(SHORT)) + from_server([answer]) + from_client([second])
        self.check_quic(packets, (1, SHORT), (3, OTHER))

    def test_version_negotiation(self):
        """The server knows another version only: the client starts anew with that one, RFC 9000 6.2."""
        for name, dcid in {"the same connection ID": DCID, "another one": b"another1"}.items():
            with self.subTest(name):
                packets = from_client(datagrams(SHORT, version=V2))
                packets += from_server([initials.version_negotiation(b"", DCID, V1)])
                packets += from_client(datagrams(SHORT, dcid=dcid, version=V1))
                self.check_quic(packets, (1, SHORT), (3, SHORT))

    def test_ports_used_again(self):
        packets = from_client([*datagrams(LONG)[:2], *datagrams(OTHER, dcid=b"another1")])
        self.check_quic(packets, (3, OTHER))
        packets = from_client([*datagrams(LONG), *datagrams(OTHER, dcid=b"another1")])
        self.check_quic(packets, (3, LONG), (4, OTHER))

    def test_two_of_one_client_in_turn(self):
        """From two ports, with the same connection ID."""
        one = from_client(datagrams(LONG), source_port=50001)
        other = from_client(datagrams(OTHER), source_port=50002)
        self.check_quic([one[0], other[0], *one[1:]], (2, OTHER), (4, LONG))

    def test_many_at_a_time(self):
        hellos = [hello(f"number-{i}.example", n_groups=1200) for i in range(300)]
        turns = zip(
            *(
                from_client(datagrams(one, dcid=i.to_bytes(8, "big")), source_port=10000 + i)
                for i, one in enumerate(hellos)
            )
        )
        packets = [packet for turn in turns for packet in turn]
        self.assertEqual(len(packets), 900)
        self.check_quic(packets, *((601 + i, one) for i, one in enumerate(hellos)))


class Broken(QuicTest):
    def test_damaged(self):
        """Nothing is found in a packet that does not open, and the next one is."""
        packet = datagrams(SHORT)[0]
        bent = [packet[:at] + bytes([packet[at] ^ 0x55]) + packet[at + 1 :] for at in range(0, 1200, 7)]
        self.check_quic(from_client(bent, source_port=50001) + from_client([packet]), (len(bent) + 1, SHORT))

    def test_every_length(self):
        packet = initial(crypto(0, SHORT.message), DCID)
        short = [packet[:length] for length in range(len(packet))]
        self.check_quic(from_client(short, source_port=50001) + from_client([packet]), (len(short) + 1, SHORT))

    def test_frames_that_end_early(self):
        """Frames that are cut, or not allowed there."""
        frames = [crypto(0, SHORT.message)[:-20], b"\x06", b"\x1f", b"\x08abc", b"\x02\xff", varint_bomb()]
        packets = [initial(frame, DCID, number=i) for i, frame in enumerate(frames)]
        packets = [udp_packet(packet, 443, source_port=50001 + i) for i, packet in enumerate(packets)]
        self.check_quic(packets + from_client(datagrams(SHORT)), (len(packets) + 1, SHORT))

    def test_the_end_without_the_start(self):
        self.check_quic(from_client(datagrams(LONG)[1:]))


def varint_bomb():
    """A CRYPTO frame at the largest offset there is."""
    return b"\x06" + initials.varint(2**62 - 2) + initials.varint(1) + b"x"


if __name__ == "__main__":
    unittest.main()
