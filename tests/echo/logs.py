#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The log: a reader who stalls, lines of several workers, names that would harm a terminal, and what is counted."""

import json
import os
import re
import signal
import threading
import time
import unicodedata
import unittest

import wire
from asking import Started
from running import PATIENCE, Running
from wire import Client, Plain

NAMES = {
    b"a\x00b.example": "a\\x00b.example",
    b"esc\x1b[2J": "esc\\x1b[2J",
    "csi\u009b31m".encode(): "csi\\xc2\\x9b31m",
    "bidi\u202egnp.exe".encode(): "bidi\\xe2\\x80\\xaegnp.exe",
    b"\xff\xfe": "\\xff\\xfe",
    b"line\nfeed": "line\\nfeed",
    'quo"te'.encode(): 'quo"te',
}


def flight_for(name):
    """A first flight that asks for a server of this name."""
    hello = bytearray(wire.message_of(wire.first_flight()))
    at = hello.index(b"localhost") - 9  # extension type, its length, list length, name type, name length
    old = bytes(hello[at : at + 18])
    new = b"\0\0" + (len(name) + 5).to_bytes(2, "big") + (len(name) + 3).to_bytes(2, "big") + b"\0"
    new += len(name).to_bytes(2, "big") + name
    hello[at : at + 18] = new
    grown = len(new) - len(old)
    block = 4 + 2 + 32 + 1 + hello[38]
    block += 2 + int.from_bytes(hello[block : block + 2], "big") + 2
    hello[block : block + 2] = (int.from_bytes(hello[block : block + 2], "big") + grown).to_bytes(2, "big")
    hello[1:4] = (len(hello) - 4).to_bytes(3, "big")
    return wire.in_records(bytes(hello), 16384)


def send_hello(port, name):
    with Plain(port) as client:
        client.send(flight_for(name))
        client.socket.recv(1)


class Lines(unittest.TestCase):
    def test_names(self):
        """They are written as tlsfp writes them, and nothing a terminal or a reader could take for more."""
        for log in "json", "text":
            with Started("--log", log) as server:
                for name in NAMES:
                    send_hello(server.port, name)
                lines = server.lines(len(NAMES))
            if log == "json":  # the workers' lines, in any order
                self.assertCountEqual([json.loads(line)["server_name"] for line in lines], NAMES.values())
            for line in lines:
                for character in line:
                    self.assertNotIn(unicodedata.category(character), ("Cc", "Cf"), line)

    def test_long_name(self):
        """A name of 60 KB is cut."""
        with Started("--log", "json") as server:
            send_hello(server.port, b"\x01" * 60_000)
            line = server.lines(1)[0]
        self.assertLess(len(line), 2_000)
        self.assertEqual(json.loads(line)["server_name"], "\\x01" * 255)

    def test_several_workers(self):
        """Lines on a pipe are whole."""
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as reader, Running("--log", "json", "--workers", 4, log=writing) as server:
            os.close(writing)
            threads = [threading.Thread(target=self.ask_often, args=(server.port, 60)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            server.process.send_signal(signal.SIGTERM)
            lines = reader.read().splitlines()
        events = [json.loads(line)["event"] for line in lines]
        self.assertEqual(events.count("request"), 4 * 60)
        self.assertEqual(events.count("handshake"), 4)

    def ask_often(self, port, n):
        with Client(port) as client:
            client.shake_hands()
            for _ in range(n):
                client.write(b"GET /ja4?" + b"x" * 200 + b" HTTP/1.1\r\nHost: a\r\nUser-Agent: " + b"y" * 250 + b"\r\n\r\n")
                client.answer()


class Stalled(unittest.TestCase):
    def test_reader_who_stalls(self):
        """Clients are served, memory stays, lines are dropped and counted; SIGTERM ends the server."""
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as reader:
            with Running("--log", "json", log=writing) as server:
                os.close(writing)
                before = server.resident_kib()
                with Client(server.port) as client:
                    client.shake_hands()
                    batch = (b"GET /ja4?" + b"x" * 240 + b" HTTP/1.1\r\nHost: a\r\n\r\n") * 50
                    for _ in range(80):
                        client.write(batch)
                        for _ in range(50):
                            self.assertEqual(client.answer()[0], 200)
                if not server.is_sanitized():  # whose own memory is no measure of the server's
                    self.assertLess(server.resident_kib(), before + 8 * 1024)
                lines = []
                while not lines or lines[-1]["event"] != "dropped":
                    lines.append(json.loads(reader.readline()))
            lines += [json.loads(line) for line in reader]
        dropped = [line["count"] for line in lines if line["event"] == "dropped"]
        self.assertEqual(len(dropped), 1)
        self.assertGreater(dropped[0], 500)
        self.assertEqual(dropped[0] + len(lines) - 1, 1 + 80 * 50)

    def test_reader_who_has_gone(self):
        reading, writing = os.pipe()
        with Running("--log", "text", log=writing) as server:
            os.close(writing)
            os.close(reading)
            for _ in range(5):
                with Client(server.port) as client:
                    self.assertEqual(client.shake_hands().get("/ja4")[0], 200)

    def test_dropped_in_text(self):
        """A line says how many were dropped; with it all are there."""
        reading, writing = os.pipe()
        with os.fdopen(reading) as reader:
            with Running("--log", "text", log=writing) as server:
                os.close(writing)
                with Client(server.port) as client:
                    client.shake_hands()
                    for _ in range(80):
                        client.write((b"GET /ja4?" + b"x" * 240 + b" HTTP/1.1\r\nHost: a\r\n\r\n") * 50)
                        for _ in range(50):
                            self.assertEqual(client.answer()[0], 200)
                lines = []
                while not lines or " dropped" not in lines[-1]:
                    lines.append(reader.readline())
            lines += list(reader)
        dropped = [int(found[1]) for line in lines if (found := re.search(r" dropped\b\D*(\d+)", line))]
        self.assertEqual(len(dropped), 1)
        self.assertEqual(dropped[0] + len(lines) - 1, 1 + 80 * 50)

    def test_end_while_stalled(self):
        reading, writing = os.pipe()
        with Running("--log", "json", log=writing) as server:
            os.close(writing)
            with Client(server.port) as client:
                client.shake_hands()
                for _ in range(10):
                    client.write(b"GET /ja4 HTTP/1.1\r\nHost: a\r\n\r\n" * 50)
                    for _ in range(50):
                        client.answer()
            start = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(PATIENCE)
            self.assertLess(time.monotonic() - start, 10)
        os.close(reading)


class Refusals(unittest.TestCase):
    def test_counted(self):
        """One line for those of a second."""
        for log in "json", "text":
            with Started("--log", log, "--max-per-address", 2) as server:
                held = [Plain(server.port) for _ in range(9)]
                line = server.lines(1)[0]
                for client in held:
                    client.close()
                if log == "json":
                    told = json.loads(line)
                    del told["time"]
                    self.assertEqual(
                        told, {"event": "refused", "count": 7, "reason": "too many connections of one address"}
                    )
                else:
                    self.assertTrue(line.endswith(' - - - - refused 7 "too many connections of one address"'), line)


if __name__ == "__main__":
    unittest.main()
