#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Headers around IP that the other captures do not have, each made from its specification; what a specification lets
vary is drawn anew each time. The table of link types in the manual is what the program knows."""

import ctypes
import ctypes.util
import itertools
import random
import re
import struct
import subprocess
import unittest

from builders import *
from search_test import SearchTest, TROUBLE, needs

HELLO = hello("carried.example", n_groups=200)
PACKETS = {version: opened(HELLO.record, version=version) for version in (4, 6)}
RNG = random.Random(11)
MACS = bytes.fromhex("020000000002020000000001")


def noise(size):
    """Bytes that no receiver looks at."""
    return RNG.randbytes(size)


def bits(n):
    return RNG.getrandbits(n)


def tagged(kind, tag, inner=None):
    """Ethernet with a header between EtherType and the next one."""

    def wrap(packet):
        body = tag() + (struct.pack("!H", ethertype(packet)) + packet if inner is None else inner(packet))
        return MACS + struct.pack("!H", kind) + body

    return wrap


def frame_with_trailer(packet):
    """PRP, IEC 62439-3: six bytes behind the payload."""
    size = len(packet) + 6
    return ethernet(packet) + struct.pack("!HHH", bits(16), 0xA << 12 | size & 0xFFF, 0x88FB)


def trill(packet):
    options = bits(2)
    head = struct.pack("!HHH", bits(1) << 11 | options << 6 | bits(6), bits(16), bits(16)) + noise(4 * options)
    return MACS + b"\x22\xf3" + head + vlan(packet, bits(12))


def macsec(packet):
    with_sci = bits(1)
    head = struct.pack("!BBI", with_sci << 5 | bits(2), 0, bits(32)) + noise(8 * with_sci)
    return MACS + b"\x88\xe5" + head + struct.pack("!H", ethertype(packet)) + packet + noise(16)


def nsh(packet, following=None, inner=None):
    words = RNG.choice((2, 6, 9))
    number = following or (2 if packet[0] >> 4 == 6 else 1)
    base = struct.pack("!BBBB", bits(2) << 4, bits(2) << 6 | words, 1, number)
    return base + noise(4 * words - 4) + (inner or bytes)(packet)


def cmd(packet):
    return struct.pack("!BBHH", 1, 1, 1, bits(16))


def token_ring(packet):
    route = RNG.choice((0, 2, 6, 18))
    source = bytes([0x80 | 2 if route else 2]) + noise(5)
    routing = bytes([route | bits(3) << 5]) + noise(route - 1) if route else b""
    return noise(2) + noise(6) + source + routing + llc_snap(packet)


def erf(packet):
    extensions = bits(2)
    kind = RNG.choice((2, 11, 16, 20, 22 if packet[0] >> 4 == 4 else 23))
    inner = packet if kind in (22, 23) else noise(2) + ethernet(packet)
    head = noise(8) + struct.pack("!BBHHH", kind | (0x80 if extensions else 0), bits(8), 24 + len(inner), 0, len(inner))
    for i in range(extensions):
        head += bytes([(0x80 if i < extensions - 1 else 0) | bits(7)]) + noise(7)
    return head + inner


def docsis(packet):
    extended = RNG.choice((0, 3, 5))
    return struct.pack("!BBH", 1 if extended else 0, extended, 0) + noise(extended + 2) + ethernet(packet)


def switch_tag(size):
    return lambda packet: MACS + noise(size) + struct.pack("!H", ethertype(packet)) + packet


def gpe(packet):
    number = {4: 1, 6: 2}[packet[0] >> 4]
    head = struct.pack("!BHB", 0x0C | bits(1), bits(16), number) + noise(4)
    return over_udp(head + packet, 4790)


def gpe_with(number, inner):
    return lambda packet: over_udp(struct.pack("!BHB", 0x0C, 0, number) + noise(4) + inner(packet), 4790)


def wccp(packet):
    return gre(packet, 0x883E)


def wccp_redirected(packet):
    return gre(bytes([bits(2) << 6]) + noise(3) + packet, 0x883E)


def l2tp3(inner):
    """RFC 3931 4.1: cookie and sublayer are of sizes that are agreed beforehand."""

    def body(packet):
        return struct.pack("!I", bits(31) | 1) + noise(RNG.choice((0, 4, 8))) + b"\0" * RNG.choice((0, 4)) + inner(packet)

    return body


def l2tp3_udp(inner):
    return lambda packet: over_udp(struct.pack("!HH", 3, 0) + l2tp3(inner)(packet), 1701)


def l2tp3_ip(inner):
    return lambda packet: ipv4(l2tp3(inner)(packet), 115, *OUTER)


def l2tp2(packet):
    sequence, length, offset = bits(1), bits(1), bits(1)
    flags = length << 14 | sequence << 11 | offset << 9 | 2
    head = struct.pack("!H", flags) + (struct.pack("!H", 0) if length else b"") + noise(4)
    head += (noise(4) if sequence else b"") + (struct.pack("!H", 3) + noise(3) if offset else b"")
    return over_udp(head + ppp(packet, address=bits(1)), 1701)


def pktap(link, frame):
    return lambda packet: struct.pack("<III", 108, 1, link) + noise(96) + frame(packet)


def ppi(link, frame):
    def wrap(packet):
        fields = noise(RNG.choice((0, 4, 20)))
        return struct.pack("<BBHI", 0, 0, 8 + len(fields), link) + fields + frame(packet)

    return wrap


def nflog(packet):
    order = RNG.choice("<>")

    def attribute(kind, value):
        return pad(struct.pack(f"{order}HH", 4 + len(value), kind) + value)

    return struct.pack("!BBH", 2, 0, bits(16)) + attribute(1, noise(4)) + attribute(10, b"prefix\0") + attribute(9, packet)


def pflog(packet):
    length = RNG.choice((61, 64, 69, 72))
    return bytes([length]) + noise(((length + 3) & ~3) - 1) + packet


def frame_relay(packet):
    if bits(1):
        return b"\x18\x41\3" + (b"\x8e" if packet[0] >> 4 == 6 else b"\xcc") + packet
    return b"\x18\x41\3\0\x80\0\0\0" + struct.pack("!H", ethertype(packet)) + packet


def amsdu(packet):
    """Frames in a frame, the second with the packet."""

    def part(body):
        return MACS + struct.pack("!H", len(body)) + body

    header = struct.pack("!BBH", 0x88, 1, 0) + noise(18) + b"\0\0" + bytes([0x80 | bits(4), bits(8)])
    first = part(b"\xaa\xaa\3\0\0\0\x08\x06" + noise(28))
    return header + pad(first) + part(llc_snap(packet))


def qos(packet):
    frame = bytearray(wifi(packet))
    frame[24:26] = bits(4), bits(8)  # the traffic identifier; no A-MSDU
    return bytes(frame)


def two_words(packet):
    """A second word of what is present, as a driver with two antennas has it."""
    flags = b"\0"
    return radiotap(wifi(packet), fields=struct.pack("<I", 0x20000820) + flags + noise(7), present=0xA0000802 & ~0x800)


def ppp_mpls(packet):
    return b"\xff\3\2\x81" + mpls(packet, bits(19))[14:]


def bridged_ppp(packet):
    return b"\xff\3\0\x31" + bytes([bits(4), 1]) + ethernet(packet)


def timestamp(packet):
    """Arista's: a subtype, a version, and a time of 8 or 6 bytes."""
    version, size = RNG.choice(((0x10, 8), (0x110, 8), (0x20, 6), (0x120, 6)))
    return MACS + b"\xd2\x8b" + struct.pack("!HH", 1, version) + noise(size) + struct.pack("!H", ethertype(packet)) + packet


def multilink(packet):
    """RFC 1990: a whole packet in one fragment, its protocol compressed or not."""
    number = b"\x57" if packet[0] >> 4 == 6 else b"\x21"
    return b"\xff\3\0\x3d\xc0" + noise(3) + b"\0" * bits(1) + number + packet


def juniper(frame):
    """Juniper's header: extensions may follow it, and without layer 2 an address family."""

    def wrap(packet):
        extensions = noise(RNG.choice((0, 6, 21)))
        flags = bits(1) | (0x80 if extensions else 0)
        head = struct.pack("!H", len(extensions)) + extensions if extensions else b""
        if bits(1):
            return b"MGC" + bytes([flags | 2]) + head + struct.pack("<I", 30 if packet[0] >> 4 == 6 else 2) + packet
        return b"MGC" + bytes([flags]) + head + frame(packet)

    return wrap


def ayiya(packet):
    identity, signature = RNG.choice(((4, 5), (0, 0), (2, 8)))
    head = bytes([identity << 4 | 4, signature << 4 | 2, 0x11, 41 if packet[0] >> 4 == 6 else 4])
    return over_udp(head + noise(4 + (1 << identity) + 4 * signature) + packet, 5072)


def behind(size, wrap=bytes):
    return lambda packet: noise(size) + wrap(packet)


def with_type(size):
    return lambda packet: noise(size) + struct.pack("!H", ethertype(packet)) + packet


FRAMES = {  # on Ethernet
    "HSR": tagged(0x892F, lambda: struct.pack("!HH", bits(16), bits(16))),
    "PRP": frame_with_trailer,
    "TRILL": trill,
    "MACsec": macsec,
    "802.1ah": tagged(0x88E7, lambda: noise(4), ethernet),
    "FabricPath": tagged(0x8903, lambda: noise(2), ethernet),
    "NSH": tagged(0x894F, bytes, nsh),
    "NSH with Ethernet": tagged(0x894F, bytes, lambda packet: nsh(packet, 3, ethernet)),
    "NSH with MPLS": tagged(0x894F, bytes, lambda packet: nsh(packet, 5, lambda inner: mpls(inner, 16)[14:])),
    "CMD": tagged(0x8909, lambda: cmd(None)),
    "TTag": tagged(0x8988, lambda: noise(4)),
    "802.1BR": tagged(0x893F, lambda: noise(6)),
    "VN-Tag": tagged(0x8926, lambda: noise(4)),
    "802.1CB": tagged(0xF1C1, lambda: noise(4)),
    "Arista's timestamp": timestamp,
    "B.A.T.M.A.N.": lambda packet: MACS + b"\x43\5\x40\x0f" + noise(8) + ethernet(packet),
    "B.A.T.M.A.N., four addresses": lambda packet: MACS + b"\x43\5\x42\x0f" + noise(16) + ethernet(packet),
    "802.11": lambda packet: MACS + b"\x24\x52" + wifi(packet),
    "VN-Tag and VLAN": lambda packet: MACS + b"\x89\x26" + noise(4) + vlan(packet, bits(12))[12:],
    **{f"QinQ {kind:04x}": lambda packet, kind=kind: vlan(packet, bits(12), bits(12), outer=kind) for kind in (0x9200, 0x9300)},
}
IN_IP = {
    "VXLAN, reserved bits": lambda packet: over_udp(bytes([8 | bits(8) & 0xF3]) + noise(7) + ethernet(packet), 4789),
    "VXLAN-GPE": gpe,
    "VXLAN-GPE with Ethernet": gpe_with(3, ethernet),
    "VXLAN-GPE with NSH": gpe_with(4, nsh),
    "VXLAN-GPE with MPLS": gpe_with(5, lambda packet: mpls(packet, 16)[14:]),
    "LISP": lambda packet: over_udp(noise(8) + packet, 4341),
    "WCCP": wccp,
    "WCCP, redirected": wccp_redirected,
    "NVGRE": lambda packet: gre(ethernet(packet), 0x6558, key=True),
    "NSH in GRE": lambda packet: gre(nsh(packet), 0x894F),
    "L2TPv2": l2tp2,
    "L2TPv3 in UDP": l2tp3_udp(ethernet),
    "L2TPv3 in UDP, PPP": l2tp3_udp(ppp),
    "L2TPv3": l2tp3_ip(ethernet),
    "L2TPv3 with IP": l2tp3_ip(bytes),
    "MPLS in UDP": lambda packet: over_udp(mpls(packet, 16, bits(19))[14:], 6635),
    "GRE in UDP": lambda packet: over_udp(struct.pack("!HH", 0, ethertype(packet)) + packet, 4754),
    "MPLS in IP": lambda packet: ipv4(mpls(packet, 16)[14:], 137, *OUTER),
    "EtherIP": lambda packet: ipv4(b"\x30\0" + ethernet(packet), 97, *OUTER),
    "Ethernet in IP": lambda packet: ipv4(ethernet(packet), 143, *OUTER),
    "AH": lambda packet: ipv4(struct.pack("!BBHII", 41 if packet[0] >> 4 == 6 else 4, 4, 0, 1, 1) + noise(12) + packet, 51, *OUTER),
    "TZSP": lambda packet: over_udp(b"\1\0\0\1" + b"\x0a\1\x05" + b"\0\0\1" + ethernet(packet), 37008),
    "CAPWAP": lambda packet: over_udp(b"\0\x10\2\0" + noise(4)[:3] + b"\0" + ethernet(packet), 5247),
    "PPTP": pptp,
    "AMT": lambda packet: over_udp(b"\6\0" + packet, 2268),
    "AYIYA": ayiya,
    "Juniper's mirror": lambda packet: over_udp(noise(8) + packet, 30030),
}
LINKS = {
    "Token Ring": (6, token_ring),
    "SLIP": (8, behind(16)),
    "FDDI": (10, behind(13, llc_snap)),
    "PPP with MPLS": (9, ppp_mpls),
    "PPP, bridged": (9, bridged_ppp),
    "PPP, multilink": (9, multilink),
    "Symantec's firewall": (99, lambda packet: noise(6) + struct.pack("!H", ethertype(packet)) + noise(36) + packet),
    "ATM": (100, llc_snap),
    "IP over ATM": (106, bytes),
    "C_HDLC": (104, lambda packet: RNG.choice((b"\x0f\0", b"\x8f\0")) + struct.pack("!H", ethertype(packet)) + packet),
    "A-MSDU": (105, amsdu),
    "QoS with a traffic identifier": (105, qos),
    "Frame Relay": (107, frame_relay),
    "ENC": (109, behind(12)),
    "SLL with LLC": (113, lambda packet: struct.pack("!HHH8sH", 0, 1, 6, noise(8), 4) + llc_snap(packet)),
    "PFLOG": (117, pflog),
    "Prism": (119, behind(144, wifi)),
    "IP over Fibre Channel": (122, behind(16, llc_snap)),
    "SunATM": (123, behind(4, llc_snap)),
    "radiotap with two words": (127, two_words),
    "IEEE 1394": (138, with_type(16)),
    "DOCSIS": (143, docsis),
    "AVS": (163, behind(64, wifi)),
    "pppd": (166, lambda packet: bytes([bits(1), 0]) + ppp(packet, address=False)),
    "Juniper, Ethernet": (178, juniper(ethernet)),
    "Juniper, PPP": (179, juniper(ppp)),
    "Juniper, Frame Relay": (180, juniper(frame_relay)),
    "Juniper, C_HDLC": (181, juniper(lambda packet: b"\x0f\0" + struct.pack("!H", ethertype(packet)) + packet)),
    "PPI": (192, ppi(1, ethernet)),
    "PPI with 802.11": (192, ppi(105, wifi)),
    "ERF": (197, erf),
    "PPP with a direction": (204, behind(1, ppp)),
    "C_HDLC with a direction": (205, lambda packet: bytes([bits(1)]) + b"\x0f\0" + struct.pack("!H", ethertype(packet)) + packet),
    "Frame Relay with a direction": (206, behind(1, frame_relay)),
    "MPLS": (219, lambda packet: mpls(packet, 16)[14:]),
    "ipnet": (226, behind(24)),
    "NFLOG": (239, nflog),
    "netANALYZER": (240, behind(4, ethernet)),
    "netANALYZER, transparent": (241, behind(12, ethernet)),
    "IP over InfiniBand": (242, lambda packet: noise(40) + struct.pack("!HH", ethertype(packet), 0) + packet),
    "PKTAP": (258, pktap(1, ethernet)),
    "PKTAP with IP": (258, pktap(101, bytes)),
    "mPacket": (274, behind(8, ethernet)),
    "Broadcom tag": (281, switch_tag(4)),
    "Broadcom tag in front": (282, behind(4, ethernet)),
    "DSA": (284, switch_tag(4)),
    "EDSA": (285, switch_tag(8)),
}


class Siblings(SearchTest):
    def check_each(self, table, link_of, wrap_of):
        for (name, row), version in itertools.product(table.items(), (4, 6)):
            for _ in range(3):  # other bytes where they may vary
                with self.subTest(name, version=version):
                    frames = [wrap_of(row)(packet) for packet in PACKETS[version]]
                    self.check(pcap(frames, link_of(row)), (4, HELLO))

    def test_frames(self):
        self.check_each(FRAMES, lambda row: 1, lambda row: row)

    def test_in_ip(self):
        self.check_each(IN_IP, lambda row: 101, lambda row: row)

    def test_links(self):
        self.check_each(LINKS, lambda row: row[0], lambda row: row[1])

    def test_capwap_fragments(self):
        """RFC 5415 4.3: a frame in fragments, in any order."""
        for version, order in itertools.product((4, 6), (1, -1)):
            fragments = []
            for number, packet in enumerate(PACKETS[version]):
                parts = pieces(wifi(packet), 104)
                for i, part in enumerate(parts):
                    flags = 0x80 | (0x40 if i + 1 == len(parts) else 0)
                    head = bytes([0, 2 << 3, 3, flags]) + struct.pack("!HH", number, 104 * i)
                    fragments.append(over_udp(head + part, 5247))
            path = self.write(pcap(fragments[::order], 101))
            self.assertEqual(self.rows(path, "sni"), [("carried.example",)])

    def test_encrypted_macsec(self):
        frames = [MACS + b"\x88\xe5" + bytes([0x0C]) + noise(5) + ethernet(packet)[12:] + noise(16) for packet in PACKETS[4]]
        self.check(pcap(frames), quiet=False)

    def test_cut_anywhere(self):
        """A frame that ends within its headers holds nothing, and breaks nothing."""
        rows = [(1, wrap) for wrap in FRAMES.values()] + [(101, wrap) for wrap in IN_IP.values()] + list(LINKS.values())
        for link, wrap in rows:
            frame = wrap(PACKETS[4][3])
            frames = [frame[:size] for size in range(0, len(frame) - len(HELLO.record), 3)]
            done = self.run_search("--quiet", self.write(pcap(frames, link)))
            self.assertEqual((done.stdout, done.stderr), (b"", b""))


class Levels(SearchTest):
    """Every header that holds another packet counts: sixteen of them are opened, whichever they are."""

    def test_each(self):
        plain = hello("plain.example")
        after = opened(plain.record, client_port=50001)
        wraps = dict(IN_IP)
        wraps |= {name: lambda packet, wrap=wrap: ipv4(wrap(packet), 143, *OUTER) for name, wrap in FRAMES.items()}
        for name, wrap in wraps.items():
            packet = PACKETS[4][3]
            for depth in range(1, 24):
                packet = wrap(packet)
                if len(packet) > 60_000:
                    break
                if depth in (1, 3, 20):
                    rows = self.rows(self.write(pcap([packet, *after], 101)), "sni", quiet=False)
                    self.assertEqual(rows[-1], ("plain.example",))
                    self.assertEqual(len(rows), 2 if depth < 5 else 1, (name, depth))

    def test_within_ethernet(self):
        """MPLS, PPP and 802.1ah around each other: none of them is free."""
        shells = {
            "MPLS": lambda frame: MACS + b"\x88\x47" + struct.pack("!I", 16 << 12 | 0x100 | 64) + bytes(4) + frame,
            "802.1ah": lambda frame: MACS + b"\x88\xe7" + noise(4) + frame,
            "PPPoE": lambda frame: MACS + b"\x88\x64" + struct.pack("!BBHH", 0x11, 0, 1, len(frame) + 4 & 0xFFFF) + b"\0\x31\0\1" + frame,
            "FabricPath": lambda frame: MACS + b"\x89\x03" + noise(2) + frame,
            "TRILL": lambda frame: MACS + b"\x22\xf3" + struct.pack("!HHH", 1, 2, 3) + frame,
            "NSH": lambda frame: MACS + b"\x89\x4f" + struct.pack("!BBBB", 0, 2, 2, 3) + noise(4) + frame,
            "MACsec": lambda frame: MACS + b"\x88\xe5" + struct.pack("!BBI", 0, 0, 1) + frame[12:] + noise(16),
        }
        for name, shell in shells.items():
            for depth in 3, 20, 4000:
                frame = ethernet(PACKETS[4][3])
                for _ in range(depth):
                    frame = shell(frame)
                with self.subTest(name, depth=depth):
                    done = self.run_search("--quiet", "-e", "sni", self.write([frame]))
                    self.assertEqual(done.stdout, b"carried.example\n" if depth == 3 else b"")
                    self.assertEqual(done.returncode, 0 if depth == 3 else 1, done.stderr)


class Ends(SearchTest):
    def test_behind_a_udp_length(self):
        """Bytes behind the length that UDP says are not of the datagram."""
        record = synthetic.dtls_hello(synthetic.server_name(b"inside.example"))
        for inside, found in (len(record), [("inside.example",)]), (len(record) - 1, []), (0, []):
            segment = struct.pack("!HHHH", 50000, 4433, 8 + inside, 0) + record
            path = self.write(frames_of([ipv4(segment + noise(9), UDP)]))
            self.assertEqual(self.rows(path, "sni", status=None), found)

    def test_a_section_that_is_cut(self):
        """Within its first block, and behind packets."""
        good = Pcapng().interface().packets(frames_of(PACKETS[4])).data
        for size in range(1, 28):
            path = self.write(good + Pcapng().data[:size], "cut.pcapng")
            done = self.run_search("-e", "sni", path)
            self.assertEqual((done.returncode, done.stdout), (TROUBLE, b"carried.example\n"), size)
            self.assertIn(b"cut.pcapng", done.stderr)
        for size in range(4, 28):
            done = self.run_search(self.write(Pcapng().data[:size], "cut.pcapng"))
            self.assertEqual((done.returncode, done.stdout), (TROUBLE, b""), size)

    def test_options_beside_the_time(self):
        """A name, a description and a filter before and behind if_tsoffset."""
        def option(kind, value):
            return struct.pack("<HH", kind, len(value)) + pad(value)

        beside = option(2, b"eth0xyz"), option(3, b"a description"), option(11, b"\0port 443")
        offset = option(14, struct.pack("<q", 3600))
        for at in range(len(beside) + 1):
            options = b"".join([*beside[:at], offset, *beside[at:]]) + bytes(4)
            capture = Pcapng().block(1, struct.pack("<HHI", 1, 0, 262144) + options).packets(frames_of(PACKETS[4]))
            path = self.write(capture.data, "options.pcapng")
            self.assertEqual(self.rows(path, "frame.time_epoch"), [(f"{TICKS + 3600}.000000000",)])


class Table(SearchTest):
    """The manual says of each link type whether it is known, not known, or cannot hold IP."""

    LAST = 320

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        needs.programs("mandoc")
        manual = needs.source() / "packaging/man/tlsfp.1"
        text = subprocess.run(["mandoc", "-T", "utf8", manual], capture_output=True, text=True, check=True).stdout
        text = re.sub(".\b", "", text).split("\nLINK TYPES\n")[1].split("\nEXIT STATUS\n")[0]
        parts = re.split(r"\n     (known|not known|without IP)\b", text)
        cls.table = {name: cls.numbers(part) for name, part in zip(parts[1::2], parts[2::2])}

    @staticmethod
    def numbers(text):
        found = set()
        for first, last in re.findall(r"(?:^|[,:])\s*(\d+)(?:[-\N{EN DASH}](\d+))? ", text.replace("\n", " ")):
            found |= set(range(int(first), int(last or first) + 1))
        return found

    def test_each_once(self):
        known, unknown, without = (self.table[name] for name in ("known", "not known", "without IP"))
        self.assertFalse(known & unknown or known & without or unknown & without)
        self.assertGreater(min(map(len, self.table.values())), 40)

    def test_all_that_libpcap_names(self):
        libpcap = ctypes.CDLL(ctypes.util.find_library("pcap") or "libpcap.so.0.8")
        libpcap.pcap_datalink_val_to_name.restype = ctypes.c_char_p
        named = {number for number in range(104, self.LAST) if libpcap.pcap_datalink_val_to_name(number)}
        self.assertEqual(named - set().union(*self.table.values()), set())

    def test_what_the_program_knows(self):
        for number in range(self.LAST):
            done = self.run_search("--quiet", self.write(pcap([bytes(60)], number)))
            says = b"is not known here" in done.stderr
            self.assertEqual(not says, number in self.table["known"], number)


if __name__ == "__main__":
    unittest.main()
