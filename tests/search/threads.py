#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Several threads search one capture (-j) and print what one thread prints: lines, their order, messages, the status.

With little --memory they may give up other half-seen hellos.
"""

import pathlib
import struct
import unittest

from links import frames_in
from search_test import *

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = sorted((ROOT / "samples/captures").rglob("*.pcap*"))
OTHERS = sorted(path for folder in ("cases", "conformance") for path in (ROOT / "../shared" / folder).rglob("*.pcap*"))


def elsewhere(frame, number):
    """An IPv4 frame with both addresses changed; others stay as they are."""
    if frame[12:14] != b"\x08\x00" or len(frame) < 34:
        return frame
    frame = bytearray(frame)
    for at in (27, 31):
        frame[at] ^= number
    return bytes(frame)


def mixture(n_times):
    """The connections of all samples, side by side, from that many clients each."""
    each = [list(frames_in(sample)) for sample in SAMPLES]
    for at in range(max(map(len, each))):
        for number in range(n_times):
            yield from (elsewhere(frames[at], number) for frames in each if at < len(frames))


class Threads(SearchTest):
    HOW = [
        ("--json", "--memory", "1024"),
        ("-e", "frame.number", "-e", "sni", "-e", "tlsfp.ja4", "--stats", "--memory", "1024"),
        ("--count", "-e", "tlsfp.ja4", "--memory", "1024"),
        ("--json", "--answers", "--memory", "1024"),
    ]

    def check_same(self, path, *how, threads=(2, 3)):
        one = self.run_search("-j", 1, *how, path)
        for n_threads in threads:
            several = self.run_search("-j", n_threads, *how, path)
            got, wanted = ((run.returncode, run.stderr, run.stdout) for run in (several, one))
            self.assertTrue(got == wanted, (path, how, n_threads, got[:2], wanted[:2]))
        return one.stdout

    def test_samples(self):
        for sample in SAMPLES:
            self.check_same(sample, *self.HOW[0])
            self.check_same(sample, *self.HOW[1], threads=[2])

    def test_other_captures(self):
        for path in OTHERS:
            self.check_same(path, *self.HOW[1], threads=[2])

    def test_many_connections(self):
        """More than is dealt out at once, of TCP, QUIC and DTLS by turns."""
        path = self.write(builders.pcap(list(mixture(24)), 1))
        for how in self.HOW:
            found = self.check_same(path, *how, threads=(2, 3, 16))
        self.assertGreater(found.count(b"\n"), 600)

    def test_ends(self):
        """A capture that is cut, and hellos that wait for segments until its end."""
        data = builders.pcap([frame for i, frame in enumerate(mixture(4)) if i % 7], 1)
        for end in (len(data) - 5, len(data) // 2, 24, 10):
            self.check_same(self.write(data[:end]), *self.HOW[1])


if __name__ == "__main__":
    unittest.main()
