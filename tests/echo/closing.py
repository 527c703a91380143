#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""How connections end: soon after a fatal error or a close_notify, with the answer or the alert before the FIN."""

import contextlib
import pathlib
import socket
import ssl
import struct
import subprocess
import tempfile
import time
import unittest

import wire
from hostile import Hostile
from running import PATIENCE, Running, needs
from wire import PREFACE, Client, Plain

needs.PACKAGES |= {"openssl": "openssl"}

SOON = 10  # seconds, on a machine that is busy with other things; the idle time is 30
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
ALERT = 21
BAD_RECORD = b"\x17\x03\x03\x00\x20" + bytes(32)
GET = b"GET /ja4 HTTP/1.1\r\nHost: localhost\r\n\r\n"
GET_2 = PREFACE + wire.settings() + wire.head("/ja4", 1)


def alert(description):
    return bytes([ALERT, 3, 3, 0, 2, 2, description])


class Closing(Hostile):
    def tearDown(self):
        super().tearDown()
        self.assertTrue(self.server.is_up())

    def each_kind(self):
        for version in V12, V13:
            for protocol, request in ("http/1.1", GET), ("h2", GET_2):
                with self.subTest(version=version.name, protocol=protocol):
                    yield wire.context([protocol], version, version), request

    def check_soon(self, client, last=b""):
        """The server closes the connection soon, with FIN and not with a reset; `last` are its last bytes."""
        start = time.monotonic()
        received = b""
        client.socket.settimeout(SOON)
        while data := client.socket.recv(65536):
            received += data
        self.assertLess(time.monotonic() - start, SOON)
        self.assertTrue(received.endswith(last), received[-40:])
        return received

    def test_bad_record_after_the_handshake(self):
        for settings, _ in self.each_kind():
            with Client(self.port, settings) as client:
                client.shake_hands()
                client.send(BAD_RECORD)
                self.assertIn(bytes([ALERT, 3, 3]) if settings.maximum_version == V12 else b"", self.check_soon(client))

    def test_bad_record_in_the_segment_of_finished(self):
        """libevent sees the end of the handshake only; the record behind it was read ahead."""
        for settings, _ in self.each_kind():
            if settings.maximum_version == V12:
                continue  # there the server speaks last
            with Client(self.port, settings) as client:
                client.flush = lambda c=client: hold_last_flight(c)
                client.shake_hands()
                client.send(client.outgoing.read() + BAD_RECORD)
                self.check_soon(client)

    def test_request_and_close_notify_at_once(self):
        for settings, request in self.each_kind():
            with Client(self.port, settings) as client:
                client.shake_hands()
                client.tls.write(request)
                unwrap(client)
                client.send(client.outgoing.read())
                self.assertIn(b"t1", self.decrypt(client, self.check_soon(client)))

    def test_close_notify_alone(self):
        for settings, _ in self.each_kind():
            with Client(self.port, settings) as client:
                client.shake_hands()
                unwrap(client)
                client.send(client.outgoing.read())
                self.check_soon(client)

    def test_end_of_stream_after_the_request(self):
        """A client that half-closes without close_notify still gets its answer."""
        for settings, request in self.each_kind():
            with Client(self.port, settings) as client:
                client.shake_hands()
                client.post(request)
                client.socket.shutdown(socket.SHUT_WR)
                self.assertIn(b"t1", self.decrypt(client, self.check_soon(client)))

    def test_close_notify_before_a_long_answer_is_sent(self):
        """What does not fit into the socket's buffer is sent, too."""
        with Client(self.port, window=4096) as client:
            client.shake_hands()
            client.tls.write(b"GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n" * 40)
            unwrap(client)
            client.send(client.outgoing.read())
            time.sleep(0.3)
            answers = self.decrypt(client, client.rest())
            self.assertEqual(answers.count(b"</html>"), 40)

    def decrypt(self, client, records):
        client.incoming.write(records)
        plain = b""
        try:
            while data := client.tls.read(65536):
                plain += data
        except ssl.SSLError:
            pass
        return plain

    def update_keys(self, n, request):
        """What openssl's client prints when it sends that many KeyUpdates, each of which asks for one, and a request."""
        needs.programs("openssl")
        argv = ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-tls1_3", "-crlf"]
        with tempfile.NamedTemporaryFile() as said:
            client = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=said, stderr=subprocess.STDOUT)
            seen = pathlib.Path(said.name).read_bytes
            wait_until(lambda: b"Verify return code" in seen())
            with contextlib.suppress(BrokenPipeError):
                for number in range(n):
                    client.stdin.write(b"K\n")
                    client.stdin.flush()
                    wait_until(lambda: seen().count(b"KEYUPDATE") > number or client.poll() is not None)
                client.stdin.write(request)
                client.stdin.flush()
            wait_until(lambda: b"200 OK" in seen() or client.poll() is not None)
            client.kill()
            client.communicate()
            return seen()

    def test_key_updates(self):
        request = b"GET /ja4 HTTP/1.1\nHost: a\nConnection: close\n\n"
        self.assertIn(b"200 OK", self.update_keys(5, request))
        self.assertNotIn(b"200 OK", self.update_keys(60, request))

    def test_failed_handshake(self):
        """The alert comes before the end, also where the client has sent more."""
        hello = bytearray(wire.message_of(wire.first_flight()))
        hello[4:6] = b"\x03\x00"  # SSL 3.0
        with Plain(self.port) as client:
            client.send(wire.in_records(bytes(hello)[:43] + b"\x00\x00\x02\x00\x00", 16384) + bytes(100_000))
            self.assertEqual(self.check_soon(client)[:1], bytes([ALERT]))

    def test_too_long(self):
        """A header's claim is enough to refuse it; nothing is allocated."""
        for length in 131_392, 65_533, 0xFFFFFF:
            with self.subTest(length), Plain(self.port) as client:
                client.send(b"\x16\x03\x01\x00\x04\x01" + length.to_bytes(3, "big"))
                self.assertEqual(self.check_soon(client), alert(47))

    def test_ssl_2(self):
        with Plain(self.port) as client:
            client.send(b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(37))
            self.assertEqual(self.check_soon(client), alert(70))

    def test_input_during_the_linger(self):
        """After a request with a body the connection ends; what still comes is discarded, not kept."""
        with Client(self.port) as client:
            client.shake_hands()
            before = self.server.resident_kib()
            client.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n")
            client.all()
            most, sent = before, 0
            end = time.monotonic() + 1
            while time.monotonic() < end and sent < 200_000_000:
                client.send(bytes(1_000_000))
                sent += 1_000_000
                most = max(most, self.server.resident_kib())
        self.assertGreater(sent, 2_000_000)
        self.assertLess(most, before + 1024 + sent // 4096)


def wait_until(ready):
    give_up = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > give_up:
            raise AssertionError("it takes too long")
        time.sleep(0.01)


def unwrap(client):
    """Queues close_notify."""
    try:
        client.tls.unwrap()
    except ssl.SSLError:
        pass


def hold_last_flight(client):
    """Sends the first flight, and holds back what follows it."""
    if client.first is None:
        client.first = client.outgoing.read()
        client.send(client.first)


class Claims(unittest.TestCase):
    """Handshake headers claim 64 KiB, and nothing follows: a connection holds what its client sent."""

    def test_memory(self):
        n = 300
        with Running("--max-per-address", 2 * n, "--handshake-time", 60) as server:
            kib = [server.resident_kib()]
            clients = []
            for claim in 64, 65_000:
                for _ in range(n):
                    client = Plain(server.port)
                    client.send(b"\x16\x03\x01\x00\x05\x01" + struct.pack("!I", claim)[1:] + b"\x03")
                    clients.append(client)
                time.sleep(0.5)
                kib.append(server.resident_kib())
            for client in clients:
                client.close()
        modest, bold = kib[1] - kib[0], kib[2] - kib[1]
        self.assertLess(bold, modest + n * 20)


if __name__ == "__main__":
    unittest.main()
