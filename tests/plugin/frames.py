#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Which frame shows which fingerprints, for hellos that travel in unusual ways (synthetic.py, cases.py)."""

import random
import unittest

import cases
import hellos
from plugin_test import PluginTest
from synthetic import (
    ACK,
    ALERT,
    CHANGE_CIPHER_SPEC,
    CLIENT_HELLO,
    CLIENT_PORT,
    DTLS_PORT,
    HANDSHAKE,
    SERVER_HELLO,
    Stream,
    alpn,
    client_hello,
    dtls_fragments,
    dtls_hello,
    dtls_record,
    extension,
    groups,
    hello_body,
    message,
    record,
    records,
    server_hello,
    server_name,
    signature_algorithms,
    udp,
    versions,
)

OUT_OF_ORDER = ["-o", "tcp.reassemble_out_of_order:TRUE"]

FIRST = client_hello(server_name(), versions(0x0304))
FIRST_RAW, FIRST_JA3 = "t13d020200_1301,c02f_002b", "771,4865-49199,0-43,,"
SECOND = client_hello(alpn(b"h2"), signature_algorithms(0x0403))
SECOND_RAW = "t12i0202h2_1301,c02f_000d_0403"
LONG = client_hello(server_name(b"a" * 200), versions(0x0304), groups(*range(0x100, 0x400)))
LONG_RAW = "t13d020300_1301,c02f_000a,002b"

DTLS_BODY = hello_body([server_name(b"a" * 300), groups(0x1D)], version=0xFEFD, cookie=b"")
DTLS_RAW = "dd2d020200_1301,c02f_000a"


def opened(*datas, number=0):
    """A connection and its client's segments, in frames from 4 on; number tells connections apart."""
    stream = Stream(client_port=CLIENT_PORT + number)
    return stream.open() + [stream.client(data) for data in datas]


class Frames(PluginTest):
    def raw(self, frames, options=()):
        """{frame: ja4_r} of a capture of these frames.

        With one pass each packet is first met in a visible tree, with two passes in one that is not.
        """
        capture = self.write(frames)
        found = self.frames(capture, "ja4_r", "malformed", options=options)
        self.assertEqual(self.frames(capture, "ja4_r", "malformed", options=["-2", *options]), found, "-2")
        for frame, (_, malformed) in found.items():
            self.assertEqual(malformed, "", f"frame {frame}")
        return {frame: raw for frame, (raw, _) in found.items()}


class Cases(Frames):
    def test_table(self):
        """The edges of JA3 and JA4, one frame each: raw forms as written there, hashes that follow from them."""
        path = self.sandbox.home / "cases.pcap"
        cases.write(path)
        path.chmod(0o644)
        found = {}
        for frame, values in hellos.rows(self.sandbox, path, hellos.CLIENT_FIELDS):
            found.setdefault(frame, []).append(values)
        for frame, case in enumerate(cases.CASES, 1):
            with self.subTest(case.name):
                (values,) = found.get(frame, [None])
                self.assertIsNotNone(values, "no fingerprint")
                self.assertEqual(values["ja4_r"], case.ja4_r)
                self.assertEqual(values["ja3_r"], case.ja3_r)
                self.assertEqual(values["ja3"], hellos.md5(case.ja3_r))
                self.assertEqual(values["ja4"], hellos.ja4_of(case.ja4_r))
                self.assertEqual(values["ja4_o"], hellos.ja4_of(values["ja4_ro"]))
        self.assertEqual(sorted(set(found) - set(range(1, len(cases.CASES) + 1))), [])


class Whole(Frames):
    def check_two(self, frames, number):
        self.assertEqual(self.raw(frames), {number: f"{FIRST_RAW};{SECOND_RAW}"})
        tree = self.tshark(self.sandbox.home / "synthetic.pcap", "-V")
        for raw in FIRST_RAW, SECOND_RAW:
            self.assertEqual(tree.count(f"TLS Fingerprint, JA4: {hellos.ja4_of(raw)}\n"), 1)

    def test_two_hellos_in_one_record(self):
        self.check_two([Stream().client(record(FIRST + SECOND))], 1)

    def test_two_hellos_in_two_records(self):
        self.check_two([Stream().client(record(FIRST) + record(SECOND))], 1)

    def test_second_hello_after_hello_retry_request(self):
        stream = Stream()
        frames = [stream.client(record(FIRST)), stream.server(record(server_hello(extension(51, b"\0\x17"))))]
        frames += [stream.client(record(b"\1", CHANGE_CIPHER_SPEC, 0x0303) + record(SECOND, version=0x0303))]
        self.assertEqual(self.raw(frames), {1: FIRST_RAW, 3: SECOND_RAW})

    def test_server_hello(self):
        """A ServerHello has JA3S and nothing of a ClientHello's."""
        hello = server_hello(extension(43, b"\3\4"), extension(51, b"\0\x1d"), cipher=0x1302)
        capture = self.write([Stream().server(record(hello, version=0x0303))])
        raw = "771,4866,43-51"
        fields = ["ja3s", "ja3s_r", *hellos.CLIENT_FIELDS, "ja4_a", "ja4_b", "ja4_c", "malformed"]
        self.assertEqual(self.frames(capture, *fields), {1: (hellos.md5(raw), raw, *[""] * (len(fields) - 2))})
        self.assertIn(f"TLS Fingerprint, JA3S: {hellos.md5(raw)}\n", self.tshark(capture, "-V"))

    def test_server_hello_without_extensions(self):
        body = hello_body(block=False)[:35] + bytes.fromhex("002f00")
        frame = Stream().server(record(message(SERVER_HELLO, body)))
        self.assertEqual(self.frames(self.write([frame]), "ja3s_r"), {1: ("771,47,",)})

    def test_client_and_server_hello_of_one_connection(self):
        stream = Stream()
        frames = stream.open() + [stream.client(record(FIRST)), stream.server(record(server_hello()))]
        found = self.frames(self.write(frames), "ja3_r", "ja3s_r")
        self.assertEqual(found, {4: (FIRST_JA3, ""), 5: ("", "771,4865,")})


class Pieces(Frames):
    """A hello in pieces is shown in the frame that completes it."""

    def test_two_segments(self):
        data = record(LONG)
        self.assertEqual(self.raw(opened(data[:700], data[700:])), {5: LONG_RAW})

    def test_segments_of_one_byte(self):
        data = record(FIRST)
        frames = opened(*(data[at : at + 1] for at in range(len(data))))
        self.assertEqual(self.raw(frames), {len(frames): FIRST_RAW})

    def test_records_of_few_bytes(self):
        frames = [frame for size in (1, 2, 3, 50) for frame in opened(records(FIRST, size), number=size)]
        self.assertEqual(self.raw(frames), dict.fromkeys([4, 8, 12, 16], FIRST_RAW))

    def test_records_and_segments(self):
        data = records(LONG, 100)
        self.assertEqual(self.raw(opened(data[:450], data[450:900], data[900:])), {6: LONG_RAW})

    def test_segments_out_of_order(self):
        data = record(LONG)
        swapped = []
        for number, order in enumerate([(4, 3, 5), (5, 4, 3), (3, 5, 4)]):
            frames = opened(data[:500], data[500:1000], data[1000:], number=number)
            swapped += frames[:3] + [frames[index] for index in order]
        self.assertEqual(self.raw(swapped, OUT_OF_ORDER), dict.fromkeys([6, 12, 18], LONG_RAW))

    def test_segment_sent_twice(self):
        data = record(LONG)
        frames = opened(data[:500], data[500:])
        self.assertEqual(self.raw(frames[:4] + frames[3:]), {6: LONG_RAW})

    def test_connection_without_its_start(self):
        data = record(LONG)
        stream = Stream()
        self.assertEqual(self.raw([stream.client(data[:500]), stream.client(data[500:])]), {2: LONG_RAW})

    def test_part_of_a_hello(self):
        """What never becomes whole shows nothing, however much of it there is."""
        data = record(LONG)
        lengths = [*range(1, 60), *range(60, len(data), 97), len(data) - 1]
        frames = [frame for length in lengths for frame in opened(data[:length], number=length)]
        self.assertEqual(self.raw(frames), {})

    def test_record_cut_short(self):
        """A record that ends within the message, and no other follows."""
        lengths = range(1, len(FIRST))
        frames = [frame for length in lengths for frame in opened(record(FIRST[:length]), number=length)]
        self.assertEqual(self.raw(frames), {})


class Datagrams(Frames):
    def datagrams(self, fragments):
        return [udp(dtls_record(piece, number), DTLS_PORT) for number, piece in enumerate(fragments)]

    def test_whole(self):
        self.assertEqual(self.raw(self.datagrams(dtls_fragments(CLIENT_HELLO, DTLS_BODY))), {1: DTLS_RAW})

    def test_two_fragments(self):
        frames = self.datagrams(dtls_fragments(CLIENT_HELLO, DTLS_BODY, [150]))
        self.assertEqual(self.raw(frames), {2: DTLS_RAW})

    def test_five_fragments(self):
        frames = self.datagrams(dtls_fragments(CLIENT_HELLO, DTLS_BODY, [1, 34, 60, 250]))
        self.assertEqual(self.raw(frames), {5: DTLS_RAW})

    def test_fragments_in_one_datagram(self):
        fragments = dtls_fragments(CLIENT_HELLO, DTLS_BODY, [150])
        frame = udp(b"".join(dtls_record(piece, number) for number, piece in enumerate(fragments)), DTLS_PORT)
        self.assertEqual(self.raw([frame]), {1: DTLS_RAW})

    def test_fragments_of_two_hellos(self):
        """After HelloVerifyRequest: the same body with a cookie, message_seq 1."""
        second = hello_body([groups(0x1D)], version=0xFEFD, cookie=bytes(20))
        fragments = dtls_fragments(CLIENT_HELLO, DTLS_BODY, [150])
        fragments += dtls_fragments(CLIENT_HELLO, second, [30], sequence=1)
        self.assertEqual(self.raw(self.datagrams(fragments)), {2: DTLS_RAW, 4: "dd2i020100_1301,c02f_000a"})

    def test_fragments_in_any_order(self):
        """Wireshark may miss them, but never shows anything else."""
        frames = self.datagrams(dtls_fragments(CLIENT_HELLO, DTLS_BODY, [60, 250]))
        self.assertLessEqual(set(self.raw(frames[::-1]).values()), {DTLS_RAW})

    def test_a_fragment_alone(self):
        frames = self.datagrams(dtls_fragments(CLIENT_HELLO, DTLS_BODY, [150]))
        for frame in frames:
            self.assertEqual(self.raw([frame]), {})

    def test_hello_and_another_record_in_one_datagram(self):
        (fragment,) = dtls_fragments(CLIENT_HELLO, DTLS_BODY)
        alert = dtls_record(b"\1\0", 1, kind=ALERT)
        self.assertEqual(self.raw([udp(dtls_record(fragment) + alert, DTLS_PORT)]), {1: DTLS_RAW})

    def test_two_hellos_in_one_datagram(self):
        frames = [dtls_record(dtls_fragments(CLIENT_HELLO, DTLS_BODY)[0])]
        frames += [dtls_hello(groups(0x1D), cookie=bytes(20))]
        self.assertEqual(self.raw([udp(b"".join(frames), DTLS_PORT)]), {1: f"{DTLS_RAW};dd2i020100_1301,c02f_000a"})

    def test_server_hello(self):
        body = server_hello(version=0xFEFD)[4:]
        found = self.frames(self.write(self.datagrams(dtls_fragments(SERVER_HELLO, body))), "ja3s_r", "ja3")
        self.assertEqual(found, {1: ("65277,4865,", "")})


class Malformed(PluginTest):
    """A hello that contradicts itself is marked, and has no fingerprint."""

    HELLOS = {
        "an extension longer than its block": client_hello(versions(0x0304), extension(10, b"\0\2\0\x1d", said=50)),
        "an extension longer than its message": client_hello(extension(10, b"", said=0xFFFF)),
        "a cipher list longer than its message": client_hello(said=0x7FFE),
        "a block longer than its message": message(CLIENT_HELLO, hello_body([versions(0x0304)])[:-2]),
        "a message that ends behind the ciphers": message(CLIENT_HELLO, hello_body(block=False)[:-2]),
        "one byte behind the compression methods": message(CLIENT_HELLO, hello_body(block=False, after=b"\0")),
    }

    def check(self, frames):
        capture = self.write(frames)
        fields = [*hellos.CLIENT_FIELDS, *hellos.SERVER_FIELDS, "malformed"]
        found = self.frames(capture, *fields, options=["-Y", "frame"])
        self.assertEqual(found, dict.fromkeys(range(1, len(frames) + 1), ("",) * (len(fields) - 1) + ("1",)))
        expert = '_ws.expert.message contains "contradicts itself"'
        tree = self.tshark(capture, "-V", "-Y", expert)
        self.assertEqual(tree.count("TLS Fingerprint, malformed ClientHello\n"), len(frames))
        self.assertEqual(tree.count("Expert Info (Error/Malformed): This ClientHello contradicts"), len(frames))
        self.assertNotIn("TLS Fingerprint, JA4", tree)

    def test_tls(self):
        streams = [Stream(client_port=CLIENT_PORT + number) for number in range(len(self.HELLOS))]
        self.check([stream.client(record(hello)) for stream, hello in zip(streams, self.HELLOS.values())])

    def test_dtls(self):
        body = hello_body([extension(10, b"\0\2\0\x1d", said=50)], version=0xFEFD, cookie=b"")
        self.check([udp(dtls_record(dtls_fragments(CLIENT_HELLO, body)[0]), DTLS_PORT)])

    def test_a_whole_hello_beside_it(self):
        data = record(client_hello(said=0x7FFE)) + record(FIRST)
        capture = self.write([Stream().client(data)])
        found = self.frames(capture, "ja4_r", "malformed")
        self.assertEqual([raw for raw, _ in found.values()], [FIRST_RAW])


class Encrypted(Frames):
    """What is no hello, though it may look like one."""

    def test_random_handshake_records(self):
        generator = random.Random(1)
        stream = Stream()
        frames = stream.open() + [stream.client(record(FIRST)), stream.server(record(server_hello()))]
        for size in range(40, 140):
            data = record(b"\1", CHANGE_CIPHER_SPEC, 0x0303) if size == 40 else b""
            frames.append(stream.client(data + record(generator.randbytes(size), version=0x0303)))
        self.assertEqual(self.raw(frames), {4: FIRST_RAW})

    def test_that_start_like_a_hello(self):
        """Bytes that read as a ClientHello's header by chance: Wireshark takes them for one, and they have no
        fingerprint."""
        generator = random.Random(2)
        stream = Stream()
        frames = stream.open() + [stream.client(record(FIRST)), stream.server(record(server_hello()))]
        frames.append(stream.client(record(b"\1", CHANGE_CIPHER_SPEC, 0x0303)))
        for size in range(40, 60):
            chance = message(CLIENT_HELLO, generator.randbytes(size))
            frames.append(stream.client(record(chance, version=0x0303)))
        self.assertEqual(self.frames(self.write(frames), "ja4_r"), {4: (FIRST_RAW,)})

    def test_other_messages_and_records(self):
        stream = Stream()
        datas = [record(message(kind, bytes(40))) for kind in (0, 4, 8, 11, 16, 20)]
        datas += [record(FIRST, kind) for kind in (21, 23, 24)]
        self.assertEqual(self.raw([stream.client(data) for data in datas]), {})

    def test_ssl2_hello(self):
        """No tool agrees on a value for it."""
        hello = bytes.fromhex("01 0301 0009 0000 0010 000039 000038 000035") + bytes(16)
        data = (0x8000 | len(hello)).to_bytes(2, "big") + hello
        self.assertEqual(self.raw(opened(data)), {})

    def test_no_payload(self):
        stream = Stream()
        self.assertEqual(self.raw([stream.frame(0, b"", ACK), stream.client(record(b"", HANDSHAKE))]), {})


if __name__ == "__main__":
    unittest.main()
