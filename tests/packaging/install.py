#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""packaging/install where there is no sudo, or no apt: it says so, and what to do."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from installing import needs

PROGRAMS = ["awk", "bash", "cat", "dirname", "env", "grep", "id", "readlink", "uniq", "xargs"]


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tlsfp-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        for name in "install", "packages.txt":
            shutil.copy(needs.source() / "packaging" / name, self.folder)
        for name in PROGRAMS:
            (self.folder / name).symlink_to(shutil.which(name, path="/usr/bin:/bin"))

    def program(self, name, text):
        (self.folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.folder / name).chmod(0o755)

    def install(self, *groups):
        user = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
        return subprocess.run([*user, self.folder / "install", *groups], env={"PATH": str(self.folder)}, capture_output=True, text=True)

    def test_missing(self):
        self.program("dpkg-query", "exit 1")
        self.program("apt-cache", "exit 1")
        self.program("apt-get", "exit 1")
        done = self.install("run", "pictures")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        said = done.stderr.splitlines()
        self.assertIn("only root may install them; there is no sudo here", said[0])
        self.assertEqual(said[1], f"    su -c '{self.folder}/install run pictures'")
        self.assertRegex(said[2], r"^Missing: .*\btshark\b")

    def test_no_apt(self):
        """Another distribution."""
        done = self.install("run")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr, r"\Apackaging/install: no apt-get here\. By Debian's names, these are missing: .*\btshark\b.*\n\Z")

    def test_nothing_missing(self):
        self.program("dpkg-query", "echo installed")
        done = self.install("run")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
