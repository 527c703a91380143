#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp on an interface: the loopback one, on which clients connect to a port of this test's own.

Wants the right to capture; what changes the user (-Z) wants root.
"""

import contextlib
import json
import os
import pathlib
import pwd
import re
import select
import signal
import socket
import ssl
import subprocess
import time
import unittest

from builders import frames_of, opened
from search_test import FOUND, NONE, TROUBLE, UNPRIVILEGED, SearchTest, needs

PATIENCE = 60  # seconds until something that never comes is given up
SUMMARY = re.compile(r"tlsfp: listening on [^\n]+\ntlsfp: stopped: (\d+) packets, (\d+) hellos(, \d+ of them fit)?, \d+ packets dropped by the kernel\n")
ENOUGH = 40  # packets: more than three connections have, so that one of them is seen from its start

# Runs the program, sends frames on both interfaces, and ends it once it has printed two lines.
TWO_INTERFACES = """
import signal, socket, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
said = process.stderr.readline()
for name in "lo", "other":
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender, open(f"{name}.frames", "rb") as file:
        sender.bind((name, 0))
        while size := file.read(4):
            sender.send(file.read(int.from_bytes(size, "big")))
lines = [process.stdout.readline() for _ in range(2)]
process.send_signal(signal.SIGINT)
rest, more = process.communicate(timeout=60)
sys.stdout.buffer.write(b"".join(lines) + rest)
sys.stderr.buffer.write(said + more)
sys.exit(process.returncode)
"""


def client_hello(name):
    """What this Python's TLS library sends first, as a record."""
    outgoing = ssl.MemoryBIO()
    connection = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        connection.do_handshake()
    return outgoing.read()


class Server:
    """A port that takes connections and says nothing."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def greet(self, name):
        """A client connects, sends a hello and leaves; returns its port."""
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall(client_hello(name))
            with self.socket.accept()[0] as accepted:
                accepted.recv(65536)
            return client.getsockname()[1]


class LiveTest(SearchTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
        except PermissionError as reason:
            raise AssertionError("these tests listen on lo: run them as root, or with cap_net_raw") from reason
        cls.server = Server()
        cls.addClassCleanup(cls.server.socket.close)

    @contextlib.contextmanager
    def listening(self, *words, interface="lo", only_port=True):
        """tlsfp on the loopback interface; it has not begun to listen yet."""
        argv = [self.program, "-i", interface, *map(str, words)]
        if only_port:
            argv += ["-f", f"tcp port {self.server.port}"]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(argv, bufsize=0, cwd=self.folder, **pipes) as process:
            try:
                yield process
            finally:
                process.kill()

    def greet_until(self, done, process, name="client"):
        """Clients connect until done() or the end of the process."""
        give_up = time.monotonic() + PATIENCE
        number = 0
        while not done() and process.poll() is None:
            self.assertLess(time.monotonic(), give_up, f"nothing came for {PATIENCE} seconds")
            number += 1
            self.server.greet(f"{name}-{number}.example")

    def line(self, process):
        """The next line of standard output."""
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        self.assertTrue(ready, f"no line came for {PATIENCE} seconds")
        return process.stdout.readline().decode().rstrip("\n")

    def first_line(self, process):
        """Makes clients connect until tlsfp has seen one; returns what it prints of that one."""
        self.greet_until(lambda: select.select([process.stdout], [], [], 0.1)[0], process)
        line = self.line(process)
        if not line:  # it has ended
            self.fail(process.stderr.read().decode())
        return line

    def lines_until(self, process, last):
        lines = [self.line(process)]
        while lines[-1] != last:
            self.assertNotEqual(lines[-1], "", f"tlsfp ended before {last}: {lines}")
            lines.append(self.line(process))
        return lines

    def end(self, process, number=signal.SIGINT):
        """Its lines, and (packets, hellos) of its summary, after a signal."""
        process.send_signal(number)
        out, said = process.communicate(timeout=PATIENCE)
        return out.decode().splitlines(), self.counted(said)

    def counted(self, said):
        summary = SUMMARY.fullmatch(said.decode())
        self.assertIsNotNone(summary, said)
        return int(summary[1]), int(summary[2])


class Listen(LiveTest):
    def test_each_line_comes_at_once(self):
        """Through a pipe, while tlsfp goes on."""
        with self.listening("-e", "sni") as process:
            self.first_line(process)
            for number in range(3):
                self.server.greet(f"next-{number}.example")
                self.lines_until(process, f"next-{number}.example")
            self.assertIsNone(process.poll())

    def test_threads(self):
        """With -j the kernel deals connections out: lines come as soon, each once."""
        with self.listening("-j", "3", "-e", "sni") as process:
            self.first_line(process)
            for number in range(3):
                self.server.greet(f"next-{number}.example")
                self.lines_until(process, f"next-{number}.example")
            names = [f"many-{number:02}.example" for number in range(20)]
            for name in names:
                self.server.greet(name)
            self.assertEqual(sorted(self.line(process) for _ in names), names)
            rest, _ = self.end(process)
            self.assertEqual(rest, [])

    def test_the_same_as_from_a_capture(self):
        path = self.write(frames_of(opened(client_hello("any.example"))))
        for words in [], ["-e", "tlsfp.ja3_r"], ["-e", "tlsfp.ja4_r", "-e", "alpn", "-e", "transport"]:
            with self.subTest(words), self.listening(*words) as process:
                self.assertEqual(self.first_line(process) + "\n", self.search(*words, path))

    def test_addresses_and_name(self):
        """The interface stands where the file would."""
        fields = "file", "sni", "ip.src", "srcport", "ip.dst", "dstport"
        with self.listening(*(word for field in fields for word in ("-e", field))) as process:
            self.first_line(process)
            port = self.server.greet("last.example")
            expected = ["lo", "last.example", "127.0.0.1", str(port), "127.0.0.1", str(self.server.port)]
            self.lines_until(process, "\t".join(expected))

    def test_time(self):
        before = time.time()
        with self.listening("-e", "frame.time_epoch") as process:
            line = self.first_line(process)
        self.assertRegex(line, r"^\d+\.\d{9}$")
        self.assertTrue(before - 1 <= float(line) <= time.time() + 1, line)

    def test_without_a_filter(self):
        """Whatever else there is on the interface."""
        with self.listening("--sni", "client-*.example", only_port=False) as process:
            self.assertRegex(self.first_line(process), r"^t1[23]d\d{4}")

    def test_filter(self):
        other = Server()
        self.addCleanup(other.socket.close)
        with self.listening("-e", "sni") as process:
            self.first_line(process)
            other.greet("other.example")
            self.server.greet("last.example")
            self.assertNotIn("other.example", self.lines_until(process, "last.example"))

    def test_several(self):
        """Each line names its interface, as a field and in JSON; one of them alone would miss the other's."""
        needs.programs("ip", "unshare")
        for number, name in enumerate(("lo", "other")):
            frames = frames_of(opened(client_hello(f"{name}.example"), client_port=50000 + number))
            (self.folder / f"{name}.frames").write_bytes(b"".join(len(f).to_bytes(4, "big") + f for f in frames))
        for words in ["-e", "interface", "-e", "file", "-e", "sni"], ["--json"]:
            with self.subTest(words):
                script = "ip link set lo up && ip link add other type veth peer name peer && ip link set peer up && " \
                    "ip link set other up && exec \"$@\""
                argv = ["unshare", "-n", "sh", "-c", script, "sh", "/usr/bin/python3", "-c", TWO_INTERFACES,
                        self.program, "-i", "lo", "-i", "other", *words]
                done = subprocess.run(argv, capture_output=True, cwd=self.folder, timeout=PATIENCE)
                self.assertEqual(done.returncode, 0, done.stderr.decode())
                lines = done.stdout.decode().splitlines()
                if words == ["--json"]:
                    objects = map(json.loads, lines)
                    lines = ["\t".join((o["interface"], o["file"], o["sni"])) for o in objects]
                self.assertEqual(sorted(lines), ["lo\tlo\tlo.example", "other\tother\tother.example"])
                self.assertIn("listening on lo, other\n", done.stderr.decode())

    def test_any(self):
        """All interfaces at a time: another link type."""
        with self.listening("-e", "sni", interface="any") as process:
            self.assertRegex(self.first_line(process), r"^client-\d+\.example$")


class End(LiveTest):
    def test_signals(self):
        """Ctrl-C, and what ends a service: a clean end, with a summary."""
        for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            with self.subTest(number), self.listening("-e", "sni") as process:
                first = self.first_line(process)
                lines, (packets, hellos) = self.end(process, number)
                self.assertEqual(process.returncode, FOUND)
                self.assertEqual(hellos, len([first, *lines]))
                self.assertGreaterEqual(packets, hellos)

    def run_to_end(self, *words):
        with self.listening("-c", ENOUGH, *words) as process:
            self.greet_until(lambda: False, process)
            out, said = process.communicate(timeout=PATIENCE)
        return process.returncode, out.decode(), said

    def test_number_of_packets(self):
        status, out, said = self.run_to_end("-e", "sni")
        self.assertEqual((status, self.counted(said)), (FOUND, (ENOUGH, out.count("\n"))))
        self.assertGreater(out.count("\n"), 1)

    def test_nothing_that_fits(self):
        status, out, said = self.run_to_end("--sni", "nobody.example")
        self.assertEqual((status, out), (NONE, ""))
        self.assertEqual(self.counted(said)[0], ENOUGH)
        self.assertIn(b"0 of them fit", said)

    def test_quiet(self):
        status, _, said = self.run_to_end("--quiet")
        self.assertEqual((status, said), (FOUND, b""))

    def test_count(self):
        status, out, said = self.run_to_end("--count", "-e", "transport")
        self.assertEqual((status, out), (FOUND, f"{self.counted(said)[1]:7} tls\n"))

    def test_a_reader_that_leaves(self):
        """The line that the reader does not take is the last one."""
        with self.listening() as process:
            self.first_line(process)
            process.stdout.close()
            self.greet_until(lambda: False, process)
            self.assertEqual(process.wait(timeout=PATIENCE), -signal.SIGPIPE)


class Write(LiveTest):
    def test_write(self):
        """A connection from its first packet on, for tshark."""
        needs.programs("tshark")
        out = self.folder / "live.pcapng"
        with self.listening("-w", out, "-e", "sni") as process:
            self.first_line(process)
            port = self.server.greet("last.example")
            self.lines_until(process, "last.example")
            self.end(process)
        self.assertEqual(self.rows(out, "sni", "srcport")[-1], ("last.example", str(port)))
        argv = ["tshark", "-n", "-r", out, "-Y", f"tcp.port == {port}", "-T", "fields", "-e", "tcp.flags.str"]
        flags = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertEqual([text.strip("\u00b7") for text in flags[:4]], ["S", "A\u00b7\u00b7S", "A", "AP"])

    def test_hang_up_writes(self):
        """A terminal that closes loses no packets."""
        out = self.folder / "hang-up.pcapng"
        with self.listening("-w", out, "-e", "sni") as process:
            self.first_line(process)
            self.server.greet("last.example")
            self.lines_until(process, "last.example")
            self.end(process, signal.SIGHUP)
        self.assertEqual(self.rows(out, "sni")[-1], ("last.example",))

    def test_ignored_hang_up(self):
        """As under nohup: it goes on."""
        old = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            with self.listening("-e", "sni") as process:
                self.first_line(process)
                process.send_signal(signal.SIGHUP)
                self.server.greet("last.example")
                self.lines_until(process, "last.example")
                self.end(process)
        finally:
            signal.signal(signal.SIGHUP, old)

    def test_packets_come_at_once(self):
        """With --line-buffered, the file holds the hello's packets while the program listens on."""
        out = self.folder / "at-once.pcapng"
        with self.listening("-w", out, "--line-buffered", "-e", "sni") as process:
            self.first_line(process)
            self.server.greet("now.example")
            self.lines_until(process, "now.example")
            give_up = time.monotonic() + PATIENCE
            while b"now.example" not in out.read_bytes() and time.monotonic() < give_up:
                time.sleep(0.01)
            self.assertEqual(self.rows(out, "sni", status=None)[-1], ("now.example",))
            self.end(process)


class User(LiveTest):
    """-Z"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if os.getuid() != 0:
            raise AssertionError("only root can become another user: run this test as root")
        cls.user = pwd.getpwnam(UNPRIVILEGED)

    def rights(self, process):
        lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
        values = {name: words.split() for name, words in (line.split(":", 1) for line in lines)}
        return {name: values[name] for name in values if name in ("Uid", "Gid", "Groups") or name.startswith("Cap")}

    def test_rights(self):
        """None are left, by the kernel's word, and packets come all the same."""
        with self.listening("-Z", UNPRIVILEGED, "-e", "sni") as process:
            self.first_line(process)
            rights = self.rights(process)
            self.server.greet("last.example")
            self.lines_until(process, "last.example")
            self.end(process)
        self.assertEqual(process.returncode, FOUND)
        self.assertEqual(rights["Uid"], [str(self.user.pw_uid)] * 4)
        self.assertEqual(rights["Gid"], [str(self.user.pw_gid)] * 4)
        self.assertEqual(set(map(int, rights["Groups"])), set(os.getgrouplist(UNPRIVILEGED, self.user.pw_gid)))
        for name in "CapInh", "CapPrm", "CapEff", "CapAmb":
            self.assertEqual(int(rights[name][0], 16), 0, name)

    def test_rights_without(self):
        """What the test above would see if nothing was given up."""
        with self.listening() as process:
            self.first_line(process)
            rights = self.rights(process)
        self.assertEqual(rights["Uid"], ["0"] * 4)
        self.assertNotEqual(int(rights["CapEff"][0], 16), 0)

    def test_file(self):
        """What is written is that user's."""
        folder = self.folder / "theirs"
        folder.mkdir()
        os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        out = folder / "live.pcapng"
        with self.listening("-Z", UNPRIVILEGED, "-w", out, "-e", "sni") as process:
            first = self.first_line(process)
            self.end(process)
        self.assertEqual(out.stat().st_uid, self.user.pw_uid)
        self.assertEqual(self.rows(out, "sni")[0], (first,))

    def test_a_file_that_only_root_may_write(self):
        out = self.folder / "live.pcapng"
        done = self.run_search("-i", "lo", "-Z", UNPRIVILEGED, "-w", out)
        self.assertEqual((done.returncode, done.stdout, out.exists()), (TROUBLE, b"", False))
        self.assertRegex(done.stderr.decode(), rf"^tlsfp: {out}: Permission denied\n$")

    def test_no_such_user(self):
        done = self.run_search("-i", "lo", "-Z", "no-such-user")
        self.assertEqual((done.returncode, done.stdout), (TROUBLE, b""))
        self.assertRegex(done.stderr.decode(), r"^tlsfp: -Z: .*no-such-user\n$")


class Trouble(LiveTest):
    def check_trouble(self, done, pattern):
        self.assertEqual((done.returncode, done.stdout), (TROUBLE, b""))
        self.assertRegex(done.stderr.decode(), rf"^tlsfp: {pattern}\n$")

    def test_no_such_interface(self):
        self.check_trouble(self.run_search("-i", "no-such-if"), "no-such-if: .*ip link.*")

    def test_wrong_filter(self):
        for text in "tcp prot 443", "tcp port", "host 300.0.0.1":
            with self.subTest(text):
                self.check_trouble(self.run_search("-i", "lo", "-f", text), "-f: .+")

    def test_no_permission(self):
        self.check_trouble(self.run_unprivileged("-i", "lo"), "lo: .*root.*cap_net_raw.*")


if __name__ == "__main__":
    unittest.main()
