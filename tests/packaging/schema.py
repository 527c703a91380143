#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""packaging/schema/tlsfp.schema.json holds for every line of tlsfp --json, names every key of them, and is no rubber
stamp: lines that are wrong in one place are not let through."""

import copy
import ipaddress
import json
import struct
import unittest

import jsonschema

from installing import InstallingTest, needs

import cases
import synthetic


def schema():
    return json.loads((needs.source() / "packaging/schema/tlsfp.schema.json").read_text())


def checker():
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("ipv4", raises=ValueError)(lambda text: bool(ipaddress.IPv4Address(text)))
    formats.checks("ipv6", raises=ValueError)(lambda text: bool(ipaddress.IPv6Address(text)))
    return jsonschema.Draft202012Validator(schema(), format_checker=formats)


def paths(value, below=""):
    """The keys of objects in it, as paths."""
    if isinstance(value, dict):
        for key, inside in value.items():
            yield f"{below}/{key}"
            yield from paths(inside, f"{below}/{key}")


def named(part, below=""):
    """The keys that a schema names, as paths."""
    for key, inside in part.get("properties", {}).items():
        yield f"{below}/{key}"
        yield from named(inside, f"{below}/{key}")


ON_INTERFACES = {"/interface"}  # printed with -i alone: tests/search/live.py
WRONG = {
    "time": "2026-01-01 00:00:00",
    "frame": 0,
    "src": "300.1.1.1",
    "dstport": 65536,
    "transport": "tcp",
    "alpn": "h2",
    "tls_data/protocol_version": "303",
    "tls_data/cipher_suites": ["130"],
    "tls_data/server_name": "abc",
    "tls_fingerprints/ja4": "t13d1516h2_8daaf6152771",
    "tls_fingerprints/ja3": "x",
    "tls_fingerprints/ja4_r": "t13d0101h2_1301",
    "level": "high",
    "pq": 1,
    "community_id": "2:uglEJY8PHgBOd0m7c2HWc5+NHsk=",
}


def write_tagged(path):
    """A hello in a VLAN, and there in NVGRE; and one in a segment that comes too late."""
    segment = struct.pack("!HHIIBBHHH", 50000, 443, 1, 1, 5 << 4, 0x18, 64240, 0, 0)
    inner = synthetic.ethernet(synthetic.ipv4(segment + synthetic.record(synthetic.client_hello()), 6))
    outer = synthetic.ipv4(b"\x20\0\x65\x58\0\0\7\0" + inner, 47)
    stream = synthetic.Stream(client_port=50001)
    overlapping = [*stream.open(), stream.client(b"first")]
    stream.sent[0] -= 5
    overlapping.append(stream.client(synthetic.record(synthetic.client_hello())))
    synthetic.pcap(path, [synthetic.ethernet(b"\0\7\x08\0" + outer, 0x8100), *overlapping])


class SchemaTest(InstallingTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cases.write(cls.folder / "cases.pcap")
        captures = [*needs.captures(), cls.folder / "cases.pcap"]
        words = [needs.setting("TLSFP_SEARCH"), "--json", "--quiet"]
        labelled = [*words, "--labels", needs.source() / "samples/clients.csv"]
        answered = [*words, "--answers", "--all-copies"]
        captures.append(cls.folder / "tagged.pcap")
        write_tagged(captures[-1])
        said = "".join(cls.run_here(*argv, *captures) for argv in (words, labelled, answered))
        cls.lines = [json.loads(line) for line in said.splitlines()]
        cls.checker = checker()

    def test_itself(self):
        jsonschema.Draft202012Validator.check_schema(schema())

    def test_every_line(self):
        self.assertGreater(len(self.lines), 200)
        for line in self.lines:
            errors = [f"{error.json_path}: {error.message}" for error in self.checker.iter_errors(line)]
            self.assertEqual(errors, [], line)

    def test_every_key(self):
        printed = {path for line in self.lines for path in paths(line)}
        self.assertEqual(printed | ON_INTERFACES, set(named(schema())))

    def test_wrong(self):
        line = next(line for line in self.lines if line.get("client"))
        for path, value in WRONG.items():
            with self.subTest(path):
                wrong = copy.deepcopy(line)
                *outer, key = path.split("/")
                inner = wrong
                for step in outer:
                    inner = inner[step]
                self.assertIn(key, inner)
                inner[key] = value
                self.assertFalse(self.checker.is_valid(wrong))
                del inner[key]
                self.assertFalse(self.checker.is_valid(wrong), "without it")


if __name__ == "__main__":
    unittest.main()
