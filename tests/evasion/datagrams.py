# SPDX-License-Identifier: BSD-3-Clause
"""Sends a framing to a server over UDP, and says what became of it; all that went to and fro is kept."""

import contextlib
import dataclasses
import select
import socket
import time

import crypto
import fragments
from exchange import Answer

PATIENCE = 0.5  # seconds without an answer; a busy machine is slow


class Talk:
    """One client's, on a port of its own. packets: (from the client?, payload)."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        self.packets = []

    def send(self, payloads):
        for payload in payloads:
            with contextlib.suppress(OSError):  # "refused" belongs to an earlier one; too long for a datagram
                self.socket.send(payload)
                self.packets.append((True, payload))

    def receive(self):
        """The next answer, or None."""
        give_up = time.monotonic() + PATIENCE
        while (left := give_up - time.monotonic()) > 0 and select.select([self.socket], [], [], left)[0]:
            with contextlib.suppress(ConnectionError):
                payload = self.socket.recv(65536)
                self.packets.append((False, payload))
                return payload
        return None

    def answer(self, accepted, what, asked_again=False):
        return Answer(accepted, what, self.port, self.packets, asked_again)


def ask_quic(port, framing):
    """A Retry is answered with its token."""
    talk = Talk(port)
    draft = dataclasses.replace(framing.draft)
    with contextlib.closing(talk.socket):
        talk.send(framing.datagrams)
        said, retried = "silence", False
        while payload := talk.receive():
            for kind, content in crypto.opened(payload, draft.dcid):
                if kind == "retry" and not retried:
                    retried = True
                    talk.send(draft.after_retry(*content))
                elif kind == "initial" and content is not None:
                    verdict = crypto.says_hello(content)
                    if verdict is not None:
                        return talk.answer(verdict, "ServerHello" if verdict else "close", retried)
                said = kind
        return talk.answer(False, said)


def ask_dtls(port, framing):
    """A HelloVerifyRequest is answered with its cookie; it says that the server has read the hello."""
    talk = Talk(port)
    draft = dataclasses.replace(framing.draft)
    with contextlib.closing(talk.socket):
        talk.send(framing.datagrams)
        verified = False
        while payload := talk.receive():
            kind, body = fragments.answered(payload)
            if kind == fragments.HELLO_VERIFY_REQUEST and not verified:
                verified = True
                talk.send(draft.with_cookie(body[3 : 3 + body[2]]))
            elif kind == fragments.SERVER_HELLO:
                return talk.answer(True, "ServerHello", verified)
            elif kind == 0:
                return talk.answer(verified, f"alert {body[1]}")
        return talk.answer(verified, "HelloVerifyRequest" if verified else "silence")
