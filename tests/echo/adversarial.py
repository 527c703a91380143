#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Hostile handshakes: hellos in pieces, too long, contradicting themselves, twice; and what is no TLS at all."""

import contextlib
import random
import socket
import ssl
import subprocess
import time
import unittest

import wire
from hostile import Hostile
from running import PATIENCE, needs
from wire import PREFACE, Client, Plain, in_records, message_of, settings

needs.PACKAGES |= {"openssl": "openssl"}

V10, V11, V12 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2


def long_context(n_protocols):
    """Each protocol makes the hello 251 bytes longer."""
    return wire.context(["http/1.1", *(f"protocol-{number:0241}" for number in range(n_protocols))])


class Hellos(Hostile):
    def test_segments_of_one_byte(self):
        self.check_sent(lambda client, flight: client.send_segments(flight, 1, 0.0005))

    def test_small_records(self):
        for size in 1, 2:
            with self.subTest(size):
                self.check_sent(lambda client, flight: client.send(in_records(message_of(flight), size)))

    def test_small_records_in_small_segments(self):
        self.check_sent(lambda client, flight: client.send_segments(in_records(message_of(flight), 1), 3, 0.0002))

    def test_60_kilobytes(self):
        connection = self.check_sent(None, long_context(240))
        self.assertEqual(connection["alpn"], "http/1.1")

    def test_60_kilobytes_in_small_records(self):
        self.check_sent(lambda client, flight: client.send(in_records(message_of(flight), 100)), long_context(240))

    def test_more_than_the_limit(self):
        """64 KiB of messages at most: its extensions alone cannot be so long, its ciphers help."""
        body = b"\x03\x03" + bytes(32) + b"\0" + (40000).to_bytes(2, "big") + bytes(40000) + b"\x01\0"
        body += (30004).to_bytes(2, "big") + b"\xff\x77" + (30000).to_bytes(2, "big") + bytes(30000)
        self.check_refused(in_records(b"\x01" + len(body).to_bytes(3, "big") + body, 16384))

    def test_140_kilobytes(self):
        self.check_refused(in_records(b"\x01" + (140000).to_bytes(3, "big") + bytes(140000), 16384))

    def test_140_kilobytes_in_small_records(self):
        self.check_refused(in_records(b"\x01" + (140000).to_bytes(3, "big") + bytes(140000), 64))

    def test_handshake_length_ffffff(self):
        message = bytearray(message_of(wire.first_flight()))
        message[1:4] = b"\xff\xff\xff"
        self.check_refused(in_records(bytes(message), 16384))

    def test_record_versions(self):
        """Any record version is taken; the server says which it was."""
        for version in range(0x0300, 0x0305):
            with self.subTest(f"{version:04x}"):
                connection = self.check_sent(
                    lambda client, flight: client.send(in_records(message_of(flight), 16384, version))
                )
                self.assertEqual(connection["record_version"], f"{version:04x}")

    def test_other_major_versions(self):
        for version in 0x0000, 0x0200, 0x0403, 0xFEFD, 0xFFFF:
            with self.subTest(f"{version:04x}"):
                self.check_refused(in_records(message_of(wire.first_flight()), 16384, version))

    def test_empty_records(self):
        """A few are tolerated, although RFC 8446 5.1 forbids them."""
        self.check_refused(in_records(b"", 1) + b"\x16\x03\x01\0\0" * 64)

    def test_twice(self):
        flight = wire.first_flight()
        with Plain(self.port) as client:
            client.send(flight + flight)
            self.assertNotIn(b"HTTP", client.rest())

    def test_twice_in_one_record(self):
        message = message_of(wire.first_flight())
        with Plain(self.port) as client:
            client.send(in_records(message + message, 16384))
            client.rest()

    def test_twice_one_after_the_other(self):
        with Plain(self.port) as client:
            client.send(wire.first_flight())
            client.socket.recv(65536)
            with contextlib.suppress(ConnectionError):
                client.send(wire.first_flight())
            client.rest()

    def test_old_client(self):
        """TLS 1.0 only, and the server's minimum is 1.2."""
        with Client(self.port, wire.context(least=V10, most=V10)) as client, self.assertRaises(ssl.SSLError):
            client.shake_hands()

    def test_contradicting_hellos(self):
        """Each byte changed in turn: OpenSSL refuses most, and none does harm."""
        message = message_of(wire.first_flight())
        draw = random.Random(4)
        for _ in range(300):
            wrong = bytearray(message)
            wrong[draw.randrange(4, len(message))] ^= 1 << draw.randrange(8)
            with Plain(self.port) as client:
                client.send(in_records(bytes(wrong), 16384))
                client.socket.shutdown(socket.SHUT_WR)
                client.rest()


class Retry(Hostile):
    OPTIONS = ("--groups", "P-256")

    def test_hello_retry_request(self):
        """The first hello is what counts."""
        with Client(self.port) as client:
            client.shake_hands()
            self.assertIs(self.check_served(client)["retried"], True)

    def test_without(self):
        settings = wire.context()
        settings.set_ecdh_curve("prime256v1")
        with Client(self.port, settings) as client:
            client.shake_hands()
            self.assertIs(self.check_served(client)["retried"], False)

    def test_small_records(self):
        connection = self.check_sent(lambda client, flight: client.send(in_records(message_of(flight), 1)))
        self.assertIs(connection["retried"], True)

    def test_close_after_the_request(self):
        for leave in Plain.close, Plain.reset:
            client = Plain(self.port)
            client.send(wire.first_flight())
            client.socket.recv(65536)
            leave(client)

    def test_a_wrong_second_hello(self):
        """The same again, where another key share was asked for."""
        flight = wire.first_flight()
        with Plain(self.port) as client:
            client.send(flight)
            client.socket.recv(65536)
            client.send(flight)
            client.rest()


class OldVersions(Hostile):
    OPTIONS = ("--tls-min", "1.0")

    def test_every_version(self):
        for version, name in (V10, "TLSv1"), (V11, "TLSv1.1"), (V12, "TLSv1.2"):
            with self.subTest(name), Client(self.port, wire.context(least=version, most=version)) as client:
                client.shake_hands()
                self.assertEqual(self.check_served(client)["version"], name)

    def test_renegotiation(self):
        """Only the renegotiation is refused; the connection goes on."""
        needs.programs("openssl")
        for option in "-tls1", "-tls1_2":
            with self.subTest(option):
                argv = ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", option]
                argv += ["-cipher", "DEFAULT:@SECLEVEL=0"]
                with subprocess.Popen(
                    argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
                ) as client:
                    client.stdin.write(b"R\n")
                    client.stdin.flush()
                    time.sleep(0.5)  # the line must come alone
                    out, _ = client.communicate(timeout=PATIENCE)
                self.assertIn(b"RENEGOTIATING", out)
                self.assertIn(b"no renegotiation", out)


class NotTls(Hostile):
    def test_plain_http(self):
        with Plain(self.port) as client:
            client.send(f"GET /tls HTTP/1.1\r\nHost: localhost:{self.port}\r\n\r\n".encode())
            said = client.rest()
        self.assertTrue(said.startswith(b"HTTP/1.1 400 "), said)
        self.assertIn(f"https://localhost:{self.port}/tls".encode(), said)

    def test_plain_http_that_never_ends(self):
        with Plain(self.port) as client:
            with contextlib.suppress(ConnectionError):
                client.send(b"GET / HTTP/1.1\r\nX: " + b"x" * 1000000)
            client.rest()

    def test_plain_http2(self):
        with Plain(self.port) as client:
            client.send(PREFACE + settings())
            client.rest()

    def test_garbage(self):
        """Closed, whatever it begins with."""
        draw = random.Random(4)
        for first in range(256):
            if first == wire.HANDSHAKE or chr(first).isupper():
                continue
            with self.subTest(first):
                self.check_refused(bytes([first]) + draw.randbytes(200))

    def test_garbage_in_handshake_records(self):
        draw = random.Random(5)
        for _ in range(100):
            self.check_refused(in_records(draw.randbytes(draw.randrange(1, 300)), 16384), shut=True)

    def test_garbage_after_a_record_header(self):
        draw = random.Random(6)
        for _ in range(100):
            self.check_refused(b"\x16\x03" + draw.randbytes(300), shut=True)

    def test_ssl_2(self):
        self.check_refused(b"\x80\x2e\x01\0\x02\0\x15\0\0\0\x10" + bytes(37))

    def test_alerts(self):
        for data in b"\x15\x03\x01\0\x02\x02\x28", b"\x14\x03\x01\0\x01\x01", b"\x17\x03\x03\0\x05hello":
            with self.subTest(data):
                self.check_refused(data)


if __name__ == "__main__":
    unittest.main()
