#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Three tlsfp-echo behind HAProxy, as packaging/haproxy has it, on a network of its own: each client is shown its own
fingerprint and noted down under its own address and port, also while a server is killed under load and comes back.
"""

import collections
import json
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

from installing import InstallingTest, needs, on_a_network_apart

CONFIG = "packaging/haproxy/haproxy.cfg"
PORTS = {"one": 4431, "two": 4432, "three": 4433}
KILLED = "two"
SUITES = "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305 AES128-GCM-SHA256".split()
N_CLIENTS = 12
SECONDS = 3  # of load before the kill, without the server, and after its return
TRIES = 4
PATIENCE = 20

Answer = collections.namedtuple("Answer", "address port ja3 expected time")


class Client(threading.Thread):
    """Asks for its JA3 again and again, from an address and with cipher suites that no other client has."""

    def __init__(self, number):
        super().__init__(daemon=True)
        self.address = f"127.0.2.{number + 1}"
        self.context = ssl.create_default_context()
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        chosen = [suite for at, suite in enumerate(SUITES) if (number + 1) >> at & 1]
        self.context.set_ciphers(":".join(chosen))
        self.expected = None
        self.answers, self.retries, self.refused = [], [], []
        self.stopping = threading.Event()

    def ask(self, port=443):
        """(own port, the answer's body)"""
        with socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(self.address, 0)) as plain:
            own = plain.getsockname()[1]
            with self.context.wrap_socket(plain) as secure:
                secure.sendall(b"GET /ja3 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                data = b""
                while piece := secure.recv(4096):
                    data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 ") or not body:
            raise OSError("no whole answer")
        return own, body.decode()

    def run(self):
        while not self.stopping.is_set():
            for attempt in range(TRIES):
                try:
                    port, ja3 = self.ask()
                except OSError as error:
                    self.retries.append((time.monotonic(), attempt, error))
                    continue
                self.answers.append(Answer(self.address, port, ja3, self.expected, time.monotonic()))
                break
            else:
                self.refused.append(time.monotonic())


class BalancedTest(InstallingTest):
    summary = "no load"

    @classmethod
    def tearDownClass(cls):
        print(cls.summary)

    def start(self, argv, log):
        process = subprocess.Popen(argv, stdout=log, stderr=subprocess.STDOUT)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def start_server(self, name, *options, port=None):
        words = ["--port", str(port or PORTS[name]), "--log", "json", *options]
        with open(self.folder / f"{name}.log", "a") as log:
            process = self.start([needs.setting("TLSFP_ECHO"), *words], log)
        self.wait_for_port(port or PORTS[name])
        return process

    def wait_for_port(self, port):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                self.assertLess(time.monotonic(), deadline, f"nothing listens on port {port}")
                time.sleep(0.05)

    def handshakes(self, name):
        lines = (self.folder / f"{name}.log").read_text(errors="replace").splitlines()
        found = [json.loads(line) for line in lines if line.startswith('{"') and line.endswith("}")]
        return [line for line in found if line["event"] == "request"]

    def test_load(self):
        clients = [Client(number) for number in range(N_CLIENTS)]
        alone = self.start_server("alone", port=4400)
        for client in clients:
            client.expected = client.ask(4400)[1]
        alone.kill()
        self.assertEqual(len({client.expected for client in clients}), N_CLIENTS, "two clients look alike")

        behind = ["--host", "127.0.0.1", "--proxy-protocol"]
        servers = {name: self.start_server(name, *behind) for name in PORTS}
        with open(self.folder / "haproxy.log", "w") as log:
            self.start(["haproxy", "-db", "-f", needs.source() / CONFIG], log)
        self.wait_for_port(443)

        for client in clients:
            client.start()
        time.sleep(SECONDS)
        servers[KILLED].send_signal(signal.SIGKILL)
        killed = time.monotonic()
        time.sleep(SECONDS)
        before = len(self.handshakes(KILLED))
        self.start_server(KILLED, *behind)
        time.sleep(SECONDS)
        for client in clients:
            client.stopping.set()
        for client in clients:
            client.join(PATIENCE)
            self.assertFalse(client.is_alive())
        self.check(clients, killed, before)

    def check(self, clients, killed, before):
        answers = [answer for client in clients for answer in client.answers]
        retries = [retry for client in clients for retry in client.retries]
        type(self).summary = (
            f"{len(answers)} answers to {N_CLIENTS} clients, {len(retries)} tries again around the kill;"
            f" by server: {', '.join(f'{name} {len(self.handshakes(name))}' for name in PORTS)}"
        )
        self.assertGreater(len(answers), 20 * N_CLIENTS)
        self.assertEqual([answer for answer in answers if answer.ja3 != answer.expected], [], "another's fingerprint")
        self.assertEqual([client.refused for client in clients if client.refused], [], f"no answer in {TRIES} tries")
        late = [retry for retry in retries if not killed - 0.1 < retry[0] < killed + 2]
        self.assertEqual(late, [], "tries again at another time than that of the kill")

        noted = collections.defaultdict(list)
        for name in PORTS:
            lines = self.handshakes(name)
            self.assertGreater(len(lines), N_CLIENTS, f"{name} served next to nothing")
            for line in lines:
                noted[line["client_address"], line["client_port"]].append(line["ja3"])
        for answer in answers:  # a port may be used twice; always by the same client
            seen = set(noted[answer.address, answer.port])
            if not seen and killed - 1 < answer.time < killed + 0.1:
                continue  # its line was still waiting to be written when the server was killed
            self.assertEqual(seen, {answer.expected}, answer)
        own = {client.address: client.expected for client in clients}
        for (address, _), fingerprints in noted.items():
            self.assertEqual(set(fingerprints), {own[address]}, address)
        self.assertGreater(len(self.handshakes(KILLED)), before, f"{KILLED} was not given work again")


if __name__ == "__main__":
    on_a_network_apart()
    unittest.main()
