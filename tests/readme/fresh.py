#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the blocks of the README that packaging/check-readme has to run, in the current folder, and holds what they print
against what the README shows, but for JA4s, which differ from release to release. Each has to end well; a block without
output may print anything."""

import pathlib
import re
import subprocess
import sys
import time

from blocks import blocks_of, fits

SCRIPT = "packaging/check-readme"
JA4 = re.compile(r"\b[tqd][\w]{9}_[0-9a-f]{12}_[0-9a-f]{12}\b")
TIMEOUT = 3600  # seconds: the first one installs hundreds of packages


def run(command):
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT,
    )


def main():
    passed = failed = 0
    blocks, _ = blocks_of(pathlib.Path("README.md").read_text())
    for block in blocks:
        for command, expected in block.commands if block.run_by == SCRIPT else []:
            start = time.monotonic()
            print(f"$ {command}", flush=True)
            done = run(command)
            shown, printed = ([JA4.sub("JA4", line) for line in lines] for lines in (expected, done.stdout.splitlines()))
            well = done.returncode == 0 and (not expected or fits(shown, printed))
            passed, failed = passed + well, failed + (not well)
            lines = done.stdout.splitlines()
            print("\n".join("    " + line for line in lines[-12 if well else -60 :]))
            print(f"{'ok' if well else 'FAILED'}: README.md:{block.line}, {time.monotonic() - start:.0f} s", flush=True)
    print(f"{passed} passed, {failed} failed")
    return failed > 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
