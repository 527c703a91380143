#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""10,000 damaged frames through tshark with a plugin built with AddressSanitizer and UBSan (TLSFP_SANITIZE).

    TLSFP_PLUGIN_ASAN  that plugin
    TLSFP_CONFORMANCE  optional: a folder whose captures/ are used, too

The frames are those of samples/captures, damaged by editcap with fixed seeds: nothing may crash, no dissector may
meet a bug, no sanitizer may report. tshark is the ordinary one; the sanitizers' run time is loaded into it.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import unittest

import needs
from sandbox import Sandbox

ENOUGH = 10_000
# How probable it is that a byte changes, and from which byte of a frame on: all of it, or from behind the headers of
# Ethernet, IP and UDP or TCP, so that the damage is done to hellos.
DAMAGES = [("0.02", 0), ("0.02", 54), ("0.005", 42), ("0.002", 66)]
BIGGEST = 200_000  # bytes of a capture; a download of megabytes holds no more hellos


def sanitizer(name):
    argv = ["gcc", f"-print-file-name={name}"]
    path = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
    if not os.path.isabs(path):
        raise AssertionError(f"gcc has no {name} (Debian package libgcc-12-dev)")
    return path


def captures():
    found = needs.captures()
    folder = os.environ.get("TLSFP_CONFORMANCE")
    if folder:
        found += sorted(path for path in (pathlib.Path(folder) / "captures").iterdir() if path.is_file())
    return [path for path in found if path.stat().st_size <= BIGGEST]


class Mutated(unittest.TestCase):
    summary = "no damaged frames"

    @classmethod
    def setUpClass(cls):
        needs.programs("tshark", "editcap", "mergecap", "setpriv", "gcc")
        cls.sandbox = Sandbox(needs.setting("TLSFP_PLUGIN_ASAN"))
        cls.addClassCleanup(cls.sandbox.close)
        cls.env = {
            "LD_PRELOAD": f"{sanitizer('libasan.so')} {sanitizer('libubsan.so')}",
            "ASAN_OPTIONS": "detect_leaks=0",
            "UBSAN_OPTIONS": "print_stacktrace=1",
            # Wireshark's own allocator would hide what is read beside a block.
            "WIRESHARK_DEBUG_WMEM_OVERRIDE": "simple",
            "G_SLICE": "always-malloc",
        }
        # One capture after the other, not by time, so that segments of one hello stay in order.
        inputs = [cls.sandbox.put(path) for path in captures()]
        cls.merged = cls.sandbox.home / "merged"
        cls.sandbox.run(["mergecap", "-a", "-w", cls.merged, *inputs], check=True)

    @classmethod
    def tearDownClass(cls):
        print(cls.summary)

    def dissect(self, capture):
        return self.sandbox.run(["tshark", "-n", "-V", "-o", "tlsfp.stream:TRUE", "-r", capture], env=self.env, errors="replace")

    def check(self, done):
        self.assertNotRegex(done.stderr, "Sanitizer|runtime error")
        self.assertEqual(done.returncode, 0, done.stderr[-4000:])
        for text in "Dissector bug", "DISSECTOR BUG", "Warn Dissector":
            self.assertEqual((done.stderr + done.stdout).count(text), 0, text)
        return tuple(len(re.findall(start, done.stdout, re.M)) for start in (r"^Frame \d+:", "^TLS Fingerprint, "))

    def test_undamaged(self):
        """So that the rest is known to reach the plugin."""
        frames, shown = self.check(self.dissect(self.merged))
        self.assertGreater(frames, 0)
        self.assertGreater(shown, len(captures()))

    def test_damaged(self):
        def run(number):
            probability, skipped = DAMAGES[number % len(DAMAGES)]
            damaged = self.sandbox.home / f"damaged-{number}"
            words = ["editcap", "-E", probability, "-o", skipped, "--seed", number + 1, self.merged, damaged]
            self.sandbox.run(words, check=True)
            try:
                return self.check(self.dissect(damaged))
            finally:
                damaged.unlink()

        frames, shown, number = 0, 0, 0
        jobs = os.cpu_count()
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            while frames < ENOUGH or number % len(DAMAGES):
                for these, of_them in pool.map(run, range(number, number + jobs)):
                    frames += these
                    shown += of_them
                number += jobs
        self.assertGreater(shown, 0)
        type(self).summary = f"{frames} damaged frames, {shown} subtrees"


if __name__ == "__main__":
    unittest.main()
