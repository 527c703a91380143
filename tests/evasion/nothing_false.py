#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Payloads without a hello, on every port, protocol and link type that means something: tlsfp finds none.

    nothing_false.py                 8 MB
    nothing_false.py --megabytes 1000

Besides, captures of the repository and others (--shapes FOLDER) whose packets keep their first headers, and have
noise behind them.
"""

import argparse
import collections
import pathlib
import random
import struct
import subprocess
import sys
import time
import zlib

import hellos
import builders
from hellos import needs

UDP_PORTS = """
    53 69 80 123 161 443 500 784 853 1194 1645 1646 1701 1812 1813 2055 2083 2123 2152 3386 3389 3391 3478 3479 3544 3702
    4341 4433 4500 4739 4754 4755 4789 4790 5004 5060 5061 5246 5247 5349 5353 5683 5684 6081 6343 6635 6636 8443 8472
    8853 9899 10000 37008 48879 51820
""".split()
TCP_PORTS = """
    21 22 25 53 80 110 119 143 389 443 465 587 636 853 990 993 995 1080 1194 1433 1521 1723 2083 3128 3268 3306 3389 3478
    5060 5061 5222 5269 5349 5432 5671 6514 6697 8080 8443 8883 9001 9050 9092 27017
""".split()
IP_PROTOCOLS = [0, 1, 2, 4, 41, 43, 44, 47, 50, 51, 55, 59, 60, 89, 97, 108, 112, 115, 132, 135, 137, 139, 140, 143, 253]
ETHERTYPES = [
    *(0x0800, 0x0806, 0x0842, 0x2000, 0x6558, 0x6559, 0x8035, 0x8100, 0x814C, 0x86DD, 0x8808, 0x880B, 0x8847, 0x8848),
    *(0x8863, 0x8864, 0x887E, 0x888E, 0x88A8, 0x88B7, 0x88CC, 0x88E5, 0x88E7, 0x88F7, 0x8902, 0x8909, 0x8926, 0x893F),
    *(0x894F, 0x9000, 0x9100, 0x9200, 0x9300, 0x6003, 0x0004, 0x0026, 0x05DC),
]
LINK_TYPES = [0, 1, 9, 12, 50, 51, 101, 104, 105, 107, 108, 109, 113, 117, 119, 127, 129, 141, 149, 192, 195, 228, 229]
LINK_TYPES += [239, 258, 274, 276]
SNAP = 262144
NONE, TROUBLE = 1, 2

# What makes bytes look like the start of something.
FRONTS = [
    b"",
    b"",
    b"",
    b"\x17\3\3\4\0",
    b"\x16\3\1\2\0",
    b"\x16\3\3\0\x64\2",
    b"\x14\3\3\0\1\1",
    b"\x15\3\1\0\2",
    b"\x16\xfe\xff" + bytes(8) + b"\0\xff",
    b"\x17\xfe\xfd\0\1" + bytes(6),
    b"\xc3\0\0\0\1\x08",
    b"\xd3\x6b\x33\x43\xcf\x08",
    b"\x40",
    b"\x38",
    b"\x05\1\0",
    b"GET / HTTP/1.1\r\n",
    b"\x12\1\0\x2f\0\0\1\0",
    b"\x03\0\0\x13\x0e\xe0",
    b"\0\0\0\x08\x04\xd2\x16\x2f",
    b"\1\0\0\x80",
    b"\x08\0\0\0\0\0\7\0",
    b"\x30\xff",
]


class Payloads:
    """Random, compressed and encrypted bytes; the last two from this repository's own text."""

    def __init__(self, rng):
        self.rng = rng
        folder = needs.source()
        text = b"".join(path.read_bytes() for path in sorted(folder.glob("core/src/*/*.c")))
        self.compressed = zlib.compress(text, 9) + zlib.compress(text, 1)
        self.key = rng.randbytes(32)

    def encrypted(self, size):
        """AES in counter mode, as TLS, QUIC and VPNs have it."""
        cipher = hellos_cipher(self.key, self.rng.randbytes(16))
        return cipher.update(bytes(size))

    def take(self, size):
        front = self.rng.choice(FRONTS)
        kind = self.rng.randrange(3)
        if kind == 0:
            data = self.rng.randbytes(size)
        elif kind == 1:
            start = self.rng.randrange(len(self.compressed) - size)
            data = self.compressed[start : start + size]
        else:
            data = self.encrypted(size)
        return (front + data)[:size]


def hellos_cipher(key, nonce):
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor()


def frames(rng, payloads):
    """Ethernet frames, without end."""
    number = 0
    while True:
        number += 1
        kind = rng.randrange(10)
        size = rng.choice((60, 200, 800, 1400, 1400, 1400))
        client = 1024 + number % 60000
        if kind < 4:
            yield builders.udp_frame(payloads.take(size), int(rng.choice(UDP_PORTS)), client, version=rng.choice((4, 6)))
        elif kind < 8:
            connection = builders.Connection(int(rng.choice(TCP_PORTS)), client, first=(number * 7919 % 2**32, number))
            yield from builders.frames_of(connection.open())
            for _ in range(rng.randrange(1, 12)):
                yield builders.ethernet(connection.send(payloads.take(size), side=rng.randrange(2)))
        elif kind == 8:
            yield builders.ethernet(builders.ip_of(rng.choice((4, 6)), payloads.take(size), rng.choice(IP_PROTOCOLS)))
        else:
            yield builders.synthetic.ethernet(payloads.take(size), rng.choice(ETHERTYPES))


def search(link, packets, most):
    """What tlsfp prints about so many bytes of packets; nothing, it is hoped. Returns how many bytes that were."""
    argv = [needs.setting("TLSFP_SEARCH"), "-"]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAP, link))
    n = 0
    for packet in packets:
        process.stdin.write(struct.pack("<IIII", builders.TICKS, 0, len(packet), len(packet)) + packet)
        n += len(packet)
        if n >= most:
            break
    out, said = process.communicate()
    if out or process.returncode not in (NONE, TROUBLE):  # trouble: a link type that it does not know
        raise SystemExit(f"link type {link}: tlsfp found {out.decode()}{said.decode()}")
    return n


def shapes(rng, folders):
    """{link type: packets with noise} of all captures, and how many captures those are."""
    by_link, n = collections.defaultdict(list), 0
    for folder in folders:
        for path in sorted(folder.rglob("*.pcap")):
            data = path.read_bytes()
            if data[:4] == b"\xd4\xc3\xb2\xa1":
                by_link[data[20] | data[21] << 8] += [noisy(rng, packet) for packet in hellos.packets(path)]
                n += 1
    return by_link, n


def noisy(rng, packet):
    """Its first headers, and noise from where a record may start."""
    keep = rng.randrange(14, 90)
    for start in b"\x16\3", b"\x16\xfe":
        at = packet.find(start)
        keep = min(keep, at) if at >= 0 else keep
    return packet[:keep] + rng.randbytes(len(packet) - min(keep, len(packet)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=8, metavar="N")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--shapes", type=pathlib.Path, action="append", metavar="FOLDER")
    chosen = parser.parse_args()
    started = time.monotonic()
    rng = random.Random(chosen.seed)
    payloads = Payloads(rng)
    most = chosen.megabytes * 1_000_000
    n = search(1, frames(rng, payloads), most * 9 // 10)
    for link in LINK_TYPES:
        size = most // 10 // len(LINK_TYPES)
        n += search(link, (payloads.take(rng.choice((60, 400, 1400))) for _ in iter(int, 1)), size)
    by_link, n_shapes = shapes(rng, [needs.source() / "samples/captures", *(chosen.shapes or [])])
    for link, packets in by_link.items():
        n += search(link, packets, 1 << 40)
    print(f"nothing found in {n:,} bytes, {n_shapes} captures with noise among them; {time.monotonic() - started:.1f} s")
    print("ok 1 - nothing false")


if __name__ == "__main__":
    sys.exit(main())
