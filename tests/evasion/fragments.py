# SPDX-License-Identifier: BSD-3-Clause
"""Varies how a hello is sent in DTLS: fragments in records in datagrams, RFC 6347 4.1 and 4.2.

A dimension is a function of a Draft; it changes the draft and returns a word for what it chose.
"""

import dataclasses
import random
import struct

import hellos
from framing import Framing

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = range(20, 24)
CLIENT_HELLO, SERVER_HELLO, HELLO_VERIFY_REQUEST = 1, 2, 3
MAX_FRAGMENT = 1400


@dataclasses.dataclass
class Record:
    data: bytes
    kind: int = HANDSHAKE
    version: int = 0xFEFF
    epoch: int = 0
    number: int = None  # None: the next one

    def packed(self):
        head = struct.pack("!BHH", self.kind, self.version, self.epoch)
        return head + self.number.to_bytes(6, "big") + struct.pack("!H", len(self.data)) + self.data


@dataclasses.dataclass
class Draft:
    rng: random.Random
    fields: hellos.Fields
    cookie: bytes = b""
    message_seq: int = 0
    version: int = 0xFEFF
    versions: list = None
    cuts: list = None
    shuffled: bool = False
    repeated: int = 0
    overlapped: int = 0
    empty: int = 0
    per_record: int = 1  # fragments in a record
    per_datagram: int = 1  # records in a datagram
    between: list = dataclasses.field(default_factory=list)  # (place, record)
    before: list = dataclasses.field(default_factory=list)  # datagrams
    first_number: int = 0
    number_step: int = 1
    tail: bytes = b""  # of each record
    behind: bytes = b""  # of the last datagram
    again: int = 0

    def body(self):
        """A DTLS hello's, with its cookie: RFC 6347 4.2.1."""
        plain = self.fields.message()[4:]
        at = 35 + plain[34]
        return plain[:at] + bytes([len(self.cookie)]) + self.cookie + plain[at:]

    def message(self):
        body = self.body()
        return b"\1" + len(body).to_bytes(3, "big") + body

    def fragment(self, body, start, end):
        head = b"\1" + len(body).to_bytes(3, "big") + struct.pack("!H", self.message_seq)
        return head + start.to_bytes(3, "big") + (end - start).to_bytes(3, "big") + body[start:end]

    def fragments(self):
        body, rng = self.body(), self.rng
        edges = sorted({0, *(cut for cut in self.cuts or () if cut < len(body))})
        pieces = list(zip(edges, [*edges[1:], len(body)]))
        pieces = [(at, min(at + MAX_FRAGMENT, end)) for start, end in pieces for at in range(start, end, MAX_FRAGMENT)]
        for _ in range(self.overlapped):
            start = rng.randrange(len(body))
            pieces.insert(rng.randrange(len(pieces) + 1), (start, min(len(body), start + rng.randrange(1, 150))))
        pieces += [rng.choice(pieces) for _ in range(self.repeated)]
        pieces += [(at, at) for at in rng.choices((0, 1, len(body)), k=self.empty)]
        if self.shuffled:
            rng.shuffle(pieces)
        return [self.fragment(body, start, end) for start, end in pieces]

    def records(self):
        fragments = self.fragments()
        joined = [b"".join(fragments[at : at + self.per_record]) for at in range(0, len(fragments), self.per_record)]
        records = [Record(data + self.tail, version=self.version) for data in joined]
        if self.versions:
            for i, record in enumerate(records):
                record.version = self.versions[i % len(self.versions)]
        for place, record in self.between:
            records.insert(min(place, len(records)), dataclasses.replace(record))
        for _ in range(self.again):
            records += [dataclasses.replace(record) for record in records]
        for i, record in enumerate(records):
            if record.number is None:
                record.number = (self.first_number + i * self.number_step) % (1 << 48)
        return records

    def datagrams(self):
        packed = [record.packed() for record in self.records()]
        datagrams = [b"".join(packed[at : at + self.per_datagram]) for at in range(0, len(packed), self.per_datagram)]
        datagrams[-1] += self.behind
        return self.before + datagrams

    def with_cookie(self, cookie):
        """The second hello: RFC 6347 4.2.1."""
        self.first_number += len(self.records()) * self.number_step
        self.cookie, self.message_seq, self.before = cookie, self.message_seq + 1, []
        return self.datagrams()


# -- records


def record_version(draft):
    draft.version = draft.rng.choice((0xFEFD, 0xFEFC, 0x0100, 0xFE00, 0xFEFE, 0x0303, 0xFFFF, draft.rng.randrange(65536)))
    return f"{draft.version:04x}"


def record_versions(draft):
    if not draft.cuts:
        fragment_cuts(draft)
    draft.versions = [draft.rng.choice((0xFEFF, 0xFEFD, 0xFEFC, 0xFE12)) for _ in range(4)]
    return "/".join(f"{version:04x}" for version in draft.versions)


def record_numbers(draft):
    draft.first_number = draft.rng.choice((1, 5, 1000, 1 << 32, (1 << 48) - 100))
    draft.number_step = draft.rng.choice((1, 2, 9))
    return f"{draft.first_number} +{draft.number_step}"


def records_together(draft):
    """In one datagram."""
    if not draft.cuts:
        fragment_cuts(draft)
    draft.per_datagram = draft.rng.choice((2, 3, 100))
    return str(draft.per_datagram)


def fragments_together(draft):
    """In one record."""
    if not draft.cuts:
        fragment_cuts(draft)
    draft.per_record = draft.rng.choice((2, 3, 100))
    return str(draft.per_record)


def _junk(draft):
    rng = draft.rng
    kind = rng.choice(("alert", "warnings", "ccs", "data", "empty", "epoch 1", "type", "hello request", "decoy"))
    record = {
        "alert": Record(b"\1\0", ALERT),
        "warnings": Record(b"\1\x5a", ALERT),
        "ccs": Record(b"\1", CHANGE_CIPHER_SPEC),
        "data": Record(rng.randbytes(40), APPLICATION_DATA),
        "empty": Record(b""),
        "epoch 1": Record(rng.randbytes(60), epoch=1),
        "type": Record(rng.randbytes(20), rng.randrange(256)),
        "hello request": Record(bytes(12)),
        "decoy": Record(b"\1\0\x01\x00\0\7\0\0\0\0\0\x40" + rng.randbytes(64)),
    }[kind]
    return kind, record


def junk_before(draft):
    kind, record = _junk(draft)
    n = draft.rng.choice((1, 1, 2, 8))
    draft.between += [(0, record)] * n
    return f"{n} × {kind}"


def junk_between(draft):
    if not draft.cuts:
        fragment_cuts(draft)
    kind, record = _junk(draft)
    draft.between.append((draft.rng.randrange(1, 4), record))
    return kind


def record_tail(draft):
    """Behind the fragment."""
    draft.tail = draft.rng.choice((b"\0", bytes(12), draft.rng.randbytes(20)))
    return str(len(draft.tail))


def datagram_tail(draft):
    draft.behind = draft.rng.choice((b"\0", bytes(13), draft.rng.randbytes(30), b"\x17\xfe\xfd" + bytes(10)))
    return str(len(draft.behind))


def datagrams_before(draft):
    rng = draft.rng
    kind = rng.choice(("empty", "byte", "noise", "half a record", "text"))
    draft.before.append(
        {
            "empty": b"",
            "byte": b"\x16",
            "noise": rng.randbytes(80),
            "half a record": b"\x16\xfe\xff" + bytes(8) + b"\1\0\1",
            "text": b"hello",
        }[kind]
    )
    return kind


# -- fragments


def fragment_cuts(draft):
    kind = draft.rng.choice(("two", "few", "small", "bytes in front"))
    length = len(draft.body())
    if kind == "small":
        draft.cuts = list(range(0, length, draft.rng.randrange(4, 40)))
    elif kind == "bytes in front":
        draft.cuts = list(range(draft.rng.randrange(2, 8)))
    else:
        draft.cuts = [draft.rng.randrange(1, length) for _ in range(1 if kind == "two" else draft.rng.randrange(2, 8))]
    return kind


def fragments_shuffled(draft):
    if not draft.cuts:
        fragment_cuts(draft)
    draft.shuffled = True
    return "random"


def fragments_repeated(draft):
    draft.repeated = draft.rng.choice((1, 2, 5))
    return str(draft.repeated)


def fragments_overlapping(draft):
    draft.overlapped = draft.rng.choice((1, 2, 6))
    return str(draft.overlapped)


def fragments_empty(draft):
    draft.empty = draft.rng.choice((1, 2, 5))
    return str(draft.empty)


def sent_again(draft):
    """All of it, in records of their own."""
    draft.again = draft.rng.choice((1, 1, 2))
    return str(draft.again)


def message_sequence(draft):
    draft.message_seq = draft.rng.choice((1, 2, 5, 65535))
    return str(draft.message_seq)


def hello_version(draft):
    draft.fields.version = draft.rng.choice((b"\xfe\xff", b"\xfe\xfd", b"\xfe\xfc", b"\xfe\xfe", b"\xfe\x00", b"\3\3"))
    return draft.fields.version.hex()


def hello_size(draft):
    n = draft.rng.choice((500, 1500, 4000, 12000, 16300, 20000))
    draft.fields.extensions = [(21, bytes(n)), *(draft.fields.extensions or [])]
    return str(n)


def server_first(draft):
    """In the capture: what the server sent stands in front."""
    return "all" if draft else ""


DIMENSIONS = {
    function.__name__.replace("_", "-"): function
    for function in (
        hello_version,
        hello_size,
        message_sequence,
        fragment_cuts,
        fragments_shuffled,
        fragments_repeated,
        fragments_overlapping,
        fragments_empty,
        fragments_together,
        sent_again,
        record_version,
        record_versions,
        record_numbers,
        records_together,
        record_tail,
        junk_before,
        junk_between,
        datagram_tail,
        datagrams_before,
        server_first,
    )
}


def generate(seed, number, clients):
    """The framing of that number; it depends on nothing else."""
    rng = random.Random(f"{seed}/dtls/{number}")
    client, message = rng.choice(clients)
    draft = Draft(rng, hellos.Fields(message))
    names = list(DIMENSIONS)
    chosen = [] if number == 0 else rng.sample(names, rng.choice((1, 1, 1, 2, 2, 3)))
    varied = {name: DIMENSIONS[name](draft) for name in names if name in chosen}
    datagrams = draft.datagrams()
    return Framing(number, client, draft.fields.message(), varied, datagrams=datagrams, draft=draft)


# -- what the server says


def answered(payload):
    """(type, body) of the first handshake message in a datagram; (None, b"") for none; an alert is (0, b"")."""
    at = 0
    while at + 13 <= len(payload):
        kind, length = payload[at], int.from_bytes(payload[at + 11 : at + 13], "big")
        body = payload[at + 13 : at + 13 + length]
        if kind == HANDSHAKE and len(body) > 12:
            return body[0], body[12:]
        if kind == ALERT and len(body) == 2 and body[0] == 2:
            return 0, body
        at += 13 + length
    return None, b""
