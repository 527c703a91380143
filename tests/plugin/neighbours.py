#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Beside Wireshark's other postdissectors: Community ID, TRANSUM and MATE. Nobody warns, and no value changes."""

import re
import unittest

import hellos
import needs
from plugin_test import PluginTest

CAPTURES = ["curl-openssl-tls12.pcap", "post-quantum.pcapng", "dtls12.pcap"]
FIELDS = [*hellos.CLIENT_FIELDS, *hellos.SERVER_FIELDS]
JA4, JA3S = FIELDS.index("ja4"), FIELDS.index("ja3s")

# What it extracts makes MATE want fields of its own, those of TLS's dissector among them.
MATE = """\
Pdu connection Proto tcp Transport ip {
    Extract port From tcp.port;
    Extract hello From tls.handshake.type;
};
Gop client On connection Match (port) {
    Start (hello=1);
};
Done;
"""


class Neighbours(PluginTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = needs.source() / "samples/captures"
        cls.captures = [cls.sandbox.put(folder / name) for name in CAPTURES]
        cls.alone = {capture: cls().frames(capture, *FIELDS) for capture in cls.captures}
        script = cls.sandbox.home / "tcp.mate"
        cls.sandbox.run(["tee", script], input=MATE, check=True)
        cls.options = {
            "communityid": ["--enable-protocol", "communityid"],
            "transum": ["--enable-protocol", "transum"],
            "mate": ["-o", f"mate.config:{script}"],
        }

    def tshark(self, capture, *words, quiet=True):
        """MATE writes to standard error."""
        if not any(str(word).startswith("mate.config") for word in words):
            return super().tshark(capture, *words, quiet=quiet)
        done = self.sandbox.run(["tshark", "-n", "-r", capture, *words])
        self.assertRegex(done.stderr, r"\A ?\*\* .* initialize_mate: entering\n\Z")
        self.assertEqual(done.returncode, 0)
        return done.stdout

    def check(self, title, options):
        """title: how the neighbour's subtrees start, so that it is sure to be at work."""
        trees = ""
        for capture in self.captures:
            with self.subTest(capture.name):
                alone = self.alone[capture]
                self.assertEqual(self.frames(capture, *FIELDS, options=options), alone)
                # Summaries only, with a filter: trees in which items may stand for nothing.
                lines = self.tshark(capture, *options, "-Y", "tlsfp").splitlines()
                self.assertEqual([int(line.split()[0]) for line in lines], list(alone))
                tree = self.tshark(capture, "-2", *options, "-V")
                trees += tree
                tops = re.findall(r"\nTLS Fingerprint, JA\w+: (.*)", tree)
                self.assertEqual(tops, [values[JA4] or values[JA3S] for values in alone.values()])
                for text in "Dissector bug", "Malformed Packet", "Warn Dissector":
                    self.assertEqual(tree.count(text), 0, text)
        self.assertGreater(trees.count(f"\n{title}"), 0, f"{title}: not at work")

    def test_community_id(self):
        self.check("[Community ID: 1:", self.options["communityid"])

    def test_transum(self):
        self.check("TRANSUM RTE Data", self.options["transum"])

    def test_mate(self):
        self.check("MATE connection:", self.options["mate"])

    def test_all_together(self):
        self.check("[Community ID: 1:", [word for words in self.options.values() for word in words])


if __name__ == "__main__":
    unittest.main()
