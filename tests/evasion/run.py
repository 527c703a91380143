# SPDX-License-Identifier: BSD-3-Clause
"""A kind of framings at its servers, and then what tlsfp finds in it."""

import collections
import concurrent.futures
import contextlib
import dataclasses
import json
import threading
import time

import capture
import crypto
import datagrams
import exchange
import fragments
import hellos
import records
import servers


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    generate: object
    dimensions: dict
    ask: object
    servers: dict
    at_once: int  # clients of a server; some of TCP's serve one after the other


KINDS = [
    Kind("tls", records.generate, records.DIMENSIONS, exchange.ask, servers.TLS, 1),
    Kind("dtls", fragments.generate, fragments.DIMENSIONS, datagrams.ask_dtls, servers.DTLS, 8),
    Kind("quic", crypto.generate, crypto.DIMENSIONS, datagrams.ask_quic, servers.QUIC, 8),
]


@dataclasses.dataclass
class Complaint:
    framing: object
    by: list  # servers that went on
    what: str
    answer: exchange.Answer


class Run:
    def __init__(self, kind, seed, numbers, names):
        self.kind, self.names = kind, names
        clients = hellos.real(kind.name)
        self.framings = [kind.generate(seed, number, clients) for number in numbers]
        self.answers = {name: {} for name in names}  # {server: {framing number: Answer}}
        self.seconds = {}
        self.restarting = threading.Lock()
        self.by_echo = {}  # {framing number: (JA3, JA4)}

    # asking

    def ask_all(self, credentials):
        with contextlib.ExitStack() as stack:
            running = []
            for name in self.names:
                server = servers.Server(name, credentials)
                stack.callback(server.end)
                running.append(server)
            with concurrent.futures.ThreadPoolExecutor(len(running)) as threads:
                list(threads.map(self._ask, running))
            for server in running:
                if server.name == "tlsfp-echo":
                    self._read_echo(server)

    def _ask(self, server):
        started = time.monotonic()
        answers = self.answers[server.name]

        def ask(framing):
            answers[framing.number] = self.kind.ask(server.port, framing)
            if not server.is_up():
                self._start_again(server, framing)

        with concurrent.futures.ThreadPoolExecutor(self.kind.at_once) as threads:
            list(threads.map(ask, self.framings))
        self.seconds[server.name] = time.monotonic() - started

    def _start_again(self, server, framing):
        """A server may fall over: ngtcp2's of Debian 12 does now and then. tlsfp-echo may not."""
        with self.restarting:
            if server.name == "tlsfp-echo":
                raise AssertionError(f"{server.name} fell over: {framing.told()}\n{server.said()}")
            if not server.is_up():
                print(f"{server.name} fell over, and is started again: {server.said()[-200:].strip()}")
                server.start()

    def _read_echo(self, server):
        logged = collections.defaultdict(list)
        for line in server.logged().splitlines():
            event = json.loads(line)
            if event["event"] in ("handshake", "failure") and event.get("ja4"):
                logged[event["client_port"]].append((event["ja3"], event["ja4"]))
        for number, answer in self.answers[server.name].items():
            if answer.accepted and len(logged[answer.port]) == 1:  # a port may come again
                self.by_echo[number] = logged[answer.port][0]

    def accepted_by(self, framing):
        return [name for name in self.names if self.answers[name][framing.number].accepted]

    # what tlsfp finds

    def complaints(self, folder):
        """One of a framing at most."""
        if self.kind.name == "tls":  # the same bytes for each server
            capture.write(folder / "tls.pcap", map(capture.tcp_frames, self.framings))
            found = capture.find(folder / "tls.pcap")
            seen = {name: found for name in self.names}
        else:
            seen = {name: self._find_talks(folder, name) for name in self.names}
        for framing in self.framings:
            by = self.accepted_by(framing)
            for name in by:
                answer = self.answers[name][framing.number]
                if what := self._wrong(framing, answer, seen[name].get(framing.number, [])):
                    yield Complaint(framing, by, f"{what} (as {name} got it)", answer)
                    break

    def _find_talks(self, folder, name):
        path = folder / f"{name}.pcap"
        answers = self.answers[name]
        capture.write(path, (capture.talk_frames(framing, answers[framing.number]) for framing in self.framings))
        return capture.find(path)

    def _wrong(self, framing, answer, found):
        """What is wrong with what tlsfp found of a framing that a server went on with, or None."""
        ja3 = hellos.ja3(framing.message)
        seen = self.by_echo.get(framing.number)
        if seen and seen[0] != ja3:
            return f"tlsfp-echo saw {seen[0]}, sent was {ja3}"
        if "ssl2" in framing.varied:
            return f"SSL 2.0, and found as {found}" if found else None
        right = [value for value in found if value == seen or (seen is None and value[0] == ja3)]
        wanted = 2 if self.kind.name == "dtls" and answer.asked_again else 1
        if not found or len(right) < len(found) == wanted:
            return f"{'different' if found else 'missed'}: sent {ja3}, seen {seen}, found {found}"
        return None if len(right) >= wanted else f"found {len(right)} times, sent {wanted} times: {found}"
