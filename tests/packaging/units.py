#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The systemd units: what systemd says of them, and what tlsfp@.service runs, on an interface of its own."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

from installing import InstallingTest, needs, on_a_network_apart

EXPOSURE = {"tlsfp-echo.service": 1.5, "tlsfp@.service": 2.0, "tlsfp-census@.service": 2.0}  # at most; systemd calls what is below 3 OK
CLIENTS = 12
PATIENCE = 60


class UnitsTest(InstallingTest):
    levels = "no levels"

    @classmethod
    def tearDownClass(cls):
        print(cls.levels)

    def setUp(self):
        self.units = pathlib.Path(needs.setting("TLSFP_BUILD"), "packaging/systemd")

    def test_exposure(self):
        levels = []
        for name, limit in EXPOSURE.items():
            said = self.run_here("systemd-analyze", "security", "--offline=true", "--no-pager", self.units / name)
            level = float(re.search(r"Overall exposure level for .*: (\d+\.\d+)", said).group(1))
            levels.append(f"exposure of {name}: {level}")
            self.assertLessEqual(level, limit)
        type(self).levels = "; ".join(levels)

    def test_words(self):
        """systemd knows every setting, and finds what the units start."""
        folder = self.folder / "units"
        folder.mkdir()
        for name in EXPOSURE:
            text = (self.units / name).read_text()
            started = re.search(r"^ExecStart=(\S+)", text, re.MULTILINE).group(1)
            self.assertIn(pathlib.Path(started).name, ("tlsfp-echo", "tlsfp-watch", "tlsfp-census"))
            text = text.replace(started, "/bin/true")
            text = re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE)
            (folder / name.replace("@", "@lo")).write_text(text)
        done = subprocess.run(
            ["systemd-analyze", "verify", *sorted(folder.iterdir())], capture_output=True, text=True
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class WatchTest(InstallingTest):
    """Every client of an interface is a line in exactly one of the files, also after SIGTERM to all that writes them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.echo = pathlib.Path(needs.setting("TLSFP_BUILD"), "samples/echo/tlsfp-echo")
        cls.search = needs.setting("TLSFP_SEARCH")
        cls.watch = pathlib.Path(needs.setting("TLSFP_BUILD"), "packaging/systemd/tlsfp-watch")

    def start(self, *words, **options):
        process = subprocess.Popen([str(word) for word in words], start_new_session=True, **options)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def wait(self, what, found):
        deadline = time.monotonic() + PATIENCE
        while not found():
            self.assertLess(time.monotonic(), deadline, f"not within {PATIENCE} s: {what}")
            time.sleep(0.1)

    def lines(self):
        return [line for path in sorted(self.logs.iterdir()) for line in path.read_text().splitlines()]

    def ask(self):
        return self.start("curl", "-sk4", "https://localhost:4433", stdout=subprocess.DEVNULL).wait(PATIENCE)

    def test_sizes(self):
        """The options that bound the files are those of the unit; what they do is tests/search/rotation.py."""
        program = self.folder / "prints"
        program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        program.chmod(0o755)
        environment = {**os.environ, "LOGS_DIRECTORY": "/logs", "TLSFP": str(program), "TLSFP_FILE_SIZE": "6K",
                       "TLSFP_TOTAL_SIZE": "54K", "TLSFP_OPTIONS": "--filter 'port 443'"}
        said = self.start("bash", self.watch, "eth0", env=environment, stdout=subprocess.PIPE, text=True).communicate()[0]
        words = ["-i", "eth0", "--json", "--quiet", "--output", "/logs/eth0", "--file-size", "6K", "--total-size", "54K"]
        self.assertEqual(said.splitlines(), [*words, "--filter", "port 443"])

    def test_files(self):
        self.logs = self.folder / "logs"
        self.logs.mkdir()
        self.start(self.echo, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        environment = {**os.environ, "LOGS_DIRECTORY": str(self.logs), "TLSFP": self.search, "TLSFP_FILE_SIZE": "6K"}
        environment["TLSFP_OPTIONS"] = "--filter 'tcp dst port 4433'"
        watch = self.start("bash", self.watch, "lo", env=environment)
        self.wait("a first client seen", lambda: self.ask() == 0 and self.lines())
        before = len(self.lines())
        for _ in range(CLIENTS):
            self.assertEqual(self.ask(), 0)
        time.sleep(1)  # the kernel hands packets over in blocks
        os.killpg(watch.pid, signal.SIGTERM)  # as systemd does: to all of it
        self.assertEqual(watch.wait(PATIENCE), 0)
        lines = self.lines()
        self.assertGreaterEqual(len(lines), before + CLIENTS)
        ports = [json.loads(line)["srcport"] for line in lines]
        self.assertEqual(len(set(ports)), len(ports), "a client is in two lines")
        files = sorted(self.logs.iterdir())
        self.assertGreater(len(files), 1)
        for path in files:
            self.assertRegex(path.name, r"^lo-\d{8}T\d{6}Z-\d{6}\.ndjson$")
            self.assertLessEqual(path.stat().st_size, 6 * 1024)


if __name__ == "__main__":
    on_a_network_apart()
    unittest.main()
