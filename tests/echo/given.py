#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp-echo in other programs' hands: Unix sockets, sockets that it is given, and what it tells the service manager."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import http3
from asking import curl
from running import PATIENCE, needs, program


def setUpModule():
    needs.programs("curl")


class GivenTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.errors = self.folder / "errors"

    def start(self, *options, **how):
        process = subprocess.Popen([program(), *map(str, options)], stdout=subprocess.DEVNULL,
                                   stderr=open(self.errors, "w"), **how)  # fmt: skip
        self.addCleanup(self.stop, process)
        return process

    def stop(self, process):
        """Stops it; fails where it does not end as it should."""
        if process.poll() is None:
            process.terminate()
        try:
            self.assertEqual(process.wait(PATIENCE), 0, self.errors.read_text())
        finally:
            process.kill()
        self.assertNotIn("Sanitizer", self.errors.read_text())

    def wait_for(self, look):
        give_up = time.monotonic() + PATIENCE
        while not (found := look()):
            self.assertLess(time.monotonic(), give_up, self.errors.read_text())
            time.sleep(0.01)
        return found

    def listening(self, kind=socket.SOCK_STREAM, port=0):
        made = socket.socket(socket.AF_INET, kind)
        self.addCleanup(made.close)
        made.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            made.listen()
        return made

    def start_with(self, *sockets, options=()):
        """As systemd starts it: sd_listen_fds(3)."""

        def pass_on():
            for place, one in enumerate(fds):
                os.dup2(one, 100 + place)
            for place in range(len(fds)):
                os.dup2(100 + place, 3 + place)
            os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"] = str(os.getpid()), str(len(fds))

        fds = [one.fileno() for one in sockets]
        return self.start(*options, preexec_fn=pass_on, close_fds=False)


class Unix(GivenTest):
    def ask(self, path, target):
        command = ["curl", "-sSk", "--max-time", str(PATIENCE), "--unix-socket", path, f"https://localhost{target}"]
        return subprocess.run(command, capture_output=True, check=True).stdout

    def test_json(self):
        """JSON at "/" too; the client has no address, and TCP says nothing of it. Two workers share the socket."""
        path = self.folder / "echo"
        server = self.start("--json-only", "--unix", path, "--workers", 2)
        self.wait_for(path.exists)
        for _ in range(8):
            told = json.loads(self.ask(path, "/"))
        connection = told["tls"]["connection"]
        self.assertEqual((connection["client_address"], connection["client_port"], told["tcp"]), (None, 0, None))
        self.assertIn(f"curl -sk --unix-socket {path} https://localhost/tls", self.errors.read_text())
        self.stop(server)
        self.assertFalse(path.exists())

    def test_paths(self):
        """One that a server left behind is taken; one in use, and what is no socket, stay."""
        path = self.folder / "echo"
        with socket.socket(socket.AF_UNIX) as old:
            old.bind(str(path))
        first = self.start("--unix", path)
        self.wait_for(lambda: str(path) in self.errors.read_text())
        self.assertTrue(self.ask(path, "/ja4").startswith(b"t13"))
        other = self.folder / "file"
        other.write_text("precious")
        for taken in path, other:
            done = subprocess.run([program(), "--unix", taken], capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual((done.returncode, done.stderr), (2, f"tlsfp-echo: {taken}: Address already in use\n"))
        self.assertEqual(other.read_text(), "precious")
        self.assertTrue(self.ask(path, "/ja4").startswith(b"t13"))
        self.stop(first)


class Activated(GivenTest):
    def test_tcp(self):
        """It serves the socket that it is given, what is known of the SYN included."""
        made = self.listening()
        self.start_with(made, options=["--workers", "2"])
        self.wait_for(lambda: "https://" in self.errors.read_text())  # a client that came before it has no SYN
        told = json.loads(curl(made.getsockname()[1], "/all", "--http2", host="127.0.0.1").body)
        self.assertEqual(told["tcp"]["ttl"], 64)

    def test_udp(self):
        """With one of UDP beside it there is HTTP/3."""
        if not http3.is_built():
            self.skipTest("built without HTTP/3")
        needs.programs("gtlsclient")
        streams = self.listening()
        port = streams.getsockname()[1]
        self.start_with(streams, self.listening(socket.SOCK_DGRAM, port), options=["--workers", "2"])
        for _ in range(4):
            self.assertEqual(http3.Asked(port, "/all").json()["http"]["version"], "HTTP/3")
        self.assertIn("alt-svc", curl(port, "/", "--http1.1", host="127.0.0.1").fields)

    def test_inetd(self):
        made = self.listening()
        self.start("--inetd", stdin=made)
        self.assertEqual(curl(made.getsockname()[1], "/ja4", "--http1.1", host="127.0.0.1").status, 200)

    def test_no_socket(self):
        command = [program(), "--inetd"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stderr),
                         (2, "tlsfp-echo: descriptor 0: this is no socket that listens\n"))  # fmt: skip

    def test_of_another_process(self):
        """$LISTEN_PID names another process: the sockets are not for this one."""
        server = self.start("--port", "0", env={**os.environ, "LISTEN_PID": "1", "LISTEN_FDS": "1"})
        self.wait_for(lambda: "https://localhost:" in self.errors.read_text())
        self.stop(server)


class Notified(GivenTest):
    def test_states(self):
        for name in str(self.folder / "notify"), f"\0tlsfp-test-{os.getpid()}":
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(name)
                manager.settimeout(PATIENCE)
                server = self.start("--port", "0", env={**os.environ, "NOTIFY_SOCKET": name.replace("\0", "@")})
                self.assertEqual(manager.recv(100), b"READY=1")
                server.send_signal(signal.SIGHUP)
                self.assertRegex(manager.recv(100), rb"^RELOADING=1\nMONOTONIC_USEC=\d+$")
                self.assertEqual(manager.recv(100), b"READY=1")
                self.stop(server)
                self.assertEqual(manager.recv(100), b"STOPPING=1")


if __name__ == "__main__":
    unittest.main()
