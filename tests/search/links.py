#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Link types, IP with fragments and extension headers, and tunnels: what carries TCP and UDP is opened."""

import itertools
import pathlib
import struct
import unittest

from builders import *
from search_test import NONE, SearchTest, TROUBLE

HELLO = hello("carried.example", n_groups=200)
PACKETS = {version: opened(HELLO.record, version=version) for version in (4, 6)}

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples/captures"

# LINKTYPE_ values
NULL, ETHERNET, PPP, RAW_BSD, RAW_OPENBSD, PPP_HDLC, PPP_ETHER = 0, 1, 9, 12, 14, 50, 51
RAW, WIFI, LOOP, LINUX_SLL, RADIOTAP, IPV4, IPV6, LINUX_SLL2 = 101, 105, 108, 113, 127, 228, 229, 276


def family(packet):
    return 30 if packet[0] >> 4 == 6 else 2


LINKS = {
    "Ethernet": (ETHERNET, ethernet),
    "Ethernet with LLC and SNAP": (
        ETHERNET,
        lambda packet: synthetic.ethernet(llc_snap(packet), min(1500, 8 + len(packet))),
    ),
    "Ethernet with trailing bytes": (ETHERNET, lambda packet: ethernet(packet) + b"\x16\3\1\0\xff\1" * 8),
    "Linux SLL": (LINUX_SLL, sll),
    "Linux SLL2": (LINUX_SLL2, sll2),
    "Linux SLL with a VLAN tag": (
        LINUX_SLL,
        lambda packet: sll(packet)[:14] + struct.pack("!HHH", 0x8100, 5, ethertype(packet)) + packet,
    ),
    "raw IP": (RAW, bytes),
    "raw IP, as BSD numbers it": (RAW_BSD, bytes),
    "raw IP, as OpenBSD numbers it": (RAW_OPENBSD, bytes),
    "BSD loopback, little-endian": (NULL, lambda packet: struct.pack("<I", family(packet)) + packet),
    "BSD loopback, big-endian": (NULL, lambda packet: struct.pack(">I", family(packet)) + packet),
    "OpenBSD loopback": (LOOP, lambda packet: struct.pack(">I", family(packet)) + packet),
    "PPP": (PPP, ppp),
    "PPP without address and control": (PPP, lambda packet: ppp(packet, address=False)),
    "PPP with a compressed protocol": (PPP, lambda packet: ppp(packet, address=False, compressed=True)),
    "PPP in HDLC": (PPP_HDLC, ppp),
    "PPPoE": (PPP_ETHER, pppoe),
    "PPPoE on Ethernet": (ETHERNET, lambda packet: synthetic.ethernet(pppoe(packet), 0x8864)),
    "PPPoE in a VLAN": (
        ETHERNET,
        lambda packet: synthetic.ethernet(struct.pack("!HH", 7, 0x8864) + pppoe(packet), 0x8100),
    ),
    "802.11": (WIFI, lambda packet: wifi(packet, control=0x08)),
    "802.11, QoS": (WIFI, wifi),
    "802.11, between access points": (WIFI, lambda packet: wifi(packet, flags=0x03)),
    "radiotap": (RADIOTAP, lambda packet: radiotap(wifi(packet))),
    "radiotap, from the access point": (RADIOTAP, lambda packet: radiotap(wifi(packet, flags=0x02))),
    "radiotap with fields": (
        RADIOTAP,
        lambda packet: radiotap(wifi(packet), fields=bytes(8) + b"\0\x0c\x6c\x09\xa0\0", present=0x0F),
    ),
    "radiotap with two words of what is present": (
        RADIOTAP,
        lambda packet: radiotap(wifi(packet), fields=struct.pack("<I", 0) + b"\0", present=0x80000002),
    ),
    "radiotap, header padded": (
        RADIOTAP,
        lambda packet: radiotap(wifi(packet, padding=b"\0\0"), fields=b"\x20", present=0x02),
    ),
    "radiotap, time and header padded": (
        RADIOTAP,
        lambda packet: radiotap(wifi(packet, padding=b"\0\0"), fields=bytes(8) + b"\x20", present=0x03),
    ),
    "VLAN": (ETHERNET, lambda packet: vlan(packet, 100)),
    "QinQ": (ETHERNET, lambda packet: vlan(packet, 100, 200)),
    "QinQ, older": (ETHERNET, lambda packet: vlan(packet, 100, 200, outer=0x9100)),
    "three VLAN tags": (ETHERNET, lambda packet: vlan(packet, 100, 200, 300)),
    "MPLS": (ETHERNET, lambda packet: mpls(packet, 16)),
    "MPLS, three labels": (ETHERNET, lambda packet: mpls(packet, 16, 17, 18)),
    "Ethernet over MPLS with a control word": (ETHERNET, lambda packet: mpls(bytes(4) + ethernet(packet), 16)),
}

ONLY_OF_A_VERSION = {
    "raw IPv4": (IPV4, bytes, 4),
    "raw IPv6": (IPV6, bytes, 6),
    "loopback of FreeBSD, IPv6": (NULL, lambda packet: struct.pack("<I", 28) + packet, 6),
    "loopback of NetBSD, IPv6": (NULL, lambda packet: struct.pack("<I", 24) + packet, 6),
}

TUNNELS = {
    "IP in IP": ip_in_ip,
    "IP in IPv6": ip_in_ipv6,
    "GRE": lambda packet: gre(packet, ethertype(packet)),
    "GRE with a checksum": lambda packet: gre(packet, ethertype(packet), check=True),
    "GRE with a key": lambda packet: gre(packet, ethertype(packet), key=True),
    "GRE with all it may have": lambda packet: gre(packet, ethertype(packet), check=True, key=True, sequence=True),
    "GRE, bridged": lambda packet: gre(ethernet(packet), 0x6558),
    "GRE, bridged, VLAN": lambda packet: gre(vlan(packet, 9), 0x6558, key=True),
    "PPTP": pptp,
    "ERSPAN I": lambda packet: erspan(packet, 1),
    "ERSPAN II": lambda packet: erspan(packet, 2),
    "ERSPAN III": lambda packet: erspan(packet, 3),
    "ERSPAN III with a subheader": lambda packet: erspan(packet, 3, subheader=True),
    "VXLAN": vxlan,
    "VXLAN on Linux's older port": lambda packet: vxlan(packet, 8472),
    "GENEVE": geneve,
    "GENEVE with options": lambda packet: geneve(packet, options=b"\1\2\3\1abcd" * 3),
    "GENEVE with IP": lambda packet: geneve(packet, bridged=False),
    "GTP-U": gtp_u,
    "GTP-U with a sequence number": lambda packet: gtp_u(packet, sequence=True),
    "GTP-U with an extension header": lambda packet: gtp_u(packet, extension=True),
    "MPLS in GRE": lambda packet: gre(mpls(packet, 20)[14:], 0x8847),
    "VXLAN in GRE in IP": lambda packet: ip_in_ip(gre(vxlan(packet), 0x0800)),
    "GTP-U in GENEVE": lambda packet: geneve(gtp_u(packet), options=bytes(8)),
    "IP in IP in ERSPAN II": lambda packet: erspan(ip_in_ip(packet), 2),
}


class Links(SearchTest):
    def check_link(self, link, wrap, version):
        self.check(pcap([wrap(packet) for packet in PACKETS[version]], link), (4, HELLO))

    def test_each(self):
        for (name, (link, wrap)), version in itertools.product(LINKS.items(), (4, 6)):
            with self.subTest(name, version=version):
                self.check_link(link, wrap, version)

    def test_of_one_version(self):
        for name, (link, wrap, version) in ONLY_OF_A_VERSION.items():
            with self.subTest(name):
                self.check_link(link, wrap, version)

    def test_encrypted_802_11(self):
        frames = [radiotap(wifi(packet, flags=0x41)) for packet in PACKETS[4]]
        self.check(pcap(frames, RADIOTAP))

    def test_unknown(self):
        """The number of the type is said, and what to do; other files are searched."""
        frames = frames_of(PACKETS[4])
        path, good = self.write(pcap(frames, 147), "unknown.pcap"), self.write(frames, "good.pcap")
        done = self.run_search("-e", "sni", path, good)
        self.assertEqual((done.returncode, done.stdout), (TROUBLE, b"carried.example\n"))
        said = rf"^tlsfp: {path}: link type 147.* is not known here: 4 of 4 packets .*editcap -T; tshark with the plugin knows more types\n$"
        self.assertRegex(done.stderr.decode(), said)


def frames_in(capture):
    """The frames of a capture file: pcap or pcapng, little-endian."""
    data = capture.read_bytes()
    is_pcapng = data[:4] == b"\x0a\x0d\x0d\x0a"
    at = 0 if is_pcapng else 24
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if not is_pcapng:
            (kept,) = struct.unpack_from("<I", data, at + 8)
            size = 16 + kept
            yield data[at + 16 : at + size]
        elif kind == 6:
            (kept,) = struct.unpack_from("<I", data, at + 20)
            yield data[at + 28 : at + 28 + kept]
        at += size


class TwoWays(SearchTest):
    """Plain frames take a short way through their headers (plain.c): what is found is what the long way finds."""

    NETANALYZER = 240  # Ethernet behind 4 bytes

    def test_samples(self):
        fields = ["frame.number", "ip.src", "ip.dst", "srcport", "dstport", "transport", "tlsfp.ja4_r", "community_id"]
        total = 0
        for sample in sorted(SAMPLES.rglob("*.pcap*")):
            frames = list(frames_in(sample))
            short = self.rows(self.write(pcap(frames, ETHERNET)), *fields, status=None, quiet=False)
            long = self.rows(
                self.write(pcap([bytes(4) + frame for frame in frames], self.NETANALYZER)),
                *fields,
                status=None,
                quiet=False,
            )
            self.assertEqual(short, long, sample)
            total += len(short)
        self.assertGreater(total, 40)

    def test_every_byte_of_the_headers(self):
        """Whatever value one byte of them has."""
        for version, headers in ((4, 14 + 20 + 20), (6, 14 + 40 + 20)):
            frames = frames_of(PACKETS[version])
            first = next(i for i, frame in enumerate(frames) if HELLO.record[:30] in frame)
            damaged = []
            for at in range(headers):
                for value in (0, 1, 3, 6, 8, 17, 0x45, 0x46, 0x60, 0x7F, 0x80, 0xDD, 0xFF):
                    frame = frames[first]
                    damaged.append(frame[:at] + bytes([value]) + frame[at + 1 :])
            short = self.rows(self.write(pcap(damaged, ETHERNET)), "frame.number", status=None, quiet=False)
            long = self.rows(
                self.write(pcap([bytes(4) + frame for frame in damaged], self.NETANALYZER)),
                "frame.number",
                status=None,
                quiet=False,
            )
            self.assertEqual(short, long)
            self.assertGreater(len(short), 0)


class Internet(SearchTest):
    def test_ipv4_options(self):
        packets = [ipv4(packet[20:], TCP, packet[12:16], packet[16:20], options=b"\x94\4\0\0") for packet in PACKETS[4]]
        self.check_packets(packets, (4, HELLO))

    def test_extension_headers(self):
        chains = {
            "hop-by-hop": [(HOP_BY_HOP, ipv6_option_header)],
            "long destination options": [(DESTINATION, lambda following: ipv6_option_header(following, 5))],
            "routing": [(ROUTING, lambda following: struct.pack("!BBBB", following, 2, 0, 1) + bytes(20))],
            "authentication": [(AUTHENTICATION, lambda following: struct.pack("!BB", following, 4) + bytes(22))],
            "a fragment that is whole": [(FRAGMENT, lambda following: struct.pack("!BBHI", following, 0, 0, 5))],
            "several": [
                (DESTINATION, ipv6_option_header),
                (ROUTING, lambda following: struct.pack("!BBBB", following, 2, 0, 1) + bytes(20)),
                (HOP_BY_HOP, ipv6_option_header),
            ],
        }
        for name, chain in chains.items():
            with self.subTest(name):
                packets = PACKETS[6]
                for kind, header in chain:
                    packets = [ipv6_insert(packet, kind, header) for packet in packets]
                self.check_packets(packets, (4, HELLO))

    def test_fragments_in_any_order(self):
        for version, cut in (4, ipv4_fragments), (6, ipv6_fragments):
            fragments = cut(PACKETS[version][3], 184)
            self.assertEqual(len(fragments), 3)
            for order in itertools.permutations(range(3)):
                with self.subTest(version=version, order=order):
                    self.check_packets(PACKETS[version][:3] + [fragments[i] for i in order], (6, HELLO))

    def test_fragments_twice(self):
        for version, cut in (4, ipv4_fragments), (6, ipv6_fragments):
            first, second, third = cut(PACKETS[version][3], 184)
            with self.subTest(version):
                self.check_packets(PACKETS[version][:3] + [first, first, third, first, second], (8, HELLO))

    def test_fragments_of_two_packets(self):
        """Told apart by their identification."""
        other = hello("other.example", n_groups=200)
        second = opened(other.record, client_port=50001)
        one, two = ipv4_fragments(PACKETS[4][3], 184, 1), ipv4_fragments(second[3], 184, 2)
        mixed = [packet for pair in zip(one, two) for packet in pair]
        self.check_packets(PACKETS[4][:3] + second[:3] + mixed, (11, HELLO), (12, other))

    def test_a_fragment_that_is_missing(self):
        fragments = ipv4_fragments(PACKETS[4][3], 184)
        self.check_packets(PACKETS[4][:3] + fragments[:2])

    def test_fragments_in_a_tunnel(self):
        fragments = ipv4_fragments(PACKETS[4][3], 184)
        self.check_packets(map(vxlan, PACKETS[4][:3] + fragments[::-1]), (6, HELLO))

    def test_fragments_of_a_tunnel(self):
        """The outer packet is cut."""
        packets = [part for packet in PACKETS[4] for part in ipv4_fragments(ip_in_ip(packet), 400)]
        self.check_packets(packets, (5, HELLO))

    def test_segmentation_offload(self):
        """A total length of 0 is the network card's to fill in."""
        packets = PACKETS[4][:3] + [PACKETS[4][3][:2] + b"\0\0" + PACKETS[4][3][4:]]
        self.check_packets(packets, (4, HELLO))


class Tunnels(SearchTest):
    def test_each(self):
        for (name, wrap), version in itertools.product(TUNNELS.items(), (4, 6)):
            with self.subTest(name, version=version):
                self.check_packets(map(wrap, PACKETS[version]), (4, HELLO))

    def test_teredo(self):
        for authentication, origin in itertools.product((False, True), repeat=2):
            with self.subTest(authentication=authentication, origin=origin):
                packets = [teredo(packet, authentication, origin) for packet in PACKETS[6]]
                self.check_packets(packets, (4, HELLO))

    def test_addresses_are_those_inside(self):
        path = self.write(frames_of(map(vxlan, PACKETS[4])))
        self.assertEqual(
            self.rows(path, "ip.src", "srcport", "ip.dst", "dstport"), [("192.0.2.1", "50000", "198.51.100.2", "443")]
        )

    def test_udp_inside(self):
        datagram = udp_packet(synthetic.dtls_hello(synthetic.server_name(b"inside.example")), 4433)
        self.assertEqual(self.rows(self.write(frames_of([gtp_u(datagram)])), "sni"), [("inside.example",)])

    def test_four_deep(self):
        wraps = [vxlan, ip_in_ip, gtp_u, lambda packet: gre(packet, ethertype(packet))]
        for order in itertools.permutations(range(4)):
            packets = PACKETS[4]
            for i in order:
                packets = list(map(wraps[i], packets))
            with self.subTest(order=order):
                self.check_packets(packets, (4, HELLO))

    def test_too_deep(self):
        """Nothing is found, nothing breaks, and what comes after is found."""
        deep = {
            "IP in IP": PACKETS[4],
            "VLAN": [vlan(packet, *range(1, 4000)) for packet in PACKETS[4]],
            "MPLS": [mpls(packet, *range(1, 4000)) for packet in PACKETS[4]],
        }
        for _ in range(100):
            deep["IP in IP"] = list(map(ip_in_ip, deep["IP in IP"]))
        bridged = PACKETS[4]
        for _ in range(40):
            bridged = list(map(vxlan, bridged))
        deep["VXLAN"] = bridged
        plain = hello("plain.example")
        after = frames_of(opened(plain.record, client_port=50001))
        for name, packets in deep.items():
            frames = packets if name in ("VLAN", "MPLS") else frames_of(packets)
            with self.subTest(name):
                rows = self.rows(self.write(frames + after), "frame.number", "sni")
                self.assertEqual(rows[-1], ("8", "plain.example"))
                if name in ("IP in IP", "VXLAN"):
                    self.assertEqual(len(rows), 1)


class Cut(SearchTest):
    def test_every_length(self):
        """A frame may end anywhere: nothing breaks, and the hello in front is found."""
        before = hello("before.example")
        tunnels = TUNNELS | {"Teredo": lambda packet: teredo(packet, True, True)}
        cases = dict(LINKS)
        for name, wrap in tunnels.items():
            cases[name] = (ETHERNET, lambda packet, wrap=wrap: ethernet(wrap(packet)))
        for (name, (link, wrap)), version in itertools.product(cases.items(), (4, 6)):
            if (name, version) == ("Teredo", 4):  # it carries IPv6 only
                continue
            frames = [wrap(packet) for packet in opened(before.record, version=version)]
            last = wrap(opened(before.record[:60], version=version, client_port=50001)[3])
            frames += [last[:length] for length in range(len(last))]
            with self.subTest(name, version=version):
                path = self.write(pcap(frames, link))
                self.assertEqual(self.rows(path, "frame.number", "sni", quiet=False), [("4", "before.example")])

    def test_lengths_that_cannot_be(self):
        """Every byte of every header set to 0 and to 255."""
        before = hello("before.example")
        for name, wrap in {"IP": bytes, **TUNNELS}.items():
            for version in 4, 6:
                packets = opened(before.record, version=version, client_port=50001)
                whole = ethernet(wrap(PACKETS[version][3]))
                places = range(12, len(whole) - len(HELLO.record) + 12)
                bent = [whole[:at] + value + whole[at + 1 :] for at in places for value in (b"\0", b"\xff")]
                path = self.write(frames_of(packets) + bent)
                with self.subTest(name, version=version):
                    rows = self.rows(path, "frame.number", "sni", quiet=False)
                    self.assertEqual(rows[0], ("4", "before.example"))


class Nothing(SearchTest):
    def test_other_protocols(self):
        frames = [
            synthetic.ethernet(bytes(28), 0x0806),
            synthetic.ethernet(HELLO.record, 0x88CC),
            ethernet(ipv4(HELLO.record, 1)),
            ethernet(ipv4(b"", TCP)),
            ethernet(ipv6(b"", 59)),
            b"",
        ]
        self.assertEqual(self.search(self.write(frames), status=NONE), "")


if __name__ == "__main__":
    unittest.main()
