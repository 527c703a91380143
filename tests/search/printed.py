#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What is printed of each hello: lines, JSON, counts; of several files at a time."""

import json
import os
import subprocess
import unittest

from builders import *
from full_and_bare import BARE, BARE_JA4, JA3_R, JA4, RAW, capture_of, full
from search_test import FIELDS, FOUND, NONE, TROUBLE, SearchTest, hellos, needs

TLS_DATA = """protocol_version cipher_suites extensions server_name ec_point_formats supported_groups alpn
signature_algorithms supported_versions""".split()
FINGERPRINTS = "ja3_r ja3 ja3n_r ja3n ja4_r ja4 ja4_bc ja4_ro ja4_o stable_r stable".split()


class Lines(SearchTest):
    def setUp(self):
        self.one = self.write(capture_of(full(b"www.example.org")), "one.pcap")

    def test_default(self):
        """One JA4 a line and nothing else."""
        self.assertEqual(self.search(self.one), f"{JA4}\n")
        several = self.write(capture_of(full(b"a"), BARE, full(b"b")), "several.pcap")
        self.assertEqual(self.search(several), f"{JA4}\n{BARE_JA4}\n{JA4}\n")

    def test_each_field(self):
        original = RAW.replace("_000a", "_0000,000a").replace("000d,002b", "000d,0010,002b")
        expected = {
            "tlsfp.ja4": JA4,
            "tlsfp.ja4_a": "t13d0206h2",
            "tlsfp.ja4_b": JA4[11:23],
            "tlsfp.ja4_c": JA4[24:],
            "tlsfp.ja4_bc": f"t13{JA4[10:]}",
            "tlsfp.ja4_r": RAW,
            "tlsfp.ja4_o": hellos.ja4_of(original),
            "tlsfp.ja4_ro": original,
            "tlsfp.stable": JA4,
            "tlsfp.stable_r": RAW,
            "tlsfp.client": "",
            "tlsfp.level": "",
            "tlsfp.ja3": hellos.md5(JA3_R),
            "tlsfp.ja3_r": JA3_R,
            "tlsfp.ja3n": hellos.md5(JA3_R),  # sorted as sent
            "tlsfp.ja3n_r": JA3_R,
            "frame.number": "4",
            "frame.time_epoch": "1700000000.003000000",
            "ip.src": "192.0.2.1",
            "ip.dst": "198.51.100.2",
            "srcport": "50000",
            "dstport": "443",
            "transport": "tls",
            "sni": "www.example.org",
            "alpn": "h2",
            "file": "one.pcap",
            "interface": "",
            "tlsfp.resumption": "0",
            "tlsfp.grease": "1",
            "tlsfp.pq": "0",
            "tlsfp.ech": "0",
            "tlsfp.ja3s": "",
            "tlsfp.ja3s_r": "",
            "tlsfp.retry": "0",
            "vlan.id": "",
            "vni": "",
            "overlap": "0",
            "community_id": "1:uglEJY8PHgBOd0m7c2HWc5+NHsk=",
        }
        self.assertEqual(sorted(expected), sorted(FIELDS))
        for name, value in expected.items():
            with self.subTest(name):
                self.assertEqual(self.search("-e", name, "one.pcap"), value + "\n")
        words = [word for name in expected for word in ("-e", name)]
        self.assertEqual(self.search(*words, "one.pcap"), "\t".join(expected.values()) + "\n")

    def test_long_names(self):
        """What a line shows of them ends where a name does at the latest; tls_data has all."""
        path = self.write(capture_of(full(b"x" * 60_000, [bytes([0x41 + i % 26]) for i in range(1000)])))
        sni, alpn = self.search("-e", "sni", "-e", "alpn", path).rstrip("\n").split("\t")
        self.assertEqual((sni, len(alpn.split(","))), ("x" * 255, 32))
        line = json.loads(self.search("--json", path))
        self.assertEqual((line["sni"], len(line["alpn"])), (sni, 32))
        self.assertEqual((len(line["tls_data"]["server_name"]), len(line["tls_data"]["alpn"])), (120_000, 1000))

    def test_a_field_twice(self):
        text = self.search("-e", "sni", "-e", "srcport", "-e", "sni", self.one)
        self.assertEqual(text, "www.example.org\t50000\twww.example.org\n")

    def test_version_6_addresses(self):
        path = self.write(frames_of(opened(BARE, version=6)))
        self.assertEqual(self.search("-e", "ip.src", "-e", "ip.dst", path), "2001:db8::1\t2001:db8::2\n")

    def test_missing_values(self):
        path = self.write(capture_of(BARE))
        self.assertEqual(self.search("-e", "sni", "-e", "alpn", "-e", "srcport", path), "\t\t50000\n")

    def test_alpn(self):
        path = self.write(capture_of(full(b"a", [b"h2", b"http/1.1", b"a,b", b"", b"\x0a\x0a"])))
        self.assertEqual(self.search("-e", "alpn", path), "h2,http/1.1,a\\x2cb,,\\n\\n\n")

    def test_header(self):
        words = ["--header", "-e", "frame.number", "-e", "tlsfp.ja4"]
        self.assertEqual(self.search(*words, self.one), f"frame.number\ttlsfp.ja4\n4\t{JA4}\n")
        self.assertEqual(self.search(*words, self.one, self.one).count("frame.number"), 1)
        self.assertEqual(self.search("--header", self.one), f"tlsfp.ja4\n{JA4}\n")

    def test_escapes(self):
        """Text from the wire stays on its line and in its column, and the terminal obeys none of it."""
        for name, shown in {
            b"tab\there": "tab\\there",
            b"line\nfeed": "line\\nfeed",
            b"back\\slash": "back\\\\slash",
            b"\x1b[31mred": "\\x1b[31mred",
            b"nul\0nul": "nul\\x00nul",
            b"\x7f\x80\xff": "\\x7f\\x80\\xff",
            "bücher.example".encode(): "bücher.example",
            "right\u202eleft".encode(): "right\\xe2\\x80\\xaeleft",
            b"\xc2\x9bcontrol": "\\xc2\\x9bcontrol",
            b"cut\xc3": "cut\\xc3",
            b"\xed\xa0\x80": "\\xed\\xa0\\x80",
            b'"quotes" <b>': '"quotes" <b>',
            b"": "",
        }.items():
            with self.subTest(name):
                path = self.write(capture_of(full(name)))
                for locale in "C", "C.UTF-8":
                    text = self.search("-e", "sni", path, env={**os.environ, "LC_ALL": locale})
                    self.assertEqual(text, shown + "\n")
                self.assertEqual(json.loads(self.search("--json", path))["sni"], shown)

    def test_file_names(self):
        path = self.write(capture_of(BARE), "a\tb\nc.pcap")
        self.assertEqual(self.search("-e", "file", path.name), "a\\tb\\nc.pcap\n")

    def test_in_no_locale(self):
        """Every value is the same in any locale and time zone."""
        words = [word for name in FIELDS for word in ("-e", name)]
        texts = {
            self.search(*words, self.one, env={**os.environ, "LC_ALL": locale, "TZ": zone})
            for locale in ("C", "C.UTF-8", "tr_TR.UTF-8")
            for zone in ("UTC", "Asia/Tokyo")
        }
        self.assertEqual(len(texts), 1)


class Json(SearchTest):
    def test_keys(self):
        path = self.write(capture_of(full(b"www.example.org", [b"h2", b"http/1.1"]), BARE), "two.pcap")
        first, second = map(json.loads, self.search("--json", "two.pcap").splitlines())
        original = RAW.replace("_000a", "_0000,000a").replace("000d,002b", "000d,0010,002b")
        self.assertEqual(
            first,
            {
                "time": "2023-11-14T22:13:20.003000000Z",
                "frame": 4,
                "file": "two.pcap",
                "src": "192.0.2.1",
                "dst": "198.51.100.2",
                "srcport": 50000,
                "dstport": 443,
                "transport": "tls",
                "sni": "www.example.org",
                "alpn": ["h2", "http/1.1"],
                "tls_data": {
                    "protocol_version": "0303",
                    "cipher_suites": ["1301", "c02f"],
                    "extensions": ["0000", "000a", "000b", "000d", "0010", "002b"],
                    "server_name": b"www.example.org".hex(),
                    "ec_point_formats": ["00"],
                    "supported_groups": ["0a0a", "001d", "0017"],
                    "alpn": [b"h2".hex(), b"http/1.1".hex()],
                    "signature_algorithms": ["0403", "0804"],
                    "supported_versions": ["1a1a", "0304", "0303"],
                },
                "tls_fingerprints": {
                    "ja3_r": JA3_R,
                    "ja3": hellos.md5(JA3_R),
                    "ja3n_r": JA3_R,
                    "ja3n": hellos.md5(JA3_R),
                    "ja4_r": RAW,
                    "ja4": JA4,
                    "ja4_bc": f"t13{JA4[10:]}",
                    "ja4_ro": original,
                    "ja4_o": hellos.ja4_of(original),
                    "stable_r": RAW,
                    "stable": JA4,
                },
                "resumption": False,
                "grease": True,
                "pq": False,
                "ech": False,
                "community_id": "1:uglEJY8PHgBOd0m7c2HWc5+NHsk=",
            },
        )
        self.assertEqual(list(first["tls_data"]), TLS_DATA)
        self.assertEqual(list(first["tls_fingerprints"]), FINGERPRINTS)
        self.assertEqual((second["frame"], second["sni"], second["alpn"]), (8, None, None))
        self.assertEqual(list(second["tls_data"]), TLS_DATA)
        self.assertIsNone(second["tls_data"]["server_name"])
        self.assertEqual(second["tls_data"]["supported_groups"], [])
        self.assertEqual(second["tls_fingerprints"]["ja4"], BARE_JA4)

    def test_agrees_with_the_fields(self):
        words = [word for name in FINGERPRINTS for word in ("-e", f"tlsfp.{name}")]
        for capture in needs.captures():
            status = NONE if capture.name == "no-tls.pcap" else FOUND
            with self.subTest(capture.name):
                fields = [line.split("\t") for line in self.search(*words, capture, status=status).splitlines()]
                objects = [json.loads(line) for line in self.search("--json", capture, status=status).splitlines()]
                self.assertEqual([list(one["tls_fingerprints"].values()) for one in objects], fields)


class Counts(SearchTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ciphers = [(0x1301,) * n for n in range(1, 8)]
        records = [full(b"a", ciphers=ciphers[n % 7]) for n in range(60)] + [BARE] * 9 + [full(b"b")] * 1500
        path = cls.folder / "many.pcap"
        path.write_bytes(capture_of(*records))
        cls.many = path

    def pipeline(self, *words):
        """What it stands for."""
        argv = [self.program, *map(str, words), str(self.many)]
        first = subprocess.run(argv, capture_output=True, check=True).stdout
        script = "sort | uniq -c | sort -nr"
        environment = {**os.environ, "LC_ALL": "C"}
        return subprocess.run(script, shell=True, input=first, capture_output=True, env=environment, check=True).stdout

    def test_as_sort_and_uniq(self):
        for words in [], ["-e", "tlsfp.ja3"], ["-e", "sni", "-e", "tlsfp.ja4_a"], ["-e", "srcport"]:
            with self.subTest(words):
                self.assertEqual(self.search("--count", *words, self.many), self.pipeline(*words).decode())

    def test_over_several_files(self):
        text = self.search("--count", self.many, self.many, self.many)
        counts = {line.split()[1]: int(line.split()[0]) for line in text.splitlines()}
        self.assertEqual(counts[BARE_JA4], 27)

    def test_nothing(self):
        self.assertEqual(self.search("--count", self.write([]), status=NONE), "")


class Parallel(SearchTest):
    def test_order(self):
        """The output of many files is that of one after the other."""
        paths = []
        for number in range(12):
            names = [f"{number}-{i}.example".encode() for i in range(500 if number % 5 == 0 else 3)]
            paths.append(self.write(capture_of(*map(full, names)), f"{number}.pcap"))
        for words in [], ["-e", "sni", "-e", "file", "--header"], ["--json"], ["--count"]:
            one = self.search(*words, *paths)
            for n in 2, 8, 64:
                with self.subTest(words, j=n):
                    self.assertEqual(self.search("-j", n, *words, *paths), one)

    def test_start(self):
        """More files than threads at once, many times."""
        path = self.write(capture_of(BARE))
        for _ in range(30):
            self.assertEqual(self.search("-j", 8, *[path] * 12), f"{BARE_JA4}\n" * 12)

    def test_trouble(self):
        good = self.write(capture_of(BARE), "good.pcap")
        paths = [good, self.folder / "missing", good, self.write(b"", "empty"), good]
        done = self.run_search("-j", 3, *paths)
        self.assertEqual((done.returncode, done.stdout.decode()), (TROUBLE, f"{BARE_JA4}\n" * 3))
        self.assertEqual(len(done.stderr.splitlines()), 2)


if __name__ == "__main__":
    unittest.main()
