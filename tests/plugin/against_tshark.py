#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compares tests/goldens and the cases of cases.py with the fingerprints of another tshark, frame by frame.

    against_tshark.py ROOT...            compares
    against_tshark.py --update ROOT...   writes the rows of tests/differences.md anew, but for new reasons

ROOT is the root folder of a system with a later tshark, such as debootstrap makes of Debian 13; / is this one. Run
by root, for chroot. Every difference has to be a row of tests/differences.md with a reason, and every row of that
version a difference.
"""

import argparse
import contextlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import cases
import goldens
import hellos
import needs

DIFFERENCES = needs.source() / "tests/differences.md"
CASES, CASES_CAPTURE = "cases.py", "cases.pcap"
NONE = "-"

# Our names, and tshark's behind tls.handshake. and dtls.handshake.; 4.0 has no JA4.
CLIENT_FIELDS = {"ja3": "ja3", "ja3_r": "ja3_full", "ja4": "ja4", "ja4_r": "ja4_r"}
SERVER_FIELDS = {"ja3s": "ja3s", "ja3s_r": "ja3s_full"}


class Tshark:
    """The tshark of another system, by chroot; as nobody, since root's warns."""

    def __init__(self, root, folder):
        self.root = root
        self.folder = folder
        self.version = re.search(r"\d+\.\d+\.\d+", self.run(["tshark", "--version"])).group()
        self.minor = self.version.rpartition(".")[0]
        known = set(re.findall(r"\t((?:d?tls)\.handshake\.\w+)\t", self.run(["tshark", "-G", "fields"])))
        self.groups = [
            {ours: theirs for ours, theirs in fields.items() if f"tls.handshake.{theirs}" in known}
            for fields in (CLIENT_FIELDS, SERVER_FIELDS)
        ]

    def run(self, argv):
        argv = ["chroot", "--userspec=65534:65534", self.root, "env", "HOME=/nonexistent", "LC_ALL=C.UTF-8", *argv]
        done = subprocess.run(argv, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"against_tshark.py: {' '.join(map(str, argv))}: {done.stderr}")
        return done.stdout

    def put(self, capture):
        """Copies a capture in; returns its path there."""
        target = self.folder / capture.name
        if capture != target:
            shutil.copyfile(capture, target)
        target.chmod(0o644)
        return pathlib.Path("/", target.relative_to(self.root))

    def hellos(self, path, options=()):
        """[(frame, {our name: value})], as goldens.read(), of a capture where put() has put it."""
        argv = ["tshark", "-n", "-r", path, *options, "-T", "fields"]
        argv += ["-E", "separator=/t", "-E", "aggregator=;", "-e", "frame.number"]
        places = [(group, protocol) for group in self.groups for protocol in ("tls", "dtls")]
        for group, protocol in places:
            for theirs in group.values():
                argv += ["-e", f"{protocol}.handshake.{theirs}"]
        found = []
        for line in self.run(argv).splitlines():
            frame, *columns = line.split("\t")
            for group, _ in places:
                own, columns = columns[: len(group)], columns[len(group) :]
                if any(own):
                    for values in zip(*(column.split(";") for column in own), strict=True):
                        found.append((int(frame), dict(zip(group, values))))
        return found


@contextlib.contextmanager
def folder_in(root):
    """A folder of its own in the other system's /tmp."""
    with tempfile.TemporaryDirectory(prefix="tlsfp-", dir=root / "tmp") as folder:
        pathlib.Path(folder).chmod(0o755)
        yield pathlib.Path(folder)


def difference(capture, place, ours, theirs):
    """One (capture, place, field, theirs, ours) for each field in which two hellos differ."""
    for field in [*CLIENT_FIELDS, *SERVER_FIELDS]:
        mine, other = ours.get(field, NONE), theirs.get(field, NONE)
        if mine != other:
            yield capture, str(place), field, other, mine


def compare(capture, ours, theirs, fields, place=str):
    """Frame by frame, and in a frame in order; a hello that one side does not show has '-' for its values."""
    found, equal = [], 0
    for frame in sorted({frame for frame, _ in ours + theirs}):
        for kind in "ja3", "ja3s":
            mine, others = (
                [values for at, values in side if at == frame and kind in values] for side in (ours, theirs)
            )
            for number in range(max(len(mine), len(others))):
                one, other = ((side[number] if number < len(side) else {}) for side in (mine, others))
                one = {field: value for field, value in one.items() if field in fields}
                rows = list(difference(capture, place(frame), one, other))
                found += rows
                equal += not rows
    return found, equal


def our_cases():
    return [
        (
            frame,
            {
                "ja3": hellos.md5(case.ja3_r),
                "ja3_r": case.ja3_r,
                "ja4": hellos.ja4_of(case.ja4_r),
                "ja4_r": case.ja4_r,
            },
        )
        for frame, case in enumerate(cases.CASES, 1)
    ]


def expected_hellos(capture, _path, _options):
    return our_cases() if capture.name == CASES_CAPTURE else goldens.read(goldens.golden_of(capture))


def differences(tshark, captures, ours_of=expected_hellos):
    """All differences, and the number of hellos without any; ours_of(capture, its path there, options) are ours."""
    fields = {field for group in tshark.groups for field in group}
    cases_capture = tshark.folder / CASES_CAPTURE
    cases.write(cases_capture)
    found, equal = [], 0
    for capture in [cases_capture, *captures]:
        path, options = tshark.put(capture), goldens.OPTIONS.get(capture.name, ())
        named = (CASES, lambda frame: cases.CASES[frame - 1].name) if capture == cases_capture else (capture.name, str)
        more, same = compare(named[0], ours_of(capture, path, options), tshark.hellos(path, options), fields, named[1])
        found += more
        equal += same
    return found, equal


def read_table():
    """differences.md: the text before its table's first row, and its rows, each the list of its cells."""
    lines = DIFFERENCES.read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if re.match(r"\|[ :|-]+\|$", line)) + 1
    return lines[:first], [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[first:]]


def versions_of(row):
    return row[1].split(", ")


def is_of(row, minor):
    return row[0] == "tshark" and any(version.startswith(f"{minor}.") for version in versions_of(row))


def as_cells(found):
    capture, place, field, theirs, ours = found
    return [capture, place, field, f"`{theirs}`", f"`{ours}`"]


def unexpected(tshark, captures, found):
    """What was found and is not in the table with a reason; what the table has of these captures and was not found."""
    names = {CASES, *(capture.name for capture in captures)}
    rows = [row for row in read_table()[1] if is_of(row, tshark.minor) and row[2] in names]
    known = [row[2:7] for row in rows if row[7:] and row[7]]
    cells = [as_cells(one) for one in found]
    return [row for row in cells if row not in known], [row for row in known if row not in cells]


def check(measured):
    """Whether the table holds exactly what was measured, with reasons; says what it does not."""
    good = True
    for tshark, found, equal in measured:
        new, old = unexpected(tshark, needs.captures(), found)
        print(f"tshark {tshark.version}: {equal} hellos alike, {len(found) - len(new)} values known to differ")
        for row in new:
            print("not in the table:", *row, sep=" | ")
        for row in old:
            print("no longer so:", *row, sep=" | ")
        good = good and equal > 0 and not new and not old
    return good


def update(measured):
    """Writes the rows of the versions measured anew; a reason stays with its place, or else its capture."""
    head, rows = read_table()
    reasons = {(row[2], row[4]): row[7] for row in rows} | {(row[2], row[3], row[4]): row[7] for row in rows}
    minors = [tshark.minor for tshark, *_ in measured]
    names = {CASES, *(capture.name for capture in needs.captures())}
    versions = {}
    for row in rows:
        for version in versions_of(row):
            if row[0] != "tshark" or version.rpartition(".")[0] not in minors or row[2] not in names:
                versions.setdefault((row[0], *row[2:7]), []).append(version)
    for tshark, found, _ in measured:
        for row in map(as_cells, found):
            versions.setdefault(("tshark", *row), []).append(tshark.version)
    written = [
        f"| {tool} | {', '.join(sorted(them))} | {' | '.join(row)} | "
        f"{reasons.get((row[0], row[1], row[2])) or reasons.get((row[0], row[2]), '')} |"
        for (tool, *row), them in sorted(versions.items())
    ]
    DIFFERENCES.write_text("\n".join(head + written) + "\n")


def measure(root):
    with folder_in(root) as folder:
        tshark = Tshark(root, folder)
        found, equal = differences(tshark, needs.captures())
        return tshark, sorted(set(found)), equal


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", help="write the rows of these versions anew")
    parser.add_argument("root", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    measured = [measure(root) for root in arguments.root]
    if arguments.update:
        update(measured)
    sys.exit(0 if check(measured) else 1)


if __name__ == "__main__":
    main()
