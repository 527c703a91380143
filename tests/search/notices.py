#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Nothing is passed over in silence: what could not be looked at is said, and counted by --stats. Fields that people
join by, and captures that were cut up by rotation."""

import json
import pathlib
import subprocess
import unittest

from builders import *
from search_test import FOUND, NONE, SearchTest, needs

HELLO = hello("first.example", n_groups=60)
LONG = hello("long.example", n_groups=3000)


class Notices(SearchTest):
    def said(self, frames, *words, status=NONE):
        done = self.run_search(*words, self.write(frames))
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done.stderr.decode().splitlines()

    def test_nothing(self):
        """Of what is part of every network, no word."""
        frames = [bytes(12) + struct.pack("!H", kind) + bytes(46) for kind in (0x0806, 0x88CC, 0x8863, 38)]
        self.assertEqual(self.said(frames + frames_of(opened(HELLO.record)), status=FOUND), [])

    def test_passed_over(self):
        """In order of count."""
        frames = [bytes(12) + struct.pack("!H", kind) + bytes(46) for kind in [0x88A1] + [0x88B6] * 12]
        frames += [ethernet(ip_of(4, bytes(20), 250, 0))] * 2
        expected = [
            "tlsfp: 12 packets of EtherType 0x88b6 passed over",
            "tlsfp: 2 packets of IP protocol 250 passed over",
            "tlsfp: 1 packet of EtherType 0x88a1 passed over",
        ]
        self.assertEqual(self.said(frames), expected)
        self.assertEqual(self.said(frames, "--quiet"), [])
        stats = json.loads(self.said(frames, "--quiet", "--stats")[-1])
        self.assertEqual(stats["packets"], 15)
        self.assertEqual([row["packets"] for row in stats["passed_over"]], [1, 12, 2])
        self.assertEqual(stats["passed_over"][1], {"protocol": "EtherType", "number": 0x88B6, "packets": 12})

    def test_many_protocols(self):
        """No more lines than a person reads."""
        frames = [bytes(12) + struct.pack("!H", 0xA000 + i) + bytes(46) for i in range(100)]
        said = self.said(frames)
        self.assertEqual(len(said), 33)
        self.assertEqual(said[0], "tlsfp: 68 packets of further protocols passed over")

    def test_too_long(self):
        frames = frames_of(opened(*pieces(LONG.record, 1000)))
        said = self.said(frames, "--max-hello", 2)
        self.assertEqual(said, ["tlsfp: 1 hello longer than --max-hello"])
        self.assertEqual(json.loads(self.said(frames, "--max-hello", 2, "--stats")[-1])["too_long"], 1)

    def test_cut(self):
        """The snap length was too short."""
        frames = frames_of(opened(LONG.record[:1400]))
        data = pcap(frames[:3])
        head = struct.pack("<IIII", TICKS, 0, 96, len(frames[3]))
        done = self.run_search(self.write(data + head + frames[3][:96]))
        self.assertEqual(done.stderr.decode(), "tlsfp: 1 hello was cut when captured (snap length 96)\n")

    def test_several_files(self):
        """The sums of all."""
        path = self.write([bytes(12) + b"\x88\xa1" + bytes(46)])
        done = self.run_search("--stats", path, path, path)
        line, stats = done.stderr.decode().splitlines()
        self.assertEqual(line, "tlsfp: 3 packets of EtherType 0x88a1 passed over")
        self.assertEqual(json.loads(stats)["packets"], 3)


class Fields(SearchTest):
    def test_community_id(self):
        """As Wireshark's own dissector has it, either way round, IPv4 and IPv6, TCP and UDP."""
        needs.programs("tshark")
        folder = pathlib.Path(needs.setting("TLSFP_SOURCE"), "samples/captures")
        captures = [folder / name for name in ("curl-openssl-tls13.pcap", "dtls12.pcap", "chromium.pcapng")]
        captures.append(self.write(frames_of(opened(HELLO.record, version=6))))
        n = 0
        for capture in captures:
            rows = self.rows(capture, "frame.number", "community_id", status=None)
            argv = ["tshark", "-n", "-r", capture, "--enable-protocol", "communityid", "-T", "fields",
                    "-e", "frame.number", "-e", "communityid"]
            shown = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
            known = dict(line.split("\t") for line in shown)
            for frame, value in rows:
                n += 1
                self.assertEqual(value, known[frame], f"{capture}, frame {frame}")
        self.assertGreater(n, 5)


class Join(SearchTest):
    """--join: the files are one capture, cut up by rotation."""

    def test_across_files(self):
        frames = frames_of(opened(*pieces(LONG.record, 1000)))
        first, second = self.write(frames[:5], "rot.pcap0"), self.write(frames[5:], "rot.pcap1")
        self.search("-e", "sni", first, second, status=NONE)
        self.assertEqual(self.search("--join", "-e", "sni", "-e", "file", first, second), f"long.example\t{second}\n")
        self.search("--join", "-w", "out.pcapng", first, second)
        self.assertEqual(self.search("-e", "sni", "out.pcapng"), "long.example\n")


if __name__ == "__main__":
    unittest.main()
