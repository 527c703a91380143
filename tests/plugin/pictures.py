#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Takes the README's pictures of the Wireshark window with the profile, with several clients in one capture: pictures.py FOLDER

They are wireshark-profile.png, wireshark-statistics.png, wireshark-graph.png and wireshark-find.png; packaging/make-pictures
calls this.

    TLSFP_PLUGIN      the plugin (.so)
"""

import contextlib
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import installed
import needs
from window import FILES, MODULES, PROGRAMS, SCREENSHOT_FILES, SCREENSHOT_PROGRAMS, Window, require, stop
from window_features import Features

CAPTURES = [
    *["chromium.pcapng", "firefox-esr.pcapng", "curl-openssl-tls13.pcap", "wget.pcap", "post-quantum.pcapng"],
    *["quic-chromium.pcapng", "git.pcap", "quic-firefox.pcapng", "java.pcap", "go.pcap", "dtls12.pcap"],
]
SECONDS = 2  # from one capture to the next
GRAPHS = '''\
"Enabled","Hellos of known clients","","#4e9a06","Bar","COUNT FIELDS(Y Field)","tlsfp.client","None","1"
"Enabled","Firefox","tlsfp.client contains \\x22Firefox\\x22","#cc0000","Dot","COUNT FIELDS(Y Field)","tlsfp.client","None","1"
'''


def one_capture(folder):
    """The captures one after the other."""
    parts = []
    for number, name in enumerate(CAPTURES):
        path = needs.source() / "samples/captures" / name
        first = ["tshark", "-r", path, "-c", "1", "-T", "fields", "-e", "frame.time_epoch"]
        start = float(subprocess.run(first, check=True, capture_output=True, text=True).stdout)
        parts.append(folder / f"{number}.pcapng")
        shift = ["editcap", "-t", f"{1.8e9 + SECONDS * number - start:.6f}", path, parts[-1]]
        subprocess.run(shift, check=True)
    whole = folder / "clients.pcapng"
    subprocess.run(["mergecap", "-w", whole, *parts], check=True)
    return whole


class Clients(Features):
    def __init__(self, stack, plugin, capture):
        self.row = ""
        Window.__init__(self, stack, plugin, capture, 5, ["-C", installed.NAME], self.prepare)
        self.dialog_reader = self.sandbox.put(pathlib.Path(__file__).with_name("dialog_reader.py"))

    def prepare(self, sandbox):
        super().prepare(sandbox)
        (sandbox.home / "data/profiles" / installed.NAME / "io_graphs").write_text(GRAPHS)


def main(folder):
    require({**PROGRAMS, **SCREENSHOT_PROGRAMS, "mergecap": "wireshark-common"}, {**FILES, **SCREENSHOT_FILES}, MODULES)
    with contextlib.ExitStack() as stack:
        capture = one_capture(pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory())))
        window = Clients(stack, needs.setting("TLSFP_PLUGIN"), capture)
        window.wait("the packets", lambda view: view["packets"]["count"] > 100)
        window.filter("tlsfp.ja4 or tlsfp.ja3s")
        window.wait("the hellos", lambda view: 0 < view["packets"]["count"] < 100)
        window.screenshot(folder / "wireshark-profile.png")

        window.ask("press", "TLS Fingerprints")
        window.until("the statistics", lambda: window.ask("read", "TLS Fingerprints"))
        count = window.until("the column Count", lambda: window.ask("where", "Count"))
        for _ in range(2):  # the first click sorts upwards
            window.click(count["x"] + 10, count["y"] + 5)
            time.sleep(0.5)
        window.screenshot(folder / "wireshark-statistics.png")
        window.ask("press", "Close")

        window.filter("")
        window.ask("press", "I/O Graphs")
        time.sleep(2)
        window.screenshot(folder / "wireshark-graph.png")
        window.ask("press", "Close")

        window.ask("press", "Find Packet…")
        time.sleep(1)
        window.xdotool("type", "--delay", "20", 'tlsfp.client contains "Firefox"')
        window.until("the button Find", lambda: window.ask("press", "Find"))
        time.sleep(1)
        window.screenshot(folder / "wireshark-find.png")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    main(pathlib.Path(sys.argv[1]))
