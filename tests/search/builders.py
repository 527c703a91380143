# SPDX-License-Identifier: BSD-3-Clause
"""Captures that the search program is tested with: what tests/plugin/synthetic.py has, and besides it IP of both
versions, fragments, TCP segments at any sequence number, link types, tunnels, and every form of capture file.

Addresses are of RFC 5737 and RFC 3849 (documentation); TCP and UDP checksums are left 0.
"""

import dataclasses
import ipaddress
import itertools
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "plugin"))

import synthetic  # noqa: E402
from synthetic import ACK, CLIENT, PSH_ACK, SERVER, SYN, record, u24, vector  # noqa: E402

CLIENT_6 = ipaddress.ip_address("2001:db8::1").packed
SERVER_6 = ipaddress.ip_address("2001:db8::2").packed

TCP, UDP = 6, 17
IPV4_IN_IP, IPV6_IN_IP, GRE = 4, 41, 47
HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION = 0, 43, 44, 51, 60

ETHERTYPE_IPV4, ETHERTYPE_IPV6 = 0x0800, 0x86DD

FIN, RST = 0x01, 0x04


# -- hellos, each told from the others by its name, and every byte of its list by its text


@dataclasses.dataclass(frozen=True)
class Hello:
    """A ClientHello and what is known of it."""

    name: str
    message: bytes
    ja3_r: str
    ja4_r: dict  # {transport: text}

    @property
    def record(self):
        return record(self.message)

    @property
    def body(self):
        return self.message[4:]


def hello(name, n_groups=3, cookie=None, version=0x0303, offered=0x0304):
    """Each group takes 2 bytes: 800 of them make a hello that needs two segments. None of them is GREASE."""
    groups = list(itertools.islice((value for value in itertools.count(0x100) if value & 0x0F0F != 0x0A0A), n_groups))
    message = synthetic.client_hello(
        synthetic.server_name(name.encode()),
        synthetic.versions(offered),
        synthetic.groups(*groups),
        version=version,
        cookie=cookie,
    )
    ja3_r = f"{version},4865-49199,0-43-10,{'-'.join(map(str, groups))},"
    shown = {0x0304: "13", 0x0303: "12", 0xFEFF: "d1", 0xFEFD: "d2", 0xFEFC: "d3"}[offered]
    ja4_r = {letter: f"{letter}{shown}d020300_1301,c02f_000a,002b" for letter in "tqd"}
    return Hello(name, message, ja3_r, ja4_r)


def pieces(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


# -- IP


def ipv4(payload, protocol, source=CLIENT, destination=SERVER, *, number=0, offset=0, more=False, options=b""):
    """RFC 791; offset in bytes, a multiple of 8."""
    length = 20 + len(options)

    def header(check):
        field = offset // 8 | more << 13
        total = length + len(payload)
        first = struct.pack("!BBHHHBBH", 0x40 | length // 4, 0, total, number, field, 64, protocol, check)
        return first + source + destination + options

    return header(synthetic.checksum(header(0))) + payload


def ipv4_fragments(packet, size, number=1):
    """An IPv4 packet without options in fragments of size bytes, a multiple of 8."""
    parts = pieces(packet[20:], size)
    return [
        ipv4(part, packet[9], packet[12:16], packet[16:20], number=number, offset=i * size, more=i + 1 < len(parts))
        for i, part in enumerate(parts)
    ]


def ipv6(payload, protocol, source=CLIENT_6, destination=SERVER_6):
    return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + source + destination + payload


def ipv6_option_header(following, n_words=0):
    """Hop-by-hop or destination options, all PadN: RFC 8200 4.2."""
    length = 8 * (n_words + 1)
    return struct.pack("!BBBB", following, n_words, 1, length - 4) + bytes(length - 4)


def ipv6_insert(packet, kind, header):
    """Puts an extension header between IPv6 and what it carries; header is a function of what follows."""
    return ipv6(header(packet[6]) + packet[40:], kind, packet[8:24], packet[24:40])


def ipv6_fragments(packet, size, number=1):
    parts = pieces(packet[40:], size)
    return [
        ipv6(
            struct.pack("!BBHI", packet[6], 0, i * size | (i + 1 < len(parts)), number) + part,
            FRAGMENT,
            packet[8:24],
            packet[24:40],
        )
        for i, part in enumerate(parts)
    ]


def ip_of(version, payload, protocol, side=0):
    """From the client (0) or from the server (1)."""
    ends = [(CLIENT, SERVER), (CLIENT_6, SERVER_6)][version == 6][:: -1 if side else 1]
    return (ipv6 if version == 6 else ipv4)(payload, protocol, *ends)


def udp_packet(payload, port, source_port=50000, version=4, side=0):
    ports = (source_port, port)[:: -1 if side else 1]
    return ip_of(version, struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload, UDP, side)


def udp_frame(*arguments, **options):
    return ethernet(udp_packet(*arguments, **options))


def ethernet(packet):
    return synthetic.ethernet(packet, ethertype(packet))


def ethertype(packet):
    return ETHERTYPE_IPV6 if packet[0] >> 4 == 6 else ETHERTYPE_IPV4


# -- TCP


class Connection:
    """One TCP connection. at() gives a segment at an offset into what a side sends; the others go on from there.

    They are IP packets; a test puts them into frames.
    """

    def __init__(self, port=443, client_port=50000, version=4, first=(1000, 9000)):
        self.ports, self.version, self.first = (client_port, port), version, first
        self.sent = [0, 0]

    def at(self, offset, data, side=0, flags=PSH_ACK):
        """offset counts from the byte after the SYN."""
        seq = (self.first[side] + 1 + offset) % 2**32
        ack = (self.first[1 - side] + 1 + self.sent[1 - side]) % 2**32 if flags & ACK else 0
        ports = self.ports[:: -1 if side else 1]
        segment = struct.pack("!HHIIBBHHH", *ports, seq, ack, 5 << 4, flags, 64240, 0, 0) + data
        return ip_of(self.version, segment, TCP, side)

    def syn(self, data=b"", side=0):
        packet = self.at(-1, data, side, SYN | (ACK if side else 0))
        self.sent[side] = len(data)
        return packet

    def send(self, data, side=0, flags=PSH_ACK):
        packet = self.at(self.sent[side], data, side, flags)
        self.sent[side] += len(data)
        return packet

    def open(self):
        """The three packets of the handshake."""
        return [self.syn(), self.syn(side=1), self.send(b"", flags=ACK)]


def opened(*datas, **options):
    """A connection from the SYN on, and its client's segments: packets 4, 5, 6 …"""
    connection = Connection(**options)
    return connection.open() + [connection.send(data) for data in datas]


def frames_of(packets):
    return [ethernet(packet) for packet in packets]


# -- capture files

TICKS = 1_700_000_000  # the second in which all captures start


def pcap(frames, link=1, order="<", nanoseconds=False):
    """Frames a millisecond apart."""
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    tick = 1_000_000 if nanoseconds else 1000
    parts = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 262144, link)]
    for number, frame in enumerate(frames):
        time = TICKS + number // 1000, tick * (number % 1000)
        parts += [struct.pack(f"{order}IIII", *time, len(frame), len(frame)), frame]
    return b"".join(parts)


def pad(data):
    return data + bytes(-len(data) % 4)


class Pcapng:
    """draft-ietf-opsawg-pcapng, block by block."""

    def __init__(self, order="<"):
        self.data = b""
        self.section(order)

    def block(self, kind, body):
        length = 12 + len(pad(body))
        self.data += struct.pack(f"{self.order}II", kind, length) + pad(body)
        self.data += struct.pack(f"{self.order}I", length)
        return self

    def section(self, order="<", length=-1):
        self.order = order
        return self.block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, length))

    def interface(self, link=1, resolution=None, offset=None):
        """resolution: the if_tsresol byte; offset: if_tsoffset in seconds."""
        body = struct.pack(f"{self.order}HHI", link, 0, 262144)
        if resolution is not None:
            body += struct.pack(f"{self.order}HHB3x", 9, 1, resolution)
        if offset is not None:
            body += struct.pack(f"{self.order}HHq", 14, 8, offset)
        if resolution is not None or offset is not None:
            body += bytes(4)
        return self.block(1, body)

    def packet(self, frame, interface=0, ticks=TICKS * 1_000_000):
        """ticks: in the interface's units."""
        head = struct.pack(f"{self.order}IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
        return self.block(6, head + frame)

    def packets(self, frames, **options):
        for frame in frames:
            self.packet(frame, **options)
        return self

    def simple_packet(self, frame):
        return self.block(3, struct.pack(f"{self.order}I", len(frame)) + frame)

    def old_packet(self, frame, interface=0, ticks=TICKS * 1_000_000):
        """The obsolete Packet Block."""
        head = struct.pack(
            f"{self.order}HHIIII", interface, 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame)
        )
        return self.block(2, head + frame)


# -- link types: https://www.tcpdump.org/linktypes.html. Each puts its header in front of an IP packet.


def vlan(packet, *tags, outer=0x88A8):
    """IEEE 802.1Q; with several, the first is the outer one."""
    kinds = [outer] * (len(tags) - 1) + [0x8100, ethertype(packet)]
    tagged = b"".join(struct.pack("!HH", tag, kind) for tag, kind in zip(tags, kinds[1:]))
    return synthetic.ethernet(tagged + packet, kinds[0])


def mpls(payload, *labels):
    last = len(labels) - 1
    stack = b"".join(struct.pack("!I", label << 12 | (i == last) << 8 | 64) for i, label in enumerate(labels))
    return synthetic.ethernet(stack + payload, 0x8847)


def llc_snap(packet):
    return b"\xaa\xaa\x03\0\0\0" + struct.pack("!H", ethertype(packet)) + packet


def sll(packet):
    return struct.pack("!HHH8sH", 0, 1, 6, bytes(8), ethertype(packet)) + packet


def sll2(packet):
    return struct.pack("!HHIHBB8s", ethertype(packet), 0, 2, 1, 0, 6, bytes(8)) + packet


def ppp_protocol(packet):
    return 0x0057 if packet[0] >> 4 == 6 else 0x0021


def ppp(packet, address=True, compressed=False):
    head = b"\xff\x03" if address else b""
    return head + ppp_protocol(packet).to_bytes(1 if compressed else 2, "big") + packet


def pppoe(packet):
    body = struct.pack("!H", ppp_protocol(packet)) + packet
    return struct.pack("!BBHH", 0x11, 0, 0x42, len(body)) + body


def wifi(packet, control=0x88, flags=0x01, padding=b""):
    """IEEE 802.11: 0x08 data, 0x88 QoS data. flags: 1 to, 2 from the distribution system, 0x40 protected."""
    header = struct.pack("!BBH", control, flags, 0) + bytes(18) + b"\0\0"
    if flags & 3 == 3:
        header += bytes(6)
    if control & 0x80:
        header += b"\0\0"
    return header + padding + llc_snap(packet)


def radiotap(frame, fields=b"", present=0):
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), present) + fields + frame


# -- tunnels. Each gives an IP packet from 203.0.113.1 to 203.0.113.2.

OUTER = bytes([203, 0, 113, 1]), bytes([203, 0, 113, 2])
OUTER_6 = ipaddress.ip_address("2001:db8:f::1").packed, ipaddress.ip_address("2001:db8:f::2").packed


def over_udp(payload, port, source_port=61000):
    return ipv4(struct.pack("!HHHH", source_port, port, 8 + len(payload), 0) + payload, UDP, *OUTER)


def ip_in_ip(packet):
    return ipv4(packet, IPV6_IN_IP if packet[0] >> 4 == 6 else IPV4_IN_IP, *OUTER)


def ip_in_ipv6(packet):
    return ipv6(packet, IPV6_IN_IP if packet[0] >> 4 == 6 else IPV4_IN_IP, *OUTER_6)


def gre(payload, kind, check=False, key=False, sequence=False):
    flags = check << 15 | key << 13 | sequence << 12
    return ipv4(struct.pack("!HH", flags, kind) + bytes(4) * (check + key + sequence) + payload, GRE, *OUTER)


def pptp(packet):
    """RFC 2637: GRE version 1 with PPP, the payload's length and call ID in place of the key."""
    body = ppp(packet)
    return ipv4(struct.pack("!HHHHII", 0x3081, 0x880B, len(body), 1, 7, 6) + body, GRE, *OUTER)


def erspan(packet, version, subheader=False):
    """draft-foschiano-erspan."""
    frame = ethernet(packet)
    if version == 1:
        return gre(frame, 0x88BE)
    if version == 2:
        return gre(struct.pack("!HHI", 0x1000, 1, 0) + frame, 0x88BE, sequence=True)
    more = bytes(8) if subheader else b""
    return gre(struct.pack("!HHIHBB", 0x2000, 1, 0, 0, 0, int(subheader)) + more + frame, 0x22EB, sequence=True)


def vxlan(packet, port=4789):
    return over_udp(struct.pack("!B3s3sB", 8, b"\0\0\0", u24(7), 0) + ethernet(packet), port)


def geneve(packet, options=b"", bridged=True):
    kind = 0x6558 if bridged else ethertype(packet)
    head = struct.pack("!BBH3sB", len(options) // 4, 0, kind, u24(7), 0) + options
    return over_udp(head + (ethernet(packet) if bridged else packet), 6081)


def gtp_u(packet, sequence=False, extension=False):
    """3GPP TS 29.281 5.1; the extension header is that of a PDU session."""
    optional = b""
    if sequence or extension:
        optional = struct.pack("!HBB", 1, 0, 0x85 if extension else 0)
    if extension:
        optional += b"\1\x10\5\0"
    body = optional + packet
    return over_udp(struct.pack("!BBHI", 0x30 | extension << 2 | sequence << 1, 255, len(body), 9) + body, 2152)


def teredo(packet, authentication=False, origin=False):
    """RFC 4380 5.1.1."""
    head = b"\0\1\0\0" + bytes(9) if authentication else b""
    head += bytes(8) if origin else b""
    return over_udp(head + packet, 3544)


__all__ = [name for name in dir() if not name.startswith("_")]
