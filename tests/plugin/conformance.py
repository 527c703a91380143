#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every row of a folder of captures with known fingerprints is met by the plugin, and nothing beyond them.

The folder is TLSFP_CONFORMANCE, by default ../shared/conformance beside the repository. It holds captures/ and
expected.tsv: tab-separated, with a line of column names: capture, frame, transport, ja3, ja3_r, ja4, ja4_r.
"""

import collections
import csv
import os
import pathlib
import unittest

import hellos
import needs
from sandbox import Sandbox

FIELDS = ["ja3", "ja3_r", "ja4", "ja4_r"]


def folder():
    given = os.environ.get("TLSFP_CONFORMANCE")
    found = pathlib.Path(given) if given else needs.source().parent / "shared/conformance"
    if not (found / "expected.tsv").is_file():
        raise AssertionError(f"{found} holds no expected.tsv; TLSFP_CONFORMANCE names the folder")
    return found


def read_expected(path):
    """{capture: [(frame, transport, values), ...]}"""
    expected = collections.defaultdict(list)
    with open(path, newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            values = tuple(row[field] for field in FIELDS)
            expected[row["capture"]].append((int(row["frame"]), row["transport"], values))
    return expected


class ConformanceTest(unittest.TestCase):
    summary = "no rows"

    @classmethod
    def tearDownClass(cls):
        print(cls.summary)

    def test_rows(self):
        needs.programs("tshark", "setpriv")
        expected = read_expected(folder() / "expected.tsv")
        captures = sorted(path for path in (folder() / "captures").iterdir() if path.is_file())
        self.assertEqual(sorted(set(expected) - {path.name for path in captures}), [], "captures that are missing")
        total = sum(map(len, expected.values()))
        self.assertGreater(total, 0)
        wrong, met, beyond = [], 0, 0
        with Sandbox(needs.setting("TLSFP_PLUGIN")) as sandbox:
            for capture in captures:
                got = collections.Counter(
                    (frame, values["ja4"][0], tuple(values[field] for field in FIELDS))
                    for frame, values in hellos.rows(sandbox, sandbox.put(capture), FIELDS)
                )
                want = collections.Counter(expected[capture.name])
                wrong += [f"{capture.name}: missing {row}" for row in (want - got).elements()]
                wrong += [f"{capture.name}: beyond {row}" for row in (got - want).elements()]
                met += (want & got).total()
                beyond += (got - want).total()
        type(self).summary = f"{met} of {total} rows, {beyond} beyond"
        self.assertEqual(wrong, [], "\n".join(wrong))


if __name__ == "__main__":
    unittest.main()
