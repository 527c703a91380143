#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Where captures come from: file formats, compression, many files, standard input; and what is wrong with them."""

import collections
import os
import re
import struct
import subprocess
import unittest

from builders import *
from search_test import FOUND, NONE, TROUBLE, SearchTest, needs

HELLO = hello("first.example", n_groups=60)
OTHER = hello("second.example", n_groups=60)
PACKETS = opened(HELLO.record)
FRAMES = frames_of(PACKETS)
OTHERS = frames_of(opened(OTHER.record, client_port=50001))
PLAIN = pcap(FRAMES)

COMPRESSORS = {
    "gzip": ["gzip", "-c"],
    "zstd": ["zstd", "-q", "-c"],
    "xz": ["xz", "-c"],
    "lz4": ["lz4", "-q", "-B4", "-c"],
    "bzip2": ["bzip2", "-c"],
}


def compress(name, data):
    return subprocess.run(COMPRESSORS[name], input=data, capture_output=True, check=True).stdout


class Formats(SearchTest):
    def test_pcap(self):
        for order, nanoseconds in (("<", False), ("<", True), (">", False), (">", True)):
            with self.subTest(order=order, nanoseconds=nanoseconds):
                path = self.write(pcap(FRAMES, order=order, nanoseconds=nanoseconds))
                self.check(path, (4, HELLO))
                self.assertEqual(self.rows(path, "frame.time_epoch"), [("1700000000.003000000",)])

    def test_pcap_with_a_checksum_length(self):
        """The upper bits of the link type say how long the frame check sequence is."""
        self.check(pcap(FRAMES, link=0x14000001), (4, HELLO))

    def test_pcapng(self):
        for order in "<", ">":
            with self.subTest(order):
                self.check(Pcapng(order).interface().packets(FRAMES).data, (4, HELLO))

    def test_interfaces_of_different_link_types(self):
        file = Pcapng().interface(1).interface(101).interface(113).interface(127)
        wraps = [ethernet, bytes, sll, lambda packet: radiotap(wifi(packet))]
        for turn in range(4):
            for i, wrap in enumerate(wraps):
                file.packet(wrap(opened(OTHER.record, client_port=40000 + i)[turn]), interface=i)
        self.check(file.data, *((13 + i, OTHER) for i in range(4)))

    def test_one_connection_on_two_interfaces(self):
        """Each direction, or each half, came in by another one."""
        first, second = pieces(HELLO.record, 100)[:1], HELLO.record[100:]
        packets = opened(*first, second)
        file = Pcapng().interface(1).interface(101)
        for number, packet in enumerate(packets):
            file.packet(*((ethernet(packet), 0) if number % 2 else (packet, 1)))
        self.check(file.data, (5, HELLO))

    def test_sections(self):
        """A new section has interfaces of its own, may have another byte order, and the frames are counted on."""
        file = Pcapng("<").interface(101).packets(PACKETS)
        file.section(">").interface(1).packets(OTHERS)
        file.section("<").interface(113).interface(101).packets(opened(HELLO.record, client_port=50002), interface=1)
        self.check(file.data, (4, HELLO), (8, OTHER), (12, HELLO))

    def test_section_lengths(self):
        inner = Pcapng().interface().packets(FRAMES)
        body = inner.data[28:]
        for length in -1, len(body):
            file = Pcapng()
            file.data = b""
            file.section("<", length)
            with self.subTest(length):
                self.check(file.data + body, (4, HELLO))

    def test_other_blocks(self):
        """Skipped: names, statistics, decryption secrets, journals, and unknown blocks."""
        file = Pcapng()
        for kind in 4, 0x0A, 9, 0x80000001:
            file.block(kind, b"whatever it is..")
        file.interface()
        for frame in FRAMES:
            file.packet(frame)
            file.block(5, struct.pack("<III", 0, 0, 0))
        self.check(file.data, (4, HELLO))

    def test_other_kinds_of_packet_blocks(self):
        simple = Pcapng().interface()
        old = Pcapng().interface(113).interface()
        for frame in FRAMES:
            simple.simple_packet(frame)
            old.old_packet(frame, interface=1)
        self.check(simple.data, (4, HELLO))
        self.check(old.data, (4, HELLO))

    def test_packet_options(self):
        """Comments and flags behind the packet."""
        file = Pcapng().interface()
        for frame in FRAMES:
            head = struct.pack("<IIIII", 0, 0, 0, len(frame), len(frame))
            file.block(6, head + pad(frame) + struct.pack("<HH8s", 1, 7, b"comment") + bytes(4))
        self.check(file.data, (4, HELLO))

    def test_resolutions(self):
        """if_tsresol: a power of ten, or with the upper bit a power of two; if_tsoffset: seconds to add."""
        for resolution, offset, ticks, shown in (
            (None, None, TICKS * 10**6 + 123456, "1700000000.123456000"),
            (6, None, TICKS * 10**6 + 123456, "1700000000.123456000"),
            (9, None, TICKS * 10**9 + 123456789, "1700000000.123456789"),
            (3, None, TICKS * 10**3 + 123, "1700000000.123000000"),
            (0, None, TICKS, "1700000000.000000000"),
            (12, None, 1_600_000 * 10**12 + 123456789012, "1600000.123456789"),
            (0x8A, None, TICKS << 10 | 512, "1700000000.500000000"),
            (0xA0, None, TICKS << 32 | 1 << 31, "1700000000.500000000"),
            (6, 1000, TICKS * 10**6, "1700001000.000000000"),
            (9, -500, TICKS * 10**9 + 1, "1699999500.000000001"),
        ):
            with self.subTest(resolution=resolution, offset=offset):
                file = Pcapng().interface(1, resolution, offset).packets(FRAMES, ticks=ticks)
                self.assertEqual(self.rows(self.write(file.data), "frame.time_epoch"), [(shown,)])

    def test_interface_options(self):
        """Others around those that count, padded to 32 bits; what lies behind the end of them does not count."""
        for order in "<", ">":
            for length in range(5):
                options = [(2, b"name"[:length]), (9, b"\x09"), (8, bytes(8)), (14, struct.pack(f"{order}q", 1000)), (11, b"\0port 443")]
                options += [(14, b"\0\0\0\x05"), (9, b""), (0, b""), (9, b"\3"), (14, bytes(8))]
                body = struct.pack(f"{order}HHI", 1, 0, 262144)
                body += b"".join(struct.pack(f"{order}HH", kind, len(value)) + pad(value) for kind, value in options)
                with self.subTest(order=order, length=length):
                    file = Pcapng(order).block(1, body).packets(FRAMES, ticks=TICKS * 10**9 + 123456789)
                    self.assertEqual(self.rows(self.write(file.data), "frame.time_epoch"), [("1700001000.123456789",)])

    def test_no_frames(self):
        for data in pcap([]), Pcapng().interface().data, Pcapng().data:
            self.assertEqual(self.search(self.write(data), status=NONE), "")


class Compressed(SearchTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        needs.programs(*COMPRESSORS)

    def test_each(self):
        for name in COMPRESSORS:
            for kind, data in {"pcap": PLAIN, "pcapng": Pcapng().interface().packets(FRAMES).data}.items():
                with self.subTest(name, kind=kind):
                    self.check(compress(name, data), (4, HELLO))

    def test_through_standard_input(self):
        for name in COMPRESSORS:
            with self.subTest(name):
                text = self.search("-e", "sni", "-", input=compress(name, PLAIN))
                self.assertEqual(text, "first.example\n")

    def test_two_parts(self):
        """As cat makes them: gzip, zstd, xz and lz4 files may follow each other."""
        for name in "gzip", "zstd", "xz", "lz4":
            with self.subTest(name):
                self.check(compress(name, PLAIN[:200]) + compress(name, PLAIN[200:]), (4, HELLO))

    def test_cut(self):
        """What came before is printed; the message names the file."""
        noise = [ethernet(udp_packet(os.urandom(1000), 5555)) for _ in range(2000)]
        for name in COMPRESSORS:
            with self.subTest(name):
                data = compress(name, pcap(FRAMES + noise))
                path = self.write(data[: len(data) * 3 // 4], f"cut.{name}")
                done = self.run_search("-e", "sni", path)
                self.assertEqual(done.returncode, TROUBLE)
                self.assertEqual(done.stdout, b"first.example\n")
                self.assertIn(f"cut.{name}", done.stderr.decode())

    def test_compressed_garbage(self):
        path = self.write(compress("gzip", b"This is no capture.\n" * 100), "text.gz")
        done = self.run_search(path)
        self.assertEqual((done.returncode, done.stdout), (TROUBLE, b""))
        self.assertIn("text.gz", done.stderr.decode())

    def refused(self, data, name, *said, printed=b""):
        """Trouble, in no time, without any other program, and a message that says all of these."""
        traps = self.folder / "traps"
        traps.mkdir(exist_ok=True)
        for program in "lrzip", "grzip", "lzop", "gzip", "xz", "zstd", "lz4", "bzip2":
            trap = traps / program
            trap.write_text("#!/bin/sh\n: > ran-a-program\n")
            trap.chmod(0o755)
        path = self.write(data, name)
        done = self.run_search(path, env={**os.environ, "PATH": f"{traps}:/usr/bin:/bin"}, timeout=20)
        message = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (TROUBLE, printed), message)
        for words in (name, *said):
            self.assertIn(words, message)
        self.assertFalse((self.folder / "ran-a-program").exists())

    def test_one_layer(self):
        for outer in COMPRESSORS:
            for inner in COMPRESSORS:
                with self.subTest(outer, inner=inner):
                    self.refused(compress(outer, compress(inner, PLAIN)), "twice", "more than once", inner)

    def test_never_a_program(self):
        """What libarchive gives to other programs, by itself and within another layer."""
        for name, magic in {
            "lrzip": b"LRZI\0\6", "lzop": b"\x89LZO\0\r\n\x1a\n", "grzip": b"GRZipII\0\2\4:)",
            "lzip": b"LZIP\1", "compress": b"\x1f\x9d\x90", "lzma": b"]\0\0\x80\0", "zip": b"PK\3\4",
        }.items():
            with self.subTest(name):
                said = ["no pcap"] if name == "grzip" else [name, "decompress it first"]
                self.refused(magic + bytes(200), "odd", *said)
                self.refused(compress("gzip", magic + bytes(200)), "odd.gz", *said)

    def test_dictionaries(self):
        """One of 64 MiB is fine, as xz -9 has it; more than all decoders may take is not."""
        def xz(size):
            return subprocess.run(["xz", "-c", f"--lzma2=preset=0,dict={size}MiB"], input=PLAIN,
                                  capture_output=True, check=True).stdout

        def zstd(exponent):
            return subprocess.run(["zstd", "-q", "-c", f"--long={exponent}"], input=PLAIN, capture_output=True,
                                  check=True).stdout

        self.check(self.write(xz(64), "64.xz"), (4, HELLO))
        self.check(self.write(zstd(27), "27.zst"), (4, HELLO))
        self.refused(xz(256), "256.xz", "MiB of memory", "160 MiB", "xz -dc")
        found = self.search(self.write(PLAIN)).encode()
        self.refused(xz(1) + xz(1024), "second.xz", "1025 MiB of memory", printed=found)
        self.refused(zstd(28), "28.zst", "257 MiB of memory", "zstd -dc")
        self.refused(zstd(10) + zstd(30), "second.zst", "1025 MiB of memory", printed=found)

    def test_dictionaries_of_several_files(self):
        """Decoders wait for each other's memory: six times 65 MiB are more than there is."""
        data = subprocess.run(["xz", "-9", "-c"], input=PLAIN, capture_output=True, check=True).stdout
        paths = [self.write(data, f"{i}.xz") for i in range(6)]
        self.assertEqual(self.search("-j", 6, "-e", "sni", *paths), "first.example\n" * 6)


class Files(SearchTest):
    def setUp(self):
        self.first, self.second = self.write(PLAIN, "first.pcap"), self.write(OTHERS, "second.pcap")
        self.both = "first.example\nsecond.example\n"

    def test_many(self):
        self.assertEqual(self.search("-e", "sni", self.first, self.second), self.both)
        self.assertEqual(self.search("-e", "sni", self.second, self.first), "second.example\nfirst.example\n")

    def test_a_folder_full(self):
        """By the shell's glob; each is closed before the next is opened."""
        for number in range(200):
            self.write(OTHERS, f"glob-{number}.pcap")
        argv = ["sh", "-c", 'ulimit -n 16; exec "$0" --count glob-*.pcap', self.program]
        done = subprocess.run(argv, cwd=self.folder, capture_output=True, text=True)
        self.assertRegex(done.stdout, r"^    200 t13\S+\n$")
        self.assertEqual((done.returncode, done.stderr), (FOUND, ""))

    def test_options_for_files(self):
        for words in (
            ["-r", self.first, "-r", self.second],
            ["--file", self.first, f"--file={self.second}"],
            ["-r", self.first, self.second],
            [self.first, "--file", self.second],
            ["--", self.first, self.second],
        ):
            with self.subTest(words):
                self.assertEqual(self.search("-e", "sni", *words), self.both)

    def test_each_file_counts_from_one(self):
        text = self.search("-e", "file", "-e", "frame.number", "second.pcap", self.first)
        self.assertEqual(text, f"second.pcap\t4\n{self.first}\t4\n")

    def test_connections_do_not_go_on_in_the_next_file(self):
        first = self.write(pcap(FRAMES[:3] + frames_of(opened(HELLO.record[:50]))[3:]), "half.pcap")
        self.check(first)

    def test_standard_input(self):
        self.assertEqual(self.search("-e", "sni", "-e", "frame.number", "-", input=PLAIN), "first.example\t4\n")
        text = self.search("-e", "sni", self.second, "-", input=PLAIN)
        self.assertEqual(text, "second.example\nfirst.example\n")

    def test_standard_input_byte_by_byte(self):
        """What a slow pipe gives."""
        argv = [self.program, "-e", "sni", "-"]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            for i in range(len(PLAIN)):
                process.stdin.write(PLAIN[i : i + 1])
                process.stdin.flush()
            out, said = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out, said), (FOUND, b"first.example\n", b""))

    def test_a_pipe_with_a_name(self):
        path = self.folder / "pipe"
        os.mkfifo(path)
        with subprocess.Popen([self.program, "-e", "sni", path], stdout=subprocess.PIPE) as process:
            path.write_bytes(PLAIN)
            self.assertEqual(process.communicate(timeout=60)[0], b"first.example\n")

    def test_lines_come_at_once_from_a_pipe_when_asked(self):
        argv = [self.program, "--line-buffered", "-e", "sni", "-"]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdin.write(PLAIN + pcap(OTHERS)[24:])
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), b"first.example\n")
            process.stdin.close()
            process.wait(timeout=60)


class Trouble(SearchTest):
    """Each is said in one line that names the file; what can be printed is; other files are still searched."""

    def check_trouble(self, path, *patterns, printed="", words=(), **options):
        good = self.write(OTHERS, "good.pcap")
        for files, expected in ([path], printed), ([path, good], printed + "second.example\n"):
            done = self.run_search("-e", "sni", *words, *files, **options)
            said = done.stderr.decode()
            self.assertEqual(done.returncode, TROUBLE, said)
            self.assertEqual(done.stdout.decode(), expected)
            self.assertEqual(said.count("\n"), 1, said)
            self.assertIn(str(path) if str(path) != "-" else "standard input", said)
            for pattern in patterns:
                self.assertRegex(said, pattern)

    def test_empty(self):
        self.check_trouble(self.write(b"", "empty.pcap"), "empty")

    def test_no_capture(self):
        for name, data in {
            "text": b"This is no capture, but a text of some length.\n" * 10,
            "short text": b"no",
            "noise": bytes(range(255, 0, -1)) * 10,
            "zeros": bytes(1000),
            "start of a magic number": b"\xd4\xc3",
        }.items():
            with self.subTest(name):
                self.check_trouble(self.write(data, "other.bin"))

    def test_no_such_file(self):
        self.check_trouble(self.folder / "missing.pcap", "No such file")

    def test_a_folder(self):
        (self.folder / "folder").mkdir()
        self.check_trouble(self.folder / "folder", "directory")

    def test_no_permission(self):
        path = self.write(PLAIN, "secret.pcap")
        path.chmod(0)
        done = self.run_unprivileged("-e", "sni", path, self.write(OTHERS, "good.pcap"))
        self.assertEqual((done.returncode, done.stdout), (TROUBLE, b"second.example\n"), done.stderr)
        self.assertEqual(done.stderr.decode(), f"tlsfp: {path}: Permission denied\n")

    def cut(self, data, lengths):
        """Searches the first bytes of a capture, for each of these lengths: (length, sni or None, messages)."""
        names = {length: self.write(data[:length], f"cut-{length}.pcap").name for length in lengths}
        done = self.run_search("-e", "file", "-e", "sni", *names.values())
        self.assertEqual(done.returncode, TROUBLE)
        printed = dict(line.split("\t") for line in done.stdout.decode().splitlines())
        said = collections.defaultdict(list)
        for line in done.stderr.decode().splitlines():
            said[line.split(": ")[1]].append(line)
        self.assertLessEqual(set(said), set(names.values()))
        return [(length, printed.get(name), said[name]) for length, name in names.items()]

    def test_cut_pcap(self):
        """Anywhere: what came before is printed, and one message gives the offset."""
        frames = FRAMES + [b"x" * 30]
        ends = [24 + sum(16 + len(frame) for frame in frames[:n]) for n in range(len(frames) + 1)]
        for length, sni, said in self.cut(pcap(frames), range(1, ends[-1])):
            with self.subTest(length):
                self.assertEqual(sni, "first.example" if length >= ends[4] else None)
                self.assertEqual(len(said), 0 if length in ends else 1)
                if said and length > 24:
                    start = max(end for end in ends if end < length)
                    at = int(re.search(r" (?:byte|offset) (\d+)", said[0])[1])
                    self.assertTrue(start <= at <= length, said)

    def test_cut_pcapng(self):
        file = Pcapng().interface()
        ends = [28, len(file.data)]
        for frame in FRAMES + OTHERS[:1]:
            file.packet(frame)
            ends.append(len(file.data))
        for length, sni, said in self.cut(file.data, range(1, ends[-1])):
            with self.subTest(length):
                self.assertEqual(sni, "first.example" if length >= ends[5] else None)
                self.assertEqual(len(said), 0 if length in ends else 1)
                if said and length >= 8:
                    self.assertIn("the file ends in the middle of a packet", said[0])

    def test_cut_alone(self):
        for length, status in (len(PLAIN), FOUND), (len(PLAIN) - 1, TROUBLE), (24, NONE), (23, TROUBLE):
            with self.subTest(length):
                self.assertEqual(self.run_search(self.write(PLAIN[:length])).returncode, status)

    def test_cut_standard_input(self):
        self.check_trouble("-", r"byte \d+", printed="first.example\n", input=pcap(FRAMES + OTHERS)[: len(PLAIN) + 20])

    def test_lengths_that_cannot_be(self):
        for name, data in {
            "pcap": PLAIN + struct.pack("<IIII", 0, 0, 0x7FFFFFFF, 0x7FFFFFFF) + bytes(100),
            "pcap, negative": PLAIN + struct.pack("<IIII", 0, 0, 0xFFFFFFFF, 60) + bytes(100),
            "pcapng, huge": ng() + struct.pack("<II", 6, 0xFFFFFFF0) + bytes(100),
            "pcapng, zero": ng() + struct.pack("<II", 6, 0) + bytes(100),
            "pcapng, no multiple of four": ng() + struct.pack("<II", 6, 41) + bytes(100),
            "pcapng, packet longer than its block": ng()
            + struct.pack("<IIIIIIII", 6, 36, 0, 0, 0, 5000, 5000, 0)
            + struct.pack("<I", 36),
            "pcapng, no such interface": ng()
            + struct.pack("<IIIIIIII", 6, 36, 7, 0, 0, 4, 4, 0)
            + struct.pack("<I", 36),
        }.items():
            with self.subTest(name):
                self.check_trouble(self.write(data, "bent.pcap"), r"byte \d+", printed="first.example\n")

    def test_unknown_link_type_beside_a_known_one(self):
        file = Pcapng().interface(147).interface(1)
        for frame in FRAMES:
            file.packet(frame, interface=0).packet(frame, interface=1)
        self.check_trouble(self.write(file.data, "mixed.pcapng"), "147", printed="first.example\n")

    def test_several(self):
        """Each has its own line, in the order of the files."""
        paths = [self.write(b"", "empty.pcap"), self.folder / "missing.pcap", self.write(PLAIN, "good.pcap")]
        done = self.run_search("-e", "sni", *paths)
        self.assertEqual((done.returncode, done.stdout), (TROUBLE, b"first.example\n"))
        said = done.stderr.decode().splitlines()
        self.assertEqual(["empty.pcap" in said[0], "missing.pcap" in said[1], len(said)], [True, True, 2])


def ng():
    """A capture to put something behind."""
    return Pcapng().interface().packets(FRAMES).data


if __name__ == "__main__":
    unittest.main()
