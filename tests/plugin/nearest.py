#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp.client.nearest and the Info column: the known client that a hello resembles most, where it is asked for."""

import unittest

from plugin_test import PluginTest
from synthetic import Stream, alpn, client_hello, extension, groups, record, server_name

KNOWN = client_hello(server_name(), groups(0x1D), ciphers=(0x1301, 0x1302))
OTHER = client_hello(alpn(b"h2"), ciphers=(0x2F, 0x35, 0x0A))
NEAR = client_hello(server_name(), groups(0x1D), extension(0x15), ciphers=(0x1301, 0x1302))
RAW = ["ja4_ro", "ja3_r"]


class Nearest(PluginTest):
    def setUp(self):
        frames = [Stream(client_port=50000 + at).client(record(hello)) for at, hello in enumerate((KNOWN, OTHER, NEAR))]
        self.capture = self.write(frames)
        found = self.frames(self.capture, *RAW)
        rows = [[name, *found[frame]] for name, frame in (("Known", 1), ("Other", 2))]
        path = self.sandbox.home / "list.csv"
        path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in [["name", *RAW], *rows]) + "\n")
        path.chmod(0o644)
        self.list = ["-o", f"tlsfp.labels:{path}"]

    def test_field(self):
        expected = {1: ("Known", "Known"), 2: ("Other", "Other"), 3: ("Known", "")}
        for options in [], ["-2"]:
            self.assertEqual(self.frames(self.capture, "client.nearest", "client", options=[*self.list, *options]), expected)

    def test_tree(self):
        tree = self.tshark(self.capture, *self.list, "-V")
        self.assertIn("    [Nearest known client: Known (nothing tells them apart)]\n", tree)
        self.assertIn("    [Nearest known client: Known (plus extension 0x0015 padding)]\n", tree)

    def test_filter(self):
        words = ["-Y", 'tlsfp.client.nearest == "Known"', "-T", "fields", "-e", "frame.number"]
        self.assertEqual(self.tshark(self.capture, *self.list, *words).split(), ["1", "3"])

    def test_none(self):
        """Without a list that has raw fingerprints."""
        self.assertEqual(self.frames(self.capture, "client.nearest"), {})
        self.assertNotIn("Nearest", self.tshark(self.capture, "-V"))


class Info(PluginTest):
    """The preference tlsfp.info."""

    def test_column(self):
        frames = [Stream(client_port=50000 + at).client(record(hello)) for at, hello in enumerate((KNOWN, OTHER))]
        capture = self.write(frames)
        (known,), (other,) = self.frames(capture, "ja4").values()
        path = self.sandbox.home / "list.csv"
        path.write_text(f"ja4,name\n{known},Known\n")
        path.chmod(0o644)
        on = ["-o", f"tlsfp.labels:{path}", "-o", "tlsfp.info:TRUE"]
        for options in [], ["-2"], ["-Y", "tlsfp"]:
            lines = self.tshark(capture, *on, *options).splitlines()
            self.assertTrue(lines[0].endswith(f" [{known} Known]"), lines[0])
            self.assertTrue(lines[1].endswith(f" [{other}]"), lines[1])
        self.assertNotIn("[", self.tshark(capture))


if __name__ == "__main__":
    unittest.main()
