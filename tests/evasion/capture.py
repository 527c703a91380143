# SPDX-License-Identifier: BSD-3-Clause
"""Framings as a capture, and what tlsfp finds in it."""

import collections
import ipaddress
import struct

import outcome

import builders

FIRST_PORT, PORTS = 1024, 60000  # framings that share a client address
MAX_SEGMENT = 16000
NETWORK = int(ipaddress.ip_address("198.18.0.0"))  # RFC 2544
SERVER = ipaddress.ip_address("192.0.2.1")
SERVER_PORT = 443


def endpoint(number):
    """Address and port of the client that sends a framing."""
    return ipaddress.ip_address(NETWORK + number // PORTS), FIRST_PORT + number % PORTS


def tcp_frames(framing):
    """A connection from its SYN on."""
    address, port = endpoint(framing.number)

    def frame(seq, flags, data=b""):
        segment = struct.pack("!HHIIBBHHH", port, SERVER_PORT, seq & 0xFFFFFFFF, 1, 5 << 4, flags, 64240, 0, 0) + data
        return builders.ethernet(builders.ipv4(segment, builders.TCP, address.packed, SERVER.packed))

    first = framing.number * 0x9E3779B1
    frames = [frame(first, builders.SYN)]
    ends = sorted({*framing.cuts, *range(MAX_SEGMENT, len(framing.stream), MAX_SEGMENT), len(framing.stream)})
    for start, end in zip([0, *ends], ends):
        frames.append(frame(first + 1 + start, builders.PSH_ACK, framing.stream[start:end]))
    return frames


def talk_frames(framing, answer):
    """What went to and fro over UDP."""
    address, port = endpoint(framing.number)
    frames = []
    for from_client, payload in answer.packets:
        ports = (port, SERVER_PORT) if from_client else (SERVER_PORT, port)
        ends = (address.packed, SERVER.packed) if from_client else (SERVER.packed, address.packed)
        datagram = struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload
        frames.append(builders.ethernet(builders.ipv4(datagram, builders.UDP, *ends)))
    if "server-first" in framing.varied:
        frames.sort(key=lambda frame: frame[26:30] != SERVER.packed)
    return frames


def write(path, conversations):
    path.write_bytes(builders.pcap([frame for frames in conversations for frame in frames]))


def find(path, options=()):
    """{framing number: [(JA3, JA4) of each hello that tlsfp found]}"""
    fields = ["ip.src", "srcport", "tlsfp.ja3", "tlsfp.ja4"]
    hellos = collections.defaultdict(list)
    for address, port, ja3, ja4 in outcome.rows(path, fields, options):
        if int(port) != SERVER_PORT:
            number = (int(ipaddress.ip_address(address)) - NETWORK) * PORTS + int(port) - FIRST_PORT
            hellos[number].append((ja3, ja4))
    return hellos
