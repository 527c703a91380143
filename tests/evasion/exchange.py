# SPDX-License-Identifier: BSD-3-Clause
"""Sends a framing to a server over TCP, and says what became of it."""

import contextlib
import dataclasses
import select
import socket
import struct
import time

SETTLING = 0.05  # seconds without an answer, after which the client says that nothing more comes
PATIENCE = 3  # seconds after that
ALERT, HANDSHAKE, SERVER_HELLO = 21, 22, 2


@dataclasses.dataclass
class Answer:
    accepted: bool  # the server went on with the hello
    what: str
    port: int = 0  # the client's
    packets: list = None  # UDP: (from the client?, payload) of all that went to and fro
    asked_again: bool = False  # UDP: HelloVerifyRequest, Retry


def judge(data):
    """Whether these first bytes of a server are those of one that goes on: a ServerHello, HelloRetryRequest among
    them; None as long as they do not say."""
    message = b""
    while len(data) >= 5:
        kind, length = data[0], struct.unpack_from("!H", data, 3)[0]
        body, data = data[5 : 5 + length], data[5 + length :]
        if kind == ALERT:
            if len(body) < 2:
                return None
            if body[0] == 1:  # a warning, such as GnuTLS's about a name that it does not know
                continue
            return Answer(False, f"alert {body[1]}")
        if kind != HANDSHAKE:
            return Answer(False, f"record of type {kind}")
        message += body
        if message:
            return Answer(message[0] == SERVER_HELLO, f"handshake {message[0]}")
    return None


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = self.socket.getsockname()[1]
        self.received = b""

    def close(self):
        """By RST: no server has to wait for us, and no port stays behind."""
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _send(self, stream):
        """All of it, however the server answers meanwhile."""
        self.socket.setblocking(False)
        view = memoryview(stream)
        give_up = time.monotonic() + PATIENCE
        while view and time.monotonic() < give_up:
            readable, writable, _ = select.select([self.socket], [self.socket], [], PATIENCE)
            if readable and (verdict := self._receive()):
                return verdict
            if writable:
                view = view[self.socket.send(view) :]
        return None

    def _receive(self):
        data = self.socket.recv(65536)
        self.received += data
        return judge(self.received) or (None if data else Answer(False, "end"))

    def ask(self, stream):
        try:
            if verdict := self._send(stream):
                return verdict
            for patience in (SETTLING, PATIENCE):
                give_up = time.monotonic() + patience
                while (left := give_up - time.monotonic()) > 0 and select.select([self.socket], [], [], left)[0]:
                    if verdict := self._receive():
                        return verdict
                with contextlib.suppress(OSError):
                    self.socket.shutdown(socket.SHUT_WR)
        except ConnectionError:
            return judge(self.received) or Answer(False, "reset")
        return Answer(False, "silence")


def ask(port, framing):
    client = Client(port)
    try:
        answer = client.ask(framing.stream)
    finally:
        client.close()
    answer.port = client.port
    return answer
