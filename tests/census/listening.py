#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp-census add -i: what an interface sees is in the census within its ten seconds, also where no packet follows."""

import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import unittest

from census_test import CensusTest

INSIDE = "TLSFP_NETWORK_APART"
PATIENCE = 60


def on_a_network_apart():
    """Starts this program anew in a network namespace with nothing but its own loopback."""
    if INSIDE not in os.environ:
        user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
        program = ["sh", "-c", 'ip link set lo up; exec "$0" "$@"', sys.executable, *sys.argv]
        os.execvpe("unshare", ["unshare", "--net", *user, *program], {**os.environ, INSIDE: "1"})


def greet(name):
    """A client's hello to a server that says nothing."""
    context = ssl.create_default_context()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def ask():
            with socket.create_connection(listener.getsockname()[:2]) as plain:
                try:
                    context.wrap_socket(plain, server_hostname=name)
                except OSError:
                    pass
        client = threading.Thread(target=ask)
        client.start()
        connection, _ = listener.accept()
        connection.recv(65536)
        connection.close()
        client.join()


class Listening(CensusTest):
    def start(self, *words):
        child = subprocess.Popen([self.program, "add", self.db, "-i", "lo", *words], stderr=subprocess.PIPE, text=True)
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.terminate)
        return child

    def servers(self):
        try:
            return [] if not self.db.exists() else [name for name, in self.sql("SELECT name FROM server WHERE id > 0")]
        except sqlite3.OperationalError:  # its tables are being made
            return []

    def greet_until_heard(self, name):
        """The first packets may come before it listens."""
        end = time.monotonic() + PATIENCE
        while not self.servers():
            self.assertLess(time.monotonic(), end)
            greet(name)
            time.sleep(1)

    def test_idle(self):
        child = self.start()
        self.greet_until_heard("first.example")
        time.sleep(0.5)  # whatever the first ones left is written by now or with the next
        greet("last.example")
        end = time.monotonic() + PATIENCE
        while "last.example" not in self.servers():  # no packet follows
            self.assertLess(time.monotonic(), end)
            time.sleep(0.2)
        self.assertIsNone(child.poll())

    def test_end(self):
        """What waits is written at the end, each hello once."""
        child = self.start()
        self.greet_until_heard("first.example")
        for _ in range(3):
            greet("counted.example")
        time.sleep(1)  # the kernel hands packets out after a moment
        child.send_signal(signal.SIGTERM)
        self.assertEqual(child.wait(timeout=PATIENCE), 0, child.stderr.read())
        self.assertEqual(self.sql("SELECT sum(n) FROM sightings WHERE server = 'counted.example'"), [(3,)])
        self.assertEqual(self.sql("SELECT DISTINCT address FROM sightings"), [("127.0.0.1",)])


if __name__ == "__main__":
    on_a_network_apart()
    unittest.main()
