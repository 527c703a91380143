# SPDX-License-Identifier: BSD-3-Clause
"""Asking the server with curl, and running it so that what it prints can be read."""

import re
import subprocess
import tempfile
import time

from running import FIRST_LINE, PATIENCE, needs, program

needs.PACKAGES |= {"curl": "curl", "openssl": "openssl", "prlimit": "util-linux"}

HTTP_VERSIONS = "--http1.1", "--http2"


class Answer:
    """A status, the fields with their names in lower case, a body."""

    def __init__(self, received):
        head, _, self.body = received.partition(b"\r\n\r\n")
        while re.match(rb"HTTP/1.1 100 ", head):
            head, _, self.body = self.body.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").splitlines()
        self.status = int(first.split()[1])
        fields = (line.split(": ", 1) for line in rest)
        self.fields = {name.lower(): value for name, value in fields}


def curl(port, path, version, *options, host="localhost"):
    """What curl gets; it takes any certificate."""
    command = ["curl", "-sSki", "--max-time", str(PATIENCE), version, *map(str, options)]
    done = subprocess.run([*command, f"https://{host}:{port}{path}"], capture_output=True)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr.decode()}")
    return Answer(done.stdout)


def scratch_file(test, data):
    """The name of a file with these bytes, which goes with the test."""
    file = tempfile.NamedTemporaryFile()
    test.addCleanup(file.close)
    file.write(data)
    file.flush()
    return file.name


class Started:
    """The server with these options, and what it prints; ended by its test, or at the end of the block."""

    def __init__(self, *options, before=()):
        self.errors, self.output = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
        command = [*before, program(), "--port", "0", *map(str, options)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.errors)
        self.port = int(self._wait(lambda: FIRST_LINE.search(self._read(self.errors)))[1])

    def _read(self, file):
        file.seek(0)
        return file.read()

    def _wait(self, look):
        give_up = time.monotonic() + PATIENCE
        while not (found := look()):
            if time.monotonic() > give_up:
                self.process.kill()
                raise AssertionError(self._read(self.errors))
            time.sleep(0.02)
        return found

    def lines(self, n):
        """What it printed on standard output, once that is n lines."""
        self._wait(lambda: self._read(self.output).count("\n") >= n)
        return self._read(self.output).splitlines()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            status = self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
        said = self._read(self.errors)
        self.errors.close()
        self.output.close()
        if status != 0 or "Sanitizer" in said or "runtime error" in said:
            raise AssertionError(f"tlsfp-echo ended with status {status}: {said}")
