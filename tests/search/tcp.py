#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""TLS over TCP: on any port, in either direction, at any point of the stream, in segments of any kind and order."""

import itertools
import random
import unittest

from builders import *
from search_test import SearchTest

SHORT = hello("short.example")
LONG = hello("long.example", n_groups=1500)  # three segments
OTHER = hello("other.example", n_groups=700)
SERVER_HELLO = record(synthetic.server_hello())
CHANGE_CIPHER_SPEC = record(b"\1", synthetic.CHANGE_CIPHER_SPEC, 0x0303)
SEGMENT = 1448


def noise(size, seed=1):
    """Bytes that mean nothing."""
    return random.Random(seed).randbytes(size)


class Ports(SearchTest):
    def test_ports_of_other_protocols(self):
        for port in 443, 80, 53, 22, 25, 3306, 21, 110, 8080, 1194, 5432, 1, 65535:
            with self.subTest(port):
                self.check_packets(opened(SHORT.record, port=port), (4, SHORT))

    def test_the_other_side_connects(self):
        """The client's hello comes from the side that did not open the connection."""
        connection = Connection(port=443)
        packets = connection.open() + [connection.send(SHORT.record, side=1)]
        path = self.write(frames_of(packets))
        self.assertEqual(self.rows(path, "ip.src", "srcport", "sni"), [("198.51.100.2", "443", "short.example")])

    def test_both_sides(self):
        """Each side sends a hello, in segments that take turns."""
        connection = Connection()
        packets = connection.open()
        ours, theirs = pieces(LONG.record, SEGMENT), pieces(OTHER.record, 500)
        for one, other in itertools.zip_longest(ours, theirs):
            packets += [connection.send(data, side) for side, data in enumerate((one, other)) if data]
        last = len(packets)
        self.assertEqual((len(ours), len(theirs)), (3, 3))
        self.check_packets(packets, (last - 1, LONG), (last, OTHER))

    def test_version_6(self):
        self.check_packets(opened(*pieces(LONG.record, SEGMENT), version=6), (6, LONG))


class Segments(SearchTest):
    def test_sizes(self):
        for size in 1, 2, 5, 6, 7, 100, 536, SEGMENT:
            with self.subTest(size):
                parts = pieces(LONG.record, size)
                self.check_packets(opened(*parts), (3 + len(parts), LONG))

    def test_two_segments_cut_anywhere(self):
        for at in range(1, len(SHORT.record)):
            with self.subTest(at):
                self.check_packets(opened(SHORT.record[:at], SHORT.record[at:]), (5, SHORT))

    def test_records(self):
        for size in 1, 2, 4, 100, 1000:
            data = synthetic.records(LONG.message, size)
            for segment in 1, 7, SEGMENT, 65000:
                if size == 1 and segment == 1:  # the next test, with less
                    continue
                with self.subTest(records=size, segments=segment):
                    parts = pieces(data, segment)
                    self.check_packets(opened(*parts), (3 + len(parts), LONG))

    def test_records_and_segments_of_one_byte(self):
        parts = pieces(synthetic.records(SHORT.message, 1), 1)
        self.check_packets(opened(*parts), (3 + len(parts), SHORT))

    def test_any_order(self):
        parts = pieces(LONG.record, SEGMENT)
        for order in itertools.permutations(range(len(parts))):
            with self.subTest(order=order):
                connection = Connection()
                packets = connection.open() + [connection.at(i * SEGMENT, parts[i]) for i in order]
                self.check_packets(packets, (6, LONG))

    def test_any_order_of_many(self):
        parts = list(enumerate(pieces(LONG.record, 50)))
        for seed in range(20):
            random.Random(seed).shuffle(parts)
            with self.subTest(seed):
                connection = Connection()
                packets = connection.open() + [connection.at(50 * i, part) for i, part in parts]
                self.check_packets(packets, (3 + len(parts), LONG))

    def test_any_order_without_syn(self):
        parts = pieces(LONG.record, SEGMENT)
        for order in itertools.permutations(range(len(parts))):
            with self.subTest(order=order):
                connection = Connection()
                self.check_packets([connection.at(i * SEGMENT, parts[i]) for i in order], (3, LONG))

    def test_retransmitted(self):
        first, second, third = pieces(LONG.record, SEGMENT)
        connection = Connection()
        packets = connection.open() + [
            connection.at(0, first),
            connection.at(0, first),
            connection.at(2 * SEGMENT, third),
            connection.at(2 * SEGMENT, third),
            connection.at(SEGMENT, second),
            connection.at(SEGMENT, second),
            connection.at(0, first),
        ]
        self.check_packets(packets, (8, LONG))

    def test_retransmitted_whole(self):
        """The same hello sent again is the same hello: it is listed once."""
        connection = Connection()
        packets = connection.open() + [connection.at(0, SHORT.record), connection.at(0, SHORT.record)]
        self.check_packets(packets, (4, SHORT))

    def test_retransmitted_with_other_bytes(self):
        """Those that came first stay, whether they could be used at once or had to wait."""
        first, second, third = pieces(LONG.record, SEGMENT)
        for name, order in {
            "at once": [(0, first), (0, noise(SEGMENT)), (1, second), (2, third)],
            "had to wait": [(0, first), (2, third), (2, noise(len(third))), (1, second)],
            "all had to wait": [(1, second), (1, noise(SEGMENT)), (2, third), (0, first)],
        }.items():
            with self.subTest(name):
                connection = Connection()
                packets = connection.open() + [connection.at(i * SEGMENT, data) for i, data in order]
                self.check_packets(packets, (7, LONG))

    def test_overlaps(self):
        data = LONG.record
        for name, spans in {
            "a bit again": [(0, 1000), (900, 2000), (1900, len(data))],
            "all again": [(0, 1000), (0, 2000), (0, len(data))],
            "early ones overlap": [(500, 1500), (1000, len(data)), (0, 700)],
            "one within another": [(0, 100), (300, 400), (200, 1000), (50, 250), (900, len(data))],
            "late": [(100, len(data)), (0, 101)],
        }.items():
            with self.subTest(name):
                connection = Connection()
                packets = connection.open() + [connection.at(start, data[start:end]) for start, end in spans]
                self.check_packets(packets, (3 + len(spans), LONG))

    def test_overlaps_with_other_bytes(self):
        data = LONG.record
        connection = Connection()
        packets = connection.open() + [
            connection.at(0, data[:1000]),
            connection.at(2000, noise(500)),  # the later segment covers it whole
            connection.at(500, noise(500) + data[1000:]),
        ]
        self.check_packets(packets, (6, LONG))

    def test_keep_alive(self):
        """One byte from before: it is no data."""
        first, *rest = pieces(LONG.record, SEGMENT)
        connection = Connection()
        packets = connection.open()
        packets += [connection.at(-1, b"\0"), connection.send(first), connection.at(SEGMENT - 1, b"\0")]
        packets += [connection.send(data) for data in rest]
        self.check_packets(packets, (8, LONG))

    def test_a_byte_of_padding(self):
        """Ethernet pads short frames: what lies behind the IP packet is no data."""
        connection = Connection()
        frames = frames_of(connection.open())
        for part in pieces(SHORT.record, 2):
            frames.append((ethernet(connection.send(part)) + noise(20))[:60])
        self.check(frames, (len(frames), SHORT))


class Numbers(SearchTest):
    def test_wrap_around(self):
        """The sequence numbers start anew within the hello, at each of its edges."""
        for before in 1, 2, 5, 6, 7, SEGMENT, SEGMENT + 1, len(LONG.record):
            for order in (0, 1, 2), (2, 0, 1), (2, 1, 0):
                with self.subTest(before=before, order=order):
                    connection = Connection(first=(2**32 - 1 - before, 9000))
                    parts = pieces(LONG.record, SEGMENT)
                    packets = connection.open() + [connection.at(i * SEGMENT, parts[i]) for i in order]
                    self.check_packets(packets, (6, LONG))

    def test_wrap_around_without_syn(self):
        connection = Connection(first=(2**32 - 1 - 2000, 9000))
        parts = pieces(LONG.record, SEGMENT)
        self.check_packets([connection.at(i * SEGMENT, parts[i]) for i in (1, 0, 2)], (3, LONG))

    def test_sides_of_the_circle(self):
        """Half the circle away is no trouble."""
        for first in 0, 1, 2**31 - 1, 2**31, 2**32 - 1:
            with self.subTest(first):
                self.check_packets(opened(*pieces(LONG.record, SEGMENT), first=(first, first)), (6, LONG))


class Start(SearchTest):
    def test_without_syn(self):
        self.check_packets(opened(*pieces(LONG.record, SEGMENT))[3:], (3, LONG))

    def test_only_the_answer_to_the_syn(self):
        self.check_packets(opened(*pieces(LONG.record, SEGMENT))[1:], (5, LONG))

    def test_data_in_the_syn(self):
        """TCP Fast Open, RFC 7413."""
        for size in len(SHORT.record), 1, 6, 50:
            connection = Connection()
            packets = [connection.syn(SHORT.record[:size]), connection.syn(side=1)]
            rest = SHORT.record[size:]
            packets += [connection.send(rest)] if rest else []
            with self.subTest(size):
                self.check_packets(packets, (3 if rest else 1, SHORT))

    def test_syn_twice(self):
        connection = Connection()
        self.check_packets([connection.syn(), *connection.open(), connection.send(SHORT.record)], (5, SHORT))

    def test_syn_after_the_data(self):
        """Packets changed places."""
        first, second, third, fourth = opened(SHORT.record)
        for order in (fourth, first, second, third), (second, fourth, first, third):
            self.check_packets(order, (order.index(fourth) + 1, SHORT))

    def test_mid_stream(self):
        """A hello after data of any kind, at the start of a segment."""
        for size in 1, 100, SEGMENT, 200_000:
            with self.subTest(size):
                connection = Connection()
                packets = [connection.send(part) for part in pieces(noise(size), SEGMENT)]
                n = len(packets)
                packets += [connection.send(part) for part in pieces(LONG.record, SEGMENT)]
                self.check_packets(packets, (n + 3, LONG))


PREAMBLES = {
    "STARTTLS, SMTP": b"EHLO example.org\r\nSTARTTLS\r\n",
    "STARTTLS, IMAP": b"a1 STARTTLS\r\n",
    "STLS, POP3": b"STLS\r\n",
    "AUTH TLS, FTP": b"AUTH TLS\r\n",
    "STARTTLS, XMPP": b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "SOCKS 4": b"\4\1\1\xbb\xc6\x33\x64\2user\0",
    "SOCKS 4a": b"\4\1\1\xbb\0\0\0\1user\0www.example.org\0",
    "SOCKS 5": b"\5\1\0" + b"\5\1\0\3\x0fwww.example.org\1\xbb",
    "SOCKS 5, IPv6": b"\5\1\0" + b"\5\1\0\4" + SERVER_6 + b"\1\xbb",
    "CONNECT": b"CONNECT www.example.org:443 HTTP/1.1\r\nHost: www.example.org:443\r\n\r\n",
    "CONNECT with many headers": b"CONNECT a:443 HTTP/1.1\r\n" + b"X-Header: value\r\n" * 50 + b"\r\n",
    "PROXY 1": b"PROXY TCP4 192.0.2.1 198.51.100.2 50000 443\r\n",
    "PROXY 1, longest": b"PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
    b"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
    "PROXY 2": b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + CLIENT + SERVER + b"\xc3\x50\1\xbb",
    "PROXY 2, IPv6 and a type-length-value": b"\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x2a"
    + CLIENT_6
    + SERVER_6
    + b"\xc3\x50\1\xbb"
    + b"\4\0\3abc",
    "PROXY 2 with a hello's first byte in it": b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x16\3\1\2"
    + SERVER
    + b"\x16\3\x16\3",
}
# Whoever says these waits for an answer.
SEPARATE = PREAMBLES | {
    "PostgreSQL": b"\0\0\0\x08\x04\xd2\x16\x2f",
    "MySQL": b"\x20\0\0\1\x85\xae\xff\x19\0\0\0\1\xe0" + bytes(23),
    "RDP": bytes.fromhex("0300001e19e00000000000") + b"mstshash=a\r\n" + bytes.fromhex("0100080003000000"),
    "LDAP": bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037",
}


class AfterOthers(SearchTest):
    """What another protocol says first."""

    def test_in_the_same_segment(self):
        for name, preamble in PREAMBLES.items():
            with self.subTest(name):
                self.check_packets(opened(preamble + SHORT.record), (4, SHORT))

    def test_in_the_same_segment_and_the_next(self):
        """The hello starts behind it, and goes on after it."""
        for name, preamble in PREAMBLES.items():
            with self.subTest(name):
                parts = pieces(preamble + LONG.record, SEGMENT)
                self.check_packets(opened(*parts), (3 + len(parts), LONG))

    def test_a_few_bytes_in_the_same_segment(self):
        for name, preamble in PREAMBLES.items():
            for n in 1, 3, 5, 6, 9:
                with self.subTest(name, n=n):
                    self.check_packets(opened(preamble + SHORT.record[:n], SHORT.record[n:]), (5, SHORT))

    def test_in_separate_segments(self):
        for name, preamble in SEPARATE.items():
            with self.subTest(name):
                connection = Connection()
                packets = connection.open() + [connection.send(preamble), connection.send(b"\0Z\0\0\0\0\0\0", side=1)]
                packets += [connection.send(part) for part in pieces(LONG.record, SEGMENT)]
                self.check_packets(packets, (8, LONG))

    def test_byte_by_byte(self):
        for name, preamble in PREAMBLES.items():
            if "first byte" in name:  # what looked like a hello's start is not looked through again
                continue
            with self.subTest(name):
                parts = pieces(preamble + SHORT.record, 1)
                self.check_packets(opened(*parts), (3 + len(parts), SHORT))

    def test_out_of_order(self):
        for name, preamble in PREAMBLES.items():
            with self.subTest(name):
                connection = Connection()
                packets = connection.open()
                packets += [connection.at(len(preamble), SHORT.record), connection.at(0, preamble)]
                self.check_packets(packets, (5, SHORT))

    def test_without_syn(self):
        for name, preamble in PREAMBLES.items():
            with self.subTest(name):
                self.check_packets(opened(preamble + SHORT.record)[3:], (1, SHORT))


class Several(SearchTest):
    def conversation(self, *between):
        """Two hellos, and what stands between them in the client's stream."""
        connection = Connection()
        packets = connection.open() + [connection.send(SHORT.record), connection.send(SERVER_HELLO, side=1)]
        return packets + [connection.send(data) for data in (*between, OTHER.record) if data]

    def test_after_hello_retry_request(self):
        for name, between in {"plain": (), "change_cipher_spec before": (CHANGE_CIPHER_SPEC,)}.items():
            with self.subTest(name):
                packets = self.conversation(*between)
                self.check_packets(packets, (4, SHORT), (len(packets), OTHER))

    def test_after_change_cipher_spec_in_the_same_segment(self):
        connection = Connection()
        packets = connection.open() + [connection.send(SHORT.record), connection.send(SERVER_HELLO, side=1)]
        packets += [connection.send(part) for part in pieces(CHANGE_CIPHER_SPEC + OTHER.record, SEGMENT)]
        self.check_packets(packets, (4, SHORT), (len(packets), OTHER))

    def test_renegotiation_in_the_clear(self):
        """After other records."""
        alert = record(b"\1\x64", synthetic.ALERT)
        packets = self.conversation(record(b"\x10" + vector(3, bytes(100))), alert)
        self.check_packets(packets, (4, SHORT), (len(packets), OTHER))

    def test_in_one_segment(self):
        self.check_packets(opened(SHORT.record + OTHER.record), (4, SHORT), (4, OTHER))

    def test_in_one_record(self):
        self.check_packets(opened(record(SHORT.message + OTHER.message)), (4, SHORT), (4, OTHER))

    def test_in_one_record_of_several_segments(self):
        parts = pieces(record(LONG.message + OTHER.message), SEGMENT)
        self.check_packets(opened(*parts), (6, LONG), (3 + len(parts), OTHER))

    def test_the_second_starts_in_the_last_segment_of_the_first(self):
        parts = pieces(OTHER.record + LONG.record, SEGMENT)
        self.assertLess(len(OTHER.record) % SEGMENT, SEGMENT)
        self.check_packets(opened(*parts), (5, OTHER), (3 + len(parts), LONG))

    def test_ports_used_again(self):
        """A new SYN is a new connection, whatever is left of the old one."""
        for first in (1000, 9000), (700_000, 9000), (900, 9000), (3_000_000_000, 9000):
            for left in b"", SHORT.record[:50], LONG.record[:SEGMENT]:
                with self.subTest(first=first, left=len(left)):
                    packets = opened(left) + opened(*pieces(OTHER.record, SEGMENT), first=first)
                    self.check_packets(packets, (9, OTHER))

    def test_ports_used_again_for_the_same_hello(self):
        packets = opened(SHORT.record) + opened(SHORT.record, first=(50_000, 60_000))
        self.check_packets(packets, (4, SHORT), (8, SHORT))

    def test_many_at_a_time(self):
        """A thousand connections, segment by segment in turn."""
        hellos = [hello(f"number-{i}.example", n_groups=800) for i in range(1000)]
        connections = [opened(*pieces(one.record, SEGMENT), client_port=10000 + i) for i, one in enumerate(hellos)]
        frames = [ethernet(packet) for turn in zip(*connections) for packet in turn]
        self.assertEqual(len(frames), 5000)
        self.check(frames, *((4001 + i, one) for i, one in enumerate(hellos)))


class Lost(SearchTest):
    def test_between_hellos(self):
        """A packet of other data was lost: the hello after it is found all the same."""
        connection = Connection()
        packets = connection.open() + [connection.send(noise(100))]
        connection.sent[0] += 500
        packets += [connection.send(SHORT.record)]
        self.check_packets(packets, (5, SHORT))

    def test_between_hellos_of_several_segments(self):
        connection = Connection()
        packets = connection.open() + [connection.send(noise(100))]
        connection.sent[0] += 500
        packets += [connection.send(part) for part in pieces(LONG.record, SEGMENT)]
        self.check_packets(packets, (7, LONG))

    def test_part_of_a_hello(self):
        """The rest is no hello, and the next connection is not harmed."""
        first, _, third = pieces(LONG.record, SEGMENT)
        connection = Connection()
        packets = connection.open() + [connection.at(0, first), connection.at(2 * SEGMENT, third)]
        self.check_packets(packets + opened(SHORT.record, client_port=50001), (9, SHORT))

    def test_a_megabyte(self):
        connection = Connection()
        packets = connection.open()
        connection.sent[0] += 1_000_000
        packets += [connection.send(part) for part in pieces(noise(100_000), SEGMENT)]
        packets += [connection.send(part) for part in pieces(LONG.record, SEGMENT)]
        self.check_packets(packets, (len(packets), LONG))

    def test_cut_by_the_snapshot_length(self):
        """The segment's end was not captured: no hello; the next one of this connection is found."""
        connection = Connection()
        frames = frames_of(connection.open())
        frames += [ethernet(connection.send(LONG.record[:SEGMENT]))[:200]]
        frames += frames_of([connection.send(LONG.record[SEGMENT:]), connection.send(OTHER.record)])
        self.check(frames, (6, OTHER), quiet=False)


class Not(SearchTest):
    def test_others(self):
        other_type = record(message(2))
        for name, data in {
            "a ServerHello": SERVER_HELLO,
            "application data": record(noise(500), 23),
            "another handshake type": other_type,
            "SSL 2.0": bytes.fromhex("802e0103010015000000100000050000 0401008000000a0000"),
            "HTTP": b"GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
            "the start of a hello": SHORT.record[:-1],
            "a hello that contradicts itself": record(synthetic.client_hello(synthetic.extension(10, b"\0\2", 9))),
        }.items():
            with self.subTest(name):
                connection = Connection()
                packets = connection.open() + [connection.send(data), connection.send(data, side=1)]
                self.check_packets(packets, quiet=name != "SSL 2.0")

    def test_reset(self):
        """What a reset carries is a text for people, RFC 9293 3.5.3."""
        connection = Connection()
        self.check_packets(connection.open() + [connection.send(SHORT.record, flags=RST | ACK)])


def message(kind):
    return synthetic.message(kind, bytes(100))


if __name__ == "__main__":
    unittest.main()
