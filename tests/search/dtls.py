#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""DTLS 1.0 to 1.3: hellos with and without a cookie, in fragments of any size and order, on any port."""

import itertools
import unittest

from builders import *
from search_test import SearchTest
from synthetic import CLIENT_HELLO, dtls_fragments, dtls_record

VERSIONS = {"1.0": (0xFEFF, 0xFEFF), "1.2": (0xFEFD, 0xFEFD), "1.3": (0xFEFD, 0xFEFC)}
COOKIE = bytes(range(32))


def dtls_hello(name, n_groups=3, cookie=b"", version="1.2"):
    legacy, offered = VERSIONS[version]
    return hello(name, n_groups, cookie, legacy, offered)


SHORT = dtls_hello("short.example")
LONG = dtls_hello("long.example", n_groups=400)
AGAIN = dtls_hello("long.example", n_groups=400, cookie=COOKIE)
CUTS = (250, 500, 750)
HELLO_VERIFY_REQUEST = dtls_record(dtls_fragments(3, b"\xfe\xff" + vector(1, COOKIE))[0], version=0xFEFF)


def whole(what, **options):
    return dtls_record(dtls_fragments(CLIENT_HELLO, what.body)[0], **options)


def fragments(what, cuts=CUTS, sequence=0, first_number=0):
    """A record for each."""
    parts = dtls_fragments(CLIENT_HELLO, what.body, cuts, sequence)
    return [dtls_record(part, first_number + i) for i, part in enumerate(parts)]


def from_client(datagrams, port=4433, **options):
    return [udp_packet(datagram, port, **options) for datagram in datagrams]


class DtlsTest(SearchTest):
    def check_dtls(self, packets, *expected):
        self.check_packets(packets, *expected, transport="d")


class Versions(DtlsTest):
    def test_each(self):
        for name, record_version in itertools.product(VERSIONS, (0xFEFF, 0xFEFD)):
            for cookie in b"", COOKIE:
                with self.subTest(name, record=hex(record_version), cookie=len(cookie)):
                    one = dtls_hello("any.example", cookie=cookie, version=name)
                    self.check_dtls(from_client([whole(one, version=record_version)]), (1, one))

    def test_ports(self):
        for port in 4433, 443, 53, 500, 5684, 3478, 65535:
            with self.subTest(port):
                self.check_dtls(from_client([whole(SHORT)], port=port), (1, SHORT))

    def test_version_6(self):
        self.check_dtls(from_client(fragments(LONG), version=6), (4, LONG))

    def test_towards_the_client(self):
        self.check_dtls([udp_packet(whole(SHORT), 4433, side=1)], (1, SHORT))


class Cookies(DtlsTest):
    def exchange(self, first, second):
        packets = from_client(first)
        packets.append(udp_packet(HELLO_VERIFY_REQUEST, 4433, side=1))
        return packets + from_client(second)

    def test_exchange(self):
        """Two hellos, each with its own line."""
        packets = self.exchange([whole(LONG)], fragments(AGAIN, (), sequence=1, first_number=1))
        self.check_dtls(packets, (1, LONG), (3, AGAIN))

    def test_exchange_in_fragments(self):
        packets = self.exchange(fragments(LONG), fragments(AGAIN, sequence=1, first_number=4))
        self.check_dtls(packets, (4, LONG), (9, AGAIN))

    def test_sequence_starts_anew(self):
        """A server that keeps no state lets the client start with message_seq 0 or 1: RFC 6347 4.2.2."""
        packets = self.exchange(fragments(LONG), fragments(AGAIN, sequence=0, first_number=4))
        self.check_dtls(packets, (4, LONG), (9, AGAIN))


class Fragments(DtlsTest):
    def test_any_order(self):
        for order in itertools.permutations(fragments(LONG)):
            self.check_dtls(from_client(order), (4, LONG))

    def test_any_order_in_one_datagram(self):
        for order in itertools.permutations(fragments(LONG)):
            self.check_dtls(from_client([b"".join(order)]), (1, LONG))

    def test_several_in_a_record(self):
        parts = dtls_fragments(CLIENT_HELLO, LONG.body, CUTS)
        self.check_dtls(from_client([dtls_record(b"".join(parts[:2])), dtls_record(b"".join(parts[2:]), 1)]), (2, LONG))

    def test_two_datagrams(self):
        first, second, third, fourth = fragments(LONG)
        self.check_dtls(from_client([first + fourth, third + second]), (2, LONG))

    def test_of_one_byte(self):
        parts = fragments(SHORT, range(1, len(SHORT.body)))
        self.check_dtls(from_client(parts), (len(parts), SHORT))
        self.check_dtls(from_client(parts[::-1]), (len(parts), SHORT))

    def test_overlapping(self):
        """Sent again in larger pieces."""
        body = LONG.body
        spans = [(0, 300), (200, 600), (100, 700), (650, len(body))]
        parts = []
        for number, (start, end) in enumerate(spans):
            head = bytes([CLIENT_HELLO]) + u24(len(body)) + b"\0\0" + u24(start) + u24(end - start)
            parts.append(dtls_record(head + body[start:end], number))
        self.check_dtls(from_client(parts), (4, LONG))

    def test_twice(self):
        first, second, third, fourth = fragments(LONG)
        self.check_dtls(from_client([first, first, third, fourth, third, second]), (6, LONG))

    def test_empty(self):
        """A fragment without bytes says nothing."""
        empty = bytes([CLIENT_HELLO]) + u24(len(LONG.body)) + b"\0\0" + u24(0) + u24(0)
        self.check_dtls(from_client([dtls_record(empty), *fragments(LONG)]), (5, LONG))

    def test_two_clients_in_turn(self):
        other = dtls_hello("other.example", n_groups=400)
        pairs = zip(from_client(fragments(LONG)), from_client(fragments(other), source_port=50001))
        self.check_dtls([packet for pair in pairs for packet in pair], (7, LONG), (8, other))

    def test_one_is_missing(self):
        first, second, _, fourth = fragments(LONG)
        self.check_dtls(from_client([first, second, fourth]))


class Other(DtlsTest):
    def test_nothing_to_find(self):
        for name, datagram in {
            "HelloVerifyRequest": HELLO_VERIFY_REQUEST,
            "application data": dtls_record(bytes(200), kind=23),
            "epoch 1": dtls_record(bytes(100))[:3] + b"\0\1" + dtls_record(bytes(100))[5:],
            "SRTP": b"\x80\x60" + bytes(170),
            "STUN": b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12),
            "a record that ends early": whole(SHORT)[:-1],
            "a fragment longer than its message": dtls_record(
                bytes([CLIENT_HELLO]) + u24(10) + b"\0\0" + u24(5) + u24(10) + bytes(10)
            ),
        }.items():
            with self.subTest(name):
                self.check_dtls(from_client([datagram]))

    def test_every_length(self):
        datagram = whole(SHORT)
        cut = [udp_packet(datagram[:length], 4433, source_port=40000 + length) for length in range(len(datagram))]
        self.check_dtls(cut + from_client([datagram]), (len(cut) + 1, SHORT))

    def test_beside_stun(self):
        """As WebRTC has it, on one pair of ports."""
        stun = b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12)
        first, *rest = fragments(LONG)
        self.check_dtls(from_client([stun, first, stun, *rest]), (6, LONG))


if __name__ == "__main__":
    unittest.main()
