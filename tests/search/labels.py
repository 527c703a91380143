#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""--labels: names for clients in fields and JSON, from lists."""

import json
import unittest

from full_and_bare import BARE, BARE_JA4, JA3_R, JA4, RAW, capture_of, full
from search_test import FOUND, TROUBLE, SearchTest, hellos


class Labels(SearchTest):
    def setUp(self):
        self.two = self.write(capture_of(full(b"www.example.org"), BARE), "two.pcap")

    def lines(self, *lists, file=None, fields=("tlsfp.client", "tlsfp.level"), expected_stderr=""):
        words = [word for path in lists for word in ("--labels", path)]
        words += [word for field in fields for word in ("-e", field)]
        done = self.run_search(*words, "--quiet", file or self.two)
        self.assertEqual((done.returncode, done.stderr.decode()), (FOUND, expected_stderr))
        return [tuple(line.split("\t")) for line in done.stdout.decode().splitlines()]

    def list(self, text, name="list.csv"):
        return self.write(text.encode(), name)

    def test_without(self):
        self.assertEqual(self.lines(), [("", ""), ("", "")])

    def test_each_column(self):
        original = RAW.replace("_000a", "_0000,000a").replace("000d,002b", "000d,0010,002b")
        for kind, value in {
            "ja4": JA4,
            "ja4_a": JA4[:10],
            "ja4_b": JA4[11:23],
            "ja4_c": JA4[24:],
            "ja4_bc": f"t13{JA4[10:]}",
            "ja3n": hellos.md5(JA3_R),
            "ja3n_r": JA3_R,
            "ja4_r": RAW,
            "ja4_o": hellos.ja4_of(original),
            "ja4_ro": original,
            "ja3": hellos.md5(JA3_R),
            "ja3_r": JA3_R,
            "stable": JA4,
            "stable_r": RAW,
        }.items():
            with self.subTest(kind):
                path = self.list(f'name,level,{kind}\nMine,note,"{value}"\n')
                self.assertEqual(self.lines(path)[0], ("Mine", "note"))

    def test_several_lists(self):
        one = self.list(f"ja4_b,name\n{JA4[11:23]},Part\n", "one.csv")
        two = self.list(f"ja4,name,level\n{JA4},Whole,warn\n{BARE_JA4},Bare,\n", "two.csv")
        self.assertEqual(self.lines(one, two)[0], ("Whole; Part", "warn"))
        self.assertEqual(self.lines(two), [("Whole", "warn"), ("Bare", "none")])

    def test_what_people_have(self):
        ja3 = hellos.md5(JA3_R)
        rows = [{"application": "A", "os": "O", "ja4_fingerprint": JA4}, {"ja4_fingerprint": None}]
        for text, name in (
            (f'{ja3},"AcroCEF"\n', "AcroCEF"),
            (f"Application,Library,Device,OS,ja4,ja4s,Notes\n,Python,,,{JA4},,\n", "Python"),
            (json.dumps(rows), "A, O"),
        ):
            self.assertEqual(self.lines(self.list(text))[0][0], name)

    def test_broken_rows(self):
        path = self.list(f"ja4,name\nx,A\n{JA4},Mine\n")
        said = f"tlsfp: {path}:2: 'x' is no ja4\n"
        self.assertEqual(self.lines(path, expected_stderr=said)[0], ("Mine", "none"))

    def test_nothing_of_it_can_be_used(self):
        """Looks like "none found" else."""
        for text in (f"ja4;name\n{JA4};Mine\n", f"ja4\n{JA4}\n", f"ja4,name,level\n{JA4},Mine,high\n", f"ja4,name\n{JA4[:-1]},Mine\n", '[{"a": 1'):
            path = self.list(text)
            done = self.run_search("--labels", path, "--level", "warn", self.two)
            self.assertEqual((done.returncode, done.stdout), (TROUBLE, b""), text)
            self.assertIn(f"tlsfp: --labels: {path}: no name in it can be used\n", done.stderr.decode())
        self.assertEqual(self.run_search("--labels", self.list("ja4,name\n"), self.two).returncode, 0)

    def test_escaped(self):
        path = self.list(f'ja4,name\n{JA4},"a\\b\tc"\n')
        self.assertEqual(self.lines(path)[0][0], "a\\\\b c")

    def test_missing(self):
        done = self.run_search("--labels", self.folder / "missing.csv", self.two)
        self.assertEqual((done.returncode, done.stdout), (TROUBLE, b""))
        self.assertIn("missing.csv", done.stderr.decode())

    def test_json(self):
        path = self.list(f"ja4,name,level\n{JA4},Mine,warn\n{JA4},Other,\n")
        out = self.run_search("--labels", path, "--json", "--quiet", self.two).stdout.decode()
        first, second = map(json.loads, out.splitlines())
        self.assertEqual((first["client"], first["level"]), (["Mine", "Other"], "warn"))
        self.assertEqual((second["client"], second["level"]), ([], None))
        self.assertEqual(list(first)[-2:], ["client", "level"])

    def test_threads(self):
        """Several threads look names up in one list."""
        path = self.list(f"ja4,name\n{JA4},Mine\n{BARE_JA4},Bare\n")
        words = ["--labels", path, "-j", "4", "-e", "tlsfp.client", "--quiet", *[self.two] * 40]
        self.assertEqual(self.run_search(*words).stdout.decode(), "Mine\nBare\n" * 40)

    def test_count(self):
        path = self.list(f"ja4,name\n{JA4},Mine\n{BARE_JA4},Bare\n")
        out = self.run_search("--labels", path, "-e", "tlsfp.client", "--count", "--quiet", self.two, self.two).stdout
        self.assertEqual(out.decode().split(), ["2", "Mine", "2", "Bare"])


if __name__ == "__main__":
    unittest.main()
