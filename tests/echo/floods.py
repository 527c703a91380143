#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Hostile requests: floods of HTTP/2 frames, heads without an end, bodies that were not asked for."""

import contextlib
import ssl
import time
import unittest

import wire
from hostile import Hostile
from wire import CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PREFACE, RST_STREAM
from wire import WINDOW_UPDATE, Client, fields, frame, head, message_of, settings

POST = b"\x83\x87\x84" + wire.literal(1, b"localhost")  # / at localhost


class Http2(Hostile):
    @contextlib.contextmanager
    def h2(self, first=settings()):
        with Client(self.port, wire.context(["h2"])) as client:
            client.shake_hands()
            self.assertEqual(client.tls.selected_alpn_protocol(), "h2")
            client.write(PREFACE + first)
            yield client

    def check_h2_served(self, client, stream):
        client.write(head("/client-hello", stream))
        self.assertEqual(client.body_of(stream), message_of(client.first))

    def check_cut(self, client, flood):
        """The server ends the connection, with an error code of RFC 9113 7 where it can."""
        reset, reasons = False, []
        try:
            for piece in flood:
                client.write(piece)
        except (ConnectionError, ssl.SSLError):
            reset = True
        while (received := client.next_frame())[0] is not None:
            kind, _, _, payload = received
            if kind == GOAWAY:
                reasons.append(int.from_bytes(payload[4:8], "big"))
        self.assertTrue(reset or any(reasons), reasons)

    def test_duplicated_settings(self):
        """Twice the frame, and twice the setting in it."""
        with self.h2(settings((3, 100)) * 2 + settings((3, 100), (3, 50), (4, 65535), (4, 65536))) as client:
            self.check_h2_served(client, 1)

    def test_settings_flood(self):
        with self.h2() as client:
            self.check_cut(client, [settings((3, 100)) * 100] * 200)

    def test_empty_settings_flood(self):
        with self.h2() as client:
            self.check_cut(client, [settings() * 100] * 200)

    def test_many_settings_in_a_frame(self):
        with self.h2() as client:
            self.check_cut(client, [settings(*[(0x1000 + n, n) for n in range(2000)])])

    def test_ping_flood(self):
        with self.h2() as client:
            self.check_cut(client, [frame(PING, 0, 0, b"12345678") * 100] * 200)

    def test_pings_up_to_the_limit(self):
        """A frame costs one of 500 credits; SETTINGS and its acknowledgement two of them."""
        with self.h2() as client:
            client.write(frame(PING, 0, 0, b"12345678") * 490)
            self.check_h2_served(client, 1)
        with self.h2() as client:
            self.check_cut(client, [frame(PING, 0, 0, b"12345678") * 510])

    def test_long_upload(self):
        """The answer comes while the client sends; then the stream is stopped, and the connection goes on."""
        with self.h2() as client:
            client.write(frame(HEADERS, END_HEADERS, 1, POST) + frame(DATA, 0, 1, bytes(16384)) * 3)
            of_stream = []
            while not of_stream or of_stream[-1][0] != RST_STREAM:
                kind, flags, stream, payload = client.next_frame()
                self.assertIn(kind, (HEADERS, DATA, RST_STREAM, wire.SETTINGS, WINDOW_UPDATE))
                if stream == 1:
                    of_stream.append((kind, flags, payload))
            self.assertEqual([kind for kind, _, _ in of_stream], [HEADERS, DATA, RST_STREAM])
            self.assertEqual(of_stream[-1][2], bytes(4))  # NO_ERROR
            for number in range(60):  # 60 uploads of 48 KB: the connection's window is enlarged
                stream = 3 + 2 * number
                client.write(frame(HEADERS, END_HEADERS, stream, POST) + frame(DATA, 0, stream, bytes(16384)) * 3)
                self.assertIsNotNone(client.body_of(stream))
            self.check_h2_served(client, 201)

    def test_short_upload(self):
        """It is not stopped: some clients lose the answer then."""
        with self.h2() as client:
            client.write(frame(HEADERS, END_HEADERS, 1, POST) + frame(DATA, END_STREAM, 1, bytes(16384)))
            self.assertIsNotNone(client.body_of(1))
            client.write(frame(PING, 0, 0, b"12345678"))
            while (received := client.next_frame())[0] != PING:
                self.assertNotEqual(received[0], RST_STREAM)

    def test_closed_streams(self):
        """RFC 9113 5.1: STREAM_CLOSED."""
        late = {
            "DATA": frame(DATA, 0, 1, b"x"),
            "HEADERS": head("/ja4", 1),
            "CONTINUATION": frame(wire.CONTINUATION, END_HEADERS, 1, b""),
        }
        for name, text in late.items():
            with self.subTest(name), self.h2() as client:
                self.check_h2_served(client, 1)
                client.write(text)
                reasons = []
                while (received := client.next_frame())[0] is not None:
                    kind, _, _, payload = received
                    if kind == GOAWAY:
                        reasons.append(int.from_bytes(payload[4:8], "big"))
                    elif kind == RST_STREAM:
                        reasons.append(int.from_bytes(payload, "big"))
                self.assertIn(reasons[0], (1,) if name == "CONTINUATION" else (5,))

    def test_window_update_flood(self):
        with self.h2() as client:
            self.check_cut(client, [frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\1") * 100] * 200)

    def test_reset_flood(self):
        """Requests that are reset at once: CVE-2023-44487."""
        with self.h2() as client:
            reset = b"\0\0\0\x08"
            pairs = (head("/tls", stream) + frame(RST_STREAM, 0, stream, reset) for stream in range(1, 20001, 2))
            self.check_cut(client, pairs)

    def test_reset_flood_by_mistakes(self):
        """CVE-2025-8671: the client makes the server reset."""
        with self.h2() as client:
            pairs = (
                head("/tls", stream) + frame(WINDOW_UPDATE, 0, stream, b"\0\0\0\0") for stream in range(1, 20001, 2)
            )
            self.check_cut(client, pairs)

    def test_continuation_flood(self):
        """CVE-2024-27316: a head that never ends."""
        with self.h2() as client:
            piece = frame(CONTINUATION, 0, 1, (b"\x40" + wire.hpack_string(b"x") * 2) * 1000)
            self.check_cut(client, [frame(HEADERS, END_STREAM, 1, fields("/tls")), *[piece] * 1000])

    def test_empty_continuation_flood(self):
        with self.h2() as client:
            flood = [frame(CONTINUATION, 0, 1) * 100] * 200
            self.check_cut(client, [frame(HEADERS, END_STREAM, 1, fields("/tls")), *flood])

    def test_empty_data_flood(self):
        with self.h2() as client:
            post = frame(HEADERS, END_HEADERS, 1, b"\x83\x87\x84" + wire.literal(1, b"localhost"))
            self.check_cut(client, [post, *[frame(DATA, 0, 1) * 100] * 200])

    def test_more_streams_than_allowed(self):
        """Those beyond the limit are refused, or the connection is."""
        with self.h2(settings((4, 0))) as client:
            self.check_cut(client, [b"".join(head("/tls", stream) for stream in range(1, 2001, 2))])

    def test_window_of_nothing(self):
        """Answers wait for a flow-control window that never opens, then the client leaves."""
        with self.h2(settings((4, 0))) as client:
            client.write(b"".join(head("/tls", stream) for stream in range(1, 101, 2)))
            self.assertIn(HEADERS, [client.next_frame()[0] for _ in range(4)])

    def test_answers_through_a_narrow_window(self):
        """As over HTTP/1.1; streams come a hundred at a time."""
        with Client(self.port, wire.context(["h2"]), window=4096) as client:
            client.shake_hands()
            client.write(PREFACE + settings((4, 2**31 - 1)) + frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\0\0"))
            bodies = {}
            for first in range(1, 1001, 200):
                streams = range(first, first + 200, 2)
                client.post(b"".join(head("/tls", stream) for stream in streams))
                time.sleep(0.05)
                bodies |= client.bodies_of(streams)
        self.assertEqual(len(bodies), 500)
        self.assertEqual(len(set(bodies.values())), 1)
        self.assertIn(b"tls_fingerprints", bodies[1])

    def test_window_overflow(self):
        with self.h2() as client:
            self.check_cut(client, [frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff") * 2])

    def test_indexed_bomb(self):
        """A field of 4 kB in the table, named thousands of times: heads of megabytes in a few bytes."""
        with self.h2() as client:
            bomb = fields("/tls") + b"\x40" + wire.hpack_string(b"x") + wire.hpack_string(b"y" * 3000) + b"\xbe" * 12000
            client.write(frame(HEADERS, END_STREAM | END_HEADERS, 1, bomb))
            body = client.body_of(1)
            self.assertTrue(body is None or b"too long" in body, body)

    def test_head_of_a_megabyte(self):
        with self.h2() as client:
            piece = b"\0" + wire.hpack_string(b"x") + wire.hpack_string(b"y" * 16000)
            flood = [frame(CONTINUATION, 0, 1, piece)] * 64
            self.check_cut(client, [frame(HEADERS, END_STREAM, 1, fields("/tls")), *flood])

    def test_wrong_frames(self):
        """Each against RFC 9113: the connection ends with GOAWAY, or at once."""
        wrong = {
            "data on stream 0": frame(DATA, 0, 0, b"x"),
            "an even stream": head("/", 2),
            "settings of 5 bytes": frame(4, 0, 0, b"12345"),
            "ping of 7 bytes": frame(PING, 0, 0, b"1234567"),
            "a frame of 16 MB": b"\xff\xff\xff\0\0\0\0\0\1",
            "continuation of nothing": frame(CONTINUATION, END_HEADERS, 1, b"\x82"),
            "head of nonsense": frame(HEADERS, END_STREAM | END_HEADERS, 1, b"\xff" * 20),
            "table index past its end": frame(HEADERS, END_STREAM | END_HEADERS, 1, b"\xfe"),
            "HTTP/1": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        }
        for name, data in wrong.items():
            with self.subTest(name), self.h2() as client:
                client.write(data)
                client.socket.settimeout(5)
                kinds = []
                with contextlib.suppress(TimeoutError):  # a frame that never ends is waited for
                    while (kind := client.next_frame()[0]) is not None:
                        kinds.append(kind)
                self.assertIn(GOAWAY, kinds)

    def test_no_preface(self):
        with Client(self.port, wire.context(["h2"])) as client:
            client.shake_hands()
            client.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            client.all()


class Heads(Hostile):
    def check_status(self, text, *expected):
        with self.honest() as client:
            with contextlib.suppress(ConnectionError):
                client.write(text)
            status, _ = client.answer()
            self.assertIn(status, expected)
            client.all()

    def test_too_long(self):
        line = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
        bombs = {
            "a field": line + b"X: " + b"x" * 1000000,
            "a name": line + b"x" * 1000000,
            "the target": b"GET /" + b"x" * 1000000,
            "many fields": line + b"X: x\r\n" * 100000,
            "one more": line + b"X: " + b"x" * (16384 - len(line) - 7 + 1) + b"\r\n\r\n",
        }
        for name, text in bombs.items():
            with self.subTest(name):
                self.check_status(text, 414 if name == "the target" else 431)

    def test_just_short_enough(self):
        line = b"GET /ja4 HTTP/1.1\r\nHost: localhost\r\nX: "
        with self.honest() as client:
            client.write(line + b"x" * (16384 - len(line) - 4) + b"\r\n\r\n")
            self.assertEqual(client.answer()[0], 200)

    def test_no_requests(self):
        texts = [b"\0" * 100, b"\r\n\r\n\0", b"FOO BAR", b"GET / HTTP/x", b"\x16\x03\x01", PREFACE]
        for text in texts:
            with self.subTest(text):
                self.check_status(text + b"\r\n\r\n", 0, 400, 505)

    def test_bodies(self):
        """They are not read; the answer comes, and the connection ends."""
        line = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
        texts = [
            line + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1000000,
            line + b"Content-Length: 99999999999999999999\r\n\r\n",
            line + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            line + b"Content-Length: -1\r\n\r\n",
            line + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n",
            line + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        ]
        for text in texts:
            with self.subTest(text[:100]):
                self.check_status(text, 400, 405)

    def test_a_thousand_requests_at_once(self):
        """Pipelined: answered one by one, in order."""
        with self.honest() as client:
            client.write(b"GET /ja4 HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000)
            self.assertEqual({client.answer()[0] for _ in range(1000)}, {200})

    def test_answers_through_a_narrow_window(self):
        """Megabytes of them, to a client that takes its time: none is cut, none comes twice."""
        n = 500
        with Client(self.port, window=4096) as client:
            client.shake_hands()
            client.post(b"GET /tls HTTP/1.1\r\nHost: localhost\r\n\r\n" * n)
            time.sleep(0.2)  # so that the server must wait
            bodies = [client.answer() for _ in range(n)]
        self.assertEqual(bodies[0][0], 200)
        self.assertEqual(set(bodies), {bodies[0]})

    def test_one_byte_in_a_record(self):
        with self.honest() as client:
            for byte in b"GET /ja4 HTTP/1.1\r\nHost: localhost\r\n\r\n":
                client.write(bytes([byte]))
            self.assertEqual(client.answer()[0], 200)


if __name__ == "__main__":
    unittest.main()
