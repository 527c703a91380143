# SPDX-License-Identifier: BSD-3-Clause
"""The hellos of a capture as tshark with the plugin lists them: a row each."""

CLIENT_FIELDS = ["ja3", "ja3_r", "ja4", "ja4_r", "ja4_o", "ja4_ro"]
SERVER_FIELDS = ["ja3s", "ja3s_r"]


def rows(sandbox, capture, fields, options=()):
    """(frame, {field: value}) for each hello that has these fields; capture lies where the sandbox can read it."""
    argv = ["tshark", "-n", "-r", capture, "-Y", f"tlsfp.{fields[0]}", *options]
    argv += ["-T", "fields", "-E", "separator=/t", "-E", "aggregator=;", "-e", "frame.number"]
    for field in fields:
        argv += ["-e", f"tlsfp.{field}"]
    done = sandbox.run(argv)
    if "tlsfp" in done.stderr or done.returncode not in (0, 2):
        raise AssertionError(f"{capture}: tshark said: {done.stderr}")
    found = []
    for line in done.stdout.splitlines():
        frame, *columns = line.split("\t")
        for values in zip(*(column.split(";") for column in columns), strict=True):
            found.append((int(frame), dict(zip(fields, values))))
    return found
