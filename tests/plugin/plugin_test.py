# SPDX-License-Identifier: BSD-3-Clause
"""The base of the tests that run tshark with the plugin."""

import unittest

import needs
import synthetic
from sandbox import Sandbox

ROOT_WARNING = "Running as user"


class PluginTest(unittest.TestCase):
    """Each class has a sandbox of its own, with the plugin in it."""

    @classmethod
    def setUpClass(cls):
        needs.programs("tshark", "editcap", "setpriv")
        cls.sandbox = Sandbox(needs.setting("TLSFP_PLUGIN"))
        cls.addClassCleanup(cls.sandbox.close)

    def tshark(self, capture, *words, quiet=True):
        """What tshark prints about a capture in the sandbox. On stderr it may say nothing."""
        done = self.sandbox.run(["tshark", "-n", "-r", capture, *words])
        if quiet:
            self.assertEqual(done.stderr, "", f"tshark {' '.join(map(str, words))}")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def frames(self, capture, *fields, options=()):
        """{frame: (value, ...)} of the frames that have any of the tlsfp fields; several values are joined by ';'."""
        wanted = " or ".join(f"tlsfp.{field}" for field in fields)
        words = ["-Y", wanted, *options, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=;"]
        words += ["-e", "frame.number"]
        for field in fields:
            words += ["-e", f"tlsfp.{field}"]
        lines = (line.split("\t") for line in self.tshark(capture, *words).splitlines())
        return {int(number): tuple(values) for number, *values in lines}

    def write(self, frames, name="synthetic.pcap"):
        """Frames as a capture in the sandbox; its path."""
        path = self.sandbox.home / name
        synthetic.pcap(path, frames)
        path.chmod(0o644)
        return path
