# SPDX-License-Identifier: BSD-3-Clause
"""The base of the tests that build and install into a folder of their own."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "plugin"))

import needs  # noqa: E402

INSIDE = "TLSFP_NETWORK_APART"
LIBRARY_ONLY = ["-DTLSFP_PLUGIN=OFF", "-DTLSFP_SEARCH=OFF", "-DTLSFP_ECHO=OFF", "-DTLSFP_TESTS=OFF"]


def on_a_network_apart(*mapping):
    """Starts this program anew in a network namespace with nothing but its own loopback.

    mapping: options of unshare by which somebody who is not root is known there; by default as root.
    """
    if INSIDE not in os.environ:
        user = [] if os.getuid() == 0 else ["--user", *(mapping or ["--map-root-user"])]
        program = ["sh", "-c", 'ip link set lo up; exec "$0" "$@"', sys.executable, *sys.argv]
        os.execvpe("unshare", ["unshare", "--net", *user, *program], {**os.environ, INSIDE: "1"})


class InstallingTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="tlsfp-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)

    @classmethod
    def run_here(cls, *words, **options):
        options = {"capture_output": True, "text": True, "cwd": cls.folder, "timeout": 300, **options}
        done = subprocess.run([str(word) for word in words], **options)
        if done.returncode:
            raise AssertionError(f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    @classmethod
    def build(cls, *options, source=None):
        """Configures and builds the library into the folder build."""
        cls.run_here("cmake", "-S", source or needs.source(), "-B", "build", "-G", "Ninja", *options)
        cls.run_here("cmake", "--build", "build")
