#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The files of --cert and --key: what is said of each that is wrong, and SIGHUP, which reads them again."""

import os
import pathlib
import signal
import ssl
import subprocess
import tempfile
import time
import unittest

import wire
from running import PATIENCE, Running, needs, program
from wire import Client

needs.PACKAGES |= {"openssl": "openssl"}

EC = "ec", "-pkeyopt", "ec_paramgen_curve:P-256"
RSA = ("rsa:2048",)


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Files(unittest.TestCase):
    def setUp(self):
        needs.programs("openssl")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def make(self, stem, *key, name="localhost"):
        cert, private = self.folder / f"{stem}.pem", self.folder / f"{stem}.key"
        openssl("req", "-x509", "-newkey", *key, "-nodes", "-days", 2, "-subj", f"/CN={name}", "-out", cert, "-keyout", private)
        return cert, private

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path


class Wrong(Files):
    def check(self, said, *options, user=None):
        command = [program(), "--port", "0", *map(str, options)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, user=user)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, f"tlsfp-echo: {said}\n")

    def test_no_file(self):
        cert, _ = self.make("a", *EC)
        self.check("--cert: /nowhere: No such file or directory", "--cert", "/nowhere")
        self.check("--key: /nowhere: No such file or directory", "--cert", cert, "--key", "/nowhere")
        self.check(f"--cert: {self.folder}: Is a directory", "--cert", self.folder)

    def test_no_permission(self):
        if os.getuid() != 0:
            self.skipTest("only root can make a file that another user cannot read")
        cert, key = self.make("a", *EC)
        self.folder.chmod(0o755)
        cert.chmod(0o644)
        key.chmod(0o600)
        self.check(f"--key: {key}: Permission denied", "--cert", cert, "--key", key, user="nobody")

    def test_no_key_in_it(self):
        cert, _ = self.make("a", *EC)
        self.check(
            f"--cert: {cert}: there is no private key in it; name the file with the key by --key", "--cert", cert
        )
        self.check(f"--key: {cert}: there is no private key in it", "--cert", cert, "--key", cert)

    def test_no_certificate_in_it(self):
        _, key = self.make("a", *EC)
        self.check(f"--cert: {key}: there is no certificate in it", "--cert", key)

    def test_key_of_another_certificate(self):
        cert, _ = self.make("a", *EC)
        for kind in EC, RSA:
            _, key = self.make("b", *kind)
            said = f"--key: {key}: the private key does not belong to the certificate in {cert}"
            self.check(said, "--cert", cert, "--key", key)

    def test_encrypted_key(self):
        cert, key = self.make("a", *EC)
        for words in ["pkey"], ["ec"]:
            locked = self.folder / "locked.key"
            openssl(*words, "-in", key, "-aes128", "-passout", "pass:secret", "-out", locked)
            said = f"--key: {locked}: the private key is encrypted; 'openssl pkey -in FILE -out NEW' writes it without a passphrase"
            self.check(said, "--cert", cert, "--key", locked)

    def test_other_formats(self):
        cert, key = self.make("a", *EC)
        der, bundle = self.folder / "a.der", self.folder / "a.p12"
        openssl("x509", "-in", cert, "-outform", "der", "-out", der)
        openssl("pkcs12", "-export", "-in", cert, "-inkey", key, "-passout", "pass:", "-out", bundle)
        for file in der, bundle, self.write("empty", b""), self.write("text", b"hello\n"):
            command = [program(), "--port", "0", "--cert", file]
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, 2)
            self.assertTrue(done.stderr.startswith(f"tlsfp-echo: --cert: {file}: this is no PEM file, "), done.stderr)

    def test_damaged(self):
        cert, key = self.make("a", *EC)
        text = cert.read_bytes()
        damaged = self.write("damaged.pem", text[:100] + b"!!" + text[102:])
        done = subprocess.run([program(), "--cert", damaged, "--key", key], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertTrue(
            done.stderr.startswith(f"tlsfp-echo: --cert: {damaged}: OpenSSL does not take the certificate: "), done.stderr
        )


class Reload(Files):
    """SIGHUP."""

    def name(self, port):
        """The common name in the certificate that a new connection is shown."""
        text = ssl.get_server_certificate(("127.0.0.1", port))
        done = subprocess.run(
            ["openssl", "x509", "-noout", "-subject"], input=text, capture_output=True, text=True, check=True
        )
        return done.stdout.strip().rpartition(" ")[2]

    def hang_up(self, server, said):
        server.process.send_signal(signal.SIGHUP)
        give_up = time.monotonic() + PATIENCE
        while said not in server.said():
            self.assertLess(time.monotonic(), give_up, server.said())
            time.sleep(0.02)

    def test_new_certificate(self):
        cert, key = self.make("a", *EC, name="first")
        with Running("--cert", cert, "--key", key, "--workers", 2) as server:
            with Client(server.port) as client:
                client.shake_hands()
                self.assertEqual(self.name(server.port), "first")
                self.make("a", *RSA, name="second")
                self.hang_up(server, f"{cert}: read again")
                self.assertEqual(self.name(server.port), "second")
                self.assertEqual(client.get("/ja4")[0], 200)  # the old connection goes on

    def test_wrong_certificate(self):
        cert, key = self.make("a", *EC, name="first")
        with Running("--cert", cert, "--key", key) as server:
            cert.write_bytes(b"hello")
            self.hang_up(server, "the certificate read before stays")
            self.assertEqual(self.name(server.port), "first")
            key.unlink()
            self.make("a", *EC, name="third")
            self.hang_up(server, "read again")
            self.assertEqual(self.name(server.port), "third")

    def test_made_certificate(self):
        with Running() as server:
            before = ssl.get_server_certificate(("127.0.0.1", server.port))
            server.process.send_signal(signal.SIGHUP)
            time.sleep(0.2)
            self.assertEqual(ssl.get_server_certificate(("127.0.0.1", server.port)), before)

    def test_tickets(self):
        """Sessions from before are still resumed."""
        cert, key = self.make("a", *EC)
        settings = wire.context(most=ssl.TLSVersion.TLSv1_2)
        with Running("--cert", cert, "--key", key, "--tickets") as server:
            with Client(server.port, settings) as first:
                first.shake_hands()
                session = first.tls.session
            self.hang_up(server, "read again")
            with Client(server.port, settings) as second:
                second.tls = settings.wrap_bio(
                    second.incoming, second.outgoing, server_hostname="localhost", session=session
                )
                second.shake_hands()
                self.assertTrue(second.tls.session_reused)


if __name__ == "__main__":
    unittest.main()
