# SPDX-License-Identifier: BSD-3-Clause
"""The hellos of a capture as tshark with the plugin lists them: a row each."""

import hashlib

CLIENT_FIELDS = ["ja3", "ja3_r", "ja3n", "ja3n_r", "ja4", "ja4_bc", "ja4_r", "ja4_o", "ja4_ro"]
SERVER_FIELDS = ["ja3s", "ja3s_r"]


def rows(sandbox, capture, fields, options=()):
    """(frame, {field: value}) for each hello that has these fields; capture lies where the sandbox can read it."""
    return several(sandbox, capture, [fields], options)


def every(sandbox, capture, options=()):
    """As rows(), for ClientHellos and ServerHellos, all fields of each."""
    return several(sandbox, capture, [CLIENT_FIELDS, SERVER_FIELDS], options)


def several(sandbox, capture, groups, options):
    argv = ["tshark", "-n", "-r", capture, "-Y", " or ".join(f"tlsfp.{fields[0]}" for fields in groups), *options]
    argv += ["-T", "fields", "-E", "separator=/t", "-E", "aggregator=;", "-e", "frame.number"]
    for fields in groups:
        for field in fields:
            argv += ["-e", f"tlsfp.{field}"]
    done = sandbox.run(argv)
    if "tlsfp" in done.stderr or done.returncode not in (0, 2):
        raise AssertionError(f"{capture}: tshark said: {done.stderr}")
    found = []
    for line in done.stdout.splitlines():
        frame, *columns = line.split("\t")
        for fields in groups:
            own, columns = columns[: len(fields)], columns[len(fields) :]
            if any(own):
                for values in zip(*(column.split(";") for column in own), strict=True):
                    found.append((int(frame), dict(zip(fields, values))))
    return found


def ja3n_r_of(ja3_r):
    """JA3's text with its third list sorted by number."""
    version, ciphers, extensions, groups, formats = ja3_r.split(",")
    extensions = "-".join(sorted(filter(None, extensions.split("-")), key=int))
    return ",".join((version, ciphers, extensions, groups, formats))


def md5(text):
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def ja4_of(raw):
    """The JA4 whose raw form this is."""
    part_a, ciphers, extensions = raw.split("_", 2)
    return "_".join([part_a, short_hash(ciphers), short_hash(extensions)])


def short_hash(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else "000000000000"
