#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every program that loads plugins shows the same fields, whatever its file is called: tshark, rawshark, sharkd.

The Wireshark window is the fourth of them: window.py.
"""

import collections
import json
import re
import shutil
import unittest

import needs
from plugin_test import PluginTest

# A second hello after HelloRetryRequest; two hellos in one frame's reach; QUIC; DTLS fragments.
CAPTURES = ["hello-retry-request.pcap", "post-quantum.pcapng", "quic-firefox.pcapng", "dtls-fragmented.pcap"]
NAMES = ["tshark", "sharkd", "other"]
HIDDEN = "tlsfp.endpoint"  # in the tree, which is what sharkd shows
FALSE, TRUE = "0", "1"


class Programs(PluginTest):
    @classmethod
    def setUpClass(cls):
        needs.programs("rawshark", "sharkd")
        super().setUpClass()
        folder = needs.source() / "samples/captures"
        cls.captures = [cls.sandbox.put(folder / name) for name in CAPTURES]
        cls.fields = cls().registered()

    def registered(self):
        """All fields of the plugin's that have a value."""
        lines = self.sandbox.run(["tshark", "-G", "fields"], check=True).stdout.splitlines()
        rows = [line.split("\t") for line in lines if "\ttlsfp." in line]
        return [row[2] for row in rows if row[0] == "F" and row[3] != "FT_NONE"]

    def called(self, program, name):
        """A copy of the program under that name; its path."""
        path = self.sandbox.home / f"{program}-as" / name
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(shutil.which(program), path)
        path.chmod(0o755)
        return path

    def by_tshark(self, capture, program="tshark"):
        """{frame: {field: values}} of the frames that have any."""
        words = ["-T", "fields", "-E", "separator=/t", "-E", "aggregator=;", "-e", "frame.number"]
        words += [word for field in self.fields for word in ("-e", field)]
        done = self.sandbox.run([program, "-n", "-r", capture, *words], check=True)
        found = {}
        for line in done.stdout.splitlines():
            frame, *columns = line.split("\t")
            values = {field: column.split(";") for field, column in zip(self.fields, columns) if column}
            if values:
                found[int(frame)] = values
        return found

    def by_rawshark(self, capture, program="rawshark"):
        pcap = self.sandbox.home / "plain.pcap"
        self.sandbox.run(["editcap", "-F", "pcap", capture, pcap], check=True)
        kind = self.sandbox.run(["capinfos", "-T", "-r", "-E", pcap], check=True).stdout.split("\t")[1].strip()
        argv = [program, "-s", "-r", "-", "-n", "-d", "encap:" + {"ether": "1", "linux-sll2": "276"}.get(kind, "1")]
        argv += [word for field in self.fields for word in ("-F", field)]
        with open(pcap) as packets:
            done = self.sandbox.run(argv, stdin=packets, check=True)
        found = {}
        for line in done.stdout.splitlines()[1:]:
            frame, values = int(line.split()[0]), collections.defaultdict(list)
            for at, value in re.findall(r'(\d+)="([^"]*)"', line):
                values[self.fields[int(at)]].append(value)
            if values:
                found[frame] = {field: values[field] for field in self.fields if field in values}
        return found

    def by_sharkd(self, capture, frames, program="sharkd"):
        """Of these frames, asked for in this order."""
        asked = [("load", {"file": str(capture)})] + [("frame", {"frame": frame, "proto": True}) for frame in frames]
        text = "".join(
            json.dumps({"jsonrpc": "2.0", "id": at, "method": method, "params": words}) + "\n"
            for at, (method, words) in enumerate(asked, 1)
        )
        done = self.sandbox.run([program, "-"], input=text, check=True)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(answers), len(asked), done.stdout)
        return {frame: self.values_of(answer["result"]["tree"]) for frame, answer in zip(frames, answers[1:])}

    def values_of(self, tree):
        """{field: values} of a tree whose items know the filter that finds them."""
        values = collections.defaultdict(list)
        for item in walk(tree):
            field, _, value = item.get("f", "").partition(" == ")
            if field in self.fields:
                values[field].append(value.strip('"'))
        return {field: values[field] for field in self.fields if field in values}

    def check(self, found, expected, *what):
        self.assertEqual(plain(found), plain(expected), what)

    def check_shown(self, found, expected, *what):
        self.check(found, {frame: without_hidden(values) for frame, values in expected.items()}, *what)

    def test_all(self):
        for capture in self.captures:
            expected = self.by_tshark(capture)
            self.assertTrue(expected)
            with self.subTest(capture.name):
                self.check(self.by_rawshark(capture), expected, "rawshark")
                backwards = sorted(expected, reverse=True)
                self.check_shown(self.by_sharkd(capture, backwards), expected, "sharkd")

    def test_any_name(self):
        capture = self.captures[0]
        expected = self.by_tshark(capture)
        backwards = sorted(expected, reverse=True)
        for name in NAMES:
            with self.subTest(name):
                self.check(self.by_tshark(capture, self.called("tshark", name)), expected, "tshark")
                self.check(self.by_rawshark(capture, self.called("rawshark", name)), expected, "rawshark")
                self.check_shown(self.by_sharkd(capture, backwards, self.called("sharkd", name)), expected, "sharkd")


def walk(items):
    for item in items:
        yield item
        yield from walk(item.get("n", []))


def without_hidden(values):
    return {field: each for field, each in values.items() if field != HIDDEN}


def plain(found):
    """Booleans are written in several ways, numbers by name or in hexadecimal."""
    words = {"True": TRUE, "False": FALSE}
    return {
        frame: {
            field: [str(int(value, 16)) if value.startswith("0x") else words.get(value, value) for value in each]
            for field, each in values.items()
        }
        for frame, values in found.items()
    }


if __name__ == "__main__":
    unittest.main()
