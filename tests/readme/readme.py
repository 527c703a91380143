#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the README's commands, in their order, and holds what they print against what it shows.

They run in a folder that looks like the repository, with the programs and the plugin just built, as an ordinary user.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("TLSFP_SOURCE") or pathlib.Path(__file__).resolve().parents[2])
sys.path += [str(ROOT / "tests" / room) for room in ("plugin", "packaging", "readme")]

import needs  # noqa: E402
from blocks import blocks_in, blocks_of, fits  # noqa: E402
from installing import on_a_network_apart  # noqa: E402
from sandbox import Sandbox  # noqa: E402

PROGRAMS = {"tlsfp": "TLSFP_SEARCH", "tlsfp-echo": "TLSFP_ECHO", "tlsfp-explain": "TLSFP_EXPLAIN", "tlsfp-census": "TLSFP_CENSUS"}
# What the commands call beside ours.
SERVERS = {"haproxy": "haproxy", "/usr/sbin/nginx": "nginx-light"}
OTHERS = {"tshark": "tshark", "curl": "curl", "jq": "jq", "sqlite3": "sqlite3", "setpriv": "util-linux"}
TIMEOUT = 60  # seconds for one command
END = "end of what this command prints"


class Shell:
    """A shell in which one command after the other runs, as they would be typed; others may go on in the background."""

    def __init__(self, sandbox, folder, path):
        self.process = subprocess.Popen(
            sandbox.command(["bash", "--norc"]),
            env={**sandbox.environment, "PATH": path},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, command):
        """Returns the lines that it prints."""
        self.process.stdin.write(f"{{ {command}\n}} </dev/null\necho; echo '{END}'\n")
        self.process.stdin.flush()
        signal.alarm(TIMEOUT)
        lines = []
        for line in self.process.stdout:
            if line.strip() == END:
                break
            lines.append(line.rstrip("\n"))
        signal.alarm(0)
        return lines[:-1]  # the empty line of echo

    def close(self):
        self.process.stdin.close()
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process.stdout.close()


def too_long(*_):
    raise TimeoutError(f"a command took more than {TIMEOUT} s")


class Readme(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        signal.signal(signal.SIGALRM, too_long)
        cls.blocks, cls.stray = blocks_of((ROOT / "README.md").read_text())

    def test_every_command_is_in_a_block(self):
        self.assertGreater(len(self.blocks), 5)
        self.assertEqual(self.stray, [], "lines of README.md with commands that no block runs")

    def test_scripts_that_run_blocks_are_there(self):
        """A block that needs a cluster, systemd, an interface or installing names the script that runs it; it has the
        command itself, or reads it here."""
        for block in self.blocks:
            if block.run_by:
                path = ROOT / block.run_by
                self.assertTrue(path.is_file(), f"README.md:{block.line}: run by {block.run_by}, which is not there")
                text = path.read_text()
                for command, _ in [] if "tests/readme/fresh.py" in text else block.commands:
                    word = re.sub(r"^(sudo )?", "", command).split()[0]
                    self.assertIn(pathlib.Path(word).name, text, f"README.md:{block.line}: not run by {block.run_by}: {command}")

    def test_commands(self):
        missing = [f"{name} (Debian package {package})" for name, package in OTHERS.items() if not shutil.which(name)]
        self.assertEqual(missing, [])
        with Sandbox(needs.setting("TLSFP_PLUGIN")) as sandbox:
            programs, folder = sandbox.home / "bin", sandbox.home / "tlsfp"
            programs.mkdir()
            for name, setting in PROGRAMS.items():
                if os.environ.get(setting):
                    shutil.copy(os.environ[setting], programs / name)
            shutil.copytree(ROOT / "samples", folder / "samples")
            for place in ".config/wireshark/tlsfp-labels.csv", "share/tlsfp/clients.csv":  # as they are installed
                (sandbox.home / place).parent.mkdir(parents=True)
                shutil.copy(ROOT / "samples/clients.csv", sandbox.home / place)
            sandbox.give()
            shell = Shell(sandbox, folder, f"{programs}:{os.environ['PATH']}")
            self.addCleanup(shell.close)
            for block in self.blocks:
                for command, expected in [] if block.run_by else block.commands:
                    printed = shell.run(command)
                    with self.subTest(command):
                        self.assertTrue(
                            fits(expected, printed),
                            f"README.md:{block.line}\n$ {command}\nprints:\n" + "\n".join(printed) + "\nshown:\n" + "\n".join(expected),
                        )


class Help(unittest.TestCase):
    COMMANDS = ["add", "top", "impact", "new", "since", "report", "merge", "export"]

    def test_help(self):
        """Fits 80 columns, and the C locale."""
        for name, setting in PROGRAMS.items():
            for words in [[], *([[command] for command in self.COMMANDS] if name == "tlsfp-census" else [])]:
                with self.subTest(name, words=words):
                    argv = [needs.setting(setting), *words, "--help"]
                    text = subprocess.run(argv, capture_output=True, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout
                    self.assertEqual([line for line in text.splitlines() if len(line) > 80], [])
                    self.assertTrue(text.isascii(), re.findall(rb"[^\n]*[^\0-\x7f][^\n]*", text))


class Servers(unittest.TestCase):
    """What the README has HAProxy and nginx do: 403 for a value on the list, and for no other."""

    JA4 = "t13d311000_e8f1e7e78f70_1f22a2ca17c4"

    def setUp(self):
        missing = [f"{name} (Debian package {package})" for name, package in SERVERS.items() if not shutil.which(name)]
        self.assertEqual(missing, [])
        self.text = (ROOT / "README.md").read_text()
        folder = tempfile.TemporaryDirectory(prefix="tlsfp-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "bad.txt").write_text(self.JA4 + "\n")
        for kind, name in ("haproxy", "bad.lst"), ("nginx-map", "bad.map"):
            words = ["export", "--to", kind, "--values", "bad.txt", "-o", name]
            subprocess.run([needs.setting("TLSFP_CENSUS"), *words], cwd=self.folder, check=True)

    def check(self, command, port):
        server = subprocess.Popen(command, cwd=self.folder)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        for ja4, status in (self.JA4, "403"), (self.JA4[:-1] + "5", "200"), ("", "200"):
            asked = ["curl", "-s", "--retry", "9", "--retry-connrefused", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"X-JA4: {ja4}"]
            done = subprocess.run([*asked, f"http://127.0.0.1:{port}/"], capture_output=True, text=True, timeout=TIMEOUT)
            self.assertEqual(done.stdout, status, (command[0], ja4))

    def test_haproxy(self):
        (rule,) = blocks_in(self.text, "haproxy")
        mode = "defaults\n mode http\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n"
        front = f"frontend one\n bind 127.0.0.1:8180\n {rule} http-request return status 200\n"
        (self.folder / "haproxy.cfg").write_text(mode + front)
        self.check(["haproxy", "-f", "haproxy.cfg"], 8180)

    def test_nginx(self):
        (rule,) = blocks_in(self.text, "nginx")
        here = self.folder
        serve = f"listen 127.0.0.1:8181; location / {{ return 200; }}"
        http = rule.replace("bad.map", str(here / "bad.map")).replace("server {", "server {" + serve)
        paths = "".join(f"{name}_temp_path {here}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        text = f"daemon off; pid {here}/pid; error_log stderr; events {{}} http {{ access_log off; {paths}\n{http} }}"
        (here / "nginx.conf").write_text(text)
        self.check(["/usr/sbin/nginx", "-p", here, "-e", "stderr", "-c", here / "nginx.conf"], 8181)


class Blocks(unittest.TestCase):
    """What the README cannot say wrongly without being noticed."""

    def test_blocks(self):
        text = "<!-- run by a/b -->\n```console\n$ one\n1\n$ two \\\n  three\n...\n```\n```console\n$ four\n```\n    stray\n"
        (first, second), stray = blocks_of(text)
        self.assertEqual((first.run_by, second.run_by, stray), ("a/b", None, [12]))
        self.assertEqual(first.commands, [("one", ["1"]), ("two \\\n  three", ["..."])])

    def test_fits(self):
        self.assertTrue(fits(["a", "...", "z"], ["a", "b", "c", "z"]))
        self.assertTrue(fits([], []))
        self.assertFalse(fits(["a"], []))
        self.assertFalse(fits([], ["a"]))
        self.assertFalse(fits(["a"], ["a", "b"]))


if __name__ == "__main__":
    on_a_network_apart("--map-current-user", "--keep-caps")
    unittest.main(verbosity=2)
