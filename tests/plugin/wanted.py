#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Both ways to ask Wireshark for fields (plugin/wanted.h) print the same, however tshark is asked.

    TLSFP_PLUGIN                 asks for its fields itself where it can
    TLSFP_PLUGIN_WIRESHARKS_WAY  leaves that to Wireshark
"""

import unittest

import needs
from plugin_test import PluginTest
from sandbox import Sandbox

FIELDS = ["-T", "fields", "-E", "separator=/t", "-e", "frame.number"]
FIELDS += [word for name in ("ja4", "ja3_r", "ja3s", "client", "retry", "cipher") for word in ("-e", f"tlsfp.{name}")]
COLUMNS = 'gui.column.format:"No.","%m","Its","%Cus:tlsfp.ja4:0:R"'

WAYS = {
    "filter": ["-Y", "tlsfp"],
    "fields": FIELDS,
    "tree": ["-O", "tlsfp", "-Y", "tlsfp"],
    "json": ["-T", "json", "-Y", "tlsfp.pq == 1", "-J", "tlsfp"],
    "column": ["-o", COLUMNS],
    "read filter": ["-2", "-R", "tlsfp", "-V", "-O", "tlsfp"],
    "statistics": ["-q", "-z", "tlsfp,tree"],
    "endpoints": ["-q", "-z", "endpoints,tlsfp"],
    "endpoints, filtered": ["-q", "-z", "endpoints,tlsfp,tlsfp.pq == 1"],
    "stream": ["-o", "tlsfp.stream:TRUE", "-T", "fields", "-e", "tlsfp.stream.ja4"],
}


class Wanted(PluginTest):
    @classmethod
    def setUpClass(cls):
        needs.programs("mergecap")
        super().setUpClass()
        cls.other = Sandbox(needs.setting("TLSFP_PLUGIN_WIRESHARKS_WAY"))
        cls.addClassCleanup(cls.other.close)
        path = cls.sandbox.home / "all.pcapng"
        captures = [cls.sandbox.put(path) for path in needs.captures()]
        cls.sandbox.run(["mergecap", "-a", "-w", path, *captures], check=True)
        cls.captures = {cls.sandbox: path, cls.other: cls.other.put(path)}

    def printed(self, sandbox, words):
        done = sandbox.run(["tshark", "-n", "-r", self.captures[sandbox], *words], check=True)
        return done.stdout.replace(str(sandbox.home), "")

    def check(self, title, words):
        own, wiresharks = self.printed(self.sandbox, words), self.printed(self.other, words)
        self.assertRegex(own, r"\d", title)
        self.assertEqual(own, wiresharks, title)
        return own

    def test_one_pass(self):
        for title, words in WAYS.items():
            if "-2" not in words:
                self.check(title, words)

    def test_two_passes(self):
        for title, words in WAYS.items():
            self.check(title, ["-2", *words])

    def test_summary(self):
        """Without a tree, tshark prints what it prints without the plugin; SOCKS's lines differ with one."""
        with Sandbox() as bare:
            self.captures[bare] = bare.put(self.captures[self.sandbox])
            self.assertEqual(self.printed(self.sandbox, []), self.printed(bare, []))

    def test_endpoints(self):
        """They ask for no tree, and get one: the counts are those of the statistics, which ask."""
        rows = self.printed(self.sandbox, WAYS["endpoints"]).splitlines()
        counts = {words[0]: words[1] for words in map(str.split, rows) if words and "_" in words[0]}
        self.assertGreater(len(counts), 10)
        lines = self.printed(self.sandbox, WAYS["statistics"]).splitlines()
        start, stop = (next(at for at, line in enumerate(lines) if line.split()[:n] == title.split())
            for n, title in ((1, "JA4"), (3, "JA4 part a")))
        tree = [words for words in map(str.split, lines[start:stop]) if words and "_" in words[0]]
        self.assertEqual({words[0]: words[1] for words in tree if words[0] in counts}, counts)


if __name__ == "__main__":
    unittest.main()
