#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp.stream.*: the fingerprints of a connection on every packet of it."""

import unittest

import hellos
import needs
import synthetic
from details import dtls_datagram, retry_request
from plugin_test import PluginTest
from synthetic import (
    CLIENT,
    CLIENT_HELLO,
    DTLS_PORT,
    SERVER,
    Stream,
    alpn,
    client_hello,
    dtls_hello,
    groups,
    record,
    server_hello,
    server_name,
    udp,
)

ON = ["-o", "tlsfp.stream:TRUE"]
FIRST = client_hello(server_name())
FIRST_JA4 = hellos.ja4_of("t12d020100_1301,c02f_")
SECOND = client_hello(alpn(b"h2"))
SECOND_JA4 = hellos.ja4_of("t12i0201h2_1301,c02f_")
DATA = record(b"x" * 20, kind=23, version=0x0303)


class Streams(PluginTest):
    def ja4s(self, frames, *options):
        """{frame: JA4s of its connection} of a capture of these frames, or of that capture."""
        capture = self.write(frames) if isinstance(frames, list) else frames
        found = self.frames(capture, "stream.ja4", "stream.ja3", options=[*ON, *options])
        for ja4, ja3 in found.values():
            self.assertEqual(ja4.count(";"), ja3.count(";"))
        return {frame: ja4 for frame, (ja4, _) in found.items()}

    def check(self, frames, once, twice):
        """once: what the first pass shows; twice: what the second does."""
        self.assertEqual(self.ja4s(frames), once)
        self.assertEqual(self.ja4s(frames, "-2"), twice, "-2")

    def test_off_by_default(self):
        stream = Stream()
        capture = self.write(stream.open() + [stream.client(record(FIRST)), stream.client(DATA)])
        for options in [], ["-2"]:
            self.assertEqual(self.frames(capture, "stream", "stream.ja4", "stream.ja3", options=options), {})
            self.assertNotIn("of the connection", self.tshark(capture, "-V", *options))

    def test_tcp(self):
        """Packets after the hello on the first pass, those before it, too, on the second."""
        stream = Stream()
        frames = stream.open() + [stream.client(record(FIRST)), stream.server(record(server_hello()))]
        frames += [stream.client(DATA), stream.server(DATA)]
        self.check(frames, dict.fromkeys(range(4, 8), FIRST_JA4), dict.fromkeys(range(1, 8), FIRST_JA4))

    def test_two_connections(self):
        one, two = Stream(client_port=50001), Stream(client_port=50002)
        frames = one.open() + two.open() + [one.client(record(FIRST)), two.client(record(SECOND))]
        frames += [two.server(DATA), one.server(DATA)]
        self.check(
            frames,
            {7: FIRST_JA4, 8: SECOND_JA4, 9: SECOND_JA4, 10: FIRST_JA4},
            {
                **dict.fromkeys([1, 2, 3, 7, 10], FIRST_JA4),
                **dict.fromkeys([4, 5, 6, 8, 9], SECOND_JA4),
            },
        )

    def test_port_used_again(self):
        """A new connection between the same ports is another one."""
        one, two = Stream(), Stream()
        two.sent = [700000, 900000]
        frames = one.open() + [one.client(record(FIRST)), one.client(DATA)]
        frames += two.open() + [two.client(record(SECOND)), two.client(DATA)]
        twice = {**dict.fromkeys(range(1, 6), FIRST_JA4), **dict.fromkeys(range(6, 11), SECOND_JA4)}
        self.check(frames, {frame: twice[frame] for frame in (4, 5, 9, 10)}, twice)

    def test_no_hello(self):
        stream = Stream()
        self.check(stream.open() + [stream.client(DATA), stream.server(record(server_hello()))], {}, {})

    def test_second_hello_after_retry_request(self):
        """The connection is the first hello's."""
        stream = Stream()
        frames = [stream.client(record(FIRST)), stream.server(record(retry_request())), stream.client(record(SECOND))]
        self.check(frames, dict.fromkeys(range(1, 4), FIRST_JA4), dict.fromkeys(range(1, 4), FIRST_JA4))

    def test_two_clients_in_one_connection(self):
        """TLS twice in one connection, as behind some proxies: each once."""
        stream = Stream()
        frames = [stream.client(record(hello)) for hello in (FIRST, SECOND, FIRST)] + [stream.server(DATA)]
        both = f"{FIRST_JA4};{SECOND_JA4}"
        self.check(frames, {1: FIRST_JA4, **dict.fromkeys([2, 3, 4], both)}, dict.fromkeys(range(1, 5), both))

    def test_many_clients_in_one_connection(self):
        """However many hellos there are, a packet shows a limited number."""
        stream = Stream()
        frames = [stream.client(record(client_hello(groups(at)))) for at in range(1, 40)]
        found = self.ja4s(frames, "-2")
        self.assertEqual(sorted(found), list(range(1, 40)))
        capture = self.sandbox.home / "synthetic.pcap"
        shown = self.frames(capture, "stream.ja3", options=[*ON, "-2"])
        self.assertEqual({ja3.count(";") for (ja3,) in shown.values()}, {15})

    def test_dtls(self):
        frames = [udp(dtls_hello(server_name()), DTLS_PORT)]
        answer = dtls_datagram(synthetic.dtls_record(b"x" * 20, kind=23), DTLS_PORT, synthetic.CLIENT_PORT)
        frames += [synthetic.ethernet(synthetic.ipv4(answer, 17, SERVER, CLIENT))]
        ja4 = hellos.ja4_of("dd2d020100_1301,c02f_")
        self.check(frames, {1: ja4, 2: ja4}, {1: ja4, 2: ja4})

    def test_captures(self):
        """Of real clients: on the second pass each packet of TCP, QUIC and DTLS, whose hello Wireshark shows."""
        folder = needs.source() / "samples/captures"
        names = ["chromium.pcapng", "quic-chromium.pcapng", "quic-firefox.pcapng", "dtls-fragmented.pcap", "http-connect.pcap"]
        for name in names:
            with self.subTest(name):
                capture = self.sandbox.put(folder / name)
                hello = {ja4 for (ja4,) in self.frames(capture, "ja4").values() if ja4}
                found = self.ja4s(capture, "-2")
                self.assertEqual(set(found.values()), hello)
                text = "tcp or udp"
                expected = self.tshark(capture, "-Y", text, "-T", "fields", "-e", "frame.number").split()
                self.assertEqual(sorted(found), sorted(map(int, expected)))

    def test_filter(self):
        """What that client did: a filter on the connection's JA4 and something else."""
        stream = Stream()
        capture = self.write([stream.client(record(FIRST)), stream.client(DATA), stream.server(DATA)])
        text = f'tlsfp.stream.ja4 == "{FIRST_JA4}" && tls.record.content_type == 23'
        for options in [], ["-2"]:
            out = self.tshark(capture, *ON, *options, "-Y", text, "-T", "fields", "-e", "frame.number")
            self.assertEqual(out.split(), ["2", "3"])
            out = self.tshark(capture, *ON, *options, "-Y", "tlsfp", "-T", "fields", "-e", "frame.number")
            self.assertEqual(out.split(), ["1"], "the protocol itself is in packets with hellos only")

    def test_tree(self):
        stream = Stream()
        capture = self.write([stream.client(record(FIRST)), stream.client(DATA)])
        tree = self.tshark(capture, *ON, "-V")
        self.assertEqual(tree.count(f"[TLS Fingerprint of the connection: {FIRST_JA4}]\n    [JA4 of the connection: {FIRST_JA4}]\n"), 2)

    def test_column(self):
        stream = Stream()
        capture = self.write([stream.client(record(FIRST)), stream.client(DATA)])
        format_ = 'gui.column.format:"No.","%m","Its","%Cus:tlsfp.stream.ja4:0:R"'
        lines = self.tshark(capture, *ON, "-T", "tabs", "-o", format_).splitlines()
        self.assertEqual([line.split("\t")[-1] for line in lines], [FIRST_JA4, FIRST_JA4])


if __name__ == "__main__":
    unittest.main()
