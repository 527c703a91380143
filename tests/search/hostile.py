#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What strangers send costs memory, time and disk within bounds, measured on the process."""

import os
import pathlib
import struct
import subprocess
import unittest

from builders import *
from search_test import FOUND, NONE, TROUBLE, SearchTest, needs

CASES = pathlib.Path(needs.setting("TLSFP_SOURCE")).resolve().parent / "shared" / "cases"
MIB = 1024 * 1024
EMULATOR = int(os.environ.get("TLSFP_EMULATOR_MIB", 0))  # what one takes that runs the program, for packaging/check-architectures
BASE = (16 + EMULATOR) * MIB  # the program, its libraries and buffers of fixed size


# Runs a program from a process that is small itself: what forks leaves its own peak to what it starts.
MEASURE = """
import os, sys
child = os.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    print(usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime, file=file)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class HostileTest(SearchTest):
    def measured(self, *words, statuses=(FOUND, NONE), **options):
        """(standard output, peak memory in bytes, user and system time in seconds) of a run."""
        note = self.folder / "measured"
        argv = ["/usr/bin/python3", "-S", "-E", "-c", MEASURE, note, self.program, *words]
        done = subprocess.run(list(map(str, argv)), capture_output=True, cwd=self.folder, timeout=120, **options)
        self.assertIn(done.returncode, statuses, done.stderr.decode())
        memory, seconds = note.read_text().split()
        return done.stdout, int(memory), float(seconds)


class Memory(HostileTest):
    N = 60000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        frame = frames_of(opened(hello("x" * 60 + "-NUMBER-.example").record))[3]
        frames = []
        for i in range(cls.N):
            client = struct.pack("!I", 0x0B000000 + i)
            frames.append(frame[:26] + client + frame[30:].replace(b"-NUMBER-", b"%08x" % i))
        cls.path = cls.folder / "many.pcap"
        cls.path.write_bytes(pcap(frames))

    def test_counted_lines_go_to_disk(self):
        """10 MiB of different lines, in 4 MiB of memory: the same text, and as from several files at once."""
        whole, most, _ = self.measured("--count", "--memory", 256, "-e", "sni", "-e", "tlsfp.ja3_r", self.path)
        self.assertEqual(len(whole.splitlines()), self.N)
        bounded, memory, _ = self.measured("--count", "--memory", 4, "-e", "sni", "-e", "tlsfp.ja3_r", self.path)
        self.assertEqual(bounded, whole)
        self.assertLess(memory, BASE + 4 * MIB)
        self.assertGreater(most, memory)  # or this would say nothing
        files = [self.path] * 4
        several, memory, _ = self.measured("--count", "--memory", 4, "-j", 4, "-e", "sni", "-e", "tlsfp.ja3_r", *files)
        self.assertEqual(several, whole.replace(b"      1 ", b"      4 "))
        self.assertLess(memory, BASE + 4 * 2 * MIB)  # each thread has buffers of its own

    def test_connections_to_write(self):
        """-w remembers as many connections as fit; it says when there were more."""
        done = self.run_search("--memory", 1, "-w", "some.pcapng", self.path)
        self.assertEqual(done.returncode, TROUBLE)
        self.assertRegex(done.stderr.decode(), r"some.pcapng: packets of \d+ connections may be missing .*--memory")
        _, memory, _ = self.measured("--memory", 8, "-w", "all.pcapng", self.path)
        self.assertLess(memory, BASE + 8 * MIB)
        self.assertEqual(len(self.search("-e", "sni", "all.pcapng").splitlines()), self.N)

    def test_packets_that_wait(self):
        with open(self.path, "rb") as stream:
            _, memory, _ = self.measured("--memory", 4, "-w", "stream.pcapng", "-", stdin=stream, statuses=[TROUBLE])
        self.assertLess(memory, BASE + 4 * MIB)


@unittest.skipUnless(CASES.is_dir(), "without the captures of attacks beside the repository")
class Attacks(HostileTest):
    def test_keys_that_collide(self):
        """Chosen for the hashes of earlier versions: each line and each connection costs the same now."""
        for name, words in {
            "keeper-flood-20000.pcap.gz": ["-w", "flood.pcapng"],
            "tally-flood-2e14.pcap.gz": ["--count", "-e", "sni"],
        }.items():
            with self.subTest(name):
                _, _, plain = self.measured(CASES / name)
                _, _, flooded = self.measured(*words, CASES / name)
                self.assertLess(flooded, 5 * plain + 0.5)

    def test_headers(self):
        """Headers within headers, records within a datagram: what they cost grows with their length only."""
        _, _, plain = self.measured(CASES / "dtls-many-fragments-plugin.pcap")
        for name in "mpls-ethernet-recursion.pcap.gz", "dtls-many-tiny-hellos.pcap":
            with self.subTest(name):
                _, _, cost = self.measured(CASES / name)
                self.assertLess(cost, 5 * plain + 0.5)

    def test_decoders(self):
        for name in "lrzip-in-gzip.pcap.gz", "nested-gzip-4GiB.pcapng.gz", "xz-2GiB-dictionary.pcapng.xz":
            with self.subTest(name):
                done = self.run_search(CASES / name, timeout=20)
                self.assertEqual((done.returncode, done.stdout), (TROUBLE, b""))
                self.assertIn(name, done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
