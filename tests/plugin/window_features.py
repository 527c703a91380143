#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The real Wireshark window: the profile's columns, colours and buttons, the statistics, and lists that change.

    TLSFP_PLUGIN      the plugin (.so)
    TLSFP_SCREENSHOT  optional: a PNG of the window goes here, one of the statistics beside it, its name ending in
                      -statistics.png
"""

import atexit
import collections
import contextlib
import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

import installed
import needs
from window import FILES, HERE, MODULES, PATIENCE, PROGRAMS, PYTHON, SCREENSHOT_FILES, SCREENSHOT_PROGRAMS
from window import HEIGHT, WIDTH, Window, require, stop

CAPTURE = "post-quantum.pcapng"
HELLOS, FRAME, SERVER_HELLO = ["5", "10", "16", "38"], 5, 8
JA4 = "t13d1517h2_8daaf6152771_cb7bf5808d99"


def installed_name():
    """What the installed list calls the client."""
    lines = (needs.source() / "samples/clients.csv").read_text().splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    (name,) = {row["name"] for row in rows if row["ja4"] == JA4}
    return name


CLIENT = installed_name()
ROW = f"{JA4} ({CLIENT})"  # among the endpoints
LIST = "mine.csv"
NARROW, SCROLLING = 750, 55  # Wireshark's own width; of the scroll bar and the map beside it
# The profile's colours of a named client's hello, of one with a warning, and of a ServerHello; 8 bits each.
NAMED, WARNED, SERVERS = (180, 230, 180), (176, 40, 40), (228, 228, 255)


class Features(Window):
    """The window with the profile, installed as cmake --install does it."""

    def __init__(self, stack, plugin, capture, options=(), row=""):
        self.row = row
        super().__init__(stack, plugin, capture, FRAME, ["-C", installed.NAME, *options], self.prepare)
        self.dialog_reader = self.sandbox.put(HERE / "dialog_reader.py")

    def prepare(self, sandbox):
        sandbox.environment |= installed.install(sandbox)
        self.write_list(self.row)

    def write_list(self, row):
        self.sandbox.run(["tee", LIST], input=f"ja4,name,level\n{row}\n", check=True)

    def ask(self, *words):
        done = self.sandbox.run([PYTHON, "-W", "ignore", self.dialog_reader, *words], env=self.env, timeout=30)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def until(self, what, found):
        """Asks again and again until there is an answer."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = found()
            self.check_running()
            if answer:
                return answer
            if time.monotonic() >= deadline:
                raise AssertionError(f"not within {PATIENCE} s: {what}\n{self.said()}")
            time.sleep(0.5)

    def colour_of(self, frame):
        """What most pixels of a frame's row in the packet list have."""
        _, view = self.wait(f"frame {frame} in view", lambda view: any(row["text"] == str(frame) for row in self.in_view(view["packets"])))
        (row,) = [row for row in view["packets"]["rows"] if row["text"] == str(frame)]
        top = row["y"] + row["height"] // 2
        image = self.image()
        pixels = collections.Counter(
            tuple(image[3 * (top * WIDTH + x) : 3 * (top * WIDTH + x) + 3]) for x in range(60, WIDTH - 120)
        )
        return pixels.most_common(1)[0][0]

    def image(self):
        argv = ["import", "-silent", "-window", "root", "-depth", "8", "rgb:-"]
        return subprocess.run(argv, env={**os.environ, **self.env}, check=True, capture_output=True, timeout=PATIENCE).stdout


def start(test, options=(), row=""):
    """A window for a test class or a test; it is closed at its end."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    test_class = test if isinstance(test, type) else type(test)
    (test.addClassCleanup if isinstance(test, type) else test.addCleanup)(stack.close)
    return Features(stack, test_class.plugin, needs.source() / "samples/captures" / CAPTURE, options, row)


class WindowTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plugin = needs.setting("TLSFP_PLUGIN")
        cls.png = os.environ.get("TLSFP_SCREENSHOT")
        require({**PROGRAMS, **SCREENSHOT_PROGRAMS}, FILES, MODULES)
        if cls.png:
            require({}, SCREENSHOT_FILES, {})


class WithProfile(WindowTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.window = start(cls)

    def test_1_colours(self):
        window = self.window
        window.select(1)  # a selected row has another colour
        self.assertEqual(window.colour_of(FRAME), NAMED)
        self.assertEqual(window.colour_of(SERVER_HELLO), SERVERS)
        if self.png:
            window.select(FRAME)
            window.screenshot(self.png)

    def test_2_buttons(self):
        """A filter button of the profile shows the hellos."""
        window = self.window
        self.assertIsNotNone(window.ask("press", "ClientHellos"))
        window.wait(
            "the hellos alone",
            lambda view: view["filter"]["text"] == "tlsfp.ja4" and [row["text"] for row in view["packets"]["rows"]] == HELLOS,
        )
        window.filter("")
        window.wait("all packets", lambda view: view["packets"]["count"] > len(HELLOS))

    def test_3_statistics(self):
        """Statistics, TLS Fingerprints."""
        window = self.window
        self.assertTrue(window.ask("press", "TLS Fingerprints"))
        rows = window.until("the statistics", lambda: window.ask("read", "TLS Fingerprints"))
        counts = {row[0]: row[1] for row in rows}
        n = str(len(HELLOS))
        for title in "JA4", JA4, "Servers by JA4", "localhost", CLIENT, "JA4 part a", JA4[:10], "JA3", "Transport", "TLS":
            self.assertEqual(counts.get(title), n, title)
        if self.png:
            png = pathlib.Path(self.png)
            window.screenshot(png.with_name(png.stem + "-statistics.png"))
        line = window.ask("where", "Display filter:")
        window.click(line["x"] + line["width"] + 100, line["y"] + line["height"] // 2)
        window.xdotool("type", "--delay", "10", f"frame.number == {FRAME}")
        window.ask("press", "Apply")
        window.until("one packet's alone", lambda: [JA4, "1"] in [row[:2] for row in window.ask("read", "TLS Fingerprints") or []])
        window.ask("press", "Close")

    def test_4_export(self):
        """File, Export Packet Dissections, As CSV: the columns that are shown, of the packets that are shown."""
        window, path = self.window, self.window.sandbox.home / "hellos.csv"
        window.filter("tlsfp.ja4")
        window.wait("the hellos", lambda view: [row["text"] for row in view["packets"]["rows"]] == HELLOS)
        self.assertTrue(window.ask("press", "As CSV…"))
        window.until("the file's name asked for", lambda: "Save" in str(window.ask("titles")))
        time.sleep(1)
        window.xdotool("type", "--delay", "20", path)
        window.xdotool("key", "Return")
        window.until("the file", lambda: path.exists() and path.read_text().count("\n") > len(HELLOS))
        rows = list(csv.DictReader(path.read_text().splitlines()))
        self.assertEqual([(row["No."], row["JA4"], row["Client"]) for row in rows], [(frame, JA4, CLIENT) for frame in HELLOS])
        window.filter("")

    def test_5_narrow(self):
        """As wide as Wireshark is at first, it shows who, with which client and JA4."""
        window = self.window
        shown = window.xdotool("search", "--onlyvisible", "--class", "wireshark").split()
        for wide, columns in ((NARROW, ["No.", "Source", "Client", "JA4"]), (WIDTH, ["No.", "Source", "Client", "JA4", "Server name"])):
            window.xdotool("windowsize", shown[0], wide, HEIGHT)
            _, view = window.wait(f"{wide} pixels", lambda view: wide - 2 * SCROLLING < view["packets"]["width"] <= wide)
            header = view["packets"]["header"]
            self.assertEqual([cell["text"] for cell in header[: len(columns)]], columns)
            self.assertLessEqual(header[len(columns) - 1]["x"] + header[len(columns) - 1]["width"], wide - SCROLLING)
            if self.png:
                png = pathlib.Path(self.png)
                window.screenshot(png.with_name(f"{png.stem}-{wide}.png"))

    def still(self, name):
        """Where it is, once it stays there."""
        before = self.window.ask("where", name)
        time.sleep(1)
        return before if before == self.window.ask("where", name) else None

    def test_6_endpoints(self):
        """Statistics, Endpoints: a JA4's row applied as a filter gives its packets."""
        window = self.window
        self.assertTrue(window.ask("press", "Endpoints"))
        window.until("the tab with its one JA4", lambda: window.ask("press", "TLSFP · 1"))
        row = window.until("the JA4's row", lambda: self.still(ROW))
        window.xdotool("mousemove", row["x"] + row["width"] // 2, row["y"] + row["height"] // 2, "click", 3)
        time.sleep(1)
        window.xdotool("key", "Down", "key", "Right")  # Apply as Filter, Selected
        time.sleep(1)
        window.xdotool("key", "Return")
        window.wait(
            "the JA4's packets alone",
            lambda view: view["filter"]["text"] == f'tlsfp.endpoint=="{ROW}"'
            and [row["text"] for row in view["packets"]["rows"]] == HELLOS,
        )


class Renamed(Features):
    """Wireshark from a file of another name."""

    def prepare(self, sandbox):
        super().prepare(sandbox)
        self.program = sandbox.home / "another-name"
        shutil.copy(shutil.which("wireshark"), self.program)


class OtherName(WindowTest):
    def test_other_name(self):
        """The fields are there, on the first pass and when the filter has Wireshark dissect again."""
        stack = contextlib.ExitStack()
        atexit.register(stack.close)
        self.addCleanup(stack.close)
        window = Renamed(stack, self.plugin, needs.source() / "samples/captures" / CAPTURE)
        window.wait("all packets", lambda view: view["packets"]["count"] > len(HELLOS))
        self.assertEqual(window.colour_of(FRAME + 5), NAMED)
        window.filter("tlsfp.ja4")
        window.wait("the hellos", lambda view: [row["text"] for row in view["packets"]["rows"]] == HELLOS)


class Lists(WindowTest):
    """Lists of names that the preference names: relative to the folder that Wireshark was started in."""

    OPTIONS = ["-o", f"tlsfp.labels:{LIST}"]

    def check_summary(self, window, names):
        summary = f"TLS Fingerprint, JA4: {JA4} ({names})"
        window.select(FRAME)
        window.wait(summary, lambda view: any(row["text"] == summary for row in view["details"]["rows"]))

    def test_changed_list(self):
        """It counts once the file is loaded anew; a warning has a colour."""
        window = start(self, self.OPTIONS, "t13d1516h2_8daaf6152771_e5627efa2ab1,Another,")
        self.check_summary(window, CLIENT)
        window.write_list(f"{JA4},Watched,warn")
        self.assertTrue(window.ask("press", "Reload"))
        self.check_summary(window, f"Watched, {CLIENT}")
        window.select(1)
        self.assertEqual(window.colour_of(FRAME), WARNED)

    def test_broken_list(self):
        """A dialog tells of it when Wireshark starts; one that breaks later does no harm."""
        window = start(self, self.OPTIONS, f"{JA4},Watched,\nx,y,")
        said = f"{LIST}:3: 'x' is no ja4"
        window.until("a dialog", lambda: said in str(window.ask("titles")))
        window.until("the dialog closed", lambda: window.ask("press", "OK"))
        self.check_summary(window, f"Watched, {CLIENT}")
        window.write_list("y,z,\nx")
        self.assertTrue(window.ask("press", "Reload"))
        self.check_summary(window, CLIENT)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    unittest.main(verbosity=2)
