# SPDX-License-Identifier: BSD-3-Clause
"""Varies how a hello is sent in TLS records over TCP: RFC 8446 5.1, and what servers take beyond it.

A dimension is a function of a Draft; it changes the draft and returns a word for what it chose.
"""

import dataclasses
import random
import struct

import hellos
from framing import Framing

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA, HEARTBEAT = range(20, 25)
MAX_RECORD = 1 << 14
MAX_HELLO = 131396  # what the fields of a ClientHello can hold

HELLO_REQUEST = b"\0\0\0\0"


@dataclasses.dataclass
class Record:
    data: bytes
    kind: int = HANDSHAKE
    version: int = 0x0301

    def packed(self):
        return struct.pack("!BHH", self.kind, self.version, len(self.data)) + self.data


@dataclasses.dataclass
class Draft:
    rng: random.Random
    fields: hellos.Fields
    other: bytes  # another client's hello
    sizes: list = None  # of the records, or None: as few as possible
    before: list = dataclasses.field(default_factory=list)  # records
    between: list = dataclasses.field(default_factory=list)  # (index, record)
    behind: list = dataclasses.field(default_factory=list)  # records
    in_front: bytes = b""  # of the message, in its record
    tail: bytes = b""  # of the message, in its record
    versions: list = None  # of the records of the hello, in turn
    ssl2: bool = False
    preface: bytes = b""

    def message(self):
        return self.fields.message()

    def count(self, most=40):
        """Mostly few."""
        return self.rng.choice((1, 1, 1, 1, 2, 2, 2, 3, 4, 5, 8, 16, 31, 32, 33, most))

    def insert(self, extension):
        """In front of the others, and of a PSK, which stands last: RFC 8446 4.2.11; if there is room."""
        kind, value = extension
        extensions = self.fields.extensions or []
        if sum(4 + len(value) for _, value in extensions) + 4 + len(value) <= 65535:
            self.fields.extensions = [(kind, value), *extensions]

    def hello_records(self):
        data = self.in_front + self.message() + self.tail
        sizes = self.sizes or [MAX_RECORD]
        records, at = [], 0
        while at < len(data):
            size = sizes[min(len(records), len(sizes) - 1)]
            records.append(Record(data[at : at + size]))
            at += size
        for i, record in enumerate(records):
            if self.versions:
                record.version = self.versions[i % len(self.versions)]
        return records

    def stream(self):
        if self.ssl2:
            return self.preface + ssl2_hello(self.fields)
        records = self.hello_records()
        for index, record in sorted(self.between, key=lambda pair: -pair[0]):
            records.insert(min(1 + index, len(records) - 1), record)
        return self.preface + b"".join(record.packed() for record in self.before + records + self.behind)


def ssl2_hello(fields):
    """RFC 5246 E.2: the ciphers that SSL 2.0's three bytes can name; no extensions."""
    ciphers = b"".join(b"\0" + struct.pack("!H", value) for value in hellos.u16s(fields.ciphers)[:2000])
    challenge = fields.random
    body = b"\1" + fields.version + struct.pack("!HHH", len(ciphers), 0, len(challenge)) + ciphers + challenge
    return struct.pack("!H", 0x8000 | len(body)) + body


# -- the records of the hello


def record_version(draft):
    """One for all records."""
    kind = draft.rng.choice(("minor", "major", "any", "edge"))
    version = {
        "minor": 0x0300 | draft.rng.randrange(256),
        "major": draft.rng.randrange(256) << 8 | 3,
        "any": draft.rng.randrange(65536),
        "edge": draft.rng.choice((0x0000, 0x0200, 0x0002, 0x0300, 0x0303, 0x0304, 0x0305, 0x03FF, 0xFEFD, 0xFFFF)),
    }[kind]
    draft.versions = [version]
    return f"{version:04x}"


def record_versions(draft):
    """One for each record."""
    draft.versions = [0x0300 | draft.rng.randrange(6) for _ in range(draft.rng.randrange(2, 9))]
    if draft.rng.random() < 0.5:
        draft.versions[draft.rng.randrange(len(draft.versions))] = draft.rng.randrange(65536)
    if draft.sizes is None:
        draft.sizes = [draft.rng.randrange(1, 200)]
    return "/".join(f"{version:04x}" for version in draft.versions)


def record_sizes(draft):
    kind = draft.rng.choice(("one byte", "few bytes", "random", "front", "halves"))
    rng = draft.rng
    draft.sizes = {
        "one byte": [1],
        "few bytes": [rng.randrange(2, 8)],
        "random": [rng.randrange(1, 600) for _ in range(40)],
        "front": [rng.randrange(1, 7) for _ in range(rng.randrange(1, 4))] + [MAX_RECORD],
        "halves": [min(len(draft.message()) // 2, MAX_RECORD), MAX_RECORD],
    }[kind]
    return f"{kind} {draft.sizes[:4]}"


def record_overlong(draft):
    """Up to what a record with encryption may hold: RFC 5246 6.2.3."""
    draft.sizes = [MAX_RECORD + draft.rng.choice((1, 256, 1024, 2048, 2049))]
    draft.insert((21, bytes(20000)))
    return str(draft.sizes[0])


# -- records that are none of the hello


def _splits(draft):
    if draft.sizes is None:
        draft.sizes = [draft.rng.randrange(1, 300)]


def _put(draft, records, where):
    if where == "before":
        draft.before += records
    else:
        _splits(draft)
        place = draft.rng.choice((0, 0, 1, 3))
        draft.between += [(place, record) for record in records]


def _empty(draft, where):
    n = draft.count()
    _put(draft, [Record(b"") for _ in range(n)], where)
    return str(n)


def _alerts(draft, where):
    n = draft.count()
    level = draft.rng.choice((1, 1, 1, 1, 2, 0, 255))
    what = draft.rng.choice((0, 10, 41, 90, 90, 100, 112, 113, 255, draft.rng.randrange(256)))
    kind = draft.rng.choice(("whole", "whole", "whole", "bytes", "two", "empty"))
    body = bytes([level, what])
    bodies = {"whole": [body], "bytes": [body[:1], body[1:]], "two": [body * 2], "empty": [b""]}[kind]
    _put(draft, [Record(data, ALERT) for data in bodies] * n, where)
    return f"{n} × {level}/{what} {kind}"


def _change_cipher_specs(draft, where):
    n = draft.count()
    body = draft.rng.choice((b"\1", b"\1", b"\1", b"\1", b"\0", b"\2", b"\1\1", b"", bytes(9)))
    _put(draft, [Record(body, CHANGE_CIPHER_SPEC, draft.rng.choice((0x0301, 0x0303, 0x0305)))] * n, where)
    return f"{n} × {body.hex()}"


def _others(draft, where):
    kind = draft.rng.choice((HEARTBEAT, HEARTBEAT, APPLICATION_DATA, APPLICATION_DATA, 25, 26, draft.rng.randrange(256)))
    body = draft.rng.choice((b"", b"\1\0\1x" + bytes(16), bytes(1), b"GET / HTTP/1.1\r\n\r\n", draft.rng.randbytes(60)))
    n = draft.rng.choice((1, 1, 2, 5))
    _put(draft, [Record(body, kind)] * n, where)
    return f"{n} × type {kind}, {len(body)} bytes"


def empty_before(draft):
    return _empty(draft, "before")


def empty_between(draft):
    return _empty(draft, "between")


def alerts_before(draft):
    return _alerts(draft, "before")


def alerts_between(draft):
    return _alerts(draft, "between")


def ccs_before(draft):
    return _change_cipher_specs(draft, "before")


def ccs_between(draft):
    return _change_cipher_specs(draft, "between")


def others_before(draft):
    return _others(draft, "before")


def others_between(draft):
    return _others(draft, "between")


def hello_request(draft):
    """A message in front that a server itself may send, RFC 5246 7.4.1.1."""
    n = draft.rng.choice((1, 1, 2, 9))
    if draft.rng.random() < 0.5:
        draft.in_front = HELLO_REQUEST * n
        return f"{n} in the record"
    draft.before += [Record(HELLO_REQUEST)] * n
    return f"{n} before"


# -- behind the hello


def data_behind(draft):
    """In records of their own."""
    rng = draft.rng
    kind = rng.choice(("early data", "handshake", "alert", "ccs", "noise", "zeros", "http"))
    draft.behind += {
        "early data": [Record(rng.randbytes(200), APPLICATION_DATA, 0x0303)] * rng.randrange(1, 4),
        "handshake": [Record(b"\x10\0\0\x05" + bytes(5))],
        "alert": [Record(b"\1\0", ALERT)],
        "ccs": [Record(b"\1", CHANGE_CIPHER_SPEC)] * rng.randrange(1, 4),
        "noise": [Record(rng.randbytes(50), rng.randrange(256), rng.randrange(65536))],
        "zeros": [Record(b"", 0, 0)] * 4,
        "http": [Record(b"GET / HTTP/1.1", 0x47, 0x4554)],
    }[kind]
    return kind


def same_record(draft):
    """In the record of the hello's end."""
    rng = draft.rng
    kind = rng.choice(("hello", "same hello", "part of a hello", "key exchange", "noise", "byte"))
    draft.tail = {
        "hello": draft.other,
        "same hello": draft.message(),
        "part of a hello": draft.other[: rng.randrange(1, len(draft.other))],
        "key exchange": b"\x10\0\0\x42\x41\x04" + rng.randbytes(64),
        "noise": rng.randbytes(40),
        "byte": b"\0",
    }[kind]
    return kind


# -- the hello itself


def size(draft):
    """Up to what a hello can hold."""
    rng = draft.rng
    want = rng.choice((1500, 4096, 16379, 16380, 16381, 20000, 32768, 65500, 66000, 70000, 100000, 120000, MAX_HELLO))
    fields = draft.fields
    room = want - (len(draft.message()) - 4)
    if fields.extensions is not None:
        block = sum(4 + len(value) for _, value in fields.extensions)
        padding = max(0, min(room - 4, 65535 - block - 4))
        draft.insert((21, bytes(padding)))
        room -= padding + 4
    if room > 1:
        n = min(room, 65534 - len(fields.ciphers)) // 2
        fields.ciphers += b"".join(struct.pack("!H", 0x6000 + i % 0x1000) for i in range(n))
    return f"{len(draft.message()) - 4}"


def hello_version(draft):
    version = draft.rng.choice((0x0303, 0x0304, 0x0305, 0x03FF, 0x0400, 0x7F00, 0xFFFF, draft.rng.randrange(65536)))
    draft.fields.version = struct.pack("!H", version)
    return f"{version:04x}"


def session_id(draft):
    length = draft.rng.choice((0, 1, 16, 31, 32, 33, 255))
    draft.fields.session_id = draft.rng.randbytes(length)
    return str(length)


def compression(draft):
    draft.fields.compression = draft.rng.choice((b"\0\1", b"\1\0", b"\0\x40", bytes(range(255)), b"", b"\0" * 200))
    return draft.fields.compression[:4].hex() + f" {len(draft.fields.compression)}"


def extra_extensions(draft):
    rng = draft.rng
    n = rng.choice((1, 5, 60, 300))
    kinds = rng.sample(range(0x1000, 0xF000), n)
    for kind in kinds:
        if not hellos.is_grease(kind):
            draft.insert((kind, rng.randbytes(rng.choice((0, 0, 1, 30)))))
    return str(n)


def extension_twice(draft):
    if not draft.fields.extensions:
        return "none"
    twice = draft.rng.choice(draft.fields.extensions)
    draft.insert(twice)
    return str(twice[0])


def leftover(draft):
    """Behind the extensions."""
    draft.fields.after = draft.rng.choice((b"\0", bytes(3), draft.rng.randbytes(20)))
    return str(len(draft.fields.after))


def ssl2(draft):
    draft.ssl2 = True
    if draft.rng.random() < 0.7:
        draft.fields.version = b"\3" + bytes([draft.rng.randrange(4)])
    return draft.fields.version.hex()


DIMENSIONS = {
    function.__name__.replace("_", "-"): function
    for function in (
        hello_version,
        session_id,
        compression,
        extra_extensions,
        extension_twice,
        leftover,
        size,
        record_version,
        record_sizes,
        record_versions,
        record_overlong,
        empty_before,
        empty_between,
        alerts_before,
        alerts_between,
        ccs_before,
        ccs_between,
        others_before,
        others_between,
        hello_request,
        same_record,
        data_behind,
        ssl2,
    )
}


def cuts(rng, length):
    """Where TCP segments end."""
    kind = rng.choice(("few", "few", "one", "front", "many"))
    if kind == "one" or length < 2:
        return ()
    if kind == "front":
        return tuple(range(1, min(length, rng.randrange(2, 12))))
    n = rng.randrange(1, 4) if kind == "few" else rng.randrange(4, 20)
    return tuple(sorted({rng.randrange(1, length) for _ in range(n)}))


def generate(seed, number, clients):
    """The framing of that number; it depends on nothing else."""
    rng = random.Random(f"{seed}/records/{number}")
    client, message = rng.choice(clients)
    draft = Draft(rng, hellos.Fields(message), rng.choice(clients)[1])
    names = list(DIMENSIONS)
    chosen = [] if number == 0 else rng.sample(names, rng.choice((1, 1, 1, 1, 2, 2, 3)))
    varied = {name: DIMENSIONS[name](draft) for name in names if name in chosen}
    stream = draft.stream()
    return Framing(number, client, draft.message(), varied, stream, cuts(rng, len(stream)))
