#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tshark -z tlsfp,tree: fingerprints by count, with names and servers beneath."""

import collections
import re
import unittest

import hellos
import needs
from details import retry_request
from plugin_test import PluginTest
from synthetic import DTLS_PORT, Stream, alpn, client_hello, dtls_hello, extension, record, server_hello, server_name, udp

ROW = re.compile(r"^( *)(\S.*?)\s{2,}(\d+)\s")


class Counts(PluginTest):
    def rows(self, capture, *options, text=""):
        """{path of a row: count} of the tree; a path is the titles from the top."""
        out = self.tshark(capture, *options, "-q", "-z", "tlsfp,tree" + (f",{text}" if text else ""))
        found, above = {}, []
        lines = out.splitlines()
        self.assertIn("TLS Fingerprints:", lines)
        for line in lines[lines.index("TLS Fingerprints:") + 3 :]:
            row = ROW.match(line)
            if row:
                above[len(row.group(1)) :] = [row.group(2)]
                self.assertNotIn(tuple(above), found)
                found[tuple(above)] = int(row.group(3))
        return found

    def clients(self):
        """Three of one client to two servers, one of another to none, one over DTLS, and what is no ClientHello."""
        one, other = client_hello(server_name(b"a.example")), client_hello(server_name(b"b.example"))
        streams = [Stream(client_port=50000 + at) for at in range(4)]
        frames = [stream.client(record(hello)) for stream, hello in zip(streams, (one, other, one, client_hello(alpn(b"h2"))))]
        frames += [udp(dtls_hello(server_name(b"a.example")), DTLS_PORT), streams[0].server(record(server_hello()))]
        frames += [streams[1].client(record(client_hello(extension(0, b"", said=99))))]
        return self.write(frames)

    JA4 = hellos.ja4_of("t12d020100_1301,c02f_")
    OTHER = hellos.ja4_of("t12i0201h2_1301,c02f_")
    DATAGRAM = hellos.ja4_of("dd2d020100_1301,c02f_")

    def test_tree(self):
        capture = self.clients()
        ja3 = hellos.md5("771,4865-49199,0,,"), hellos.md5("771,4865-49199,16,,"), hellos.md5("65277,4865-49199,0,,")
        expected = {
            ("JA4",): 5,
            ("Servers by JA4",): 5,
            ("JA4", self.JA4): 3,
            ("Servers by JA4", self.JA4): 3,
            ("Servers by JA4", self.JA4, "a.example"): 2,
            ("Servers by JA4", self.JA4, "b.example"): 1,
            ("JA4", self.OTHER): 1,
            ("Servers by JA4", self.OTHER): 1,
            ("Servers by JA4", self.OTHER, "(none)"): 1,
            ("JA4", self.DATAGRAM): 1,
            ("Servers by JA4", self.DATAGRAM): 1,
            ("Servers by JA4", self.DATAGRAM, "a.example"): 1,
            ("JA4 part a",): 5,
            ("JA4 part a", "t12d020100"): 3,
            ("JA4 part a", "t12i0201h2"): 1,
            ("JA4 part a", "dd2d020100"): 1,
            ("JA3",): 5,
            ("JA3", ja3[0]): 3,
            ("JA3", ja3[1]): 1,
            ("JA3", ja3[2]): 1,
            ("Transport",): 5,
            ("Transport", "TLS"): 4,
            ("Transport", "DTLS"): 1,
        }
        for options in [], ["-2"], ["-o", "tlsfp.stream:TRUE"]:
            self.assertEqual(self.rows(capture, *options), expected, options)

    def test_most_frequent_first(self):
        paths = [path for path in self.rows(self.clients()) if path[0] == "JA4"]
        self.assertEqual([path[1] for path in paths if len(path) == 2][0], self.JA4)
        servers = [path[2] for path in self.rows(self.clients()) if path[0] == "Servers by JA4" and len(path) == 3]
        self.assertEqual(servers[:2], ["a.example", "b.example"])

    def test_filter(self):
        rows = self.rows(self.clients(), text='tls.handshake.extensions_server_name == "b.example"')
        self.assertEqual({path: rows[path] for path in rows if path[0] in ("JA4", "Servers by JA4")}, {
            ("JA4",): 1,
            ("Servers by JA4",): 1,
            ("JA4", self.JA4): 1,
            ("Servers by JA4", self.JA4): 1,
            ("Servers by JA4", self.JA4, "b.example"): 1,
        })
        self.assertEqual(self.rows(self.clients(), text=f'tlsfp.ja4 == "{self.OTHER}"')[("JA4",)], 1)

    def test_no_hellos(self):
        self.assertEqual(set(self.rows(self.write([Stream().server(record(retry_request()))])).values()), {0})

    def test_names(self):
        path = self.sandbox.home / "list.csv"
        path.write_text(f"ja4,name\n{self.JA4},Mine\n{self.JA4},Other\n")
        path.chmod(0o644)
        rows = self.rows(self.clients(), "-o", f"tlsfp.labels:{path}")
        self.assertEqual(rows[("JA4", self.JA4, "Mine")], 3)
        self.assertEqual(rows[("JA4", self.JA4, "Other")], 3)
        self.assertNotIn(("JA4", self.OTHER, "Mine"), rows)

    def test_long_names(self):
        """They lose their middle, so that the counts beside them are in view."""
        self.name_clients("é" * 48)
        self.assertEqual(self.rows(self.clients(), *self.named)[("JA4", self.JA4, "é" * 48)], 3)
        self.name_clients("a" * 28 + "ü" * 20 + "z" * 19)
        self.assertEqual(self.rows(self.clients(), *self.named)[("JA4", self.JA4, "a" * 28 + "…" + "z" * 19)], 3)

    def name_clients(self, name):
        path = self.sandbox.home / "list.csv"
        path.write_text(f"ja4,name\n{self.JA4},{name}\n")
        path.chmod(0o644)
        self.named = "-o", f"tlsfp.labels:{path}"

    def test_server_name_of_bytes(self):
        """A name from the wire is shown as text, whatever is in it."""
        capture = self.write([Stream().client(record(client_hello(server_name(b"a\0\x1b[1m\xff\n%s\\"))))])
        (path,) = [path for path in self.rows(capture) if path[0] == "Servers by JA4" and len(path) == 3]
        self.assertEqual(path[2], r"a\x00\x1b[1m\xff\x0a%s\x5c")

    def test_captures(self):
        """Of real clients: the counts are those of tlsfp.ja4 itself."""
        folder = needs.source() / "samples/captures"
        for name in "chromium.pcapng", "quic-firefox.pcapng", "resumption.pcap", "dtls12.pcap":
            with self.subTest(name):
                capture = self.sandbox.put(folder / name)
                rows = self.rows(capture)
                values = self.tshark(capture, "-T", "fields", "-e", "tlsfp.ja4", "-Y", "tlsfp.ja4").split()
                counts = collections.Counter(values)
                self.assertEqual({path[1]: n for path, n in rows.items() if path[0] == "JA4" and len(path) == 2}, counts)
                for ja4, n in counts.items():
                    out = self.tshark(capture, "-Y", f'tlsfp.ja4 == "{ja4}"', "-T", "fields", "-e", "frame.number")
                    self.assertEqual(len(out.split()), n, "the row's value is a filter for its packets")

    def test_endpoints(self):
        """JA4s as the Wireshark window lists them, each row a filter there."""
        for options, text in ([], ""), (["-2"], ""), ([], ",tlsfp.ja4"), (["-2"], ",tlsfp.ja4"):
            lines = self.tshark(self.clients(), *options, "-q", "-z", f"endpoints,tlsfp{text}").splitlines()
            counts = {words[0]: words[1] for words in map(str.split, lines) if words and words[0][:1] in "td"}
            self.assertEqual(counts, {self.JA4: "3", self.OTHER: "1", self.DATAGRAM: "1"})
        out = self.tshark(self.clients(), "-q", "-z", "conv,tlsfp")
        self.assertIn("TLSFP Conversations", out)

    ENDPOINT = re.compile(r"(\S+?(?: \(.*\))?)\s+(\d+)\s+\d+(?: \w+)?\s+(\d+)\s+\d+(?: \w+)?\s+(\d+)\s+\d+(?: \w+)?\s*$")

    def endpoints(self, capture, *options):
        """The rows: packets, those sent by the client, those that it received."""
        lines = self.tshark(capture, *options, "-q", "-z", "endpoints,tlsfp").splitlines()
        rows = [row for row in map(self.ENDPOINT.match, lines) if row]
        return {row[1]: tuple(map(int, row.groups()[1:])) for row in rows}

    def check_filters(self, capture, rows, *options):
        """A row applied as a filter gives the packets that it counts."""
        for text, (n, _, _) in rows.items():
            out = self.tshark(capture, *options, "-Y", f'tlsfp.endpoint=="{text}"', "-T", "fields", "-e", "frame.number")
            self.assertEqual(len(out.split()), n, text)

    def test_endpoints_named(self):
        self.name_clients('My "agent" \\ 2')
        rows = self.endpoints(self.clients(), *self.named)
        self.assertEqual(rows, {f"{self.JA4} (My 'agent' ' 2)": (3, 3, 0), self.OTHER: (1, 1, 0), self.DATAGRAM: (1, 1, 0)})
        self.check_filters(self.clients(), rows, *self.named)

    def test_endpoints_of_connections(self):
        """With tlsfp.stream, every packet of a client's connections counts, in its direction; those before the hello on
        the second pass."""
        capture, stream = self.sandbox.put(needs.source() / "samples/captures/resumption.pcap"), ("-o", "tlsfp.stream:TRUE")
        fields = ["-T", "fields", "-e", "tlsfp.stream.ja4", "-e", "tcp.dstport"]
        lines = [line.split("\t") for line in self.tshark(capture, "-2", *stream, *fields).splitlines()]
        expected = {}
        for ja4, port in lines:
            n, sent, received = expected.get(ja4, (0, 0, 0))
            expected[ja4] = n + 1, sent + (port == "443"), received + (port != "443")
        expected.pop("", None)
        self.assertGreater(len(expected), 2)
        rows = self.endpoints(capture, "-2", *stream)
        self.assertEqual(rows, expected)
        self.check_filters(capture, rows, "-2", *stream)
        self.assertLess(sum(n for n, _, _ in self.endpoints(capture).values()), 8)

    def test_endpoint_field(self):
        """A filter and a column have it; the tree does not show it."""
        for words in [], ["-Y", "tlsfp.endpoint"]:
            out = self.tshark(self.clients(), "-T", "fields", "-e", "tlsfp.endpoint", *words)
            self.assertEqual(sorted(out.split()), sorted([self.JA4] * 3 + [self.OTHER, self.DATAGRAM]))
        self.assertNotIn("Row among the endpoints", self.tshark(self.clients(), "-V"))

    def test_repeats(self):
        """The same bytes again on the same connection are one client, those of another connection another."""
        hello = dtls_hello(server_name(b"a.example"))
        capture = self.write([udp(hello, DTLS_PORT)] * 3 + [udp(hello, DTLS_PORT, 50001)])
        self.assertEqual(len(self.frames(capture, "ja4")), 4)
        for options in [], ["-2"]:
            self.assertEqual(self.rows(capture, *options)[("JA4", self.DATAGRAM)], 2)

    def test_listed(self):
        done = self.sandbox.run(["tshark", "-z", "help"])
        self.assertIn("     tlsfp,tree\n", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
