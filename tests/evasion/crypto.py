# SPDX-License-Identifier: BSD-3-Clause
"""Varies how a hello is sent in QUIC: CRYPTO frames in Initial packets in datagrams, RFC 9000 12, 17.2.2 and 19.6.

A dimension is a function of a Draft; it changes the draft and returns a word for what it chose.
"""

import dataclasses
import hashlib
import hmac
import random
import struct

import hellos
from framing import Framing

import initials
from initials import CRYPTO, V1, V2, crypto, varint

TRANSPORT_PARAMETERS, DRAFT_TRANSPORT_PARAMETERS = 0x39, 0xFFA5
INITIAL_SOURCE_CONNECTION_ID = 0x0F
VERSION_INFORMATION = (0x11, 0xFF73DB)  # RFC 9368's, and its draft's
ALPN = 16
MIN_DATAGRAM = 1200
V2_DRAFT = 0x709A50C4  # draft-ietf-quic-v2
DRAFTS = [0xFF000000 | number for number in range(23, 35)]
MVFST = [0xFACEB002, 0xFACEB00E]
UNKNOWN = 0x1A2A3A4A

SALT_DRAFT_23 = bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502")
SALT_V2_DRAFT = bytes.fromhex("a707c203a59b47184a1d62ca570406ea7ae3e5d3")
PING, PADDING = b"\1", b"\0"
SERVER_HELLO = 2


def salt(version):
    """Drafts have one for a few of them each; mvfst's are draft 27."""
    if version == V2_DRAFT:
        return SALT_V2_DRAFT
    return SALT_DRAFT_23 if DRAFTS[0] <= version <= 0xFF00001C or version in MVFST else initials.salt(version)


def is_v2(version):
    return version in (V2, V2_DRAFT)


def initial_byte(version):
    """Of an Initial; version 2 numbers the types anew."""
    return initials.first_byte(V2 if is_v2(version) else V1, initials.INITIAL)


def keys(version, dcid, side):
    """RFC 9001 5.2, RFC 9369 3.3."""
    secret = hmac.digest(salt(version), dcid, hashlib.sha256)
    secret = initials.expand_label(secret, side + b" in", 32)
    prefix = b"quicv2 " if is_v2(version) else b"quic "
    lengths = {b"key": 16, b"iv": 12, b"hp": 16}
    return [initials.expand_label(secret, prefix + name, length) for name, length in lengths.items()]


def read_varint(data, at):
    width = 1 << (data[at] >> 6)
    return int.from_bytes(data[at : at + width], "big") & (1 << (8 * width - 2)) - 1, at + width


def transport_parameters(given, scid, others):
    """With this connection ID, RFC 9000 7.3; and with these in place of the versions that the client names."""
    out, at = b"", 0
    while at < len(given):
        kind, at = read_varint(given, at)
        length, at = read_varint(given, at)
        if kind not in (INITIAL_SOURCE_CONNECTION_ID, *VERSION_INFORMATION):
            out += varint(kind) + varint(length) + given[at : at + length]
        at += length
    for kind, value in ((INITIAL_SOURCE_CONNECTION_ID, scid), *others):
        out += varint(kind) + varint(len(value)) + value
    return out


@dataclasses.dataclass
class Packet:
    """An Initial packet, not sealed yet."""

    frames: list
    number: int = 0
    number_len: int = 2
    token: bytes = b""


@dataclasses.dataclass
class Draft:
    rng: random.Random
    fields: hellos.Fields
    other: hellos.Fields
    version: int = V1
    dcid: bytes = b""
    scid: bytes = b""
    token: bytes = b""
    pieces: list = None  # [(start, end)]; None: as few as possible
    shuffled: bool = False
    repeated: int = 0
    overlapped: int = 0
    between: list = dataclasses.field(default_factory=list)  # frames
    wide: tuple = (None, None, None)  # widths of a CRYPTO frame's type, offset and length
    per_packet: int = 0  # frames; 0: as many as fit
    packets_shuffled: bool = False
    datagrams_repeated: bool = False
    together: bool = False  # several packets in a datagram
    first_number: int = 0
    number_step: int = 1
    number_len: int = 2
    behind: list = dataclasses.field(default_factory=list)  # bytes behind the last packet
    before: list = dataclasses.field(default_factory=list)  # datagrams
    beside: list = dataclasses.field(default_factory=list)  # datagrams of another connection
    parameters: list = dataclasses.field(default_factory=list)  # transport parameters
    size: int = MIN_DATAGRAM
    first_bits: int = 0  # flipped in the first byte
    length_width: int = 2
    token_width: int = 1

    def message(self):
        draft = self.version & 0xFF if self.version in DRAFTS else 27 if self.version in MVFST else None
        wanted = DRAFT_TRANSPORT_PARAMETERS if draft and draft <= 32 else TRANSPORT_PARAMETERS
        for index, (kind, value) in enumerate(self.fields.extensions):
            if kind in (TRANSPORT_PARAMETERS, DRAFT_TRANSPORT_PARAMETERS):
                self.fields.extensions[index] = (wanted, transport_parameters(value, self.scid, self.parameters))
            if kind == ALPN and draft:
                self.fields.extensions[index] = (kind, b"\0\6\5h3-%d" % draft)
        return self.fields.message()

    # from the message to datagrams

    def crypto_frame(self, offset, data):
        kind, offset_width, length_width = self.wide
        return varint(CRYPTO, kind) + varint(offset, offset_width) + varint(len(data), length_width) + data

    def frames(self, message):
        pieces = self.pieces or [(0, len(message))]
        pieces = list(pieces)
        for _ in range(self.overlapped):
            start = self.rng.randrange(len(message))
            pieces.insert(self.rng.randrange(len(pieces) + 1), (start, min(len(message), start + self.rng.randrange(1, 200))))
        pieces += [self.rng.choice(pieces) for _ in range(self.repeated)]
        if self.shuffled:
            self.rng.shuffle(pieces)
        cut = []  # to what a datagram can hold
        for start, end in pieces:
            cut += [(at, min(at + 1000, end)) for at in range(start, end, 1000)]
        frames = [self.crypto_frame(start, message[start:end]) for start, end in cut]
        for frame in self.between:
            frames.insert(self.rng.randrange(len(frames) + 1), frame)
        return frames

    def packets(self, message):
        groups, room = [[]], 0
        for frame in self.frames(message):
            full = room + len(frame) > 1050 or self.per_packet and len(groups[-1]) >= self.per_packet
            if groups[-1] and full:
                groups.append([])
                room = 0
            groups[-1].append(frame)
            room += len(frame)
        packets = [
            Packet(frames, self.first_number + i * self.number_step, self.number_len, self.token)
            for i, frames in enumerate(groups)
        ]
        if self.packets_shuffled:
            self.rng.shuffle(packets)
        return packets

    def sealed(self, packet, size):
        return seal(self, b"".join(packet.frames), packet, size)

    def datagrams(self):
        packets = self.packets(self.message())
        datagrams = []
        if self.together:
            data = b""
            for packet in packets:
                size = sum(map(len, packet.frames)) + 100
                if data and len(data) + size > 1400:
                    datagrams.append(data)
                    data = b""
                last = packet is packets[-1]
                data += self.sealed(packet, max(0, self.size - len(data)) if last else 0)
            datagrams.append(data)
            datagrams = [data + bytes(max(0, MIN_DATAGRAM - len(data))) for data in datagrams]
        else:
            datagrams = [self.sealed(packet, self.size) for packet in packets]
        datagrams[-1] += b"".join(self.behind)
        if self.datagrams_repeated:
            datagrams = [datagram for datagram in datagrams for _ in range(self.rng.randrange(1, 4))]
        for datagram in self.beside:
            datagrams.insert(self.rng.randrange(len(datagrams) + 1), datagram)
        return self.before + datagrams


    def after_retry(self, scid, token):
        """The same hello again, with keys that follow from the server's connection ID: RFC 9000 17.2.5."""
        self.dcid, self.token = scid, token
        self.before, self.beside = [], []
        return self.datagrams()


def seal(draft, frames, packet, size):
    """RFC 9001 5; what initials.initial() does, with every field as wide as wanted."""
    key, iv, hp = keys(draft.version, draft.dcid, b"client")
    first = initial_byte(draft.version) | packet.number_len - 1
    head = struct.pack("!BI", first ^ draft.first_bits, draft.version)
    head += bytes([len(draft.dcid)]) + draft.dcid + bytes([len(draft.scid)]) + draft.scid
    head += varint(len(packet.token), max(draft.token_width, 2 if len(packet.token) > 63 else 1)) + packet.token
    taken = len(head) + draft.length_width + packet.number_len + 16
    frames += PADDING * max(4 - packet.number_len, size - taken - len(frames), 0)
    length = packet.number_len + len(frames) + 16
    head += varint(length, max(draft.length_width, 2))
    number = packet.number & (1 << 8 * packet.number_len) - 1
    header = head + number.to_bytes(packet.number_len, "big")
    nonce = (int.from_bytes(iv, "big") ^ packet.number).to_bytes(12, "big")
    sealed = header + initials.AESGCM(key).encrypt(nonce, frames, header)
    return initials.protect(sealed, len(head), packet.number_len, hp)


# -- frames


def frames_split(draft):
    kind = draft.rng.choice(("two", "few", "many", "small", "bytes in front"))
    length = len(draft.message())
    if kind == "small":
        edges = list(range(0, length, draft.rng.randrange(8, 60)))
    elif kind == "bytes in front":
        edges = list(range(draft.rng.randrange(2, 12)))
    else:
        n = {"two": 1, "few": draft.rng.randrange(2, 6), "many": draft.rng.randrange(6, 40)}[kind]
        edges = sorted({0, *(draft.rng.randrange(length) for _ in range(n))})
    draft.pieces = list(zip(edges, [*edges[1:], length]))
    return kind


def frames_shuffled(draft):
    """As Chromium does."""
    if draft.pieces is None:
        frames_split(draft)
    draft.shuffled = True
    return f"{len(draft.pieces)} frames"


def frames_repeated(draft):
    draft.repeated = draft.rng.choice((1, 2, 5))
    return str(draft.repeated)


def frames_overlapping(draft):
    draft.overlapped = draft.rng.choice((1, 2, 6))
    return str(draft.overlapped)


def frames_between(draft):
    """PADDING and PING, as Chromium does; ACK; empty CRYPTO frames."""
    rng = draft.rng
    if draft.pieces is None:
        frames_split(draft)
    kind = rng.choice(("padding", "ping", "both", "ack", "empty"))
    draft.between = {
        "padding": [PADDING * rng.randrange(1, 60) for _ in range(5)],
        "ping": [PING] * rng.randrange(1, 6),
        "both": [rng.choice((PING, PADDING * 9)) for _ in range(12)],
        "ack": [initials.ACK],
        "empty": [crypto(rng.choice((0, 5, 70)), b"")] * 3,
    }[kind]
    return kind


def frames_wide(draft):
    """Variable-length integers longer than they need to be, RFC 9000 16; and 12.4 for a frame's type."""
    kind = draft.rng.choice(("offset and length", "offset and length", "type"))
    draft.wide = (draft.rng.choice((2, 4, 8)), None, None) if kind == "type" else (None, *draft.rng.choices((2, 4, 8), k=2))
    return f"{kind} {draft.wide}"


# -- packets


def packet_each(draft):
    if draft.pieces is None:
        frames_split(draft)
    draft.per_packet = draft.rng.choice((1, 1, 2, 3))
    return str(draft.per_packet)


def packets_shuffled(draft):
    packet_each(draft)
    draft.packets_shuffled = True
    return "random"


def packets_together(draft):
    packet_each(draft)
    draft.together = True
    return "coalesced"


def packet_numbers(draft):
    draft.first_number = draft.rng.choice((0, 1, 2, 100, 255, 256, 65535, 1 << 20))
    draft.number_step = draft.rng.choice((1, 1, 2, 7))
    draft.number_len = draft.rng.choice((1, 2, 3, 4))
    if draft.first_number >= 1 << 8 * draft.number_len - 1:
        draft.number_len = 4
    return f"{draft.first_number} +{draft.number_step} in {draft.number_len}"


def numbers_across(draft):
    """Sent as one byte, whose meaning depends on the number before: RFC 9000 A.3."""
    packet_each(draft)
    draft.per_packet = 1
    draft.first_number, draft.number_step = draft.rng.randrange(200, 256), draft.rng.choice((1, 3, 40, 100))
    draft.number_len = 1
    return f"{draft.first_number} +{draft.number_step}"


def small_decoy(draft):
    """The same bytes of another hello, in a datagram so small that servers drop it: RFC 9000 14.1."""
    message = draft.other.message()[:600]
    packet = Packet([crypto(0, message[: draft.rng.randrange(50, 600)])], 0)
    draft.before.append(draft.sealed(packet, 0))
    return f"{len(draft.before[-1])} bytes"


def length_wide(draft):
    draft.length_width, draft.token_width = draft.rng.choice((4, 8)), draft.rng.choice((1, 2, 4, 8))
    return f"length {draft.length_width}, token {draft.token_width}"


def connection_ids(draft):
    draft.dcid = draft.rng.randbytes(draft.rng.choice((8, 9, 15, 18, 19, 20)))
    draft.scid = draft.rng.randbytes(draft.rng.choice((0, 1, 4, 8, 20)))
    return f"{len(draft.dcid)} and {len(draft.scid)}"


def token(draft):
    draft.token = draft.rng.randbytes(draft.rng.choice((1, 16, 63, 64, 120)))
    return str(len(draft.token))


def first_byte(draft):
    """The fixed bit, RFC 9287, and reserved ones."""
    draft.first_bits = draft.rng.choice((0x40, 0x40, 0x04, 0x08, 0x0C))
    return f"{draft.first_bits:02x}"


# -- datagrams


def datagrams_repeated(draft):
    draft.datagrams_repeated = True
    return "1 to 3 times"


def datagram_size(draft):
    draft.size = draft.rng.choice((0, 600, 1199, 1200, 1201, 1252, 1350, 1452, 1472, 4000, 8000))
    return str(draft.size)


def _opaque(draft, kind):
    """With keys that are not known yet."""
    version = V2 if is_v2(draft.version) else draft.version
    packet = initials.opaque(kind, draft.dcid, version=version, scid=draft.scid)
    return packet[:1] + struct.pack("!I", draft.version) + packet[5:]


def coalesced(draft):
    """With what a server cannot open yet, or never."""
    rng = draft.rng
    kind = rng.choice(("0-RTT", "handshake", "short header", "zeros", "noise", "other version", "byte"))
    packet = {
        "0-RTT": _opaque(draft, initials.ZERO_RTT),
        "handshake": _opaque(draft, initials.HANDSHAKE),
        "short header": b"\x41" + draft.dcid + rng.randbytes(60),
        "zeros": bytes(50),
        "noise": rng.randbytes(50),
        "other version": initials.opaque(initials.INITIAL, draft.dcid, version=UNKNOWN, scid=draft.scid),
        "byte": b"\xff",
    }[kind]
    draft.behind.append(packet)
    return kind


def datagrams_before(draft):
    rng = draft.rng
    kind = rng.choice(("noise", "short header", "0-RTT", "handshake", "empty", "negotiation", "damaged"))
    packet = {
        "noise": rng.randbytes(100),
        "short header": b"\x41" + rng.randbytes(60),
        "0-RTT": _opaque(draft, initials.ZERO_RTT),
        "handshake": _opaque(draft, initials.HANDSHAKE),
        "empty": b"",
        "negotiation": initials.version_negotiation(draft.scid, draft.dcid, V1, V2),
        "damaged": initials.initial(crypto(0, b"\2\0\0\1x"), draft.dcid, scid=draft.scid, key_dcid=b"12345678", size=1200),
    }[kind]
    draft.before.append(packet)
    return kind


def asked_first(draft):
    """The same hello under a version that nobody knows: the server names those that it knows, RFC 9000 6."""
    version, draft.version = draft.version, UNKNOWN
    draft.before += [draft.sealed(packet, MIN_DATAGRAM) for packet in draft.packets(draft.message())][:1]
    draft.version = version
    return "1a2a3a4a"


def beside(draft):
    """Another connection on the same 5-tuple."""
    other = Draft(draft.rng, draft.other, draft.other, dcid=draft.rng.randbytes(8), scid=draft.rng.randbytes(8))
    packet_each(other)
    draft.beside = other.datagrams()
    return f"{len(draft.beside)} datagrams"


def version(draft):
    draft.version = draft.rng.choice((V1, V2, V2, V2_DRAFT, V2_DRAFT, 0xFF00001D, 0xFF00001D, *DRAFTS, *MVFST, UNKNOWN))
    return f"{draft.version:08x}"


def compatible(draft):
    """The client would take other versions, too; the server may go on with one of them: RFC 9368 2.3."""
    kind = draft.rng.choice(VERSION_INFORMATION)
    versions = draft.rng.sample((V1, V2, V2_DRAFT, UNKNOWN), 3)
    draft.parameters = [(kind, b"".join(struct.pack("!I", version) for version in (draft.version, *versions)))]
    return f"{kind:x}: " + "/".join(f"{version:08x}" for version in versions)


def hello_size(draft):
    """Of several datagrams."""
    n = draft.rng.choice((1000, 1200, 2400, 5000, 12000))
    draft.fields.extensions.insert(0, (21, bytes(n)))
    return str(n)


def server_first(draft):
    """In the capture: what the server sent stands in front."""
    return "all" if draft else ""


DIMENSIONS = {
    function.__name__.replace("_", "-"): function
    for function in (
        version,
        compatible,
        connection_ids,
        hello_size,
        frames_split,
        frames_shuffled,
        frames_repeated,
        frames_overlapping,
        frames_between,
        frames_wide,
        packet_each,
        packets_shuffled,
        packets_together,
        packet_numbers,
        numbers_across,
        small_decoy,
        length_wide,
        token,
        first_byte,
        datagrams_repeated,
        datagram_size,
        coalesced,
        datagrams_before,
        server_first,
        asked_first,
        beside,
    )
}


def generate(seed, number, clients):
    """The framing of that number; it depends on nothing else."""
    rng = random.Random(f"{seed}/quic/{number}")
    client, message = rng.choice(clients)
    draft = Draft(rng, hellos.Fields(message), hellos.Fields(rng.choice(clients)[1]))
    draft.dcid, draft.scid = rng.randbytes(rng.choice((8, 18))), rng.randbytes(rng.choice((0, 5, 8)))
    names = list(DIMENSIONS)
    chosen = [] if number == 0 else rng.sample(names, rng.choice((1, 1, 1, 2, 2, 3)))
    varied = {name: DIMENSIONS[name](draft) for name in names if name in chosen}
    datagrams = draft.datagrams()
    return Framing(number, client, draft.message(), varied, datagrams=datagrams, draft=draft)


# -- what others say


def message_in(path):
    """The first ClientHello of a capture."""
    data, dcid = {}, None
    for _, _, payload in hellos.payloads(path, hellos.IP_UDP):
        dcid = dcid or payload[6 : 6 + payload[5]]
        for kind, frames in opened(payload, dcid, b"client"):
            for offset, piece in crypto_pieces(frames or b""):
                data[offset] = piece
        message = b"".join(data[offset] for offset in sorted(data))
        if len(message) > 4 and message[0] == 1 and len(message) >= 4 + int.from_bytes(message[1:4], "big"):
            return message[: 4 + int.from_bytes(message[1:4], "big")]
    raise AssertionError(f"{path}: no hello")


def opened(packet, dcid, side=b"server"):
    """(kind, frames) of each long-header packet of a datagram, opened with the keys of this connection ID; frames is
    None where it cannot be opened."""
    while len(packet) > 7 and packet[0] & 0x80:
        version = struct.unpack_from("!I", packet, 1)[0]
        at = 5
        ids = []
        for _ in range(2):
            ids.append(packet[at + 1 : at + 1 + packet[at]])
            at += 1 + packet[at]
        if version == 0:
            yield "version negotiation", None
            return
        kind = (packet[0] >> 4 & 3) - is_v2(version) & 3
        if kind == initials.RETRY:
            yield "retry", (ids[1], packet[at:-16])
            return
        if kind == initials.INITIAL:
            length, at = read_varint(packet, at)
            at += length
        length, at = read_varint(packet, at)
        yield ("initial", unsealed(packet, at, length, version, dcid, side)) if kind == initials.INITIAL else ("other", None)
        packet = packet[at + length :]


def unsealed(packet, number_at, length, version, dcid, side):
    key, iv, hp = keys(version, dcid, side)
    encryptor = initials.Cipher(initials.algorithms.AES(hp), initials.modes.ECB()).encryptor()
    mask = encryptor.update(packet[number_at + 4 : number_at + 20])
    first = packet[0] ^ mask[0] & 0x0F
    number_len = 1 + (first & 3)
    number = bytes(a ^ b for a, b in zip(packet[number_at : number_at + number_len], mask[1:]))
    header = bytes([first]) + packet[1:number_at] + number
    nonce = (int.from_bytes(iv, "big") ^ int.from_bytes(number, "big")).to_bytes(12, "big")
    try:
        return initials.AESGCM(key).decrypt(nonce, packet[number_at + number_len : number_at + length], header)
    except Exception:  # noqa: BLE001: of another key
        return None


def crypto_pieces(frames):
    """(offset, bytes) of each CRYPTO frame; CONNECTION_CLOSE is (None, b"")."""
    at = 0
    while at < len(frames):
        kind, at = read_varint(frames, at)
        if kind in (2, 3):  # ACK: RFC 9000 19.3
            _, at = read_varint(frames, at)
            _, at = read_varint(frames, at)
            n, at = read_varint(frames, at)
            for _ in range(1 + 2 * n + (3 if kind == 3 else 0)):
                _, at = read_varint(frames, at)
        elif kind == CRYPTO:
            offset, at = read_varint(frames, at)
            length, at = read_varint(frames, at)
            yield offset, frames[at : at + length]
            at += length
        elif kind > 1:
            yield None, b""
            return


def says_hello(frames):
    """Whether a ServerHello starts among these frames; None: they do not say."""
    for offset, data in crypto_pieces(frames):
        if offset is None:
            return False
        if offset == 0 and data:
            return data[0] == SERVER_HELLO
    return None
