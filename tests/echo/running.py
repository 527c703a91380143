# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp-echo as tests run it: on a port of its own, and held to end as it should."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "plugin"))

import needs  # noqa: E402

PATIENCE = 60  # seconds until something that never comes is given up; a sanitizer's server is slow
FIRST_LINE = re.compile(r"tlsfp-echo: https://\S*?:(\d+)/")


def program():
    path = needs.setting("TLSFP_ECHO")
    if not os.access(path, os.X_OK):
        raise AssertionError(f"{path} is missing")
    return path


class Running:
    """The server with these options; it has ended, without a complaint or a leak, when the block has."""

    def __init__(self, *options, log=subprocess.DEVNULL):
        """log: an open file for its standard output."""
        self.errors = tempfile.NamedTemporaryFile(mode="w+", prefix="tlsfp-echo-")
        self.process = subprocess.Popen(
            [program(), "--port", "0", *map(str, options)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=self.errors,
        )
        self.port = self._port()

    def said(self):
        return pathlib.Path(self.errors.name).read_text(errors="replace")

    def _port(self):
        give_up = time.monotonic() + PATIENCE
        while not (match := FIRST_LINE.search(self.said())):
            if self.process.poll() is not None or time.monotonic() > give_up:
                self.process.kill()
                raise AssertionError(f"tlsfp-echo does not start: {self.said()}")
            time.sleep(0.02)
        return int(match[1])

    def is_up(self):
        return self.process.poll() is None

    def resident_kib(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1])

    def is_sanitized(self):
        """Whether it was built with AddressSanitizer."""
        return "libasan" in pathlib.Path(f"/proc/{self.process.pid}/maps").read_text()

    def stop(self):
        """SIGTERM; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()

    def end(self):
        """Ends it; fails where it fell over, complained or leaked."""
        status, said = self.stop(), self.said()
        self.errors.close()
        if status != 0 or "Sanitizer" in said or "runtime error" in said:
            raise AssertionError(f"tlsfp-echo ended with status {status}: {said}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
