#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The plugin and tlsfp show the same hellos, in the same frames, of every capture there is, with Wireshark's defaults.

    agreement.py Samples       of samples/captures
    agreement.py Conformance   of a folder of captures with known fingerprints; tests/plugin/conformance.py says which

What only tlsfp finds is a row of tests/differences.md, of the tool "plugin in tshark" and field ja4, with the reason.
"""

import collections
import concurrent.futures
import os
import unittest

from search_test import SearchTest, TROUBLE, hellos, needs

import conformance
import goldens
from against_tshark import read_table, versions_of
from sandbox import Sandbox, wireshark_minor

FIELDS = ["ja4", "ja3", "ja3_r", "ja4_r"]


def known_beyond():
    """{capture: {(frame, JA4)}} of the hellos that the plugin is known not to show in this version of Wireshark."""
    known = collections.defaultdict(set)
    minor = wireshark_minor()
    for row in read_table()[1]:
        tool, _, capture, frame, field, theirs, ours, reason = row
        minors = [version.rpartition(".")[0] for version in versions_of(row)]
        if tool == "plugin in tshark" and minor in minors:
            if (field, theirs) != ("ja4", "`-`") or not reason:
                raise AssertionError(f"tests/differences.md: this row is not as it should be: {row}")
            known[capture].add((int(frame), ours.strip("`")))
    return dict(known)


class Agreement:
    """What both tests do; each names its captures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        needs.programs("tshark", "setpriv")
        cls.known = known_beyond()
        captures = cls.captures()
        with Sandbox(needs.setting("TLSFP_PLUGIN")) as sandbox:

            def shown(capture):
                rows = hellos.rows(sandbox, sandbox.put(capture), FIELDS)
                return collections.Counter((frame, *(values[field] for field in FIELDS)) for frame, values in rows)

            with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
                cls.by_plugin = dict(zip(captures, pool.map(shown, captures)))

    def by_search(self, capture):
        fields = ["frame.number", *(f"tlsfp.{field}" for field in FIELDS)]
        done = self.run_search(*(word for field in fields for word in ("-e", field)), capture)
        self.assertNotEqual(done.returncode, TROUBLE, done.stderr)
        rows = (line.split("\t") for line in done.stdout.decode().splitlines())
        return collections.Counter((int(frame), *values) for frame, *values in rows)

    def test_every_hello(self):
        for capture, plugin in self.by_plugin.items():
            with self.subTest(capture.name):
                search = self.by_search(capture)
                self.assertEqual(sorted((plugin - search).elements()), [], "only the plugin shows them")
                beyond = sorted(row[:2] for row in (search - plugin).elements())
                self.assertEqual(beyond, sorted(self.known.get(capture.name, ())), "only tlsfp shows them")


class Samples(Agreement, SearchTest):
    @staticmethod
    def captures():
        return needs.captures()

    def test_there_is_something_to_show(self):
        for capture, plugin in self.by_plugin.items():
            with self.subTest(capture.name):
                if not goldens.may_be_empty(capture.name) and capture.name not in self.known:
                    self.assertGreater(plugin.total(), 0)

    def test_rows_of_captures(self):
        """No row without its capture."""
        self.assertEqual(set(self.known) - {capture.name for capture in self.by_plugin}, set())


class Conformance(Agreement, SearchTest):
    @staticmethod
    def captures():
        return sorted(path for path in (conformance.folder() / "captures").iterdir() if path.is_file())

    def test_expected(self):
        """Every row, and nothing beyond them."""
        expected = conformance.read_expected(conformance.folder() / "expected.tsv")
        names = {capture.name for capture in self.by_plugin}
        self.assertEqual(sorted(set(expected) - names), [], "captures that are missing")
        total = 0
        for capture in self.by_plugin:
            wanted = collections.Counter(
                (frame, *(values[conformance.FIELDS.index(field)] for field in FIELDS))
                for frame, _, values in expected[capture.name]
            )
            with self.subTest(capture.name):
                search = self.by_search(capture)
                self.assertEqual(sorted((wanted - search).elements()), [], "not found")
                self.assertEqual(sorted((search - wanted).elements()), [], "found beyond the rows")
            total += wanted.total()
        self.assertGreater(total, 200)


if __name__ == "__main__":
    unittest.main()
