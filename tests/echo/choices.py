#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a client may choose: groups, cipher suites and all else that costs the server work. The dear ones are bounded."""

import contextlib
import subprocess
import threading
import time
import unittest

import wire
from running import PATIENCE, Running, needs
from wire import Client, Plain

needs.PACKAGES |= {"openssl": "openssl"}

CHEAP = "X25519", "P-256", "X448"
COSTLY = "P-384", "P-521"
FINITE = "ffdhe2048", "ffdhe3072", "ffdhe8192"
PER_SECOND = 20  # costly handshakes of a worker

TLS_1_2 = {
    "ECDHE-ECDSA-AES256-GCM-SHA384": True,
    "ECDHE-ECDSA-AES128-GCM-SHA256": True,
    "ECDHE-ECDSA-CHACHA20-POLY1305": True,
    "ECDHE-ECDSA-AES128-SHA": True,
    "ECDHE-ECDSA-AES128-CCM": False,
    "ECDHE-ECDSA-CAMELLIA128-SHA256": False,
    "ECDHE-ECDSA-ARIA128-GCM-SHA256": False,
    "DHE-RSA-AES128-GCM-SHA256": False,
    "DHE-PSK-AES128-GCM-SHA256": False,
    "AECDH-AES128-SHA": False,
    "ADH-AES128-SHA": False,
    "ECDHE-ECDSA-NULL-SHA": False,
}


def ask(port, *options):
    """What openssl's client says of one handshake."""
    argv = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    return (done.stdout + done.stderr).decode(errors="replace")


def is_accepted(said):
    return "Server certificate\n" in said and "alert" not in said


class Choices(unittest.TestCase):
    OPTIONS = ()

    @classmethod
    def setUpClass(cls):
        needs.programs("openssl")
        cls.server = Running(*cls.OPTIONS)
        cls.addClassCleanup(cls.server.end)
        cls.port = cls.server.port

    def check_groups(self, accepted, refused):
        for groups, expected in (accepted, True), (refused, False):
            for group in groups:
                with self.subTest(group):
                    said = ask(self.port, "-tls1_3", "-groups", group)
                    self.assertEqual(is_accepted(said), expected, said)


class Default(Choices):
    def test_groups(self):
        self.check_groups(CHEAP + COSTLY, FINITE)

    def test_ciphers_1_2(self):
        for cipher, expected in TLS_1_2.items():
            with self.subTest(cipher):
                said = ask(self.port, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
                self.assertEqual(is_accepted(said), expected, said)

    def test_ciphers_1_3(self):
        for cipher in "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256":
            with self.subTest(cipher):
                self.assertTrue(is_accepted(ask(self.port, "-tls1_3", "-ciphersuites", cipher)))
        self.assertFalse(is_accepted(ask(self.port, "-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256")))

    def test_nothing_else(self):
        """No compression, no client certificate asked for, no renegotiation, no early data, no session."""
        said = ask(self.port, "-tls1_2", "-comp")
        self.assertIn("Compression: NONE", said)
        self.assertIn("No client certificate CA names sent", said)
        self.assertRegex(said, r"New, TLSv1.2")
        self.assertNotIn("TLS session ticket:", said)
        said = ask(self.port, "-tls1_3")
        self.assertIn("Early data was not sent", said)
        self.assertNotIn("Acceptable client certificate", said)


class Finite(Choices):
    OPTIONS = ("--groups", "X25519:ffdhe2048")

    def test_groups(self):
        self.check_groups(("X25519", "ffdhe2048"), ("P-256", "ffdhe3072"))


class OnlyCostly(Choices):
    """Where the operator asks for nothing else, nobody has to be kept from them."""

    OPTIONS = ("--groups", "P-384")

    def test_unbounded(self):
        for _ in range(PER_SECOND + 20):
            with Client(self.port) as client:
                client.shake_hands()


class Bounded(Choices):
    def costly(self, name):
        settings = wire.context()
        settings.set_ecdh_curve(name)
        return settings

    def test_bound(self):
        """More P-384 than the bound are refused; others are served meanwhile, and P-384 again a second later."""
        settings, refused, start = self.costly("secp384r1"), 0, time.monotonic()
        n = 3 * PER_SECOND
        for _ in range(n):
            with Client(self.port, settings) as client:
                try:
                    client.shake_hands()
                except wire.ssl.SSLError:
                    refused += 1
        seconds = time.monotonic() - start
        self.assertGreaterEqual(n - refused, PER_SECOND)
        self.assertLessEqual(n - refused, PER_SECOND * (seconds + 1) + 1)
        with Client(self.port) as client:
            self.assertEqual(client.shake_hands().get("/ja4")[0], 200)
        time.sleep(1)
        with Client(self.port, settings) as client:
            self.assertEqual(client.shake_hands().get("/ja4")[0], 200)

    def test_others_remain(self):
        """A client that would like P-521 best but has X25519, too, is asked for that while others use the bound up."""
        flight, ended = wire.first_flight(self.costly("secp384r1")), threading.Event()

        def hammer():
            while not ended.is_set():
                with Plain(self.port) as client, contextlib.suppress(OSError):
                    client.send(flight)
                    client.socket.recv(1)

        hammers = [threading.Thread(target=hammer) for _ in range(2)]
        for thread in hammers:
            thread.start()
        try:
            give_up = time.monotonic() + PATIENCE
            while "Server Temp Key: X25519" not in ask(self.port, "-tls1_3", "-groups", "P-521:X25519"):
                self.assertLess(time.monotonic(), give_up)
        finally:
            ended.set()
            for thread in hammers:
                thread.join()


if __name__ == "__main__":
    unittest.main()
