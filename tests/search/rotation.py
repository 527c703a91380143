#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""--output: lines in files of a bounded size, which all together have a bounded size; the oldest go first."""

import json
import re
import unittest

from builders import *
from full_and_bare import BARE, JA4, capture_of, full
from search_test import TROUBLE, SearchTest

FORM = re.compile(r"logs-\d{8}T\d{6}Z-\d{6}\.(ndjson|txt)")


class Rotation(SearchTest):
    def setUp(self):
        self.logs = self.folder / self._testMethodName
        self.logs.mkdir()
        self.prefix = self.logs / "logs"
        self.capture = self.write(frames_of(self.packets(200)), "many.pcap")

    def packets(self, n):
        return [Connection(client_port=20000 + i).send(full(b"%d.example" % i)) for i in range(n)]

    def lines(self):
        return [line for path in sorted(self.logs.glob("logs-*")) for line in path.read_text().splitlines()]

    def test_sizes(self):
        """Whole lines, all of them, in files that are nearly full; nothing on standard output."""
        self.assertEqual(self.search("--json", "--output", self.prefix, "--file-size", "10K", self.capture), "")
        files = sorted(self.logs.iterdir())
        self.assertTrue(all(FORM.fullmatch(path.name) for path in files))
        self.assertEqual([json.loads(line)["srcport"] for line in self.lines()], list(range(20000, 20200)))
        longest = max(map(len, self.lines()))
        for path in files[:-1]:
            self.assertTrue(10 * 1024 - longest <= path.stat().st_size <= 10 * 1024, path)

    def test_no_need(self):
        self.search("--output", self.prefix, self.write(capture_of(BARE, full(b"a"))))
        (file,) = self.logs.iterdir()
        self.assertEqual((file.suffix, len(file.read_text().splitlines())), (".txt", 2))
        self.search("--json", "--output", self.prefix, self.write([]), status=1)
        self.assertEqual(len(list(self.logs.iterdir())), 1)

    def test_long_lines(self):
        """A line longer than a file has a file of its own."""
        self.search("--json", "--output", self.prefix, "--file-size", "100", self.write(capture_of(full(b"a"), full(b"b"))))
        self.assertEqual([len(path.read_text().splitlines()) for path in self.logs.iterdir()], [1, 1])

    def test_total(self):
        """Files of earlier runs go first; those of other prefixes, suffixes and forms never."""
        old = [self.logs / f"logs-2020010{day}T000000Z-000000.ndjson" for day in range(1, 6)]
        others = ["logs-2-20200101T000000Z-000000.ndjson", "log-20200101T000000Z-000000.ndjson", "logs.ndjson",
                  "logs-20200101T000000Z-000000.txt", "logs-2020010xT000000Z-000000.ndjson"]
        for path in [*old, *(self.logs / name for name in others)]:
            path.write_text("x" * 4999 + "\n")
        words = ["--json", "--output", self.prefix, "--file-size", "10K", "--total-size", "40K"]
        self.search(*words, self.write(frames_of(self.packets(15)), "few.pcap"))
        self.assertEqual([path.exists() for path in old], [False, True, True, True, True])
        self.search(*words, self.capture)
        self.assertFalse(any(path.exists() for path in old))
        self.assertTrue(all((self.logs / name).exists() for name in others))
        ours = [path for path in self.logs.iterdir() if path.name not in others]
        self.assertLessEqual(sum(path.stat().st_size for path in ours), 40 * 1024)
        last = [json.loads(line)["srcport"] for path in sorted(ours) for line in path.read_text().splitlines()]
        self.assertEqual(last, list(range(20200 - len(last), 20200)))
        self.assertGreater(len(last), 10)

    def test_trouble(self):
        done = self.run_search("--output", self.folder / "missing/logs", self.write(capture_of(BARE)))
        self.assertEqual(done.returncode, TROUBLE)
        self.assertIn(b"--output: No such file or directory", done.stderr)
        for words in (["--file-size", "1K"], ["--total-size", "1K"], ["--output", "x", "--count"],
                      ["--output", "x", "--total-size", "1K"], ["--output", "x", "--file-size", "1X"],
                      ["--output", "x", "--file-size", "0"], ["--output", "x", "--file-size", "9999999999G"],
                      ["--output", "x", "--header"], ["--output", "x", "--file-size", "-1"]):
            with self.subTest(words):
                self.assertEqual(self.run_search(*words, self.capture).returncode, TROUBLE)


if __name__ == "__main__":
    unittest.main()
