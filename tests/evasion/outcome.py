# SPDX-License-Identifier: BSD-3-Clause
"""What tlsfp finds in a capture, and the table of what it finds beside what Linux read."""

import collections
import pathlib
import subprocess
import tempfile

from hellos import needs

import builders

LINK_RAW = 101


def rows(path, fields, options=()):
    """The fields of each hello in a capture."""
    argv = [needs.setting("TLSFP_SEARCH"), *options, *(word for field in fields for word in ("-e", field)), path]
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise AssertionError(f"tlsfp: {done.stderr}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def write(path, packets):
    path.write_bytes(builders.pcap(packets, link=LINK_RAW))


def by_port(packets, options=()):
    """{client's port: [JA3]} in packets of IP."""
    found = collections.defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="tlsfp-evasion-") as name:
        path = pathlib.Path(name) / "all.pcap"
        write(path, packets)
        for port, ja3 in rows(path, ["srcport", "tlsfp.ja3"], options):
            found[int(port)].append(ja3)
    return found


class Table:
    """How many had a hello, and how many were wrong, of those that vary each dimension."""

    def __init__(self, what):
        self.what = what
        self.sent, self.whole, self.wrong = collections.Counter(), collections.Counter(), collections.Counter()

    def add(self, dimensions, has_hello, differs):
        for dimension in dimensions:
            self.sent[dimension] += 1
            self.whole[dimension] += has_hello
            self.wrong[dimension] += differs

    def print(self):
        print(f"{'dimension':20}{self.what:>10}{'hellos':>8}{'wrong':>8}")
        for dimension in sorted(self.sent):
            print(f"{dimension:20}{self.sent[dimension]:10}{self.whole[dimension]:8}{self.wrong[dimension]:8}")
