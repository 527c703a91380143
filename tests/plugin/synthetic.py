# SPDX-License-Identifier: BSD-3-Clause
"""Captures written byte by byte, for what no client sends on request.

Hellos, the records they travel in, TCP and UDP, Ethernet and the pcap file: each function puts its layer around the
bytes it is given. Addresses are of RFC 5737 (documentation); TCP and UDP checksums are left 0.
"""

import struct

CLIENT = bytes([192, 0, 2, 1])
SERVER = bytes([198, 51, 100, 2])
CLIENT_PORT, TLS_PORT, DTLS_PORT, VXLAN_PORT, OPENVPN_PORT = 50000, 443, 4433, 4789, 1194

SYN, ACK, PSH_ACK = 0x02, 0x10, 0x18

CLIENT_HELLO, SERVER_HELLO = 1, 2
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE = 20, 21, 22

RANDOM = bytes(range(0x40, 0x60))


# -- hellos: RFC 8446 4.1, extensions of RFC 8446 4.2, RFC 6066 and RFC 7301


def vector(width, data, said=None):
    """A length in width bytes and the data; said, where the length is to be a lie."""
    return (len(data) if said is None else said).to_bytes(width, "big") + data


def u16s(values):
    return b"".join(struct.pack("!H", value) for value in values)


def extension(kind, body=b"", said=None):
    return struct.pack("!H", kind) + vector(2, body, said)


def server_name(name=b"example.org"):
    return extension(0, vector(2, b"\0" + vector(2, name)))


def groups(*values):
    return extension(10, vector(2, u16s(values)))


def point_formats(*values):
    return extension(11, vector(1, bytes(values)))


def signature_algorithms(*values):
    return extension(13, vector(2, u16s(values)))


def alpn(*protocols):
    return extension(16, vector(2, b"".join(vector(1, protocol) for protocol in protocols)))


def versions(*values):
    return extension(43, vector(1, u16s(values)))


def hello_body(
    extensions=(),
    *,
    version=0x0303,
    ciphers=(0x1301, 0xC02F),
    cipher_bytes=None,
    cookie=None,
    block=True,
    tail=b"",
    after=b"",
    said=None,
):
    """The body of a ClientHello.

    cookie: DTLS's, bytes. block: False leaves the extension block out. tail: stray bytes in the block behind the
    extensions; after: behind the block. said: the length that the cipher list claims.
    """
    body = struct.pack("!H", version) + RANDOM + vector(1, b"")
    if cookie is not None:
        body += vector(1, cookie)
    body += vector(2, u16s(ciphers) if cipher_bytes is None else cipher_bytes, said)
    body += vector(1, b"\0")
    if block:
        body += vector(2, b"".join(extensions) + tail)
    return body + after


def message(kind, body):
    return bytes([kind]) + vector(3, body)


def client_hello(*extensions, **options):
    return message(CLIENT_HELLO, hello_body(extensions, **options))


def server_hello(*extensions, version=0x0303, cipher=0x1301):
    body = struct.pack("!H", version) + RANDOM + vector(1, b"") + struct.pack("!HB", cipher, 0)
    return message(SERVER_HELLO, body + vector(2, b"".join(extensions)))


# -- records: RFC 8446 5.1, RFC 6347 4.1 and 4.2.2


def record(data, kind=HANDSHAKE, version=0x0301):
    return struct.pack("!BH", kind, version) + vector(2, data)


def records(data, size):
    """The data in records of at most size bytes."""
    return b"".join(record(data[at : at + size]) for at in range(0, len(data), size))


def dtls_record(fragment, number=0, version=0xFEFD, kind=HANDSHAKE):
    return struct.pack("!BHH", kind, version, 0) + number.to_bytes(6, "big") + vector(2, fragment)


def dtls_fragments(kind, body, cuts=(), sequence=0):
    """A handshake message as a list of fragments, cut at these offsets of its body."""
    ends = [*cuts, len(body)]
    starts = [0, *cuts]
    return [
        struct.pack("!B3sH3s3s", kind, u24(len(body)), sequence, u24(start), u24(end - start)) + body[start:end]
        for start, end in zip(starts, ends)
    ]


def u24(value):
    return value.to_bytes(3, "big")


def dtls_hello(*extensions, version=0xFEFD, cookie=b"", **options):
    """A ClientHello in one fragment, in one record."""
    body = hello_body(extensions, version=version, cookie=cookie, **options)
    return dtls_record(dtls_fragments(CLIENT_HELLO, body)[0])


# -- packets


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(payload, protocol, source=CLIENT, destination=SERVER):
    def header(check):
        return struct.pack(
            "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, check, source, destination
        )

    return header(checksum(header(0))) + payload


def ethernet(packet, kind=0x0800):
    return bytes.fromhex("020000000002" "020000000001") + struct.pack("!H", kind) + packet


def udp(payload, port, source_port=CLIENT_PORT):
    """An Ethernet frame from the client."""
    datagram = struct.pack("!HHHH", source_port, port, 8 + len(payload), 0) + payload
    return ethernet(ipv4(datagram, 17))


def vxlan(frame):
    """RFC 7348, around an Ethernet frame."""
    return udp(struct.pack("!B3s3sB", 8, b"\0\0\0", u24(7), 0) + frame, VXLAN_PORT)


def openvpn(data, number=0):
    """OpenVPN's P_CONTROL_V1, neither acknowledging anything nor authenticated."""
    return udp(b"\x20" + b"sessionA" + b"\0" + struct.pack("!I", number) + data, OPENVPN_PORT)


class Stream:
    """One TCP connection; each method returns one frame, and the sequence numbers go on from it."""

    def __init__(self, port=TLS_PORT, client_port=CLIENT_PORT):
        self.ports = client_port, port
        self.sent = [1000, 9000]

    def frame(self, side, data, flags=PSH_ACK):
        ports, ends = (self.ports, (CLIENT, SERVER)) if side == 0 else (self.ports[::-1], (SERVER, CLIENT))
        acknowledged = self.sent[1 - side] if flags & ACK else 0
        segment = struct.pack("!HHIIBBHHH", *ports, self.sent[side], acknowledged, 5 << 4, flags, 64240, 0, 0)
        self.sent[side] += len(data) + bool(flags & SYN)
        return ethernet(ipv4(segment + data, 6, *ends))

    def open(self):
        """The three frames of the handshake."""
        return [self.frame(0, b"", SYN), self.frame(1, b"", SYN | ACK), self.frame(0, b"", ACK)]

    def client(self, data):
        return self.frame(0, data)

    def server(self, data):
        return self.frame(1, data)


def pcap(path, frames):
    """Writes frames a millisecond apart."""
    with open(path, "wb") as file:
        file.write(struct.pack("!IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for number, frame in enumerate(frames):
            file.write(struct.pack("!IIII", 1700000000, 1000 * number, len(frame), len(frame)) + frame)
