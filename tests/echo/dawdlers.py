#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Clients that leave in the middle, and clients that never finish."""

import contextlib
import socket
import ssl
import time
import unittest

import wire
from hostile import Hostile
from running import PATIENCE
from wire import CONTINUATION, END_STREAM, HEADERS, PREFACE, Client, Plain, fields, frame, head, settings

SHORT = "0.5"  # seconds: a deadline that a test can wait for
PAUSE = 0.1  # between two bytes


class Leaving(Hostile):
    """Early close at each step, with close_notify and without."""

    def at_each(self, steps):
        for leave in Plain.close, Plain.reset:
            for name, come in steps:
                with self.subTest(name, leave=leave.__name__):
                    leave(come())

    def sent(self, data):
        client = Plain(self.port)
        client.send(data)
        return client

    def test_before_the_handshake(self):
        flight = wire.first_flight()
        ends = [0, 1, 4, 5, 6, 9, 10, 100, len(flight) - 1]
        self.at_each([(f"{end} bytes", lambda end=end: self.sent(flight[:end])) for end in ends])

    def test_after_the_server_hello(self):
        def come(n):
            client = self.sent(wire.first_flight())
            client.socket.recv(n)
            return client

        self.at_each([(f"{n} bytes", lambda n=n: come(n)) for n in (1, 100, 65536)])

    def test_in_the_last_flight(self):
        def come(n):
            client = Client(self.port)
            with contextlib.suppress(ssl.SSLWantReadError):
                client.tls.do_handshake()
            client.flush()
            while True:
                client.incoming.write(client.socket.recv(65536))
                with contextlib.suppress(ssl.SSLWantReadError):
                    client.tls.do_handshake()
                    break
            client.send(client.outgoing.read()[:n])
            return client

        self.at_each([(f"{n} bytes", lambda n=n: come(n)) for n in (0, 1, 6, 7, 50)])

    def test_after_the_handshake(self):
        def come(data):
            client = self.honest()
            client.write(data)
            return client

        request = b"GET /tls HTTP/1.1\r\nHost: localhost\r\n\r\n"
        texts = [b"", b"G", request[:20], request[:-1], request, request * 50]
        self.at_each([(f"{len(text)} bytes", lambda text=text: come(text)) for text in texts])

    def test_in_an_answer(self):
        def come():
            client = self.honest()
            client.write(b"GET /tls HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)
            client.socket.recv(1)
            return client

        self.at_each([("first byte", come)])

    def test_in_http2(self):
        def come(data):
            client = Client(self.port, wire.context(["h2"]))
            client.shake_hands()
            client.write(data)
            return client

        whole = PREFACE + settings() + head("/tls", 1)
        self.at_each([(f"{n} bytes", lambda n=n: come(whole[:n])) for n in (0, 10, 24, 30, 33, 40, len(whole))])

    def test_half_closed(self):
        """A client that only closes its sending side is answered."""
        with self.honest() as client:
            client.write(b"GET /ja4 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            client.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(client.answer()[0], 200)


class Dawdling(Hostile):
    """The server's deadlines are short, and honest clients must be quick, too."""

    def check_honest(self):
        """A sanitizer's server, on a busy machine, may be late itself."""
        for _ in range(20):
            with contextlib.suppress(AssertionError, OSError):
                return super().check_honest()
        return super().check_honest()

    def drip(self, client, data, send):
        """Whether the server ends it before all bytes are sent."""
        client.socket.settimeout(PAUSE)
        give_up = time.monotonic() + PATIENCE
        for byte in data:
            try:
                send(bytes([byte]))
                if client.socket.recv(65536) == b"":
                    return True
            except TimeoutError:
                pass
            except (ConnectionError, ssl.SSLError):
                return True
            self.assertLess(time.monotonic(), give_up, "it is never cut")
        return False


class Slow(Dawdling):
    """A byte now and then: cut at the deadline, however often something comes."""

    OPTIONS = ("--handshake-time", SHORT, "--head-time", SHORT, "--idle-time", SHORT)

    def test_handshake(self):
        with Plain(self.port) as client:
            self.assertTrue(self.drip(client, wire.first_flight(), client.send))

    def test_nothing(self):
        with Plain(self.port) as client:
            self.assertEqual(client.rest(), b"")

    def test_between_the_flights(self):
        with Plain(self.port) as client:
            client.send(wire.first_flight())
            self.assertNotEqual(client.rest(), b"")

    def test_plain_head(self):
        with Plain(self.port) as client:
            self.assertTrue(self.drip(client, b"GET / HTTP/1.1\r\nX: " + b"x" * 400, client.send))

    def test_head(self):
        client = self.patient_honest()
        self.assertTrue(self.drip(client, b"GET / HTTP/1.1\r\nX: " + b"x" * 400, client.post))
        client.close()

    def test_http2_head(self):
        client = self.patient_honest(["h2"])
        client.write(PREFACE + settings() + frame(HEADERS, END_STREAM, 1, fields("/tls")))
        flood = (frame(CONTINUATION, 0, 1, bytes([0x40]) + wire.hpack_string(b"x") * 2) for _ in range(400))
        give_up = time.monotonic() + PATIENCE
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            for piece in flood:
                client.post(piece)
                self.assertLess(time.monotonic(), give_up, "it is never cut")
                time.sleep(PAUSE)
            self.fail("it is never cut")
        client.close()

    def test_idle(self):
        client = self.patient_honest()
        self.assertEqual(client.all(), b"")
        client.close()

    def test_an_answer_that_nobody_takes(self):
        """The client's receive window stays closed."""
        client = self.patient_honest()
        client.socket.settimeout(PAUSE)
        give_up = time.monotonic() + PATIENCE
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while time.monotonic() < give_up:
                with contextlib.suppress(TimeoutError):
                    client.post(b"GET /tls HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)
            self.fail("it is never cut")
        client.close()

    def patient_honest(self, alpn=("http/1.1",)):
        """Tries again where the handshake itself was too slow."""
        for _ in range(20):
            client = Client(self.port, wire.context(alpn))
            with contextlib.suppress(OSError):
                return client.shake_hands()
        raise AssertionError("no handshake is fast enough")


class SlowProxy(Dawdling):
    """Behind a load balancer that never finishes its header."""

    OPTIONS = ("--proxy-protocol", "--handshake-time", SHORT)

    def honest(self):
        client = Client(
            self.port, before=lambda client, flight: client.send(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\n" + flight)
        )
        return client.shake_hands()

    def test_slow(self):
        with Plain(self.port) as client:
            self.assertTrue(self.drip(client, b"PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\n" * 3, client.send))

    def test_no_header(self):
        self.check_refused(wire.first_flight())
        self.check_refused(b"GET / HTTP/1.1\r\n\r\n")

    def test_endless(self):
        self.check_refused(b"PROXY TCP4 " + b"1" * 100000)
        self.check_refused(b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff" + bytes(65535))


if __name__ == "__main__":
    unittest.main()
