# SPDX-License-Identifier: BSD-3-Clause
"""Prints what tshark with a plugin says of captures, and the command that says it: show.py PLUGIN LIST CAPTURE...

LIST names the clients.
"""

import pathlib
import shlex
import sys

from sandbox import Sandbox

FIELDS = ["frame.number", "tlsfp.ja4", "tlsfp.ja3", "tls.handshake.extensions_server_name", "tlsfp.client"]
WIDTHS = [29, 6, 38, 34, 22, 0]
HEADER = ["capture", "frame", "JA4", "JA3", "server name", "client"]


def in_columns(cells):
    return " ".join(f"{cell:{width}}" for cell, width in zip(cells, WIDTHS)).rstrip()


def main(plugin, names, captures):
    status = 0
    with Sandbox(plugin) as sandbox:
        command = ["tshark", "-n", "-o", f"tlsfp.labels:{sandbox.put(names)}", "-Y", "tlsfp.ja4", "-T", "fields"]
        command += [word for field in FIELDS for word in ("-e", field)]
        shown = [word.replace(f"{sandbox.home}", "samples") for word in command]
        print("#", shlex.join([*shown, "-r", "CAPTURE"]))
        print(in_columns(HEADER))
        for capture in map(pathlib.Path, captures):
            if not capture.is_file():
                print(f"show.py: {capture}: there is no such file", file=sys.stderr)
                status = 2
                continue
            done = sandbox.run([*command, "-r", sandbox.put(capture)])
            sys.stderr.write(done.stderr)
            for line in done.stdout.splitlines():
                print(in_columns([capture.name, *line.split("\t")]), flush=True)
            status = max(status, done.returncode)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
