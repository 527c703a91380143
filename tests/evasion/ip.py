#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Random IP fragments: the datagrams that tlsfp puts together are those that Linux's socket reads.

    ip.py                        500 datagrams, IPv4 and IPv6
    ip.py --datagrams 10000
    ip.py --only 17 --write DIR  that datagram alone, as a capture in DIR
"""

import argparse
import contextlib
import pathlib
import socket
import struct
import sys
import time

import hellos
import ip_fragments
import linux
import outcome

FIRST_PORT = 1024
BATCH = 50000  # datagrams in a capture: ports, and the identifications of IPv4
STEP = 4  # identifications that a datagram uses
NO_CHECKSUM_6 = 102  # UDP_NO_CHECK6_RX
CLIENT_6, SERVER_6 = (socket.inet_pton(socket.AF_INET6, f"2001:db8::{n}") for n in (3, 2))


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datagrams", type=int, default=500, metavar="N")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--dimension", metavar="NAME", help="only datagrams that vary it")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one datagram")
    parser.add_argument("--write", type=pathlib.Path, metavar="DIR", help="write what differs as captures")
    parser.add_argument("--show", type=int, default=10, metavar="N", help="differences to print")
    return parser.parse_args()


def packed_4(datagram, fragment):
    field = fragment.flags << 13 & 0xC000 | fragment.more << 13 | fragment.offset // 8
    words = 5 + fragment.before
    number = (STEP * datagram.number + fragment.number) & 0xFFFF
    protocol = datagram.protocol if fragment.protocol is None else fragment.protocol

    def header(check):
        length = 4 * words + len(fragment.data)
        head = struct.pack("!BBHHHBBH", 0x40 | words, fragment.ecn, length, number, field, 64, protocol, check)
        return head + linux.CLIENT + linux.SERVER + b"\1" * (4 * fragment.before)

    return header(linux.checksum(header(0))) + fragment.data


def packed_6(datagram, fragment):
    protocol = datagram.protocol if fragment.protocol is None else fragment.protocol
    number = STEP * datagram.number + fragment.number
    field = fragment.offset | fragment.more | fragment.flags & 6
    payload = struct.pack("!BBHI", protocol, 0, field, number) + fragment.data
    following = ip_fragments.FRAGMENT
    if fragment.before:
        payload = ip_fragments.unknown_option(following, fragment.before) + payload
        following = ip_fragments.DESTINATION
    first = 6 << 28 | fragment.ecn << 20
    return struct.pack("!IHBB", first, len(payload), following, 64) + CLIENT_6 + SERVER_6 + payload


class Linux:
    """Sockets of both versions that read what Linux puts together."""

    def __init__(self):
        self.wire = linux.Wire(ipv6=True)
        for name in "ipv4/ipfrag", "ipv6/ip6frag":
            self.wire.setting(f"net/{name}_high_thresh", str(1 << 28))
            self.wire.setting(f"net/{name}_low_thresh", str(1 << 27))
        self.wire.setting("net/ipv4/ipfrag_max_dist", "0")
        self.sockets = {4: self._socket(socket.AF_INET, "192.0.2.2"), 6: self._socket(socket.AF_INET6, "2001:db8::2")}

        for version in self.sockets:
            self._wait(version)

    def _wait(self, version):
        """Addresses of IPv6 take a moment until packets to them are taken."""
        head = struct.pack("!HHHH", FIRST_PORT - 1, ip_fragments.PORT, 8, 0)
        fragments = [ip_fragments.Fragment(0, head, more=False)]
        probe = ip_fragments.Datagram(0, version, ip_fragments.UDP, fragments, {})
        end = time.monotonic() + 5
        while not self.play(probe):
            if time.monotonic() > end:
                raise SystemExit(f"the socket reads nothing by IPv{version}")
            time.sleep(0.01)
        self.wire.packets.clear()

    @staticmethod
    def _socket(family, address):
        reader = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            reader.setsockopt(socket.IPPROTO_UDP, NO_CHECKSUM_6, 1)
        reader.bind((address, ip_fragments.PORT))
        reader.setblocking(False)
        return reader

    def play(self, datagram):
        """What the socket read."""
        read, pack = [], packed_4 if datagram.version == 4 else packed_6
        for fragment in datagram.fragments:
            self.wire.send(pack(datagram, fragment))
            with contextlib.suppress(BlockingIOError):
                while True:
                    read.append(self.sockets[datagram.version].recv(65536))
        self.wire.drain()
        return read


def hello_of(data):
    """The JA3 of the DTLS hello in a datagram; None where there is none."""
    if data[:3] != b"\x16\xfe\xfd" or len(data) < 25 or len(data) < 13 + int.from_bytes(data[11:13], "big"):
        return None
    body = data[25 : 25 + int.from_bytes(data[14:17], "big")]
    at = 35 + body[34]
    body = body[:at] + body[at + 1 :]  # without the place for a cookie
    return hellos.ja3(b"\1" + len(body).to_bytes(3, "big") + body)


def told_once(values):
    """Without those that are the same as one of the last two."""
    out = []
    for value in values:
        if value and value not in out[-2:]:
            out.append(value)
    return out


def told(datagram):
    lines = [f"datagram {datagram.number}: {', '.join(datagram.varied)}, {datagram.varied['order']}"]
    for fragment in datagram.fragments:
        words = [f"{fragment.offset}–{fragment.end}{'' if fragment.more else ' last'}"]
        names = ("protocol", "number", "ecn", "before", "flags")
        words += [f"{name} {value}" for name in names if (value := getattr(fragment, name))]
        lines.append(f"    {', '.join(words)}: …{fragment.data[-12:].hex()}")
    return "\n".join(lines)


def main():
    chosen = options()
    linux.enter_namespace()
    numbers = range(chosen.datagrams) if chosen.only is None else [chosen.only]
    made = [ip_fragments.generate(chosen.seed, number, FIRST_PORT + number % BATCH) for number in numbers]
    made = [one for one in made if not chosen.dimension or chosen.dimension in one.varied]
    system = Linux()
    started = time.monotonic()
    expected, wires = {}, {}
    for datagram in made:
        before = len(system.wire.packets)
        expected[datagram.number] = told_once(map(hello_of, system.play(datagram)))
        wires[datagram.number] = system.wire.packets[before:]
    seconds = time.monotonic() - started
    values_of = outcome.by_port(system.wire.packets)
    table = outcome.Table("datagrams")
    complaints = []
    for datagram in made:
        values = values_of[FIRST_PORT + datagram.number % BATCH]
        differs = values != expected[datagram.number]
        if differs:
            complaints.append((datagram, values))
        table.add(datagram.varied, expected[datagram.number] != [], differs)
    table.print()
    for datagram, values in complaints[: chosen.show]:
        print(f"\n{told(datagram)}\n    the socket read {expected[datagram.number]}, tlsfp found {values}")
    if chosen.write:
        chosen.write.mkdir(parents=True, exist_ok=True)
        for datagram, _ in complaints:
            packets = wires[datagram.number]
            outcome.write(chosen.write / f"datagram-{datagram.number}.pcap", packets)
    n = sum(values != [] for values in expected.values())
    print(f"\n{len(made)} datagrams, {n} with a hello, {len(system.wire.packets)} packets in {seconds:.1f} s;", end=" ")
    print(f"{len(complaints)} wrong")
    print(f"{'not ok' if complaints else 'ok'} 1 - IP fragments")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
