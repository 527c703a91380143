# SPDX-License-Identifier: BSD-3-Clause
"""A client that holds every byte in its own hands: TLS by Python's ssl on memory, HTTP/1.1 and HTTP/2 by hand."""

import collections
import contextlib
import socket
import ssl
import struct
import time

from running import PATIENCE

HANDSHAKE = 22
RECORD_HEADER = 5


def context(alpn=("http/1.1",), least=ssl.TLSVersion.TLSv1_2, most=ssl.TLSVersion.TLSv1_3):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if least < ssl.TLSVersion.TLSv1_2:
        made.set_ciphers("DEFAULT:@SECLEVEL=0")
    made.minimum_version, made.maximum_version = least, most
    if alpn:
        made.set_alpn_protocols(alpn)
    return made


def split_records(flight):
    """(version, body) of each record."""
    records = []
    while flight:
        _, version, length = struct.unpack("!BHH", flight[:RECORD_HEADER])
        records.append((version, flight[RECORD_HEADER : RECORD_HEADER + length]))
        flight = flight[RECORD_HEADER + length :]
    return records


def message_of(flight):
    """The handshake bytes that its records carry."""
    return b"".join(body for _, body in split_records(flight))


def in_records(message, size, version=0x0301):
    parts = [message[at : at + size] for at in range(0, len(message), size)]
    return b"".join(struct.pack("!BHH", HANDSHAKE, version, len(part)) + part for part in parts)


def first_flight(settings=None):
    """What this Python's TLS library sends first: records."""
    outgoing = ssl.MemoryBIO()
    tls = (settings or context()).wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


class Plain:
    """A connection, and bytes."""

    def __init__(self, port, patience=PATIENCE, window=None):
        """window: bytes that the system keeps for a client that does not read."""
        self.socket = socket.socket()
        self.socket.settimeout(patience)
        if window:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data):
        self.socket.sendall(data)

    def send_segments(self, data, size, pause):
        for at in range(0, len(data), size):
            self.send(data[at : at + size])
            time.sleep(pause)

    def rest(self):
        """All that the server still sends until it closes."""
        received = b""
        with contextlib.suppress(ConnectionError):
            while data := self.socket.recv(65536):
                received += data
        return received

    def reset(self):
        """Resets the connection."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Client(Plain):
    """TLS on top; `before` may send the first flight in a way of its own."""

    def __init__(self, port, settings=None, before=None, window=None):
        super().__init__(port, window=window)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = (settings or context()).wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        self.first = None
        self.before = before or (lambda wire, flight: wire.send(flight))
        self.unread = b""

    def step(self, act, *arguments):
        """Runs a step of TLS, sending and receiving as long as it asks for it."""
        while True:
            try:
                done = act(*arguments)
            except ssl.SSLWantReadError:
                self.flush()
                data = self.socket.recv(65536)
                if data:
                    self.incoming.write(data)
                else:
                    self.incoming.write_eof()
            else:
                self.flush()
                return done

    def flush(self):
        data = self.outgoing.read()
        if not data:
            return
        if self.first is None:
            self.first = data
            self.before(self, data)
        else:
            self.send(data)

    def shake_hands(self):
        self.step(self.tls.do_handshake)
        return self

    def write(self, data):
        if data:
            self.step(self.tls.write, data)

    def post(self, data):
        """As write(), but receives nothing."""
        self.tls.write(data)
        self.flush()

    def read_some(self):
        """b"" when the server has nothing more to say."""
        try:
            return self.step(self.tls.read, 65536)
        except (ssl.SSLError, ConnectionError):
            return b""

    def until(self, mark):
        """All that comes up to `mark`, with it."""
        while mark not in self.unread and (data := self.read_some()):
            self.unread += data
        head, found, self.unread = self.unread.partition(mark)
        return head + found

    def exactly(self, n):
        while len(self.unread) < n and (data := self.read_some()):
            self.unread += data
        taken, self.unread = self.unread[:n], self.unread[n:]
        return taken

    def all(self):
        """What is left; the server must close by itself."""
        received = self.unread
        while data := self.read_some():
            received += data
        return received

    # HTTP/1.1

    def answer(self):
        """(status, body) of the next one; (0, b"") when there is none."""
        head = self.until(b"\r\n\r\n").decode("latin-1").splitlines()
        if not head:
            return 0, b""
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        return int(head[0].split()[1]), self.exactly(int(fields["content-length"]))

    def get(self, path):
        self.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return self.answer()

    # HTTP/2: RFC 9113

    def next_frame(self):
        """(type, flags, stream, payload); (None, 0, 0, b"") at the end."""
        head = self.exactly(9)
        if len(head) < 9:
            return None, 0, 0, b""
        stream = struct.unpack("!I", head[5:])[0] & 0x7FFFFFFF
        return head[3], head[4], stream, self.exactly(int.from_bytes(head[:3], "big"))

    def bodies_of(self, streams):
        """{stream: its DATA} of those that come to their end before the connection does."""
        open_streams, bodies = set(streams), collections.defaultdict(bytes)
        while open_streams:
            kind, flags, stream, payload = self.next_frame()
            if kind in (None, GOAWAY):
                break
            if kind == DATA:
                bodies[stream] += payload
            if kind == RST_STREAM or (kind in (DATA, HEADERS) and flags & END_STREAM):
                open_streams.discard(stream)
        return {stream: bodies[stream] for stream in set(streams) - open_streams}

    def body_of(self, wanted):
        """The DATA of a stream up to its end; None where it or the connection ends without."""
        body = b""
        while True:
            kind, flags, stream, payload = self.next_frame()
            if kind in (None, GOAWAY) or (kind == RST_STREAM and stream == wanted):
                return None
            if stream == wanted and kind == DATA:
                body += payload
            if stream == wanted and kind in (DATA, HEADERS) and flags & END_STREAM:
                return body


DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags=0, stream=0, payload=b""):
    return len(payload).to_bytes(3, "big") + struct.pack("!BBI", kind, flags, stream) + payload


def literal(index, value):
    """An HPACK field with a name of the static table, to be indexed: RFC 7541 6.2.1."""
    return bytes([0x40 | index]) + hpack_string(value)


def hpack_string(value):
    """RFC 7541 5.1 and 5.2, without Huffman."""
    length = len(value)
    if length < 0x7F:
        return bytes([length]) + value
    out, length = b"\x7f", length - 0x7F
    while length >= 0x80:
        out += bytes([0x80 | length & 0x7F])
        length >>= 7
    return out + bytes([length]) + value


def fields(path):
    """:method GET, :scheme https, :path, :authority."""
    return b"\x82\x87" + literal(4, path.encode()) + literal(1, b"localhost")


def head(path, stream, more=b""):
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, fields(path) + more)


def settings(*pairs):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack("!HI", *pair) for pair in pairs))
