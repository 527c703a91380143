#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp as people run it, on the captures of samples/: what it prints, what it says, its exit status."""

import gzip
import json
import os
import pathlib
import pty
import signal
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["TLSFP_SOURCE"])
PROGRAM = os.environ["TLSFP_SEARCH"]
CAPTURES = SOURCE / "samples/captures"
GO, WGET, EMPTY = CAPTURES / "go.pcap", CAPTURES / "wget.pcap", CAPTURES / "no-tls.pcap"
GO_JA4 = "t13d1910h2_9dc949149365_97f8aa674fd9"
WGET_JA4 = "t13d291300_723694b0fccc_899037bd0b8c"
FOUND, NONE, TROUBLE = 0, 1, 2


def all_captures():
    return sorted(path for path in CAPTURES.iterdir() if path.suffix in (".pcap", ".pcapng"))


def run(*arguments, **options):
    options = {"capture_output": True, "text": True, "timeout": 60, **options}
    return subprocess.run([PROGRAM, *map(str, arguments)], **options)


class ProgramTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def check(self, arguments, stdout, status=FOUND, stderr="", **options):
        done = run(*arguments, **options)
        self.assertEqual((done.stdout, done.returncode, done.stderr), (stdout, status, stderr))

    def put(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path


class FilesTest(ProgramTest):
    def test_one_ja4_a_line(self):
        self.check([GO], f"{GO_JA4}\n")

    def test_none(self):
        self.check([EMPTY], "", NONE)

    def test_ways_to_name_a_file(self):
        self.check([GO, "-r", WGET, "--file", GO, f"-r{WGET}"], f"{GO_JA4}\n{WGET_JA4}\n{GO_JA4}\n{WGET_JA4}\n")

    def test_standard_input(self):
        with open(GO, "rb") as capture:
            self.check(["-"], f"{GO_JA4}\n", stdin=capture)

    def test_compressed(self):
        self.check([self.put("go.pcap.gz", gzip.compress(GO.read_bytes()))], f"{GO_JA4}\n")

    def test_missing_file_is_no_end(self):
        message = "tlsfp: /nowhere.pcap: No such file or directory\n"
        self.check(["/nowhere.pcap", GO], f"{GO_JA4}\n", TROUBLE, message)

    def test_no_capture_is_no_end(self):
        path = self.put("text", b"This is no capture, but a text.\n" * 10)
        done = run(path, GO)
        self.assertEqual((done.stdout, done.returncode), (f"{GO_JA4}\n", TROUBLE))
        self.assertRegex(done.stderr, rf"^tlsfp: {path}: .*\n$")

    def test_cut_capture(self):
        path = self.put("cut.pcap", GO.read_bytes()[:-10])
        done = run(path, WGET)
        self.assertEqual((done.stdout, done.returncode), (f"{GO_JA4}\n{WGET_JA4}\n", TROUBLE))
        self.assertRegex(done.stderr, rf"^tlsfp: {path}: .* \d+\n$")

    def test_unknown_link_type(self):
        data = bytearray(GO.read_bytes())
        data[20:24] = (147).to_bytes(4, "little" if data[0] in (0xD4, 0x4D) else "big")
        path = self.put("user0.pcap", bytes(data))
        done = run(path, GO)
        self.assertEqual((done.stdout, done.returncode), (f"{GO_JA4}\n", TROUBLE))
        self.assertRegex(done.stderr, rf"^tlsfp: {path}: link type 147 is not known here: 17 of 17 packets .*editcap.*\n$")
        self.assertEqual(done.stderr.count("\n"), 1)


class OutputTest(ProgramTest):
    def test_fields(self):
        done = run("--header", "-e", "frame.number", "-e", "sni", "-e", "alpn", "-e", "transport", "-e", "dstport", GO)
        self.assertEqual(done.stdout, "frame.number\tsni\talpn\ttransport\tdstport\n4\tlocalhost\th2,http/1.1\ttls\t443\n")

    def test_json(self):
        done = run("--json", CAPTURES / "no-sni.pcap")
        found = json.loads(done.stdout)
        keys = "time frame file src dst srcport dstport transport sni alpn tls_data tls_fingerprints"
        self.assertEqual(" ".join(found), keys)
        self.assertEqual((found["frame"], found["sni"], found["alpn"]), (4, None, ["h2", "http/1.1"]))
        keys = (
            "protocol_version cipher_suites extensions server_name ec_point_formats supported_groups alpn "
            "signature_algorithms supported_versions"
        )
        self.assertEqual(" ".join(found["tls_data"]), keys)
        self.assertEqual(" ".join(found["tls_fingerprints"]), "ja3_r ja3 ja4_r ja4 ja4_ro ja4_o stable_r stable")

    def test_json_agrees_with_fields(self):
        names = ["ja3", "ja3_r", "ja4", "ja4_r", "ja4_o", "ja4_ro", "stable", "stable_r"]
        fields = [word for name in names for word in ("-e", f"tlsfp.{name}")]
        objects = [json.loads(line)["tls_fingerprints"] for line in run("--json", *all_captures()).stdout.splitlines()]
        rows = [line.split("\t") for line in run(*fields, *all_captures()).stdout.splitlines()]
        self.assertGreater(len(rows), 40)
        self.assertEqual([[one[name] for name in names] for one in objects], rows)

    def test_count(self):
        lines = run(*all_captures()).stdout
        command = "LC_ALL=C sort | LC_ALL=C uniq -c | LC_ALL=C sort -nr"
        sorted_lines = subprocess.run(command, shell=True, input=lines, capture_output=True, text=True).stdout
        self.check(["--count", *all_captures()], sorted_lines)
        self.check(["--count", "-j", "3", *all_captures()], sorted_lines)

    def test_threads(self):
        captures = all_captures() * 5
        for options in ([], ["-e", "file", "-e", "frame.number"], ["--json"]):
            self.check(["-j", "4", *options, *captures], run(*options, *captures).stdout)

    def test_threads_start_together(self):
        for _ in range(50):
            self.check(["-j", "8", *[GO] * 8], f"{GO_JA4}\n" * 8)

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            done = run(GO, stdout=full, capture_output=False, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, TROUBLE)
        self.assertEqual(done.stderr, "tlsfp: standard output: No space left on device\n")

    def run_unread(self, **options):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as unread:
            return run(GO, stdout=unread, capture_output=False, stderr=subprocess.PIPE, **options)

    def test_nobody_reads(self):
        done = self.run_unread()
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, ""))

    def test_nobody_reads_and_nobody_cares(self):
        done = self.run_unread(
            restore_signals=False, preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        )
        self.assertEqual((done.returncode, done.stderr), (TROUBLE, ""))


class SearchTest(ProgramTest):
    def test_ja4(self):
        self.check(["--ja4", GO_JA4, WGET, GO], f"{GO_JA4}\n")
        self.check(["--ja4", "t13d*_97f8aa674fd9", WGET, GO], f"{GO_JA4}\n")
        self.check(["--ja4", "723694b0fccc", WGET, GO], f"{WGET_JA4}\n")

    def test_nothing_fits(self):
        self.check(["--sni", "*.example.com", WGET, GO], "", NONE)

    def test_kinds_fit_together(self):
        self.check(["--sni", "LOCAL*", "--ja4", "t13d1910h2", WGET, GO], f"{GO_JA4}\n")

    def test_values(self):
        path = self.put("values", f"# clients\n{WGET_JA4} # wget\n".encode())
        self.check(["--values", path, WGET, GO], f"{WGET_JA4}\n")

    def test_wrong_values(self):
        path = self.put("values", b"# clients\nfoo\n")
        done = run("--values", path, GO)
        self.assertEqual((done.stdout, done.returncode), ("", TROUBLE))
        self.assertIn(f"tlsfp: --values: {path}, line 2: 'foo'", done.stderr)

    def written(self, *arguments, **options):
        path = self.folder / "found.pcapng"
        done = run("-w", path, *arguments, **options)
        return done, run("-e", "frame.number", "-e", "frame.time_epoch", "-e", "sni", "-e", "tlsfp.ja4", path)

    def test_write(self):
        done, again = self.written("--sni", "localhost", EMPTY, GO)
        self.assertEqual((done.stdout, done.returncode, done.stderr), (f"{GO_JA4}\n", FOUND, ""))
        time = run("-e", "frame.time_epoch", GO).stdout.strip()
        self.assertEqual(again.stdout, f"4\t{time}\tlocalhost\t{GO_JA4}\n")

    def test_write_from_standard_input(self):
        with open(GO, "rb") as capture:
            _, again = self.written("-", stdin=capture)
        self.assertRegex(again.stdout, rf"^4\t.*\tlocalhost\t{GO_JA4}\n$")

    def test_write_nothing(self):
        done, again = self.written("--sni", "nobody", GO)
        self.assertEqual((done.returncode, again.returncode, again.stderr), (NONE, NONE, ""))

    def test_write_over_input(self):
        path = self.put("go.pcap", GO.read_bytes())
        done = run("-w", path, path)
        self.assertEqual(done.returncode, TROUBLE)
        self.assertEqual(path.read_bytes(), GO.read_bytes())

    def test_write_nowhere(self):
        done = run("-w", "/nowhere/found.pcapng", GO)
        self.assertEqual((done.stdout, done.returncode), ("", TROUBLE))
        self.assertRegex(done.stderr, "^tlsfp: /nowhere/found.pcapng: .*\n$")


class TerminalTest(ProgramTest):
    def run_on_terminal(self, *arguments, **options):
        main, terminal = pty.openpty()
        with subprocess.Popen([PROGRAM, *map(str, arguments)], stderr=terminal, **options) as process:
            os.close(terminal)
            shown = b""
            try:
                while piece := os.read(main, 4096):
                    shown += piece
            except OSError:  # the other end is closed
                pass
            os.close(main)
            stdout = process.stdout.read() if process.stdout else b""
        return shown.decode(), stdout.decode(), process.returncode

    def test_progress(self):
        shown, stdout, status = self.run_on_terminal(GO, stdout=subprocess.PIPE)
        self.assertEqual((stdout, status), (f"{GO_JA4}\n", FOUND))
        self.assertIn("% [", shown)
        self.assertRegex(shown, "\r\033\\[Ktlsfp: \\d+ packets, 1 hellos\r\n$")

    def test_quiet(self):
        shown, stdout, _ = self.run_on_terminal("--quiet", GO, stdout=subprocess.PIPE)
        self.assertEqual((shown, stdout), ("", f"{GO_JA4}\n"))

    def test_no_bar_for_standard_input(self):
        with open(GO, "rb") as capture:
            shown, _, _ = self.run_on_terminal("-", stdin=capture, stdout=subprocess.PIPE)
        self.assertNotIn("%", shown)


class OptionsTest(ProgramTest):
    def test_help(self):
        done = run("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for word in ("--count", "-e, --field", "-w, --write", "Exit status: 0"):
            self.assertIn(word, done.stdout)

    def test_version(self):
        self.assertRegex(run("--version").stdout, r"^tlsfp \d+\.\d+\.\d+\n$")

    def test_wrong(self):
        for arguments in ([], ["--foo"], ["-e", "foo", GO], ["-i", "lo", GO]):
            done = run(*arguments)
            self.assertEqual((done.stdout, done.returncode), ("", TROUBLE))
            self.assertRegex(done.stderr, "^tlsfp: .*\nTry 'tlsfp --help'.\n$")

    def test_manual_knows_every_option(self):
        manual = (SOURCE / "packaging/man/tlsfp.1").read_text()
        completion = (SOURCE / "packaging/completions/tlsfp").read_text()
        options = [word for word in run("--help").stdout.split() if word.startswith("--")]
        for option in {word.split("=")[0].rstrip(",") for word in options}:
            self.assertIn(f"Fl -{option[2:]}", manual)
            self.assertIn(option, completion)


if __name__ == "__main__":
    unittest.main()
