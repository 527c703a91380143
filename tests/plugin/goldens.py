#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every hello of every capture in samples/captures, against tests/goldens/<capture>.tsv, exactly.

    goldens.py            compares
    goldens.py --update   writes the goldens anew; wants TLSFP_PLUGIN

A golden has a line for each hello: its frame, and field=value for each of its fields, tab-separated.
"""

import concurrent.futures
import os
import sys
import unittest

import hellos
import needs
from sandbox import Sandbox

# What a capture needs beyond tshark's defaults.
OPTIONS = {"tls-on-port-80.pcap": ["-o", "tcp.try_heuristic_first:TRUE"]}

# Captures that show no hello, and why, beside those whose names start with no-tls.
WITHOUT_HELLO = {"quic-v2-draft.pcapng": "Wireshark 4.0 does not open this draft of QUIC version 2"}


def may_be_empty(name):
    return name.startswith("no-tls") or name in WITHOUT_HELLO


def folder():
    return needs.source() / "tests/goldens"


def golden_of(capture):
    return folder() / f"{capture.name}.tsv"


def lines(found):
    return "".join(
        "\t".join([str(frame), *(f"{field}={value}" for field, value in values.items())]) + "\n"
        for frame, values in found
    )


def read(path):
    """The opposite of lines(): (frame, {field: value}) for each."""
    found = []
    for line in path.read_text().splitlines():
        frame, *values = line.split("\t")
        found.append((int(frame), dict(value.split("=", 1) for value in values)))
    return found


def measure(captures, *options):
    """{capture: its hellos}, as many captures at a time as there are processors."""
    with Sandbox(needs.setting("TLSFP_PLUGIN")) as sandbox:

        def hellos_of(capture):
            return hellos.every(sandbox, sandbox.put(capture), [*options, *OPTIONS.get(capture.name, ())])

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return dict(zip(captures, pool.map(hellos_of, captures)))


class GoldensTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        needs.programs("tshark", "setpriv")
        cls.captures = needs.captures()
        cls.found = measure(cls.captures)

    def test_hellos(self):
        for capture in self.captures:
            with self.subTest(capture.name):
                golden = golden_of(capture)
                self.assertTrue(golden.exists(), f"{golden} is missing; goldens.py --update writes it")
                expected = golden.read_text()
                if not may_be_empty(capture.name):
                    self.assertNotEqual(expected, "", f"{golden} is empty")
                self.assertEqual(lines(self.found[capture]), expected)

    def test_two_passes(self):
        """With -2 each packet is first met in a tree that is not visible."""
        twice = measure(self.captures, "-2")
        for capture in self.captures:
            with self.subTest(capture.name):
                self.assertEqual(lines(twice[capture]), lines(self.found[capture]))

    def test_nothing_left_over(self):
        """No golden without its capture, no exception without either."""
        known = {golden_of(capture) for capture in self.captures}
        self.assertEqual(sorted(set(folder().glob("*.tsv")) - known), [])
        names = {capture.name for capture in self.captures}
        self.assertEqual(sorted({*OPTIONS, *WITHOUT_HELLO} - names), [])

    def test_values_agree(self):
        """Each hash is that of the raw form beside it, by Python's own MD5 and SHA-256."""
        for capture, found in self.found.items():
            for frame, values in found:
                with self.subTest(capture.name, frame=frame):
                    if "ja3s" in values:
                        self.assertEqual(values["ja3s"], hellos.md5(values["ja3s_r"]))
                        continue
                    self.assertEqual(values["ja3"], hellos.md5(values["ja3_r"]))
                    self.assertEqual(values["ja3n"], hellos.md5(values["ja3n_r"]))
                    self.assertEqual(values["ja3n_r"], hellos.ja3n_r_of(values["ja3_r"]))
                    self.assertEqual(values["ja4_bc"], values["ja4"][:3] + values["ja4"][10:])
                    self.assertEqual(values["ja4"], hellos.ja4_of(values["ja4_r"]))
                    self.assertEqual(values["ja4_o"], hellos.ja4_of(values["ja4_ro"]))


def update():
    folder().mkdir(exist_ok=True)
    found = measure(needs.captures())
    empty = [capture.name for capture, values in found.items() if not values and not may_be_empty(capture.name)]
    if empty:
        sys.exit(f"goldens.py: no hello in {', '.join(empty)}: nothing was written")
    for old in folder().glob("*.tsv"):
        old.unlink()
    for capture, values in found.items():
        golden_of(capture).write_text(lines(values))
    print(f"{sum(map(len, found.values()))} hellos of {len(found)} captures written to {folder()}")


if __name__ == "__main__":
    if "--update" in sys.argv[1:]:
        update()
    else:
        unittest.main()
