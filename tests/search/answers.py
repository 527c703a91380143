#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Fields of the server's answer on the client's line, for which the line waits, and of the networks around it."""

import json
import struct
import subprocess
import unittest

from builders import *
from search_test import FOUND, TROUBLE, SearchTest, hellos

SERVER = synthetic.server_hello(synthetic.extension(43, b"\3\4"), synthetic.extension(51, b"\0\x1d\0\0"))
JA3S_R = "771,4865,43-51"
JA3S = hellos.md5(JA3S_R)
OTHER = synthetic.server_hello(cipher=0x1302)
OTHER_JA3S = hellos.md5("771,4866,")
RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
RETRY = SERVER[:6] + RETRY_RANDOM + SERVER[38:]
ALERT = synthetic.record(b"\1\x70", 21)
CCS = synthetic.record(b"\1", 20)
CERTIFICATE = synthetic.record(synthetic.message(11, bytes(2000)))
FIRST, SECOND = hello("first.example"), hello("second.example", n_groups=5)
FIELDS = ["frame.number", "sni", "tlsfp.ja3s", "tlsfp.ja3s_r", "tlsfp.retry"]
RST, FIN_ACK = 0x14, 0x11


class Answers(SearchTest):
    def check_answers(self, packets, *expected, options=()):
        rows = self.rows(self.write(frames_of(packets)), *FIELDS)
        wanted = [(str(frame), name, ja3s, raw, retry) for frame, name, ja3s, raw, retry in expected]
        self.assertEqual(rows, wanted)

    def both(self, *answers, **options):
        """A hello, and segments of the server's."""
        connection = Connection(**options)
        packets = connection.open() + [connection.send(FIRST.record)]
        return packets, [connection.send(data, side=1) for data in answers]

    def test_whole(self):
        for before in b"", ALERT, CCS:
            for behind in b"", CERTIFICATE:
                packets, answers = self.both(before + synthetic.record(SERVER) + behind)
                self.check_answers(packets + answers, (4, "first.example", JA3S, JA3S_R, "0"))

    def test_in_pieces(self):
        """Segments of any size, in any order; records of any size."""
        for size in 1, 7, 60:
            for record in synthetic.record(SERVER), synthetic.records(SERVER, 3), synthetic.record(SERVER) + CERTIFICATE:
                packets, answers = self.both(*pieces(record, size))
                self.check_answers(packets + answers, (4, "first.example", JA3S, JA3S_R, "0"))
                self.check_answers(packets + answers[::-1], (4, "first.example", JA3S, JA3S_R, "0"))

    def test_without_the_handshake(self):
        packets, answers = self.both(synthetic.record(SERVER))
        self.check_answers([packets[3], *answers], (1, "first.example", JA3S, JA3S_R, "0"))

    def test_behind_another_protocol(self):
        connection = Connection(port=25)
        packets = connection.open() + [connection.send(b"220 mail\r\n", side=1), connection.send(b"STARTTLS\r\n")]
        packets += [connection.send(b"220 go ahead\r\n", side=1), connection.send(FIRST.record)]
        packets += [connection.send(synthetic.record(SERVER), side=1)]
        self.check_answers(packets, (7, "first.example", JA3S, JA3S_R, "0"))

    def test_hello_retry_request(self):
        connection = Connection()
        packets = connection.open() + [connection.send(FIRST.record)]
        packets += [connection.send(synthetic.record(RETRY) + CCS, side=1), connection.send(CCS + SECOND.record)]
        packets += [connection.send(synthetic.record(OTHER), side=1)]
        first = (4, "first.example", JA3S, JA3S_R, "0")
        self.check_answers(packets, first, (6, "second.example", OTHER_JA3S, "771,4866,", "1"))
        self.check_answers(packets[:-1], first, (6, "second.example", "", "", "1"))

    def test_none(self):
        packets, _ = self.both()
        for more in [], self.both(ALERT)[1], self.both(b"HTTP/1.1 400 Bad Request\r\n\r\n")[1]:
            self.check_answers(packets + more, (4, "first.example", "", "", "0"))

    def test_only_the_server_answers(self):
        connection = Connection()
        packets = connection.open() + [connection.send(FIRST.record), connection.send(synthetic.record(SERVER))]
        self.check_answers(packets, (4, "first.example", "", "", "0"))
        other = Connection(client_port=50001)
        packets[4:] = other.open() + [other.send(synthetic.record(SERVER), side=1)]
        self.check_answers(packets, (4, "first.example", "", "", "0"))

    def test_ports_used_again(self):
        """The answer to a later connection is not that to an earlier one."""
        packets, _ = self.both()
        again = Connection(first=(500_000_000, 600_000_000))
        packets += again.open() + [again.send(SECOND.record), again.send(synthetic.record(SERVER), side=1)]
        self.check_answers(
            packets, (4, "first.example", "", "", "0"), (8, "second.example", JA3S, JA3S_R, "0")
        )

    def test_order(self):
        """Lines are in the order of the hellos, whichever is answered first; also where only one is."""
        one, two = Connection(client_port=50001), Connection(client_port=50002)
        packets = one.open() + two.open() + [one.send(FIRST.record), two.send(SECOND.record)]
        answers = [two.send(synthetic.record(OTHER), side=1), one.send(synthetic.record(SERVER), side=1)]
        first, second = (7, "first.example", JA3S, JA3S_R, "0"), (8, "second.example", OTHER_JA3S, "771,4866,", "0")
        self.check_answers(packets + answers, first, second)
        self.check_answers(packets + answers[:1], (7, "first.example", "", "", "0"), second)

    def test_datagrams(self):
        answer = synthetic.dtls_record(synthetic.dtls_fragments(2, SERVER[4:])[0])
        cuts = synthetic.dtls_fragments(2, SERVER[4:], [9, 30])
        verify = synthetic.dtls_record(synthetic.dtls_fragments(3, b"\xfe\xff\4cook")[0])
        client = udp_packet(synthetic.dtls_hello(synthetic.server_name(b"a"), cookie=b""), 4433)
        cookie = udp_packet(synthetic.dtls_hello(synthetic.server_name(b"a"), cookie=b"cook"), 4433)

        def server(*datas):
            return [udp_packet(data, 4433, side=1) for data in datas]

        self.check_answers([client, *server(answer)], (1, "a", JA3S, JA3S_R, "0"))
        self.check_answers([client, *server(*map(synthetic.dtls_record, cuts[::-1]))], (1, "a", JA3S, JA3S_R, "0"))
        self.check_answers(
            [client, *server(verify), cookie, *server(answer)], (1, "a", "", "", "0"), (3, "a", JA3S, JA3S_R, "0")
        )

    def test_json(self):
        packets, answers = self.both(synthetic.record(SERVER))
        path = self.write(frames_of(packets + answers))
        line = json.loads(self.search("--json", "--answers", path))
        self.assertEqual([line[key] for key in ("ja3s", "ja3s_r", "retry")], [JA3S, JA3S_R, False])
        line = json.loads(self.search("--json", "--answers", self.write(frames_of(packets))))
        self.assertEqual([line[key] for key in ("ja3s", "ja3s_r", "retry")], [None, None, False])
        self.assertFalse({"ja3s", "ja3s_r", "retry"} & json.loads(self.search("--json", path)).keys())
        self.assertEqual(self.run_search("--answers", path).returncode, TROUBLE)

    def test_joined_files(self):
        """The line names the file that the hello was in."""
        packets, answers = self.both(synthetic.record(SERVER))
        first, second = self.write(frames_of(packets), "a.pcap0"), self.write(frames_of(answers), "a.pcap1")
        found = self.rows(first, "file", "tlsfp.ja3s")
        self.assertEqual(found, [(str(first), "")])
        text = self.search("--join", "-e", "file", "-e", "tlsfp.ja3s", first, second)
        self.assertEqual(text, f"{first}\t{JA3S}\n")

    def test_packets_are_written(self):
        packets, answers = self.both(synthetic.record(SERVER))
        self.search("-e", "tlsfp.ja3s", "-w", "out.pcapng", self.write(frames_of(packets + answers)))
        self.assertEqual(self.rows("out.pcapng", "tlsfp.ja3s"), [(JA3S,)])


def tds(payload, kind=0x12, last=1):
    return struct.pack("!BBHHBB", kind, last, 8 + len(payload), 0, 1, 0) + payload


def openvpn(payload, number=1, hmac=0, acks=0):
    """A packet of the control channel, with an HMAC or without."""
    head = b"\x20" + b"session." + (bytes(hmac) + struct.pack("!II", number, 1_700_000_000) if hmac else b"")
    return head + bytes([acks]) + b"....session." [: 12 * (acks > 0)] + struct.pack("!I", number) + payload


def with_length(packet):
    return struct.pack("!H", len(packet)) + packet


def rdp(payload, number):
    """MS-RDPEUDP 2.2.2: an acknowledgment of nothing, and data."""
    return struct.pack("!IHHHHII", 0x12345678, 64, 0x000C, 0, 0, number, number) + payload


class Inside(SearchTest):
    """Answers within the packets of other protocols."""

    def check_connection(self, port, *turns):
        connection = Connection(port=port)
        packets = connection.open() + [connection.send(data, side=side) for side, data in turns]
        rows = self.rows(self.write(frames_of(packets)), "sni", "tlsfp.ja3s")
        self.assertEqual(rows, [("first.example", JA3S)])

    def check_datagrams(self, port, *turns):
        packets = [udp_packet(data, port, side=side) for side, data in turns]
        rows = self.rows(self.write(frames_of(packets)), "sni", "tlsfp.ja3s")
        self.assertEqual(rows, [("first.example", JA3S)])

    def test_tds(self):
        first, second = pieces(synthetic.record(SERVER) + CERTIFICATE, 50)[:2]
        for kind in 0x12, 4:
            opening = (0, tds(bytes(20))), (1, tds(bytes(20), 4)), (0, tds(FIRST.record))
            self.check_connection(1433, *opening, (1, tds(synthetic.record(SERVER) + CERTIFICATE, kind)))
            self.check_connection(1433, *opening, (1, tds(first, kind, 0)), (1, tds(second, kind)))

    def test_openvpn(self):
        for hmac in 0, 20, 32:
            first, second = pieces(synthetic.record(SERVER) + CERTIFICATE, 50)[:2]
            hello, answers = openvpn(FIRST.record, 1, hmac, 1), (openvpn(first, 1, hmac, 1), openvpn(second, 2, hmac))
            self.check_datagrams(1194, (0, hello), *((1, answer) for answer in answers))
            self.check_connection(1194, (0, with_length(hello)), *((1, with_length(answer)) for answer in answers))

    def test_rdp(self):
        first, second = pieces(synthetic.record(SERVER) + CERTIFICATE, 50)[:2]
        self.check_datagrams(3389, (0, rdp(FIRST.record, 1)), (1, rdp(first, 7)), (1, rdp(second, 8)))


class Waiting(SearchTest):
    """What comes through a pipe is printed as soon as it is answered, or has waited long enough."""

    def start(self):
        argv = [self.program, "--quiet", "--line-buffered", "-e", "sni", "-e", "tlsfp.ja3s", "-"]
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        process.stdin.write(pcap([]))
        return process

    def put(self, process, seconds, *packets):
        for frame in frames_of(packets):
            process.stdin.write(struct.pack("<IIII", TICKS + seconds, 0, len(frame), len(frame)) + frame)
        process.stdin.flush()

    def test_bounds(self):
        connection, other = Connection(), Connection(client_port=50009)
        for until, packets in (
            (0, [connection.at(0, b"", 1, RST)]),
            (0, [connection.at(0, b"", 1, FIN_ACK)]),
            (11, other.open()),
        ):
            process = self.start()
            self.put(process, 0, *opened(FIRST.record))
            self.put(process, 1, *packets) if until == 0 else self.put(process, until, *packets)
            process.stdin.flush()
            rest = 1024 * [connection.at(0, b"", 0, ACK)]  # fill what is read at once
            self.put(process, 12 if until else 1, *rest)
            self.assertEqual(process.stdout.readline(), b"first.example\t\n")
            process.stdin.close()

    def test_many(self):
        """Hellos without an answer are printed all the same, in little memory."""
        packets = [Connection(client_port=1024 + i).send(hello(f"{i}.example").record) for i in range(5000)]
        path = self.write(frames_of(packets))
        found = self.search("--memory", "1", "-e", "sni", "-e", "tlsfp.ja3s", path)
        self.assertEqual(found, "".join(f"{i}.example\t\n" for i in range(5000)))


class Networks(SearchTest):
    def test_vlans(self):
        packet = opened(FIRST.record)[3]
        for tags, shown in ([7], "7"), ([0xE064, 0x0FFF], "100,4095"), ([1, 2, 3, 4, 5], "1,2,3,4"):
            path = self.write([vlan(packet, *tags)])
            self.assertEqual(self.rows(path, "vlan.id"), [(shown,)])
            self.assertEqual(json.loads(self.search("--json", path))["vlan"], list(map(int, shown.split(","))))

    def test_virtual_networks(self):
        packet = opened(FIRST.record)[3]
        nvgre = gre(ethernet(packet), 0x6558, key=True)
        for outer, shown in (vxlan(packet), "7"), (vxlan(packet, 4790), "7"), (geneve(packet), "7"), (nvgre, "0"):
            path = self.write(frames_of([outer]))
            self.assertEqual(self.rows(path, "vni"), [(shown,)])
            self.assertEqual(json.loads(self.search("--json", path))["vni"], [int(shown)])
        path = self.write(frames_of([vxlan(geneve(packet))]))
        self.assertEqual(self.rows(path, "vni"), [("7,7",)])

    def test_none_of_the_packet_before(self):
        packet = opened(FIRST.record)[3]
        other = Connection(client_port=50009).send(SECOND.record)
        path = self.write([vlan(packet, 7), ethernet(other)])
        self.assertEqual(self.rows(path, "vlan.id"), [("7",), ("",)])
        first, second = map(json.loads, self.search("--json", path, status=FOUND).splitlines())
        self.assertEqual((first["vlan"], "vlan" in second), ([7], False))


if __name__ == "__main__":
    unittest.main()
