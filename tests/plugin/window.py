#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Drives the real Wireshark window and reads its packet list and packet details.

The window is on a virtual screen (Xvfb), clicked and typed into with xdotool, and read over the accessibility bus
(window_reader.py). No window manager is needed.

    TLSFP_PLUGIN      the plugin (.so)
    TLSFP_SCREENSHOT  optional: a PNG of the window goes here; one with the display filter applied beside it, its
                      name ending in -filter.png

What must be there is the first hello in the golden of one sample capture.
"""

import atexit
import contextlib
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import needs
from sandbox import Sandbox

HERE = pathlib.Path(__file__).resolve().parent
CAPTURE = "chromium.pcapng"
PYTHON = "/usr/bin/python3"  # Debian's, which sees Debian's python3-gi
WIDTH, HEIGHT = 1280, 800
SCROLL_BAR = 18
PATIENCE = 45  # seconds for the window to show what it should

# What has to be there, and the Debian package that brings it.
PROGRAMS = {
    "wireshark": "wireshark",
    "tshark": "tshark",
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "dbus-daemon": "dbus-daemon",
    "setpriv": "util-linux",
    PYTHON: "python3",
}
FILES = {"/usr/share/dbus-1/services/org.a11y.Bus.service": "at-spi2-core"}
MODULES = {"import gi": "python3-gi", "import gi; gi.require_version('Atspi', '2.0')": "gir1.2-atspi-2.0"}
SCREENSHOT_PROGRAMS = {"import": "imagemagick"}
SCREENSHOT_FILES = {"/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf": "fonts-dejavu-core"}

# Wireshark's memory of its last run: the window fills the screen, and the packet bytes are hidden.
RECENT_COMMON = f"""\
gui.geometry_main_x: 0
gui.geometry_main_y: 0
gui.geometry_main_width: {WIDTH}
gui.geometry_main_height: {HEIGHT}
gui.geometry_main_maximized: FALSE
"""
RECENT = """\
gui.byte_view_show: FALSE
gui.geometry_main_upper_pane: 150
"""


def require(programs, files, modules):
    missing = [(name, package) for name, package in programs.items() if not shutil.which(name)]
    missing += [(name, package) for name, package in files.items() if not os.path.exists(name)]
    if not missing:
        for code, package in modules.items():
            if subprocess.run([PYTHON, "-c", code], capture_output=True).returncode:
                missing.append((code, package))
    if missing:
        raise AssertionError(
            "missing: " + "; ".join(f"{name} (Debian package {package})" for name, package in missing)
        )


def end(process):
    """Ends a process that was started in a session of its own, and what it started there."""

    def tell(number):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)

    if process.returncode is not None:
        return
    tell(signal.SIGTERM)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
        time.sleep(0.05)
    tell(signal.SIGKILL)
    process.wait()


def read_line(descriptor):
    """The one line that a starting process writes about itself, or None."""
    data, deadline = b"", time.monotonic() + PATIENCE
    while not data.endswith(b"\n"):
        if not select.select([descriptor], [], [], max(0, deadline - time.monotonic()))[0]:
            return None
        piece = os.read(descriptor, 1024)
        if not piece:
            return None
        data += piece
    return data.decode().strip()


class Window:
    """Wireshark with a capture open, on a screen of its own."""

    program = "wireshark"

    def __init__(self, stack, plugin, capture, frame, options=(), prepare=lambda sandbox: None):
        """options: of Wireshark's command line. prepare(sandbox) is called before it starts."""
        self.sandbox = stack.enter_context(Sandbox(plugin))
        self.capture = self.sandbox.put(capture)
        self.reader = self.sandbox.put(HERE / "window_reader.py")
        self.log = stack.enter_context(tempfile.TemporaryFile("w+", errors="replace"))
        settings = self.sandbox.home / ".config/wireshark"
        self.sandbox.run(["mkdir", "-p", settings], check=True)
        for name, text in (("recent_common", RECENT_COMMON), ("recent", RECENT)):
            self.sandbox.run(["tee", settings / name], input=text, check=True)

        prepare(self.sandbox)

        # Not in the sandbox: /tmp/.X11-unix, should Xvfb have to make it, must not belong to an ordinary user.
        screen = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-dpi", "100", "-nolisten", "tcp"]
        display = self.started(
            stack, "Xvfb", lambda fd, **options: subprocess.Popen(["Xvfb", "-displayfd", str(fd), *screen], **options)
        )
        self.env = {"DISPLAY": f":{display}", "QT_QPA_PLATFORM": "xcb"}
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self.started(
            stack,
            "dbus-daemon",
            lambda fd, **options: self.sandbox.start(
                ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--print-address={fd}"],
                env=self.env,
                **options,
            ),
        )
        self.xdotool("mousemove", WIDTH - 1, HEIGHT - 1)  # what the pointer hovers over, Wireshark highlights
        self.wireshark = self.sandbox.start(
            [self.program, "-r", self.capture, "-g", frame, *options],
            env={**self.env, "QT_ACCESSIBILITY": "1", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        stack.callback(end, self.wireshark)
        # The first look starts the accessibility bus, and a Qt 5 that starts later than that bus may never join it.
        self.wait_for_a_window()

    def started(self, stack, name, start):
        """Starts a process that tells one line about itself over a pipe; returns the line."""
        reading, writing = os.pipe()
        try:
            process = start(
                writing,
                pass_fds=[writing],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.log,
                start_new_session=True,
            )
            stack.callback(end, process)
            os.close(writing)
            writing = None
            line = read_line(reading)
            if not line:
                raise AssertionError(f"{name} does not start\n{self.said()}")
            return line
        finally:
            os.close(reading)
            if writing is not None:
                os.close(writing)

    def xdotool(self, *words):
        return subprocess.run(
            ["xdotool", *map(str, words)],
            env={**os.environ, **self.env},
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        ).stdout

    def wait_for_a_window(self):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.xdotool("search", "--onlyvisible", "--class", "wireshark")
            except subprocess.CalledProcessError:
                self.check_running()
                if time.monotonic() >= deadline:
                    raise AssertionError(f"Wireshark shows no window within {PATIENCE} s\n{self.said()}") from None
            time.sleep(0.25)

    def check_running(self):
        if self.wireshark.poll() is not None:
            raise AssertionError(f"Wireshark ended with {self.wireshark.returncode}\n{self.said()}")

    def click(self, x, y):
        self.xdotool("mousemove", x, y, "click", 1)
        self.xdotool("mousemove", WIDTH - 1, HEIGHT - 1)

    def look(self):
        """What the window shows (see window_reader.py), or a string: why that could not be read."""
        try:
            done = self.sandbox.run([PYTHON, "-W", "ignore", self.reader], env=self.env, timeout=15)
        except subprocess.TimeoutExpired:
            return "reading the window takes too long"
        if done.returncode:
            return done.stderr.strip() or f"the reader ended with {done.returncode}"
        return json.loads(done.stdout)

    def wait(self, what, found, act=None, patience=PATIENCE):
        """Looks again and again until found(view) is true, which is returned with the view.

        act(view), if given, is done before the first look that counts, and again every few seconds.
        """
        deadline, next_act = time.monotonic() + patience, 0
        while True:
            view = self.look()
            self.check_running()
            if isinstance(view, dict) and all(view.values()):
                answer = found(view)
                if answer:
                    return answer, view
                if act and time.monotonic() >= next_act:
                    act(view)
                    next_act = time.monotonic() + 4
            if time.monotonic() >= deadline:
                raise AssertionError(f"not within {patience} s: {what}\n{self.shown(view)}\n{self.said()}")
            time.sleep(0.25)

    def shown(self, view):
        if not isinstance(view, dict) or not all(view.values()):
            return f"The window could not be read: {view}"
        numbers = [row["text"] for row in view["packets"]["rows"][:20]]
        return "\n".join(
            [
                f"The window shows the display filter {view['filter']['text']!r},",
                f"{view['packets']['count']} packets, of those read: {' '.join(numbers)} ...,",
                "and the packet details",
                *("    " + row["text"] for row in view["details"]["rows"]),
            ]
        )

    def said(self):
        self.log.seek(0)
        return "The programs wrote: " + self.log.read()[-2000:]

    @staticmethod
    def in_view(pane):
        """The rows of a pane that are in view; at its bottom there may be a scroll bar."""
        bottom = pane["y"] + pane["height"] - SCROLL_BAR
        return [row for row in pane["rows"] if pane["y"] <= row["y"] and row["y"] + row["height"] <= bottom]

    @staticmethod
    def shows_frame(view, frame):
        rows = view["details"]["rows"]
        return bool(rows) and rows[0]["text"].startswith(f"Frame {frame}:")

    def select(self, frame):
        """Clicks on a frame in the packet list; returns the view with its packet details."""

        def clickable(view):
            return [row for row in self.in_view(view["packets"]) if row["text"] == str(frame)]

        def scroll(view):
            pane = view["packets"]
            for row in pane["rows"]:
                if row["text"] == str(frame):
                    down = row["y"] > pane["y"] + pane["height"] // 2
                    steps = abs(row["y"] - pane["y"] - pane["height"] // 2) // (3 * row["height"]) + 1
                    self.xdotool("mousemove", pane["x"] + pane["width"] // 3, pane["y"] + pane["height"] // 2)
                    self.xdotool("click", "--repeat", steps, "--delay", 20, 5 if down else 4)

        def click(view):
            for row in clickable(view):
                self.click(row["x"] + row["width"] // 2, row["y"] + row["height"] // 2)

        if not self.shows_frame(self.wait("a packet list", lambda view: True)[1], frame):
            self.wait(f"frame {frame} in the packet list", clickable, scroll)
        return self.wait(f"frame {frame} in the packet details", lambda view: self.shows_frame(view, frame), click)[1]

    def expand(self, text):
        """Opens the subtree below the line with this text; returns the view."""

        def found(view):
            return [row for row in view["details"]["rows"] if text in row["text"] and row["expanded"]]

        def act(view):
            for row in self.in_view(view["details"]):
                if text in row["text"] and not row["expanded"]:
                    self.click(row["x"] - 10, row["y"] + row["height"] // 2)  # the triangle before the text
                    break

        return self.wait(f"the subtree below {text!r} opened", found, act)[1]

    def filter(self, text):
        """Types a display filter."""

        def act(view):
            box = view["filter"]
            self.click(box["x"] + box["width"] // 2, box["y"] + box["height"] // 2)
            self.xdotool("key", "ctrl+a", "key", "BackSpace")
            if text:
                self.xdotool("type", "--delay", "10", text)

        self.wait(f"{text!r} typed as display filter", lambda view: view["filter"]["text"] == text, act)
        self.xdotool("key", "Return")

    def screenshot(self, path):
        """Saves a PNG of the window, once it no longer changes."""
        deadline, before = time.monotonic() + PATIENCE, None
        while True:
            image = subprocess.run(
                ["import", "-silent", "-window", "root", "-depth", "8", "rgb:-"],
                env={**os.environ, **self.env},
                check=True,
                capture_output=True,
                timeout=PATIENCE,
            ).stdout
            if image == before or time.monotonic() > deadline:
                break
            before = image
            time.sleep(0.5)
        subprocess.run(
            ["convert", "-size", f"{WIDTH}x{HEIGHT}", "-depth", "8", "rgb:-", "-strip", f"png:{path}"],
            input=image,
            check=True,
            timeout=PATIENCE,
        )


class WindowTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plugin = needs.setting("TLSFP_PLUGIN")
        cls.capture = needs.source() / "samples/captures" / CAPTURE
        golden = (needs.source() / f"tests/goldens/{CAPTURE}.tsv").read_text()
        frame, *fields = golden.splitlines()[0].split("\t")
        cls.frame = int(frame)
        cls.ja4 = dict(field.split("=", 1) for field in fields)["ja4"]
        cls.expect = f"TLS Fingerprint, JA4: {cls.ja4}"
        cls.png = os.environ.get("TLSFP_SCREENSHOT")
        require(PROGRAMS, FILES, MODULES)
        if cls.png:
            require(SCREENSHOT_PROGRAMS, SCREENSHOT_FILES, {})

        stack = contextlib.ExitStack()
        atexit.register(stack.close)  # for an interrupted run; closing twice does nothing
        cls.addClassCleanup(stack.close)
        cls.window = Window(stack, cls.plugin, cls.capture, cls.frame)

    def check_details(self):
        """The expected line is in the packet details, and its subtree holds the JA4 as a field."""
        window = self.window
        # Looked at again, as the first look may have met the pane while it filled.
        window.wait(
            f"{self.expect!r} in the packet details of frame {self.frame}",
            lambda view: any(self.expect in row["text"] for row in view["details"]["rows"]),
            patience=8,
        )
        view = window.expand(self.expect)
        rows = view["details"]["rows"]
        top = next(index for index, row in enumerate(rows) if self.expect in row["text"])
        below = []
        for row in rows[top + 1 :]:
            if row["x"] <= rows[top]["x"]:
                break
            below.append(row)
        if not any(self.ja4 in row["text"] for row in below):
            self.fail(f"no field with {self.ja4} below {self.expect!r}\n{window.shown(view)}")
        in_view = window.in_view(view["details"])
        for row in [rows[top], *below]:
            self.assertIn(row, in_view, "the subtree does not fit into the packet details pane")

    def test_1_details(self):
        """The packet details hold the fingerprint, also after another packet was looked at."""
        window = self.window
        view = window.select(self.frame)
        self.check_details()
        others = [row["text"] for row in window.in_view(view["packets"]) if row["text"] != str(self.frame)]
        self.assertTrue(others, "the capture has to hold another packet, too")
        for other in others[-1], others[0]:
            window.select(other)
            window.select(self.frame)
            self.check_details()
        if self.png:
            window.screenshot(self.png)

    def test_2_filter(self):
        """A display filter typed into the window finds the same packets as tshark does, this one among them."""
        window = self.window
        text = f'tlsfp.ja4 == "{self.ja4}"'

        def frames(*words):
            done = window.sandbox.run(
                ["tshark", "-r", window.capture, *words, "-T", "fields", "-e", "frame.number"], check=True
            )
            return done.stdout.split()

        everything, filtered = frames(), frames("-Y", text)
        self.assertIn(str(self.frame), filtered, f"tshark -Y '{text}' finds other frames")
        self.assertLess(len(filtered), len(everything), "the capture has to hold packets that the filter removes")

        window.wait("all packets listed", lambda view: view["packets"]["count"] == len(everything))
        window.filter(text)

        def found(view):
            numbers = {row["text"] for row in view["packets"]["rows"]}
            return view["packets"]["count"] == len(filtered) and str(self.frame) in numbers <= set(filtered)

        window.wait(f"packets {' '.join(filtered)} listed after the display filter {text}", found)
        window.select(self.frame)
        self.check_details()
        if self.png:
            png = pathlib.Path(self.png)
            window.screenshot(png.with_name(png.stem + "-filter.png"))


def stop(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    unittest.main(verbosity=2)
