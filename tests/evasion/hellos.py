# SPDX-License-Identifier: BSD-3-Clause
"""The hellos of real clients, as samples/captures have them, and what is known of each."""

import hashlib
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
for room in "plugin", "search":
    sys.path.append(str(HERE.parent / room))

import needs  # noqa: E402

# One of each library, and of each age.
TLS = """
    curl-openssl-tls12.pcap curl-openssl-tls13.pcap curl-gnutls.pcap go.pcap java.pcap node-http2.pcap no-sni.pcap
    openssl-s-client-tls12.pcap python-ssl.pcap resumption.pcap chromium.pcapng firefox-esr.pcapng post-quantum.pcapng
""".split()

DTLS = "dtls-gnutls.pcap dtls10.pcap dtls12.pcap".split()
QUIC = "quic-chromium.pcapng quic-firefox.pcapng quic-ngtcp2.pcapng".split()

ETHERNET_HEADER = 14
IP_TCP, IP_UDP = 6, 17


def packets(path):
    """The frames of a capture file: pcap or pcapng, little-endian as this repository's are."""
    data = path.read_bytes()
    at = 0
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        while at < len(data):
            kind, length = struct.unpack_from("<II", data, at)
            if kind == 6:  # enhanced packet block
                (size,) = struct.unpack_from("<I", data, at + 20)
                yield data[at + 28 : at + 28 + size]
            at += length
        return
    at = 24
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16 : at + 16 + size]
        at += 16 + size


def payloads(path, protocol):
    """(flow, sequence number, payload) for each TCP segment, or UDP datagram, over IPv4."""
    for frame in packets(path):
        if frame[12:14] != b"\x08\x00" or frame[23] != protocol:
            continue
        packet = frame[ETHERNET_HEADER : ETHERNET_HEADER + struct.unpack_from("!H", frame, 16)[0]]
        segment = packet[4 * (packet[0] & 15) :]
        header = 4 * (segment[12] >> 4) if protocol == IP_TCP else 8
        yield packet[12:20] + segment[:4], struct.unpack_from("!I", segment, 4)[0], segment[header:]


def tls_message(path):
    """The first ClientHello of a capture, its records put together."""
    flows = {}
    for flow, seq, payload in payloads(path, IP_TCP):
        if payload and (flow in flows or payload[:2] == b"\x16\x03" and payload[5] == 1):
            flows.setdefault(flow, {})[seq] = payload
    stream = b"".join(payload for _, payload in sorted(next(iter(flows.values())).items()))
    message = b""
    while len(message) < 4 or len(message) < 4 + int.from_bytes(message[1:4], "big"):
        length = int.from_bytes(stream[3:5], "big")
        message += stream[5 : 5 + length]
        stream = stream[5 + length :]
    return message[: 4 + int.from_bytes(message[1:4], "big")]


def dtls_message(path):
    """The first ClientHello, which has no cookie yet: without the place for one, as TLS has it."""
    fragment = next(payload for _, _, payload in payloads(path, IP_UDP))[13:]
    body = fragment[12 : 12 + int.from_bytes(fragment[1:4], "big")]
    at = 35 + body[34]
    body = body[:at] + body[at + 1 :]
    return b"\1" + len(body).to_bytes(3, "big") + body


def real(kind="tls"):
    """[(name, ClientHello message)]"""
    folder = needs.source() / "samples/captures"
    if kind == "quic":
        import crypto  # it builds on this module

        return [(name.partition(".")[0], crypto.message_in(folder / name)) for name in QUIC]
    read, names = (tls_message, TLS) if kind == "tls" else (dtls_message, DTLS)
    return [(name.partition(".")[0], read(folder / name)) for name in names]


# -- what a ClientHello is made of: RFC 8446 4.1.2


class Fields:
    """A ClientHello's fields; message() puts them together again. Nothing in it is judged."""

    def __init__(self, message):
        body = message[4:]
        self.version, self.random = body[:2], body[2:34]
        at = 34
        self.session_id, at = self._vector(body, at, 1)
        self.ciphers, at = self._vector(body, at, 2)
        self.compression, at = self._vector(body, at, 1)
        self.extensions = None
        if at < len(body):
            block, at = self._vector(body, at, 2)
            self.extensions = []
            inside = 0
            while inside + 4 <= len(block):
                kind = int.from_bytes(block[inside : inside + 2], "big")
                value, inside = self._vector(block, inside + 2, 2)
                self.extensions.append((kind, value))
        self.after = body[at:]

    @staticmethod
    def _vector(data, at, width):
        length = int.from_bytes(data[at : at + width], "big")
        return data[at + width : at + width + length], at + width + length

    def message(self):
        body = self.version + self.random + bytes([len(self.session_id)]) + self.session_id
        body += struct.pack("!H", len(self.ciphers)) + self.ciphers + bytes([len(self.compression)]) + self.compression
        if self.extensions is not None:
            block = b"".join(struct.pack("!HH", kind, len(value)) + value for kind, value in self.extensions)
            body += struct.pack("!H", len(block)) + block
        body += self.after
        return b"\1" + len(body).to_bytes(3, "big") + body


def is_grease(value):
    return value & 0x0F0F == 0x0A0A and value >> 8 == value & 0xFF


def u16s(data):
    return [value for value, in struct.iter_unpack("!H", data[: len(data) & ~1])]


def ja3(message):
    """Computed here, apart from the core: https://github.com/salesforce/ja3."""
    fields = Fields(message)
    extensions = fields.extensions or []
    first = {}
    for kind, value in extensions:
        first.setdefault(kind, value)
    lists = [
        [value for value in u16s(fields.ciphers) if not is_grease(value)],
        [kind for kind, _ in extensions if not is_grease(kind)],
        [value for value in u16s(first.get(10, b"")[2:]) if not is_grease(value)],
        list(first.get(11, b"")[1:]),
    ]
    text = ",".join([str(int.from_bytes(fields.version, "big")), *("-".join(map(str, values)) for values in lists)])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
