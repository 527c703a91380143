# SPDX-License-Identifier: BSD-3-Clause
"""What a test needs and does not bring along. What is missing fails it: nothing is skipped."""

import os
import pathlib
import shutil

# Programs, and the Debian packages that bring them.
PACKAGES = {
    "tshark": "tshark",
    "editcap": "wireshark-common",
    "mergecap": "wireshark-common",
    "capinfos": "wireshark-common",
    "rawshark": "wireshark-common",
    "sharkd": "wireshark-common",
    "setpriv": "util-linux",
    "gcc": "gcc",
}


def programs(*names):
    missing = [f"{name} (Debian package {PACKAGES[name]})" for name in names if not shutil.which(name)]
    if missing:
        raise AssertionError("missing: " + ", ".join(missing))


def setting(name):
    """The environment variable of this name; CMake sets it for a test."""
    value = os.environ.get(name)
    if not value:
        raise AssertionError(f"{name} is not set")
    return value


def source():
    """The repository: where CMake says, or the one that this file lies in."""
    return pathlib.Path(os.environ.get("TLSFP_SOURCE") or pathlib.Path(__file__).resolve().parents[2])


def captures():
    """samples/captures, each file; none at all is a failure."""
    folder = source() / "samples/captures"
    found = sorted(path for path in folder.iterdir() if path.suffix in (".pcap", ".pcapng"))
    if not found:
        raise AssertionError(f"{folder} holds no captures")
    return found
