# SPDX-License-Identifier: BSD-3-Clause
"""Random fragmentations of a UDP datagram with a DTLS hello, whose fragments disagree about their bytes.

Each copy of a byte of the hello's cipher list differs from every other, so that the list that comes out says which
fragments were put together. A dimension is a function that puts its own fragments between those that deliver the datagram.
"""

import dataclasses
import random
import struct

UDP, TCP, DESTINATION, HOP_BY_HOP, FRAGMENT = 17, 6, 60, 0, 44
N_COPIES = 16
UNIT = 8
MAX_OFFSET = 0xFFF8
MOST = 8000  # bytes in a fragment
PORT = 4433


@dataclasses.dataclass
class Fragment:
    offset: int
    data: bytes
    more: bool
    protocol: int | None = None  # in its header, where it is not the datagram's
    number: int = 0  # beside the datagram's identification
    ecn: int = 0
    before: int = 0  # units of options in front of the fragment's header
    flags: int = 0

    @property
    def end(self):
        return self.offset + len(self.data)


class Draft:
    """A datagram in several copies, and the fragments that are sent."""

    def __init__(self, rng, version, port):
        self.rng, self.version, self.port = rng, version, port
        self.n_copies = 0
        self.n_ciphers = rng.choice((20, 60, 200, 700))
        self.tail = rng.choice((b"", b"", b"", bytes(rng.randrange(1, 20))))  # behind the datagram
        self.options = rng.choice((0, 0, 0, 1, 3)) if version == 6 else 0  # units, in front of UDP
        self.random = rng.randbytes(32)
        self.protocol = DESTINATION if self.options else UDP
        self.length = len(self.copy())
        self.order = []

    def copy(self):
        """What the fragments carry, unlike any before."""
        n = self.n_copies % N_COPIES
        self.n_copies += 1
        body = b"\xfe\xfd" + self.random + b"\0\0" + struct.pack("!H", 2 * self.n_ciphers)
        body += bytes([0x60 | n, 0x30 | n]) * self.n_ciphers + b"\1\0" + b"\0\4" + b"\0\x17\0\0"
        length = len(body).to_bytes(3, "big")
        message = b"\1" + length + b"\0\0" + b"\0\0\0" + length + body
        record = b"\x16\xfe\xfd" + bytes(8) + struct.pack("!H", len(message)) + message
        head = struct.pack("!HHHH", self.port, PORT, 8 + len(record), 0)
        options = unknown_option(UDP, self.options) if self.options else b""
        return options + head + record + self.tail

    def fragment(self, start, end, **more):
        """The bytes from start to end of a new copy; behind its end, zeros."""
        start = min(max(0, start) // UNIT * UNIT, MAX_OFFSET)
        end = min(end, start + MOST)
        data = (self.copy() + bytes(max(0, end - self.length)))[start : max(start, end)]
        more.setdefault("more", end < self.length)
        return Fragment(start, data, **more)

    def put(self, fragment):
        self.order.insert(self.rng.randrange(len(self.order) + 1), fragment)

    def span(self):
        """Where one, or a few, of the fragments are."""
        first = self.rng.randrange(len(self.order))
        ends = sorted(fragment.offset for fragment in self.order) + [self.length]
        return ends[first], ends[min(len(ends) - 1, first + self.rng.choice((1, 1, 1, 2, 3)))]

    def shift(self):
        return UNIT * self.rng.choice((-3, -2, -1, -1, 1, 1, 2, 3))


def unknown_option(following, units):
    """An option for experiments, which is to be passed over: RFC 8200 4.2, RFC 4727 3.6."""
    return struct.pack("!BBBB", following, units - 1, 0x1E, UNIT * units - 4) + bytes(UNIT * units - 4)


def deliver(draft):
    """All of the datagram, in fragments of any size."""
    most = draft.rng.choice((1, 2, 3, 5, 12))
    cuts = sorted(draft.rng.sample(range(UNIT, draft.length, UNIT), min(most, draft.length // UNIT - 1)))
    if draft.rng.random() < 0.1:
        cuts = list(range(UNIT, min(draft.length, 400), UNIT))
    edges = [0, *cuts, draft.length]
    draft.order += [draft.fragment(start, end) for start, end in zip(edges, edges[1:], strict=False)]


def again(draft):
    start, end = draft.span()
    draft.put(draft.fragment(start, end))


def within(draft):
    start, end = draft.span()
    start = min(start + UNIT * draft.rng.randrange(3), end)
    draft.put(draft.fragment(start, max(start + UNIT, end - UNIT * draft.rng.randrange(3)), more=True))


def overlaps(draft):
    start, end = draft.span()
    if draft.rng.random() < 0.5:
        start += draft.shift()
    else:
        end += draft.shift()
    start = max(start, 0)
    draft.put(draft.fragment(start, max(end, start + UNIT)))


def uneven(draft):
    """A fragment that is not the last one, and no multiple of 8 bytes long."""
    start, end = draft.span()
    draft.put(draft.fragment(start, max(start + 1, end + draft.rng.randrange(-7, 8)), more=True))


def uneven_only(draft):
    """The only one that has its bytes."""
    chosen = draft.rng.choice(draft.order)
    if chosen.more:
        chosen.data += bytes(draft.rng.randrange(1, 8))


def other_end(draft):
    end = max(UNIT, draft.length + draft.rng.choice((-UNIT, -1, 1, 5, UNIT, 100)))
    start = max(0, (end - 1 - UNIT * draft.rng.randrange(4)) // UNIT * UNIT)
    draft.put(draft.fragment(start, end, more=False))


def beyond(draft):
    start = (draft.length + UNIT) // UNIT * UNIT + UNIT * draft.rng.randrange(5)
    draft.put(draft.fragment(start, start + UNIT, more=True))


def empty(draft):
    start = draft.rng.choice((draft.span()[0], draft.length // UNIT * UNIT))
    draft.put(draft.fragment(start, start, more=draft.rng.random() < 0.5))


def huge(draft):
    start = draft.rng.choice((MAX_OFFSET, MAX_OFFSET - UNIT, MAX_OFFSET - 40))
    size = draft.rng.choice((1, 7, 8, 20, 32, 48))
    draft.put(Fragment(start, bytes(size), more=draft.rng.random() < 0.5))


def ecn(draft):
    for fragment in draft.rng.sample(draft.order, draft.rng.randrange(1, len(draft.order) + 1)):
        fragment.ecn = draft.rng.randrange(4)


def ecn_agreed(draft):
    for fragment in draft.order:
        fragment.ecn = draft.rng.choice((1, 2, 3))


def protocols(draft):
    """IPv6 asks the first fragment only what the packet carries."""
    for fragment in draft.rng.sample(draft.order, draft.rng.randrange(1, len(draft.order) + 1)):
        if fragment.offset > 0 or draft.rng.random() < 0.1:
            fragment.protocol = draft.rng.choice((UDP, TCP, DESTINATION, 59))


def other_packet(draft):
    start, end = draft.span()
    draft.put(draft.fragment(start, end, number=draft.rng.randrange(1, 4)))


def atomic(draft):
    """With IPv6 a packet whose only fragment it is; IPv4 has no such thing."""
    data = draft.copy()
    draft.put(Fragment(0, data, more=False, number=draft.rng.choice((0, 0, 1))))


def headers(draft):
    for fragment in draft.rng.sample(draft.order, draft.rng.randrange(1, len(draft.order) + 1)):
        fragment.before = draft.rng.randrange(1, 4)


def flags(draft):
    for fragment in draft.order:
        fragment.flags = draft.rng.choice((0, 2, 4, 6))


def twice(draft):
    deliver(draft)


ORDERS = {
    "in order": None,
    "shuffled": lambda draft: draft.rng.shuffle(draft.order),
    "reversed": lambda draft: draft.order.reverse(),
    "late first": lambda draft: draft.order.append(draft.order.pop(0)),
    "last first": lambda draft: draft.order.insert(0, draft.order.pop()),
}
DIMENSIONS = {
    function.__name__.replace("_", "-"): function
    for function in (
        again,
        within,
        overlaps,
        uneven,
        uneven_only,
        other_end,
        beyond,
        empty,
        huge,
        ecn,
        ecn_agreed,
        protocols,
        other_packet,
        atomic,
        headers,
        flags,
        twice,
    )
}


@dataclasses.dataclass
class Datagram:
    number: int
    version: int
    protocol: int
    fragments: list
    varied: dict


def generate(seed, number, port):
    """The datagram of that number, from that port; it depends on nothing else."""
    rng = random.Random(f"{seed}/ip/{number}")
    draft = Draft(rng, rng.choice((4, 6)), port)
    deliver(draft)
    varied = {f"IPv{draft.version}": True, "order": rng.choice(list(ORDERS))}
    if ORDERS[varied["order"]]:
        ORDERS[varied["order"]](draft)
    for name in rng.sample(list(DIMENSIONS), rng.choice((0, 1, 1, 1, 1, 2, 2, 3))):
        DIMENSIONS[name](draft)
        varied[name] = True
    return Datagram(number, draft.version, draft.protocol, draft.order, varied)
