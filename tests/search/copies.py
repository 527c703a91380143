#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""--all-copies: a hello that stands only in bytes that the server did not take is a line with "overlap", and counts for
nothing else."""

import json
import unittest

from builders import *
from search_test import NONE, SearchTest

REAL, DECOY = hello("real.example"), hello("fake.example")
LONG, LONG_DECOY = hello("real.example", n_groups=900), hello("fake.example", n_groups=900)
SERVER = synthetic.record(synthetic.server_hello())
COOKIE = b"\x17\3\3\0\1x"


def cut(data, *ends):
    """(offset, bytes) of a stream that is cut there."""
    starts = (0, *ends)
    return [(start, data[start:end]) for start, end in zip(starts, (*ends, len(data)))]


class Copies(SearchTest):
    def check_copies(self, segments, *expected, answer=None):
        """Segments (offset, bytes) of a client; expected: names, those of copies that do not count with a star."""
        connection = Connection()
        packets = connection.open() + [connection.at(*segment) for segment in segments]
        if answer:
            connection.sent[0] = max(offset + len(data) for offset, data in segments)
            packets.append(connection.send(answer, side=1))
        path = self.write(frames_of(packets))
        counted = [name for name in expected if not name.endswith("*")]
        status = 0 if counted else NONE
        found = self.search("--all-copies", "-e", "sni", "-e", "overlap", path, status=status)
        rows = [name + "*" * int(flag) for name, flag in (line.split("\t") for line in found.splitlines())]
        self.assertEqual(sorted(rows), sorted(expected))
        self.assertEqual(sorted(self.search("-e", "sni", path, status=status).split()), sorted(counted))
        self.assertEqual(self.search("--all-copies", "--count", path, status=status).count("\n"), len(set(counted)))
        stats = self.run_search("--all-copies", "--stats", path).stderr.decode().splitlines()[-1]
        self.assertEqual(json.loads(stats)["hellos"], len(counted))
        return path

    def test_none(self):
        """Segments of one stream, in any order, sent again, in any pieces."""
        whole = cut(LONG.record, 500, 900)
        for segments in (
            whole,
            whole[::-1],
            whole + whole,
            whole + cut(LONG.record, 100, 300, 1200),
            [(0, LONG.record[:700]), (300, LONG.record[300:])],
            cut(REAL.record, *range(1, len(REAL.record))),
        ):
            self.check_copies(segments, "real.example")

    def test_later(self):
        """The first bytes count; what comes later in their place does not."""
        path = self.check_copies([(0, REAL.record), (0, DECOY.record)], "real.example", "fake.example*")
        lines = [json.loads(line) for line in self.search("--all-copies", "--json", path).splitlines()]
        self.assertEqual([line.get("overlap") for line in lines], [None, True])
        self.assertNotIn("overlap", self.search("--json", path))
        self.check_copies([(0, REAL.record), (0, DECOY.record), (0, DECOY.record)], "real.example", "fake.example*")

    def test_later_in_pieces(self):
        self.check_copies(
            cut(LONG.record, 800) + cut(LONG_DECOY.record, 600), "real.example", "fake.example*"
        )

    def test_other_bytes_behind_the_start(self):
        """The start is the same: of what follows, one copy counts."""
        changed = LONG.record[:900] + bytes([LONG.record[900] ^ 1]) + LONG.record[901:]
        first, second = cut(LONG.record, 700), cut(changed, 700)
        self.check_copies([first[0], first[1], second[1]], "real.example", "real.example*")
        self.check_copies([first[0], second[1], first[1]], "real.example", "real.example*")

    def test_covered(self):
        """A held segment gives way to one that covers it whole."""
        stray = COOKIE
        n = len(stray)
        self.check_copies(
            [(n, DECOY.record), (n, REAL.record + COOKIE), (0, stray)], "real.example", "fake.example*"
        )

    def test_never_taken(self):
        """Bytes outside the window, in a place that is taken, or with nothing in front of them."""
        self.check_copies([(0, COOKIE), (0, DECOY.record)], "fake.example*")

    def test_answer(self):
        """A few stray bytes first: the server's answer says which copy counted."""
        segments = [(0, b"\0\0\0\0\0\0"), (0, REAL.record)]
        self.check_copies(segments, "real.example", answer=SERVER)
        self.check_copies(segments, "real.example*")

    def test_packets_are_not_written(self):
        connection = Connection()
        packets = connection.open() + [connection.at(0, COOKIE), connection.at(0, DECOY.record)]
        path = self.write(frames_of(packets))
        self.search("--all-copies", "-w", "out.pcapng", path, status=NONE)
        self.search("out.pcapng", status=NONE)

    def test_many_copies(self):
        """What a stranger sends over and over costs no memory without end."""
        connection = Connection()
        packets = connection.open() + [connection.at(0, REAL.record)]
        packets += [connection.at(0, hello(f"{i}.example").record) for i in range(3000)]
        path = self.write(frames_of(packets))
        found = self.search("--all-copies", "-e", "sni", path).splitlines()
        self.assertEqual(found[0], "real.example")
        self.assertLess(len(found), 10)


if __name__ == "__main__":
    unittest.main()
