# SPDX-License-Identifier: BSD-3-Clause
"""Prints what tshark with a plugin says of captures, and the command that says it: show.py PLUGIN CAPTURE..."""

import pathlib
import shlex
import sys

from sandbox import Sandbox

COMMAND = [
    *["tshark", "-n", "-Y", "tlsfp.ja4", "-T", "fields", "-e", "frame.number"],
    *["-e", "tlsfp.ja4", "-e", "tlsfp.ja3", "-e", "tls.handshake.extensions_server_name"],
]


def main(plugin, captures):
    status = 0
    with Sandbox(plugin) as sandbox:
        print("#", shlex.join([*COMMAND, "-r", "CAPTURE"]))
        for capture in map(pathlib.Path, captures):
            if not capture.is_file():
                print(f"show.py: {capture}: there is no such file", file=sys.stderr)
                status = 2
                continue
            done = sandbox.run([*COMMAND, "-r", sandbox.put(capture)])
            sys.stderr.write(done.stderr)
            for line in done.stdout.splitlines():
                print(f"{capture.name:28} {line}")
            status = max(status, done.returncode)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
