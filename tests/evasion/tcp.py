#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Random TCP exchanges: the bytes that tlsfp puts together are those that Linux's socket reads.

    tcp.py                       500 exchanges
    tcp.py --exchanges 10000
    tcp.py --only 17 --write DIR that exchange alone, as a capture in DIR
"""

import argparse
import pathlib
import struct
import sys
import time

import exchanges
import hellos
import linux
import outcome

FIRST_PORT = 1024
BATCH = 50000  # exchanges in a capture: ports


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exchanges", type=int, default=500, metavar="N")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--checksums", action="store_true", help="wrong checksums, too: tlsfp --checksums")
    parser.add_argument("--dimension", metavar="NAME", help="only exchanges that vary it")
    parser.add_argument("--one-sided", action="store_true", help="only the client's packets are in the capture")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one exchange")
    parser.add_argument("--write", type=pathlib.Path, metavar="DIR", help="write what is missed as captures")
    parser.add_argument("--show", type=int, default=10, metavar="N", help="missed exchanges to print")
    return parser.parse_args()


def hello_of(data):
    """The hello in the record at the front; or None."""
    if len(data) < 9 or data[0] != 0x16 or data[5] != 1:
        return None
    end = 5 + struct.unpack_from("!H", data, 3)[0]
    message = data[5:end]
    return message if len(data) >= end and len(message) == 4 + int.from_bytes(message[1:4], "big") else None


def early_hello_of(data):
    """The hello that is whole although the record at the front is not; or None."""
    end = 9 + int.from_bytes(data[6:9], "big")
    if len(data) < end or data[0] != 0x16 or data[5] != 1 or len(data) >= 5 + int.from_bytes(data[3:5], "big"):
        return None
    return data[5:end]


def readings(exchange, data):
    """What tlsfp may find in the bytes that the socket read, each a list of JA3s. Behind a prelude that is none, it
    is free to find the hello or not."""
    prelude = exchange.prelude
    message = hello_of(data[len(prelude) :])
    early = None if prelude or message else early_hello_of(data)
    if message and hellos.Fields(message).message() != message:
        message = None  # a length in it contradicts another
    found = [hellos.ja3(message)] if message else []
    if early:  # a server waits for the rest of its record
        return [[], [hellos.ja3(early)]]
    return [found] if data.startswith(prelude) else [[], found]


def is_clients(packet):
    return packet[12:16] == linux.CLIENT


def told(exchange):
    lines = [f"exchange {exchange.number}: {', '.join(exchange.varied)}, {exchange.varied['order']}"]
    if exchange.syn_data:
        lines.append(f"    SYN with {len(exchange.syn_data)} bytes, fast open {exchange.fast_open}")
    for packet in exchange.packets:
        words = [f"{packet.offset}–{packet.end}", f"flags {packet.flags:02x}"]
        words += [f"{name} {value}" for name in ("ack", "urgent", "age", "bad") if (value := getattr(packet, name))]
        shown = packet.data[:8].hex() + ("…" + packet.data[-4:].hex() if len(packet.data) > 12 else "")
        lines.append(f"    {', '.join(words)}: {shown}")
    return "\n".join(lines)


def main():
    chosen = options()
    linux.enter_namespace()
    numbers = range(chosen.exchanges) if chosen.only is None else [chosen.only]
    made = (exchanges.generate(chosen.seed, number, chosen.checksums) for number in numbers)
    made = [one for one in made if not chosen.dimension or chosen.dimension in one.varied]
    system = linux.Linux()
    started = time.monotonic()
    expected, wires = {}, {}
    for exchange in made:
        before = len(system.wire.packets)
        port = FIRST_PORT + exchange.number % BATCH
        data = system.play(exchange, port)
        expected[exchange.number] = readings(exchange, data)
        wires[exchange.number] = (before, len(system.wire.packets))
    seconds = time.monotonic() - started
    packets = [packet for packet in system.wire.packets if not chosen.one_sided or is_clients(packet)]
    values_of = outcome.by_port(packets, ["--checksums"] if chosen.checksums else [])
    table = outcome.Table("exchanges")
    complaints = []
    for exchange in made:
        values = values_of[FIRST_PORT + exchange.number % BATCH]
        differs = values not in expected[exchange.number]
        if differs:
            complaints.append((exchange, values))
        table.add(exchange.varied, expected[exchange.number][0] != [], differs)
    table.print()
    for exchange, values in complaints[: chosen.show]:
        print(f"\n{told(exchange)}\n    the socket read {' or '.join(map(str, expected[exchange.number]))}, tlsfp found {values}")
    if chosen.write:
        chosen.write.mkdir(parents=True, exist_ok=True)
        for exchange, _ in complaints:
            start, end = wires[exchange.number]
            packets = system.wire.packets[start:end]
            outcome.write(chosen.write / f"exchange-{exchange.number}.pcap", packets)
    n = sum(values[0] != [] for values in expected.values())
    print(f"\n{len(made)} exchanges, {n} with a hello, {len(system.wire.packets)} packets in {seconds:.1f} s;", end=" ")
    print(f"{len(complaints)} wrong")
    print(f"{'not ok' if complaints else 'ok'} 1 - TCP exchanges{' with wrong checksums' if chosen.checksums else ''}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
