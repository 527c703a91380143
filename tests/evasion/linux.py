# SPDX-License-Identifier: BSD-3-Clause
"""Linux's own network stack: packets go in through a TUN device, in a network of their own, and a plain socket reads."""

import contextlib
import fcntl
import os
import socket
import struct
import subprocess
import sys

import exchanges
from hellos import needs

INSIDE = "TLSFP_EVASION_INSIDE"  # in the environment of the run inside the namespace

SERVER, CLIENT = bytes([192, 0, 2, 2]), bytes([192, 0, 2, 3])
PLAIN_PORT, FAST_OPEN_PORT = 443, 8443
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
MSS, NOP, END, TIMESTAMPS, MD5 = b"\2\4\5\xb4", b"\1", b"\0", 8, 19
NOW = 1_000_000  # the client's first timestamp


def checksum(data):
    if len(data) & 1:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def enter_namespace():
    """Starts the program again in a network of its own."""
    if INSIDE not in os.environ:
        needs.programs("unshare", "ip")
        if os.getuid() != 0:
            raise SystemExit("a TUN device is needed: run this as root")
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, "-B", *sys.argv])


class Wire:
    """The other end of a TUN device, and all that went over it."""

    def __init__(self, ipv6=False):
        self.device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.device, TUNSETIFF, struct.pack("16sH22x", b"evasion", IFF_TUN | IFF_NO_PI))
        for words in ("link set lo up", "addr add 192.0.2.2/24 dev evasion", "link set evasion up mtu 9000"):
            subprocess.run(["ip", *words.split()], check=True)
        self.setting("net/ipv6/conf/all/disable_ipv6", "0" if ipv6 else "1")
        if ipv6:
            subprocess.run("ip addr add 2001:db8::2/64 dev evasion nodad".split(), check=True)
        self.setting("net/ipv4/tcp_fastopen", "515")  # without cookies
        self.packets = []

    @staticmethod
    def setting(name, value):
        with contextlib.suppress(FileNotFoundError), open(f"/proc/sys/{name}", "w") as file:
            file.write(value)

    def send(self, packet):
        self.packets.append(packet)
        with contextlib.suppress(OSError):  # a header that the device itself refuses
            os.write(self.device, packet)

    def drain(self):
        """Forgets what came back: errors, and questions of a host that has just come up."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self.device, 65536):
                pass

    def receive(self):
        """What the server has sent since."""
        came = []
        with contextlib.suppress(BlockingIOError):
            while True:
                packet = os.read(self.device, 65536)
                if packet[0] >> 4 == 4 and packet[9] == 6:
                    came.append(packet)
        self.packets += came
        return came


def listen(port, fast_open):
    listener = socket.create_server(("192.0.2.2", port), backlog=64)
    listener.setblocking(False)
    if fast_open:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 64)
    return listener


class Sender:
    """The client of one exchange."""

    def __init__(self, wire, exchange, port, server_port):
        self.wire, self.exchange, self.ports = wire, exchange, (port, server_port)
        self.clock = NOW
        self.server_next = self.echoed = 0

    def options(self, syn, packet):
        words = MSS if syn else b""
        if packet.bad == "md5":
            words += bytes([MD5, 18]) + bytes(16)
        if self.exchange.timestamps:
            when = (self.clock - packet.age) & 0xFFFFFFFF
            words += NOP * 2 + bytes([TIMESTAMPS, 10]) + struct.pack("!II", when, self.echoed)
        return words + END * (-len(words) % 4)

    def packed(self, packet):
        options = self.options(packet.flags & exchanges.SYN, packet)
        seq = (self.exchange.first + 1 + packet.offset) & 0xFFFFFFFF
        acknowledged = (self.server_next + packet.ack) & 0xFFFFFFFF if packet.flags & exchanges.ACK else 0
        words = 5 + len(options) // 4
        if packet.bad.startswith("offset"):
            words = int(packet.bad.split()[1])

        def segment(check):
            head = struct.pack("!HHIIBBHHH", *self.ports, seq, acknowledged, words << 4, packet.flags, 64240, check, packet.urgent)
            return head + options + packet.data

        length = 20 + len(options) + len(packet.data)
        check = checksum(CLIENT + SERVER + struct.pack("!HH", 6, length) + segment(0))
        if packet.bad == "checksum":
            check ^= 0x1234
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, 6, 0) + CLIENT + SERVER
        ip_check = checksum(head) ^ (0x4321 if packet.bad == "ip checksum" else 0)
        return head[:10] + struct.pack("!H", ip_check) + head[12:] + segment(check)

    def send(self, packet):
        self.wire.send(self.packed(packet))
        self.clock += 1
        for came in self.wire.receive():
            self._look(came)

    def _look(self, packet):
        segment = packet[20:]
        if struct.unpack_from("!HH", segment) != self.ports[::-1]:
            return
        seq, flags = struct.unpack_from("!I", segment, 4)[0], segment[13]
        if flags & exchanges.SYN:
            self.server_next = (seq + 1) & 0xFFFFFFFF
            options = segment[20 : 4 * (segment[12] >> 4)]
            at = options.find(bytes([TIMESTAMPS, 10]))
            if at >= 0:
                self.echoed = struct.unpack_from("!I", options, at + 2)[0]


class Reader:
    """A server that reads what there is, at once."""

    def __init__(self, listener):
        self.listener, self.socket, self.data = listener, None, b""
        self.ended = False

    def read(self):
        if self.socket is None:
            with contextlib.suppress(BlockingIOError):
                self.socket = self.listener.accept()[0]
                self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError, ConnectionError):
            while self.socket and not self.ended:
                got = self.socket.recv(65536)
                self.data += got
                self.ended = not got

    def close(self):
        if self.socket:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.socket.close()


class Linux:
    def __init__(self):
        self.wire = Wire()
        self.listeners = {False: listen(PLAIN_PORT, False), True: listen(FAST_OPEN_PORT, True)}

    def play(self, exchange, port):
        """The bytes that the server's socket read."""
        server_port = FAST_OPEN_PORT if exchange.fast_open else PLAIN_PORT
        sender = Sender(self.wire, exchange, port, server_port)
        reader = Reader(self.listeners[exchange.fast_open])
        sender.send(exchanges.Packet(-1, exchange.syn_data, exchanges.SYN))
        sender.send(exchanges.Packet(0, b"", exchanges.ACK))
        reader.read()
        for packet in exchange.packets:
            sender.send(packet)
            reader.read()
        reader.close()
        self.wire.receive()
        return reader.data
