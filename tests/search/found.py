#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What is searched for, and the packets written of it."""

import subprocess
import os
import subprocess
import unittest

from builders import *
from full_and_bare import BARE, BARE_JA4, JA3_R, capture_of, full
from search_test import FOUND, NONE, TROUBLE, SearchTest, hellos, needs


class Search(SearchTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = [b"www.example.org", b"WWW.Example.com", b"mail.example.org"]
        cls.hellos = [full(names[0]), full(names[1], [b"http/1.1"]), full(names[2], ciphers=(0x1302,)), BARE]
        cls.capture = cls.folder / "four.pcap"
        cls.capture.write_bytes(capture_of(*cls.hellos))
        argv = [cls.program, "-e", "tlsfp.ja4", "-e", "tlsfp.ja3", cls.capture]
        text = subprocess.run(argv, capture_output=True, text=True).stdout
        cls.ja4, cls.ja3 = zip(*(line.split("\t") for line in text.splitlines()))

    def check_found(self, words, *expected):
        """The numbers of the hellos found, from 0."""
        text = self.search(*words, "-e", "srcport", self.capture, status=FOUND if expected else NONE)
        self.assertEqual([int(line) - 50000 for line in text.splitlines()], list(expected))

    def test_ja4(self):
        first = self.ja4[0]
        for value, expected in {
            first: [0],
            first[:10]: [0],
            first[11:23]: [0, 1, 3],
            first[24:]: [0, 1, 2],
            f"*_{first[11:23]}_*": [0, 1, 3],
            f"t13d*_{first[11:23]}_*": [0, 1],
            "t13*": [0, 1, 2],
            "t1[23]i*": [3],
            "t1?i020000_*": [3],
            "*": [0, 1, 2, 3],
            "q*": [],
            first[:-1] + "?": [0],
            "0" * 12: [3],
            "t13d9999h2_000000000000_000000000000": [],
        }.items():
            with self.subTest(value):
                self.check_found(["--ja4", value], *expected)
                self.check_found([f"--ja4={value}"], *expected)

    def test_ja3(self):
        first = self.ja3[0]
        self.assertEqual((first, first), (self.ja3[1], hellos.md5(JA3_R)))
        self.check_found(["--ja3", first], 0, 1)
        self.check_found(["--ja3", first.upper()], 0, 1)
        self.check_found(["--ja3", first[:10] + "*"], 0, 1)
        self.check_found(["--ja3", "0" * 32])

    def test_sni(self):
        for value, expected in {
            "www.example.org": [0],
            "www.example.com": [1],
            "WWW.EXAMPLE.*": [0, 1],
            "*.example.org": [0, 2],
            "*example*": [0, 1, 2],
            "example": [],
            "[wm]*": [0, 1, 2],
        }.items():
            with self.subTest(value):
                self.check_found(["--sni", value], *expected)

    def test_several_values_of_one_kind(self):
        self.check_found(["--ja4", self.ja4[0], "--ja4", self.ja4[2]], 0, 2)
        self.check_found(["--sni", "www.*", "--sni", "mail.*"], 0, 1, 2)

    def test_several_kinds(self):
        """Each must fit."""
        self.check_found(["--ja3", self.ja3[0], "--sni", "*.com"], 1)
        self.check_found(["--ja4", self.ja4[2], "--sni", "*.com"])

    def test_values(self):
        text = f"# known ones\n\n{self.ja4[0]}  # the first\n  {self.ja3[3]}\r\n{self.ja4[2][:10]}\n"
        path = self.write(text.encode(), "values.txt")
        self.check_found(["--values", path], 0, 2, 3)
        self.check_found(["--values", path, "--sni", "mail*"], 2)
        last = self.write(self.ja4[1].encode(), "last.txt")
        self.check_found(["--values", last], 1)
        self.check_found(["--values", path, "--values", last], 0, 1, 2, 3)

    def test_many_values(self):
        """A million lines are no trouble."""
        lines = "".join(f"t13d1516h2_{i:012x}_{i:012x}\n" for i in range(200_000)) + self.ja4[3]
        self.check_found(["--values", self.write(lines.encode(), "many.txt")], 3)

    def test_values_that_are_none(self):
        for words in (
            ["--ja4", "nonsense"],
            ["--ja4", ""],
            ["--ja3", "12"],
            ["--values", self.write(f"{self.ja4[0]}\nnonsense\n".encode(), "bad.txt")],
            ["--values", self.folder / "missing.txt"],
        ):
            with self.subTest(words):
                done = self.run_search(*words, self.capture)
                self.assertEqual((done.returncode, done.stdout), (TROUBLE, b""))
                self.assertIn(words[0], done.stderr.decode())
                if "bad.txt" in str(words[1]):
                    self.assertRegex(done.stderr.decode(), r"bad\.txt.*2")

    def test_counts_what_fits(self):
        self.assertEqual(self.search("--count", "--ja4", self.ja4[3], self.capture), f"      1 {self.ja4[3]}\n")


class Write(SearchTest):
    """-w: the packets of the connections found, which tshark reads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        needs.programs("tshark")

    def read(self, path, *words):
        argv = ["tshark", "-n", "-r", path, "-T", "fields", "-e", "tcp.srcport", "-e", "tcp.dstport", *words]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]

    def write_found(self, *words, status=FOUND, **options):
        out = self.folder / "found.pcapng"
        self.search("-w", out, *words, status=status, **options)
        return out

    def interleaved(self):
        connections = []
        for port, data in (50001, full(b"wanted.example")), (50002, full(b"other.example")), (50003, BARE):
            one = Connection(client_port=port)
            packets = one.open() + [one.send(data), one.send(b"answer", side=1), one.send(b"", flags=FIN | 0x10)]
            connections.append(packets)
        return frames_of([packet for turn in zip(*connections) for packet in turn])

    def test_whole_connections(self):
        """Both directions, from the SYN to the FIN, with their times and bytes."""
        frames = self.interleaved()
        path = self.write(frames)
        out = self.write_found("--sni", "wanted.*", path)
        rows = self.read(out, "-e", "frame.time_epoch", "-e", "frame.len", "-e", "tls.handshake.extensions_server_name")
        self.assertEqual([row[0] for row in rows], ["50001", "443", "50001", "50001", "443", "50001"])
        self.assertEqual([row[2] for row in rows], [f"1700000000.{3 * i:03d}000000" for i in range(6)])
        self.assertEqual([int(row[3]) for row in rows], [len(frame) for frame in frames[::3]])
        self.assertEqual(rows[3][4], "wanted.example")
        self.assertEqual(self.search("-e", "sni", out), "wanted.example\n")

    def test_all(self):
        out = self.write_found(self.write(self.interleaved() + [ethernet(udp_packet(b"x", 53))]))
        self.assertEqual(len(self.read(out)), 18)

    def test_none(self):
        out = self.write_found("--sni", "nobody", self.write(self.interleaved()), status=NONE)
        self.assertEqual(self.read(out), [])

    def test_from_standard_input(self):
        data = pcap(self.interleaved())
        out = self.write_found("--sni", "wanted.*", "-", input=data)
        self.assertEqual(len(self.read(out)), 6)

    def test_from_a_pipe_with_a_name(self):
        """As a shell's <(…) makes one: its packets come once."""
        path = self.write(self.interleaved())
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        with subprocess.Popen(["sh", "-c", 'cat "$1" > "$2"', "sh", path, pipe]):
            out = self.write_found("--sni", "wanted.*", pipe, timeout=30)
        self.assertEqual(len(self.read(out)), 6)

    def test_to_a_pipe_with_a_name(self):
        path, pipe, copy = self.write(self.interleaved()), self.folder / "to", self.folder / "copy.pcapng"
        os.mkfifo(pipe)
        with subprocess.Popen(["sh", "-c", 'cat "$1" > "$2"', "sh", pipe, copy]) as process:
            self.search("-w", pipe, "--sni", "wanted.*", path, timeout=30)
            process.wait(30)
        self.assertEqual(len(self.read(copy)), 6)

    def test_link_types(self):
        """Of several files and interfaces, in one file."""
        mixed = Pcapng().interface(113).interface(101)
        mixed.packets([sll(packet) for packet in opened(BARE, client_port=50001)])
        mixed.packets(opened(BARE, client_port=50002, version=6), interface=1)
        other = self.write(frames_of(opened(BARE, client_port=50003)), "ether.pcap")
        out = self.write_found(self.write(mixed.data, "mixed.pcapng"), other)
        self.assertEqual([row[0] for row in self.read(out)][3::4], ["50001", "50002", "50003"])
        self.assertEqual(self.search("-e", "srcport", out), "50001\n50002\n50003\n")

    def test_tunnels(self):
        """The packet around it is written whole."""
        inside = [vxlan(packet) for packet in opened(full(b"wanted.example"), client_port=50011)]
        path = self.write(frames_of(inside) + self.interleaved())
        out = self.write_found("--sni", "wanted.*", path)
        self.assertEqual(self.search("-e", "frame.number", out), "4\n8\n")

    def test_fragments(self):
        """All parts of a packet that came in fragments."""
        packets = opened(full(b"wanted.example"))
        path = self.write(frames_of(packets[:3] + ipv4_fragments(packets[3], 64)))
        out = self.write_found(path)
        self.assertEqual(self.search("-e", "sni", out), "wanted.example\n")

    def test_quic_and_dtls(self):
        for name in "quic-chromium.pcapng", "dtls-fragmented.pcap":
            capture = needs.source() / "samples/captures" / name
            out = self.write_found(capture)
            self.assertEqual(self.search(out), self.search(capture))

    def test_prints_as_well(self):
        path = self.write(capture_of(BARE))
        self.assertEqual(self.search("-w", self.folder / "out.pcapng", path), f"{BARE_JA4}\n")


if __name__ == "__main__":
    unittest.main()
