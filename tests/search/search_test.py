# SPDX-License-Identifier: BSD-3-Clause
"""The base of the tests that run tlsfp, and what they say about what it found."""

import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "plugin"))

import builders  # noqa: E402
import hellos  # noqa: E402, F401: for the tests
import needs  # noqa: E402

FOUND, NONE, TROUBLE = 0, 1, 2
UNPRIVILEGED = "nobody"

# What -e knows.
FIELDS = """
tlsfp.ja4 tlsfp.ja4_a tlsfp.ja4_b tlsfp.ja4_c tlsfp.ja4_bc tlsfp.ja4_r tlsfp.ja4_o tlsfp.ja4_ro tlsfp.ja3
tlsfp.ja3_r tlsfp.ja3n tlsfp.ja3n_r frame.number frame.time_epoch ip.src ip.dst srcport dstport transport sni alpn file
tlsfp.stable tlsfp.stable_r tlsfp.client tlsfp.level interface
tlsfp.resumption tlsfp.grease tlsfp.pq tlsfp.ech tlsfp.ja3s tlsfp.ja3s_r tlsfp.retry community_id vlan.id vni overlap
""".split()

# Programs that only these tests need.
needs.PACKAGES |= {"gzip": "gzip", "zstd": "zstd", "xz": "xz-utils", "lz4": "lz4", "bzip2": "bzip2", "mandoc": "mandoc"}


class SearchTest(unittest.TestCase):
    """Each class has a folder of its own that all users may read."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.program = needs.setting("TLSFP_SEARCH")
        if not os.access(cls.program, os.X_OK):
            raise AssertionError(f"{cls.program} is missing")
        folder = tempfile.TemporaryDirectory(prefix="tlsfp-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.folder.chmod(0o755)

    def run_search(self, *words, program=None, **options):
        options = {"capture_output": True, "timeout": 120, "cwd": self.folder, **options}
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([program or self.program, *map(str, words)], **options)

    def run_unprivileged(self, *words, **options):
        """As run_search(), by a user without rights."""
        if os.getuid() != 0:
            return self.run_search(*words, **options)
        user = pwd.getpwnam(UNPRIVILEGED)
        program = shutil.copy(self.program, self.folder)  # where that user may run it
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        return self.run_search(*words, program=program, **options)

    def search(self, *words, status=FOUND, quiet=True, **options):
        """Standard output as text; standard error must be empty unless told otherwise. Status None: any."""
        done = self.run_search(*words, **options)
        said = done.stderr.decode(errors="replace")
        if status is not None:
            self.assertEqual(done.returncode, status, said)
        if quiet:
            self.assertEqual(said, "")
        return done.stdout.decode()

    def write(self, data, name="capture"):
        """Bytes of a capture, or Ethernet frames, as a file."""
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else builders.pcap(data))
        return path

    def rows(self, capture, *fields, **options):
        """A tuple of strings for each hello."""
        words = [word for field in fields for word in ("-e", field)]
        text = self.search(*words, capture, **options)
        return [tuple(line.split("\t")) for line in text.splitlines()]

    def check(self, capture, *expected, transport="t", **options):
        """Exactly these hellos are found: (frame, hello), whole, in this order."""
        path = capture if isinstance(capture, pathlib.Path) else self.write(capture)
        options = {"status": FOUND if expected else NONE, **options}
        found = self.rows(path, "frame.number", "sni", "tlsfp.ja3_r", "tlsfp.ja4_r", **options)
        wanted = [(str(frame), hello.name, hello.ja3_r, hello.ja4_r[transport]) for frame, hello in expected]
        self.assertEqual([row[:2] for row in found], [row[:2] for row in wanted])
        self.assertEqual(found, wanted)

    def check_packets(self, packets, *expected, **options):
        """As check(), for IP packets."""
        self.check(builders.frames_of(packets), *expected, **options)
