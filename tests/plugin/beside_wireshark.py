#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The plugin's values beside those that Wireshark itself computes, as far as this version of it does: JA3 in 4.0, JA4
from 4.2 on. Hello by hello, of every capture in samples/captures, of the cases of cases.py, and of the conformance
captures where there are any; only what is in a row of tests/differences.md may differ.
"""

import unittest

import conformance
import hellos
import needs
from against_tshark import CASES_CAPTURE, Tshark, differences, unexpected
from sandbox import Sandbox


class TsharkHere(Tshark):
    """The tshark of this system, with the plugin."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        super().__init__("/", sandbox.home)

    def run(self, argv):
        done = self.sandbox.run(argv)
        if done.returncode not in (0, 2):  # 2: a capture that is cut short
            raise AssertionError(f"{' '.join(map(str, argv))}: {done.stderr}")
        return done.stdout

    def put(self, capture):
        return capture if capture.parent == self.folder else self.sandbox.put(capture)


def conformance_captures():
    try:
        folder = conformance.folder()
    except AssertionError:
        return []
    return sorted(path for path in (folder / "captures").iterdir() if path.is_file())


class BesideWiresharkTest(unittest.TestCase):
    summary = "nothing compared"

    @classmethod
    def tearDownClass(cls):
        print(cls.summary)

    def compare(self, captures):
        with Sandbox(needs.setting("TLSFP_PLUGIN")) as sandbox:
            tshark = TsharkHere(sandbox)
            if tshark.minor != "4.0":
                self.assertIn("ja4_r", tshark.groups[0], f"tshark {tshark.version} has no JA4 of its own")

            def ours(capture, path, options):
                return hellos.every(sandbox, path, options)

            found, equal = differences(tshark, captures, ours)
            new, old = unexpected(tshark, captures, found)
        type(self).summary = (
            f"Wireshark {tshark.version}: of {len(captures)} captures and the cases, {equal} hellos as Wireshark's own,"
            f" {len(found) - len(new)} values known to differ"
        )
        self.assertGreater(equal, 0)
        rows = [f"| tshark | {tshark.version} | {' | '.join(row)} | |" for row in new]
        self.assertEqual(rows, [], "not in tests/differences.md:\n" + "\n".join(rows))
        self.assertEqual(old, [], "in tests/differences.md, and no longer so")

    def test_values(self):
        needs.programs("tshark", "setpriv")
        captures = needs.captures() + conformance_captures()
        self.assertEqual(len({capture.name for capture in captures}), len(captures), "two captures of one name")
        self.assertNotIn(CASES_CAPTURE, [capture.name for capture in captures])
        self.compare(captures)


if __name__ == "__main__":
    unittest.main()
