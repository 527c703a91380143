#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Which of the fields that Wireshark shows are hellos: fragments, quotes in ICMP errors, SSL 2.0 framing; and what
many of them cost."""

import resource
import struct
import subprocess
import unittest

import hellos
import synthetic
from plugin_test import PluginTest
from sandbox import Sandbox
from synthetic import (
    CLIENT,
    CLIENT_HELLO,
    DTLS_PORT,
    Stream,
    client_hello,
    dtls_fragments,
    dtls_hello,
    dtls_record,
    ethernet,
    groups,
    hello_body,
    ipv4,
    record,
    server_hello,
    server_name,
    udp,
)

ROUTER = bytes([203, 0, 113, 9])
HELLO = client_hello(server_name())
JA4 = hellos.ja4_of("t12d020100_1301,c02f_")
DATAGRAM_JA4 = hellos.ja4_of("dd2d020100_1301,c02f_")
ETHERNET = 14  # bytes


def icmp(packet):
    """RFC 792: fragmentation needed, with the packet that it is about."""
    return ethernet(ipv4(struct.pack("!BBHHH", 3, 4, 0, 0, 1400) + packet, 1, ROUTER, CLIENT))


def ipv6(payload, protocol, source, destination):
    return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + source + destination + payload


def icmpv6(packet):
    """RFC 4443 3.2: packet too big."""
    address = bytes.fromhex("20010db8000000000000000000000009")
    return ethernet(ipv6(struct.pack("!BBHI", 2, 0, 0, 1280) + packet, 58, address, address), 0x86DD)


def ssl2_hello():
    """SSL 2.0 5.2.5: two cipher specs and a challenge."""
    body = struct.pack("!BHHHH", 1, 0x0301, 6, 0, 16) + bytes.fromhex("000035" "010080") + bytes(range(16))
    return struct.pack("!H", 0x8000 | len(body)) + body


class Messages(PluginTest):
    def check(self, frames, expected, *, seen=None):
        """expected: {frame: JA4}; seen: frames in which Wireshark shows a ClientHello, so that there is one to refuse."""
        capture = self.write(frames)
        for options in [], ["-2"]:
            found = self.frames(capture, "ja4", options=options)
            self.assertEqual({frame: ja4 for frame, (ja4,) in found.items()}, expected, options)
        tree = self.tshark(capture, "-V")
        self.assertEqual(tree.count("\nTLS Fingerprint, JA4"), sum(ja4.count(";") + 1 for ja4 in expected.values()))
        if seen is not None:
            # SSL 2.0 has a type of its own from 4.4 on.
            text = "tls.handshake.type == 1 || dtls.handshake.type == 1 || tls.handshake.cipher_spec_len"
            shown = self.tshark(capture, "-Y", text, "-T", "fields", "-e", "frame.number").split()
            self.assertEqual(shown, list(map(str, seen)))
        return capture

    def test_quoted(self):
        """An error that quotes a hello is not another one, over TCP and UDP, in ICMP and ICMPv6."""
        stream = Stream()
        hello = [stream.client(record(HELLO)), udp(dtls_hello(server_name()), DTLS_PORT)]
        quotes = [icmp(frame[ETHERNET:]) for frame in hello]
        sixes = [bytes.fromhex(f"20010db800000000000000000000000{end}") for end in (1, 2)]
        quotes += [
            icmpv6(ipv6(frame[ETHERNET + 20 :], protocol, *sixes)) for frame, protocol in zip(hello, (6, 17))
        ]
        capture = self.check(hello + quotes, {1: JA4, 2: DATAGRAM_JA4})
        shown = self.tshark(capture, "-Y", "icmp || icmpv6", "-T", "fields", "-e", "tls.handshake.type", "-e", "dtls.handshake.type")
        self.assertIn("1", shown, "Wireshark shows a quoted hello")
        rows = self.tshark(capture, "-q", "-z", "endpoints,tlsfp").splitlines()
        self.assertEqual([words[1] for words in map(str.split, rows) if JA4 in words], ["1"])

    def test_ssl2(self):
        """Said, and without a value."""
        stream = Stream()
        capture = self.check(stream.open() + [stream.client(ssl2_hello())], {}, seen=[4])
        for options in [], ["-2"]:
            out = self.tshark(capture, *options, "-Y", "tlsfp.ssl2", "-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message")
            number, message = out.rstrip("\n").split("\t")
            self.assertEqual(number, "4")
            self.assertIn("SSL 2.0 framing", message)
        tree = self.tshark(capture, "-V")
        self.assertIn("\nTLS Fingerprint, ClientHello in SSL 2.0 framing\n", tree)
        self.assertNotIn("malformed", tree)
        self.assertNotIn("t12d", self.tshark(capture, "-q", "-z", "endpoints,tlsfp"))

    def test_fragments_of_one_length(self):
        """Two hellos of the same length, both whole with the same datagram: each has its own value."""
        bodies = [hello_body([groups(group)], version=0xFEFD, cookie=b"") for group in (0x1D, 0x17)]
        parts = [dtls_fragments(CLIENT_HELLO, body, [30], sequence=at) for at, body in enumerate(bodies)]
        first = b"".join(dtls_record(fragments[0], at) for at, fragments in enumerate(parts))
        last = b"".join(dtls_record(fragments[1], 2 + at) for at, fragments in enumerate(parts))
        capture = self.write([udp(first, DTLS_PORT), udp(last, DTLS_PORT)])
        for options in [], ["-2"]:
            ((_, (raw,)),) = self.frames(capture, "ja3_r", options=options).items()
            self.assertEqual([text.split(",")[3] for text in raw.split(";")], ["29", "23"])

    def test_last_fragment_without_the_first(self):
        """Where a message is not whole, a whole one of the same length behind it keeps its value."""
        bodies = [hello_body([groups(group)], version=0xFEFD, cookie=b"") for group in (0x1D, 0x17)]
        lost = dtls_fragments(CLIENT_HELLO, bodies[0], [30], sequence=7)[1]
        first, last = dtls_fragments(CLIENT_HELLO, bodies[1], [30], sequence=8)
        frames = [udp(dtls_record(first), DTLS_PORT), udp(dtls_record(lost, 1) + dtls_record(last, 2), DTLS_PORT)]
        ((frame, (raw,)),) = self.frames(self.write(frames), "ja3_r").items()
        self.assertEqual((frame, raw.split(",")[3]), (2, "23"))

    def test_shorter_than_its_header_says(self):
        """Encrypted bytes behind ChangeCipherSpec, which Wireshark may show as a handshake message."""
        stream = Stream()
        finished = b"\x01\x00\x40\x00" + bytes(range(36))
        frames = [
            stream.client(record(HELLO)),
            stream.server(record(server_hello())),
            stream.client(record(b"\1", kind=20) + record(finished)),
            stream.client(record(b"\x01\x00\x00\x04" + bytes(36))),
        ]
        self.check(frames, {1: JA4})
        self.assertEqual(self.tshark(self.sandbox.home / "synthetic.pcap", "-Y", "tlsfp.malformed"), "")

    def test_many_fragments(self):
        """5,000 fragments in a datagram, all of other messages: what the plugin adds is less than what Wireshark takes."""
        def datagram(count):
            fragments = [
                struct.pack("!B3sH3s3s", CLIENT_HELLO, synthetic.u24(200), at, synthetic.u24(0), synthetic.u24(0))
                for at in range(count)
            ]
            return udp(b"".join(dtls_record(b"".join(fragments[at : at + 1000])) for at in range(0, count, 1000)), DTLS_PORT)

        capture = self.write([datagram(5000)] * 4)
        with Sandbox() as bare:
            alone = user_time(bare, bare.put(capture))
        self.assertLess(user_time(self.sandbox, capture), 2 * alone + 1)


def user_time(sandbox, capture):
    """Seconds that tshark -V takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    sandbox.run(["tshark", "-n", "-V", "-r", capture], check=True, stdout=subprocess.DEVNULL, capture_output=False)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


if __name__ == "__main__":
    unittest.main()
