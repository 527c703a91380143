#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Captures that are damaged or none: tshark says so in its own words, the plugin says nothing, and whatever
fingerprint is shown is one of the undamaged capture's."""

import pathlib
import struct
import unittest

import hellos
import needs
from plugin_test import PluginTest

CAPTURE = "curl-openssl-tls12.pcap"  # both hellos small, in one segment each
SEGMENTS = "post-quantum.pcapng"  # hellos in two segments
DATAGRAMS = "dtls-fragmented.pcap"
FIELDS = [*hellos.CLIENT_FIELDS, *hellos.SERVER_FIELDS, "malformed"]
NO_CAPTURE = [2, 3]  # tshark 4.0 ends with 2, later ones with 3
PCAP_HEADER = struct.pack("!IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)


class BadInput(PluginTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = needs.source() / "samples/captures"
        cls.captures = [cls.sandbox.put(folder / name) for name in (CAPTURE, SEGMENTS, DATAGRAMS)]

    def values(self, capture, *options):
        """What the plugin shows, and tshark's exit status and messages."""
        found = set()
        words = ["tshark", "-n", "-r", capture, *options, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=;"]
        for field in FIELDS:
            words += ["-e", f"tlsfp.{field}"]
        done = self.sandbox.run(words)
        self.assertNotIn("tlsfp", done.stderr.replace(str(self.sandbox.home), ""))
        self.assertGreaterEqual(done.returncode, 0, "ended by a signal")
        for line in done.stdout.splitlines():
            for field, column in zip(FIELDS, line.split("\t")):
                found |= {(field, value) for value in column.split(";") if value}
        return found, done

    def bytes_as(self, name, data):
        path = self.sandbox.home / name
        path.write_bytes(data)
        path.chmod(0o644)
        return path

    def check_no_capture(self, data, statuses, message):
        found, done = self.values(self.bytes_as("bad", data))
        self.assertEqual(found, set())
        self.assertIn(done.returncode, statuses)
        self.assertRegex(done.stderr, message)
        self.assertLessEqual(len(done.stderr.splitlines()), 1)

    def test_empty_file(self):
        self.check_no_capture(b"", [0], r"\A\Z")

    def test_no_packets(self):
        self.check_no_capture(PCAP_HEADER, [0], r"\A\Z")

    def test_no_capture(self):
        source = pathlib.Path(__file__).read_bytes()
        self.check_no_capture(source, NO_CAPTURE, "isn't a capture file in a format TShark understands")

    def test_header_cut(self):
        self.check_no_capture(PCAP_HEADER[:12], NO_CAPTURE, "cut short|isn't a capture file|TShark understands")

    def test_cut_in_a_packet(self):
        """At every fifth of each file; what stands before the cut is still shown."""
        for capture in self.captures:
            full, _ = self.values(capture)
            data = capture.read_bytes()
            shown = set()
            for part in range(1, 5):
                with self.subTest(capture.name, part=part):
                    cut = self.bytes_as(f"cut{capture.suffix}", data[: len(data) * part // 5 + 1])
                    found, done = self.values(cut)
                    self.assertLessEqual(found, full)
                    self.assertRegex(done.stderr, "cut short in the middle of a packet|^$")
                    shown |= found
            self.assertNotEqual(shown, set(), "nothing shown before any cut")

    def snapped(self, capture, length):
        path = self.sandbox.home / f"snapped{capture.suffix}"
        self.sandbox.run(["editcap", "-s", length, capture, path], check=True)
        return path

    def test_short_snap_length(self):
        for capture in self.captures:
            full, _ = self.values(capture)
            for length, *options in (60,), (100, "-2"), (250,), (250, "-2"):
                with self.subTest(capture.name, length=length, options=options):
                    found, done = self.values(self.snapped(capture, length), *options)
                    self.assertLessEqual(found, full)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_snap_length_that_cuts_the_hellos(self):
        """Shorter than any hello: none of it is a fingerprint, and none is called malformed."""
        for capture in self.captures:
            found, _ = self.values(self.snapped(capture, 100))
            self.assertEqual(found, set(), capture.name)


if __name__ == "__main__":
    unittest.main()
