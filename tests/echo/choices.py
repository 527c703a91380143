#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a client may choose: groups, cipher suites and all else that costs the server work. The expensive ones are bounded."""

import subprocess
import time
import unittest

import wire
from running import PATIENCE, Running, needs
from wire import Client

needs.PACKAGES |= {"openssl": "openssl"}

CHEAP = "X25519", "P-256", "X448"
COSTLY = "P-384", "P-521"
FINITE = "ffdhe2048", "ffdhe3072", "ffdhe8192"
PER_SECOND = 20  # costly handshakes of a worker, by default

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
    """Where only costly groups are configured, no client is refused them."""

    OPTIONS = ("--groups", "P-384")

    def test_unbounded(self):
        for _ in range(PER_SECOND + 20):
            with Client(self.port) as client:
                client.shake_hands()


class Bounded(Choices):
    """Two in a second."""

    OPTIONS = ("--max-costly", 2)

    def shake_hands(self, group):
        settings = wire.context()
        settings.set_ecdh_curve(group)
        with Client(self.port, settings) as client:
            try:
                client.shake_hands()
            except wire.ssl.SSLError:
                return False
            return client.get("/ja4")[0] == 200

    def test_bound(self):
        """More are refused; X25519 is served meanwhile, and P-384 again a second later."""
        start = time.monotonic()
        n = sum(self.shake_hands("secp384r1") for _ in range(12))
        self.assertGreaterEqual(n, 2)
        self.assertLessEqual(n, 2 * (time.monotonic() - start + 1) + 1)
        self.assertTrue(self.shake_hands("prime256v1"))
        time.sleep(1)
        self.assertTrue(self.shake_hands("secp384r1"))


class NoneLeft(Choices):
    OPTIONS = ("--max-costly", 0)

    def test_others_remain(self):
        """A client that prefers P-521 but has X25519, too, is asked for X25519."""
        for version in "-tls1_2", "-tls1_3":
            said = ask(self.port, version, "-groups", "P-521:P-256")
            self.assertIn("Server Temp Key: ECDH, prime256v1", said)
        self.assertIn("Server Temp Key: X25519", ask(self.port, "-tls1_3", "-groups", "P-384:P-521:X25519"))

    def test_others_go(self):
        self.assertFalse(is_accepted(ask(self.port, "-tls1_3", "-groups", "P-521")))


if __name__ == "__main__":
    unittest.main()
