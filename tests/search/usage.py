#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Command lines, exit statuses, help, limits, and what a terminal shows."""

import contextlib
import os
import re
import signal
import shutil
import time
import subprocess
import unittest

from builders import *
from full_and_bare import BARE, BARE_JA4, capture_of, full
from search_test import FIELDS, FOUND, NONE, TROUBLE, SearchTest, needs

OPTIONS = """--help --version --file -r -j -i -f -c -Z --count -e --header --json --ja4 --ja3 --sni --values -w --quiet
--memory --max-hello --checksums --level --unknown -v --names --answers --all-copies --output --file-size --total-size -H --buffer --join --stats""".split()


class Status(SearchTest):
    def setUp(self):
        self.some = self.write(capture_of(BARE), "some.pcap")
        self.none = self.write([], "none.pcap")

    def test_as_grep(self):
        missing = self.folder / "missing.pcap"
        for words, status in (
            ([self.some], FOUND),
            ([self.none], NONE),
            ([self.none, self.some], FOUND),
            (["--sni", "x", self.some], NONE),
            ([self.some, missing], TROUBLE),
            ([missing, self.none], TROUBLE),
        ):
            with self.subTest(words):
                self.assertEqual(self.run_search(*words).returncode, status)

    def test_nothing_is_said_without_a_terminal(self):
        for words in [], ["--json"], ["--count"], ["--header"]:
            self.assertEqual(self.run_search(*words, self.some).stderr, b"")

    def test_standard_output_that_is_full(self):
        with open("/dev/full", "w") as full_device:
            done = self.run_search(self.some, capture_output=False, stdout=full_device, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, TROUBLE)
        self.assertEqual(done.stderr, b"tlsfp: standard output: No space left on device\n")

    def test_a_reader_that_leaves(self):
        """As with any filter, in silence; where whoever started it ignores the signal, the status tells."""
        ignored = {"restore_signals": False, "preexec_fn": lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN)}
        for options, status in ({}, -signal.SIGPIPE), (ignored, TROUBLE):
            reader, writer = os.pipe()
            os.close(reader)
            with self.subTest(status), os.fdopen(writer, "wb") as unread:
                options |= {"capture_output": False, "stdout": unread, "stderr": subprocess.PIPE}
                done = self.run_search(self.some, **options)
                self.assertEqual((done.returncode, done.stderr), (status, b""))

    def test_wrong_command_lines(self):
        for words in (
            [],
            ["--nonsense", self.some],
            ["-e", "tlsfp.ja5", self.some],
            ["-e"],
            ["-j", "0", self.some],
            ["-j", "x", self.some],
            ["-c", "1", self.some],
            ["-f", "tcp", self.some],
            ["-Z", "nobody", self.some],
            ["-i", "lo", self.some],
            ["-i", "lo", "-j", "2", "-w", "some.pcapng"],
            ["--json", "-e", "sni", self.some],
            ["--json", "--header", self.some],
            ["--json", "--count", self.some],
            ["-w", self.some, self.some],
            ["-w", self.folder / "no/such/folder", self.some],
            ["--memory", "0", self.some],
            ["--max-hello", "-1", self.some],
        ):
            with self.subTest(words):
                done = self.run_search(*words)
                self.assertEqual((done.returncode, done.stdout), (TROUBLE, b""))
                self.assertRegex(done.stderr.decode(), r"^tlsfp: .*\n(Try 'tlsfp --help'\.\n)?$")
        self.assertEqual(self.some.read_bytes(), capture_of(BARE))

    def test_an_unknown_field_is_answered_with_the_known(self):
        said = self.run_search("-e", "nonsense", self.some).stderr.decode()
        for name in FIELDS:
            self.assertIn(name, said)


class Help(SearchTest):
    def test_every_option(self):
        text = self.search("--help")
        for option in OPTIONS:
            with self.subTest(option):
                self.assertRegex(text, rf"(^|[\s,]){re.escape(option)}[\s,=]")

    def test_exit_statuses(self):
        said = "Exit status: 0 a hello was found, 1 none was found, 2 something went wrong."
        self.assertIn(said, self.search("--help"))

    def test_width(self):
        """A terminal of 80 columns, and one that knows ASCII only."""
        text = self.search("--help", env={**os.environ, "LC_ALL": "C"})
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.assertTrue(text.isascii())

    def test_version(self):
        self.assertRegex(self.search("--version"), r"^tlsfp \d+\.\d+\.\d+\n$")


def options_in(text):
    """Those that a text names, long and short."""
    return set(re.findall(r"(?<![\w-])(--[a-z][a-z0-9-]+|-[A-Za-z])(?![\w-])", text))


class Manual(SearchTest):
    path = needs.source() / "packaging/man/tlsfp.1"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        needs.programs("mandoc")
        done = subprocess.run(["mandoc", "-T", "utf8", cls.path], capture_output=True, text=True, check=True)
        cls.text = re.sub(".\b", "", done.stdout)  # what is bold or underlined comes twice

    def test_form(self):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", self.path], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_options(self):
        """The manual has those of --help, and no others."""
        wanted = options_in(self.search("--help").split("Examples:")[0])
        self.assertGreaterEqual(wanted, set(OPTIONS))
        described = re.findall(r"^     (-.*)$", self.text, re.MULTILINE)  # where a paragraph on each starts
        self.assertEqual(options_in("\n".join(described)), wanted)

    def test_fields(self):
        said = self.run_search("-e", "nonsense", "-").stderr.decode()
        known = said.split("there are ")[1].split("\n")[0].replace(",", "").split()
        self.assertEqual(sorted(known), sorted(FIELDS))
        for name in FIELDS:
            self.assertIn(name, self.text)


class Completion(SearchTest):
    """In bash, of the last word of a command line."""

    script = """
        source "$0" && complete -p tlsfp >&2 || exit
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _tlsfp
        printf '%s\n' "${COMPREPLY[@]}"
    """

    def complete(self, *words):
        path = needs.source() / "packaging/completions/tlsfp"
        argv = ["bash", "--norc", "-c", self.script, path, "tlsfp", *words]
        done = subprocess.run(argv, capture_output=True, text=True, cwd=self.folder, check=True)
        self.assertEqual(done.stderr, "complete -F _tlsfp tlsfp\n")
        return done.stdout.rstrip("\n").split("\n")

    def test_options(self):
        known = options_in(self.search("--help").split("Examples:")[0])
        self.assertEqual(set(self.complete("--")), {option for option in known if option.startswith("--")})
        self.assertEqual(self.complete("-r", "some.pcap", "--js"), ["--json"])

    def test_fields(self):
        for words in ["-e", ""], ["--field", ""], ["--field", "="], ["--field", "=", ""]:
            with self.subTest(words):
                self.assertEqual(sorted(self.complete(*words)), sorted(FIELDS))
        for words in ["-e", "frame.t"], ["--field", "=", "frame.t"]:
            self.assertEqual(self.complete(*words), ["frame.time_epoch"])

    def test_names(self):
        self.assertEqual(self.complete("-i", "an"), ["any"])
        self.assertIn("lo", self.complete("-i", "l"))
        self.assertIn("nobody", self.complete("-Z", "nob"))

    def test_files(self):
        for name in "one.pcap", "two parts.pcap":
            self.write(b"", name)
        for words in [""], ["-r", ""], ["--values", ""], ["-w", ""], ["--json", ""], ["--file", "=", ""]:
            with self.subTest(words):
                self.assertEqual(sorted(self.complete(*words)), ["one.pcap", "two parts.pcap"])
        self.assertEqual(self.complete("tw"), ["two parts.pcap"])

    def test_nothing_to_say(self):
        for option in "-j", "-c", "-f", "--memory", "--max-hello", "--ja4", "--ja3", "--sni":
            self.assertEqual(self.complete(option, ""), [""])


class Limits(SearchTest):
    def test_long_hellos(self):
        """As long as servers take them by default, and an option."""
        long = hello("long.example", n_groups=30_000)  # 60 kB
        longer = hello("longer.example", n_groups=32_700)  # just below 64 KiB
        for one in long, longer:
            parts = pieces(synthetic.records(one.message, 16384), 1448)
            packets = opened(*parts)
            with self.subTest(one.name):
                self.check_packets(packets, (len(packets), one))
                path = self.write(frames_of(packets))
                self.assertEqual(self.search("--max-hello", "32", path, status=NONE, quiet=False), "")

    def test_little_memory(self):
        """The oldest are dropped first; this is counted, and said."""
        half = hello("half.example", n_groups=1000).record[:1400]
        halves = [packet for i in range(1500) for packet in opened(half, client_port=10000 + i)]
        last = opened(*pieces(hello("last.example", n_groups=1000).record, 1448))
        path = self.write(frames_of(halves + last))
        done = self.run_search("--memory", "1", "-e", "sni", path)
        self.assertEqual((done.returncode, done.stdout), (FOUND, b"last.example\n"))
        dropped = re.search(r"(\d+) half-seen", done.stderr.decode())
        self.assertIsNotNone(dropped, done.stderr)
        self.assertGreater(int(dropped[1]), 700)
        self.assertEqual(self.run_search("-e", "sni", path).stderr, b"")


class Terminal(SearchTest):
    """On a terminal there is a progress bar, unless --quiet, which gives way to a summary."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        noise = ethernet(udp_packet(bytes(1400), 5555))
        cls.capture = cls.folder / "large.pcap"
        cls.capture.write_bytes(capture_of(BARE) + pcap([noise] * 200_000)[24:])

    def on_terminal(self, *words, **options):
        """What comes on standard output, and what a terminal shows of standard error."""
        ours, theirs = os.openpty()
        argv = [self.program, *map(str, words)]
        shown, path = [], self.folder / "out"
        with open(path, "wb") as file, subprocess.Popen(argv, stdout=file, stderr=theirs, **options) as process:
            os.close(theirs)
            with contextlib.suppress(OSError):  # the other end is closed
                while part := os.read(ours, 65536):
                    shown.append(part)
            os.close(ours)
        return path.read_text(), b"".join(shown).decode()

    def test_bar(self):
        """Share, packets a second, hellos; the line is drawn anew, and wiped in the end."""
        out, shown = self.on_terminal(self.capture)
        self.assertEqual(out, f"{BARE_JA4}\n")
        *drawn, last = shown.split("\r\033[K")[1:]
        for line in filter(None, drawn):
            self.assertRegex(line, r"^ *\d{1,3}% \[=* *\]  [0-9.]+[kM]? packets/s  [01] hellos$")
            self.assertLess(len(line), 80)
        self.assertGreater(len(drawn), 0)
        self.assertEqual(last, "tlsfp: 200004 packets, 1 hellos\r\n")

    def test_quiet(self):
        self.assertEqual(self.on_terminal("--quiet", self.capture), (f"{BARE_JA4}\n", ""))

    def test_standard_input(self):
        """Nobody knows how long it is: no bar, but a summary."""
        with open(self.capture, "rb") as capture:
            _, shown = self.on_terminal("-", stdin=capture)
        self.assertEqual(shown, "tlsfp: 200004 packets, 1 hellos\r\n")

    def test_summary_of_a_search(self):
        _, shown = self.on_terminal("--sni", "nobody", self.capture)
        self.assertTrue(shown.endswith("tlsfp: 200004 packets, 1 hellos, 0 of them fit\r\n"), shown)

    def test_pipe(self):
        """Whoever reads the lines, as head and less do, may print them on the same terminal: no bar."""
        ours, theirs = os.openpty()
        with subprocess.Popen([self.program, self.capture], stdout=subprocess.PIPE, stderr=theirs) as process:
            os.close(theirs)
            self.assertEqual(process.stdout.read().decode(), f"{BARE_JA4}\n")
        self.assertEqual(os.read(ours, 65536).decode(), "tlsfp: 200004 packets, 1 hellos\r\n")
        os.close(ours)

    def test_trouble(self):
        """A message has a line of its own."""
        _, shown = self.on_terminal(self.folder / "missing.pcap", self.capture)
        line = f"\r\033[Ktlsfp: {self.folder / 'missing.pcap'}: No such file or directory\r\n"
        self.assertIn(line, shown)


class Interrupted(SearchTest):
    """Ctrl-C while a file is read: what was found by then is printed, counted and written."""

    def interrupted(self, *words, number=signal.SIGINT):
        """A file that does not end: a hello comes, then nothing."""
        data = capture_of(BARE) + capture_of(BARE)[24:]
        argv = [self.program, *map(str, words), "-"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(argv, cwd=self.folder, **pipes) as process:
            process.stdin.write(data)
            process.stdin.flush()
            time.sleep(0.5)
            process.send_signal(number)
            out, _ = process.communicate(timeout=60)  # which closes standard input, as Ctrl-C ends what writes there
        return process.returncode, out.decode()

    def test_lines(self):
        for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            with self.subTest(number):
                status, out = self.interrupted("--line-buffered", number=number)
                self.assertEqual((status, set(out.splitlines())), (128 + number, {BARE_JA4}))

    def test_count(self):
        status, out = self.interrupted("--count")
        self.assertEqual(status, 130)
        self.assertRegex(out, rf"^ +[12] {BARE_JA4}\n$")

    def test_write(self):
        status, _ = self.interrupted("-w", "cut.pcapng")
        self.assertEqual(status, 130)
        self.assertIn(BARE_JA4, self.search("cut.pcapng"))


class Choice(SearchTest):
    """Which hellos and fields: what is new beside fingerprints and names of servers."""

    def setUp(self):
        self.two = self.write(capture_of(full(b"www.example.org"), BARE), "two.pcap")
        self.list = self.write(f"ja4,name,level\n{BARE_JA4},Bare,warn\n".encode(), "list.csv")

    def test_short_names_of_fields(self):
        for name in "ja4", "ja4_r", "stable", "ja3", "client":
            self.assertEqual(self.search("-e", name, self.two), self.search("-e", f"tlsfp.{name}", self.two))

    def test_level(self):
        words = ["--labels", self.list, "-e", "ja4", self.two]
        self.assertEqual(self.search("--level", "warn", *words), f"{BARE_JA4}\n")
        self.assertEqual(self.search("--level", "note", *words), f"{BARE_JA4}\n")
        self.assertEqual(self.search("--unknown", *words), self.search("-v", "--level", "note", *words))
        self.assertNotIn(BARE_JA4, self.search("--unknown", *words))

    def test_invert(self):
        self.assertEqual(self.search("-v", "--sni", "www.*", self.two), f"{BARE_JA4}\n")
        self.search("-v", "--ja4", "*", self.two, status=NONE)

    def test_with_filename(self):
        self.assertEqual(self.search("-H", "-e", "sni", self.two), f"{self.two}\twww.example.org\n{self.two}\t\n")
        self.assertEqual(self.search("-H", "--header", "--sni", "www.*", self.two).splitlines()[0], "file\ttlsfp.ja4")

    def test_header_of_counts(self):
        lines = self.search("--count", "--header", "-e", "sni", "-e", "alpn", self.two).splitlines()
        self.assertEqual(lines[0], "  count sni\talpn")
        self.assertEqual(len(lines), 3)

    def installed(self, text):
        """The program as it is installed, with a list."""
        for folder in "bin", "share/tlsfp":
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        (self.folder / "share/tlsfp/clients.csv").write_text(text)
        return shutil.copy(self.program, self.folder / "bin/tlsfp")

    def test_installed_names(self):
        """Where a name is asked for; in JSON only on request. One's own come first."""
        ja3 = self.search("-e", "ja3", "-v", "--sni", "www.*", self.two).strip()
        program = self.installed(f"ja3,ja4,name\n{ja3},,Theirs by JA3\n,{BARE_JA4},Theirs\n,{BARE_JA4},Bare\n")
        bare = ["-v", "--sni", "www.*", self.two]
        client = ["-e", "client", *bare]
        self.assertEqual(self.search(*client, program=program), "Theirs by JA3; Theirs; Bare\n")
        self.assertEqual(self.search("--labels", self.list, *client, program=program), "Bare; Theirs by JA3; Theirs\n")
        self.assertEqual(self.search("--unknown", "-e", "sni", self.two, program=program), "www.example.org\n")
        self.assertNotIn('"client"', self.search("--json", *bare, program=program))
        self.assertIn('"client":["Theirs by JA3","Theirs","Bare"]', self.search("--json", "--names", *bare, program=program))


if __name__ == "__main__":
    unittest.main()
