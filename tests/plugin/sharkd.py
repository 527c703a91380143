# SPDX-License-Identifier: BSD-3-Clause
"""Wireshark's sharkd with the plugin: one process that reads many captures, where tshark starts anew for each."""

import json
import subprocess


class Sharkd:
    """Used in a with statement; sandbox must outlive it."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.n_filters = 0

    def __enter__(self):
        protocols = self.sandbox.home / ".config/wireshark/enabled_protos"
        protocols.parent.mkdir(parents=True, exist_ok=True)
        protocols.write_text("communityid\n")
        self.sandbox.give()
        self.process = self.sandbox.start(
            ["sharkd", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()

    def ask(self, method, **parameters):
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise AssertionError(f"sharkd: {method} {parameters}: {answer['error']}")
        return answer["result"]

    def rows(self, capture, fields, condition):
        """(frame, {field: [value, ...]}) of the frames that fit."""
        path = self.sandbox.put(capture)
        self.ask("load", file=str(path))
        path.unlink()
        self.n_filters += 1  # it remembers what a filter gave, also of another capture
        unlike = f"({condition}) and frame.number < {1_000_000_000 + self.n_filters}"
        columns = {f"column{i}": f"{field}:0" for i, field in enumerate(fields)}
        for row in self.ask("frames", filter=unlike, **columns):
            yield row["num"], {field: text.split(",") if text else [] for field, text in zip(fields, row["c"])}
