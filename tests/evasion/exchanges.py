# SPDX-License-Identifier: BSD-3-Clause
"""Random TCP exchanges whose segments disagree about their bytes.

What is sent is a ClientHello. Each copy of a byte of its cipher list differs from every other, and so the list that
comes out says which copies were taken. An exchange is a list of packets; a dimension is a function that puts its own
between those that deliver the stream.
"""

import dataclasses
import random
import struct

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
N_COPIES = 16


@dataclasses.dataclass
class Packet:
    offset: int  # from the first byte behind the SYN
    data: bytes = b""
    flags: int = ACK
    ack: int = 0  # beside what the server sent
    urgent: int = 0
    age: int = 0  # of its timestamp
    bad: str = ""  # what is wrong with it

    @property
    def end(self):
        return self.offset + len(self.data)


@dataclasses.dataclass
class Exchange:
    number: int
    first: int  # the client's initial sequence number
    timestamps: bool
    prelude: bytes = b""  # in front of the hello
    syn_data: bytes = b""
    fast_open: bool = False  # the server takes data in a SYN
    packets: list = dataclasses.field(default_factory=list)
    varied: dict = dataclasses.field(default_factory=dict)


class Draft:
    """A stream that is there in several copies."""

    def __init__(self, rng):
        self.rng = rng
        self.n_copies = 0
        self.prelude = rng.choice((b"", b"", b"", b"CONNECT example.org:443 HTTP/1.1\r\n\r\n"))
        self.n_ciphers = rng.choice((20, 60, 200, 700))
        random_bytes = rng.randbytes(32)
        front = b"\3\3" + random_bytes + b"\0" + struct.pack("!H", 2 * self.n_ciphers)
        back = b"\1\0" + b"\0\4" + b"\0\x17\0\0"
        length = len(front) + 2 * self.n_ciphers + len(back)
        front = b"\x16\3\1" + struct.pack("!H", length + 4) + b"\1" + length.to_bytes(3, "big") + front
        self.front, self.back = self.prelude + front, back
        self.urgent_at = None  # a byte that is none of the hello
        self.urgent_segments = 0
        self.length = len(self.front) + 2 * self.n_ciphers + len(back)
        self.order = []  # packets
        self.foreign = False  # whether copies may disagree about the hello's first bytes, too

    def copy(self):
        """The whole stream, unlike any before."""
        n = self.n_copies % N_COPIES
        self.n_copies += 1
        stream = self.front + bytes([0x60 | n, 0x30 | n]) * self.n_ciphers + self.back
        if self.foreign and self.rng.random() < 0.3:
            stream = self.rng.choice((b"\0", b"x", b"\x16", bytes([self.rng.randrange(256)]))) * len(stream)
        if self.urgent_at is not None:
            stream = stream[: self.urgent_at] + b"!" + stream[self.urgent_at :]
        return stream

    def total(self):
        return self.length + (self.urgent_at is not None)

    def segment(self, start, end, **more):
        start, end = max(0, start), min(self.total(), end)
        packet = Packet(start, self.copy()[start:end] if start < end else b"", **more)
        if self.urgent_at is not None and start <= self.urgent_at < end:
            packet.flags |= URG
            packet.urgent = self.urgent_at - start + 1
        return packet

    def spot(self):
        """Near the end of a segment, on either side; or anywhere."""
        known = [edge for packet in self.order for edge in (packet.offset, packet.end)]
        if known and self.rng.random() < 0.7:
            return min(max(0, self.rng.choice(known) + self.rng.choice((-1, 0, 0, 1))), self.total())
        return self.rng.randrange(self.total() + 1)

    def put(self, packet, early=False):
        """Among the others."""
        last = len(self.order)
        self.order.insert(self.rng.randrange(last // 2 + 1 if early else last + 1), packet)

    def known(self):
        return self.rng.choice([packet for packet in self.order if packet.data] or [self.segment(0, 10)])


# -- the stream itself


def deliver(draft):
    """Every byte at least once."""
    n = draft.rng.randrange(1, 9)
    edges = sorted({0, draft.total(), *(draft.rng.randrange(draft.total()) for _ in range(n))})
    draft.order = [draft.segment(start, end) for start, end in zip(edges, edges[1:])]


def shuffled(draft):
    draft.rng.shuffle(draft.order)


def reversed_(draft):
    draft.order.reverse()


def late_first(draft):
    draft.order.append(draft.order.pop(0))


# -- further copies


def overlaps(draft):
    for _ in range(draft.rng.randrange(1, 6)):
        start, end = sorted((draft.spot(), draft.spot()))
        draft.put(draft.segment(start, end))


def covers(draft):
    """Whole, by up to a few bytes more."""
    for _ in range(draft.rng.randrange(1, 4)):
        old = draft.known()
        left, right = draft.rng.choice((0, 0, 1, 30)), draft.rng.choice((0, 0, 1, 30))
        place = draft.order.index(old) if old in draft.order else 0
        draft.order.insert(draft.rng.randrange(place, len(draft.order)) + 1, draft.segment(old.offset - left, old.end + right))


def grows(draft):
    old = draft.known()
    place = draft.order.index(old) if old in draft.order else 0
    for step in range(draft.rng.randrange(1, 5)):
        more = draft.segment(old.offset, old.end + (step + 1) * draft.rng.randrange(1, 40))
        draft.order.insert(min(place + 1 + step, len(draft.order)), more)


def small(draft):
    """A stretch byte by byte, more than once."""
    start = draft.spot()
    for at in range(start, min(start + 12, draft.total())):
        draft.put(draft.segment(at, at + 1))


def foreign(draft):
    """Also the hello's first bytes differ."""
    draft.foreign = True
    for _ in range(2):
        draft.put(draft.segment(0, draft.rng.randrange(1, 60)))


def keepalive(draft):
    """RFC 9293 3.8.4: the byte before the next one, or none."""
    reached = 0
    for place, packet in enumerate(list(draft.order)):
        if packet.offset <= reached:
            reached = max(reached, packet.end)
        if draft.rng.random() < 0.5:
            draft.order.insert(place, Packet(reached - 1, draft.rng.choice((b"", b"\0", b"k"))))


def before_start(draft):
    """From before the first byte, the SYN's own number among it."""
    back, length = draft.rng.randrange(1, 4), draft.rng.randrange(2, 80)
    data = b"?" * back + draft.copy()[:length]
    draft.put(Packet(-back, data), early=True)


def window_probe(draft):
    for _ in range(3):
        at = draft.spot()
        draft.put(draft.segment(at, at + 1))


def urgent(draft):
    """A byte that the socket does not read as data: RFC 6093, and Linux's pointer."""
    draft.urgent_at = draft.rng.randrange(len(draft.prelude), draft.length)


def far_ahead(draft):
    """Outside every window."""
    at = draft.rng.choice((70_000, 1 << 20, 1 << 24, 1 << 30, -70_000, -(1 << 20), -(1 << 30)))
    draft.put(Packet(at, draft.rng.choice((b"far away", draft.copy()[:100]))), early=True)


# -- ends


def fin(draft):
    """With the last bytes, or alone; what comes behind it does not count."""
    last = max(draft.order, key=lambda packet: packet.end)
    if draft.rng.random() < 0.6:
        last.flags |= FIN
    else:
        draft.put(Packet(draft.total(), b"", ACK | FIN))
    if draft.rng.random() < 0.5:
        draft.put(Packet(draft.total() + draft.rng.randrange(3), b"\x17\3\3\0\1x"))


def false_fin(draft):
    """Far from where it would count."""
    at = draft.rng.choice((-70_000, 1 << 20, 1 << 29))
    draft.put(Packet(at, b"", ACK | FIN), early=True)


def false_reset(draft):
    """RFC 5961 3: only the exact number resets."""
    for _ in range(draft.rng.randrange(1, 3)):
        at = draft.rng.choice((draft.total() + 1, draft.total() + 5000, -3, -70_000, 1 << 20, 1 << 29))
        draft.put(Packet(at, draft.rng.choice((b"", b"reset")), draft.rng.choice((RST, RST | ACK))), early=True)


def false_syn(draft):
    """RFC 5961 4: answered, and without effect."""
    for _ in range(draft.rng.randrange(1, 3)):
        at = draft.rng.choice((-1, 0, 5, draft.spot(), draft.total(), 5000, 1 << 20, 1 << 29, -(1 << 20)))
        data = draft.rng.choice((b"", b"", b"syn", draft.copy()[:50]))
        draft.put(Packet(at, data, draft.rng.choice((SYN, SYN, SYN | ACK))), early=True)


# -- what a server drops


def _dropped(draft, **how):
    """In front of a copy that counts."""
    for _ in range(draft.rng.randrange(1, 4)):
        start, end = sorted((draft.spot(), draft.spot()))
        draft.put(draft.segment(start, max(end, start + 1), **how), early=True)


def no_ack(draft):
    """Data without the flag ACK: RFC 9293 3.10.7.4."""
    _dropped(draft, flags=draft.rng.choice((0, PSH)))


def false_ack(draft):
    """Of what was never sent: RFC 5961 5."""
    _dropped(draft, ack=draft.rng.choice((1, 1000, 1 << 20, 1 << 30, -(1 << 30))))


def old_timestamp(draft):
    """RFC 7323 5."""
    _dropped(draft, age=draft.rng.choice((1, 1000, 1 << 30)))


def signed(draft):
    """An MD5 option that was not agreed on: RFC 2385."""
    _dropped(draft, bad="md5")


def short_header(draft):
    """A data offset below 5, or beyond the segment."""
    _dropped(draft, bad=draft.rng.choice(("offset 4", "offset 0")))


def ip_checksum(draft):
    _dropped(draft, bad="ip checksum")


def tcp_checksum(draft):
    _dropped(draft, bad="checksum")


ORDERS = {"in order": None, "shuffled": shuffled, "reversed": reversed_, "late first": late_first}
DIMENSIONS = {
    function.__name__.replace("_", "-"): function
    for function in (
        overlaps,
        covers,
        grows,
        small,
        foreign,
        keepalive,
        before_start,
        window_probe,
        urgent,
        far_ahead,
        fin,
        false_fin,
        false_reset,
        false_syn,
        no_ack,
        false_ack,
        old_timestamp,
        signed,
        short_header,
    )
}
CHECKSUMS = {"tcp-checksum": tcp_checksum, "ip-checksum": ip_checksum}  # with --checksums


def generate(seed, number, checksums=False):
    """The exchange of that number; it depends on nothing else."""
    rng = random.Random(f"{seed}/tcp/{number}")
    first = rng.choice((rng.randrange(1 << 32), 0xFFFFFFFF - rng.randrange(900)))
    exchange = Exchange(number, first, rng.random() < 0.5)
    dimensions = DIMENSIONS | (CHECKSUMS if checksums else {})
    names = rng.sample(list(dimensions), rng.choice((1, 1, 1, 2, 2, 3)))
    draft = Draft(rng)
    exchange.prelude = draft.prelude
    if "urgent" in names:
        urgent(draft)
    deliver(draft)
    exchange.varied["order"] = rng.choice(list(ORDERS))
    if ORDERS[exchange.varied["order"]]:
        ORDERS[exchange.varied["order"]](draft)
    for name in names:
        if name != "urgent":
            dimensions[name](draft)
        exchange.varied[name] = True
    if rng.random() < 0.1:
        exchange.varied["syn-data"] = True
        exchange.fast_open = rng.random() < 0.5
        exchange.syn_data = draft.copy()[: rng.randrange(1, 80)]
    draft.foreign = False
    exchange.packets = draft.order
    edge = rng.randrange(draft.total())
    exchange.packets += [draft.segment(0, edge), draft.segment(edge, draft.total())]  # what a reset loses is lost
    return exchange
