#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The same values in whatever way tshark is asked: passes, filters, output formats, columns, colours."""

import json
import os
import pathlib
import re
import unittest
import xml.etree.ElementTree

import hellos
import needs
from plugin_test import PluginTest
from sandbox import wireshark_minor

# A hello in one frame; in two segments, with a second one; in QUIC; in DTLS fragments.
CAPTURES = ["curl-openssl-tls13.pcap", "post-quantum.pcapng", "quic-firefox.pcapng", "dtls-fragmented.pcap"]

FIELDS = ["ja4", "ja4_a", "ja4_b", "ja4_c", "ja4_bc", "ja4_r", "ja4_o", "ja4_ro", "stable", "stable_r"]
FIELDS += ["ja3", "ja3_r", "ja3n", "ja3n_r"]
ALL_FIELDS = FIELDS + ["ja3s", "ja3s_r"]
FLAGS = ["retry", "resumption", "grease", "pq", "ech"]
LISTS = ["cipher", "extension", "group", "signature_algorithm"]

BACKGROUND, FOREGROUND = (0x1111, 0x2222, 0x3333), (0xFFFF, 0xEEEE, 0xDDDD)


class Passes(PluginTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = needs.source() / "samples/captures"
        cls.captures = [cls.sandbox.put(folder / name) for name in CAPTURES]
        cls.once = {capture: cls().frames(capture, *ALL_FIELDS) for capture in cls.captures}
        cls.capture = cls.captures[0]
        cls.values = cls.once[cls.capture]
        cls.client = next(frame for frame, values in cls.values.items() if values[0])
        cls.server = next(frame for frame, values in cls.values.items() if values[-1])
        cls.named = dict(zip(FIELDS, cls.values[cls.client]))

    def filtered(self, text, *options):
        lines = self.tshark(self.capture, *options, "-Y", text, "-T", "fields", "-e", "frame.number").split()
        return [int(number) for number in lines]

    # Passes

    def test_two_passes(self):
        for capture in self.captures:
            with self.subTest(capture.name):
                self.assertNotEqual(self.once[capture], {})
                self.assertEqual(self.frames(capture, *ALL_FIELDS, options=["-2"]), self.once[capture])

    def test_read_filter(self):
        """-R drops what a hello's first segment came in, and then there is the second pass."""
        for capture in self.captures:
            with self.subTest(capture.name):
                read = self.frames(capture, *ALL_FIELDS, options=["-2", "-R", "tlsfp"])
                self.assertEqual(list(read.values()), list(self.once[capture].values()))

    def test_no_tree(self):
        """A filter alone, with nothing of the tree printed: the one-line summaries."""
        lines = self.tshark(self.capture, "-Y", "tlsfp").splitlines()
        self.assertEqual([int(line.split()[0]) for line in lines], [self.client, self.server])

    def test_statistics(self):
        """A tap with a filter on a field dissects on its own terms."""
        out = self.tshark(self.capture, "-q", "-z", f'io,stat,0,tlsfp.ja4=="{self.named["ja4"]}"')
        self.assertRegex(out, r"(?m)^\| .* <> .*\|\s+1 \|\s+\d+ \|")

    # Filters

    def test_filters(self):
        for field in "ja4", "ja4_a", "ja4_b", "ja4_c", "stable", "ja3":
            with self.subTest(field):
                self.assertEqual(self.filtered(f'tlsfp.{field} == "{self.named[field]}"'), [self.client])

    def test_filter_by_all_fields(self):
        text = " and ".join(f'tlsfp.{field} == "{value}"' for field, value in self.named.items())
        self.assertEqual(self.filtered(text), [self.client])

    def test_filter_by_server(self):
        ja3s, raw = self.values[self.server][-2:]
        self.assertEqual(self.filtered(f'tlsfp.ja3s == "{ja3s}" and tlsfp.ja3s_r == "{raw}"'), [self.server])

    def test_filter_in_the_second_pass(self):
        self.assertEqual(self.filtered(f'tlsfp.ja4 == "{self.named["ja4"]}"', "-2"), [self.client])

    def test_filter_by_protocol(self):
        self.assertEqual(self.filtered("tlsfp"), [self.client, self.server])

    def test_filter_operators(self):
        self.assertEqual(self.filtered('tlsfp.ja4 matches "^t13d"'), [self.client])
        self.assertEqual(self.filtered('tlsfp.ja4_r contains "1301"'), [self.client])
        self.assertEqual(self.filtered(f'tlsfp.ja4_b in {{"{self.named["ja4_b"]}", "0"}}'), [self.client])
        self.assertEqual(self.filtered('tlsfp.ja4 == "t13d"'), [])

    # Values

    def test_values(self):
        """One hello gives one value: no comma doubles it, and JA4 is its parts."""
        for field in ["ja4", "ja4_a", "ja4_b", "ja4_c", "ja4_o", "stable", "ja3"]:
            self.assertRegex(self.named[field], r"^[0-9a-z_]+$")
        self.assertEqual(self.named["ja4"], "_".join(self.named[f"ja4_{part}"] for part in "abc"))
        self.assertEqual(self.named["ja4"], hellos.ja4_of(self.named["ja4_r"]))
        self.assertEqual(self.named["ja4_o"], hellos.ja4_of(self.named["ja4_ro"]))
        self.assertEqual(self.named["stable"], hellos.ja4_of(self.named["stable_r"]))
        self.assertEqual(self.named["ja3"], hellos.md5(self.named["ja3_r"]))
        self.assertEqual(self.named["ja3n"], hellos.md5(self.named["ja3n_r"]))
        self.assertEqual(self.named["ja4_bc"], self.named["ja4"][:3] + self.named["ja4"][10:])

    def test_default_aggregator(self):
        """Without an aggregator of one's own, tshark joins several values by commas."""
        for capture in self.captures[:2]:
            lines = self.tshark(capture, "-Y", "tlsfp.ja4", "-T", "fields", "-e", "tlsfp.ja4", "-e", "tlsfp.ja3")
            self.assertTrue(lines)
            self.assertNotIn(",", lines)

    # Formats

    def test_json(self):
        packets = json.loads(self.tshark(self.capture, "-Y", "tlsfp.ja4", "-T", "json"), object_pairs_hook=Pairs)
        (found,) = [body for packet in packets for name, body in packet["_source"]["layers"] if name == "tlsfp"]
        found = list(found)
        self.assertEqual(found[: len(FIELDS)], [(f"tlsfp.{field}", value) for field, value in self.named.items()])
        self.assertEqual([name for name, _ in found[len(FIELDS) :][: len(FLAGS)]], [f"tlsfp.{flag}" for flag in FLAGS])

    def test_ek(self):
        lines = self.tshark(self.capture, "-Y", "tlsfp.ja4", "-T", "ek").splitlines()
        (found,) = [json.loads(line)["layers"]["tlsfp"] for line in lines if '"layers"' in line]
        values = {f"tlsfp_tlsfp_{field}": value for field, value in self.named.items()}
        self.assertEqual({name: found.get(name) for name in values}, values)
        self.assertEqual([found[f"tlsfp_tlsfp_{flag}"] for flag in FLAGS], [False] * len(FLAGS))

    def test_pdml(self):
        root = xml.etree.ElementTree.fromstring(self.tshark(self.capture, "-Y", "tlsfp.ja4", "-T", "pdml"))
        (found,) = root.findall("./packet/proto[@name='tlsfp']")
        self.assertEqual(found.get("showname"), f"TLS Fingerprint, JA4: {self.named['ja4']}")
        fields = [(field.get("name"), field.get("show")) for field in found]
        self.assertEqual(fields[: len(FIELDS)], [(f"tlsfp.{field}", value) for field, value in self.named.items()])

    def test_tree(self):
        lines = self.tshark(self.capture, "-V").splitlines()
        tops = [line for line in lines if line.startswith("TLS Fingerprint")]
        self.assertEqual(
            tops,
            [f"TLS Fingerprint, JA4: {self.named['ja4']}", f"TLS Fingerprint, JA3S: {self.values[self.server][-2]}"],
        )
        start = lines.index(tops[0])
        below = lines[start + 1 : start + 1 + len(FIELDS)]
        self.assertEqual(below[0], f"    [JA4: {self.named['ja4']}]")
        for line in below:
            self.assertRegex(line, r"^    \[(JA[34]|Stable value).*\]$")
        rest = lines[start + 1 + len(FIELDS) :]
        self.assertEqual(rest[0], "    [Second hello: False]")
        for line in rest[: rest.index("")]:
            self.assertRegex(line, r"^    ( {4})?\[[^:]+: .+\]$")

    def test_tree_of_this_protocol_only(self):
        """-O opens one protocol's subtree and leaves the others shut."""
        tree = self.tshark(self.capture, "-O", "tlsfp", "-Y", "tlsfp.ja4")
        self.assertIn(f"    [JA4: {self.named['ja4']}]\n", tree)
        self.assertNotIn("    Record Layer", tree)

    # Columns and colours

    def column(self, definition, *options):
        """{frame: text} of a custom column."""
        format_ = f'gui.column.format:"No.","%m","Its","{definition}"'
        lines = self.tshark(self.capture, "-T", "tabs", "-o", format_, *options).splitlines()
        pairs = (line.split("\t") for line in lines)
        return {int(number): text for number, text in pairs if text}

    def test_custom_column(self):
        for field, *options in ("ja4",), ("ja4", "-2"), ("ja4_b",), ("ja3_r",):
            with self.subTest(field, options=options):
                column = self.column(f"%Cus:tlsfp.{field}:0:R", *options)
                self.assertEqual(column, {self.client: self.named[field]})

    def test_custom_column_of_two_fields(self):
        column = self.column("%Cus:tlsfp.ja4 or tlsfp.ja3s:0:R")
        self.assertEqual(
            column, {self.client: self.named["ja4"], self.server: self.values[self.server][-2]}
        )

    def test_columns_in_fields(self):
        """A column read back by -T fields."""
        format_ = 'gui.column.format:"No.","%m","Its","%Cus:tlsfp.ja4:0:R"'
        column = "_ws.col.Its" if wireshark_minor() == "4.0" else "tlsfp.ja4"  # later, the custom column's own field
        out = self.tshark(self.capture, "-o", format_, "-T", "fields", "-e", column, "-Y", "tlsfp.ja4")
        self.assertEqual(out, f"{self.named['ja4']}\n")

    def test_colouring_rule(self):
        """The rule for one JA4 colours its frame and no other."""
        rules = self.sandbox.home / ".config/wireshark/colorfilters"
        self.sandbox.run(["mkdir", "-p", rules.parent], check=True)
        colours = "".join(f"[{','.join(map(str, colour))}]" for colour in (BACKGROUND, FOREGROUND))
        rule = f'@Client@tlsfp.ja4 == "{self.named["ja4"]}"@{colours}\n'
        self.sandbox.run(["tee", rules], input=rule, check=True)
        self.addCleanup(rules.unlink)
        back, fore = (";".join(str(part >> 8) for part in colour) for colour in (BACKGROUND, FOREGROUND))
        for options in [], ["-2"]:
            with self.subTest(options=options):
                out = self.on_terminal(["tshark", "-n", "-r", self.capture, "--color", *options])
                coloured = [line for line in out.splitlines() if f"48;2;{back}" in line and f"38;2;{fore}" in line]
                numbers = [int(re.sub(r"\x1b\[[^m]*m", "", line).split()[0]) for line in coloured]
                self.assertEqual(numbers, [self.client], out)

    def on_terminal(self, argv):
        """tshark colours only what goes to a terminal with 24-bit colours."""
        ours, theirs = os.openpty()
        try:
            process = self.sandbox.start(argv, env={"COLORTERM": "truecolor"}, stdout=theirs)
            os.close(theirs)
            pieces = []
            while True:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # Linux: nobody has the other side open any more
                    break
                if not piece:
                    break
                pieces.append(piece)
            self.assertEqual(process.wait(timeout=60), 0)
            return b"".join(pieces).decode()
        finally:
            os.close(ours)


class Registered(PluginTest):
    """What Wireshark lists about the plugin."""

    def listed(self, what):
        done = self.sandbox.run(["tshark", "-G", what], check=True)
        self.assertEqual(done.stderr, "")
        return [line.split("\t") for line in done.stdout.splitlines() if "tlsfp" in line]

    def test_fields(self):
        found = {row[2]: row for row in self.listed("fields") if row[0] == "F"}
        for name in "malformed", "ssl2", "warning", "labels.broken":
            self.assertEqual(found.pop(f"tlsfp.{name}")[3], "FT_NONE")
        for name in "client", "client.nearest", "level", "endpoint", "stream.ja4", "stream.ja3", "stream.client":
            self.assertEqual(found.pop(f"tlsfp.{name}")[3], "FT_STRING")
        self.assertEqual(found.pop("tlsfp.stream")[3], "FT_NONE")
        for names, kind in (FLAGS, "FT_BOOLEAN"), (LISTS, "FT_UINT16"):
            for name in names:
                self.assertEqual(found.pop(f"tlsfp.{name}")[3], kind)
        self.assertEqual(sorted(found), sorted(f"tlsfp.{field}" for field in ALL_FIELDS))
        for name, (_, label, _, kind, parent, _, _, description) in found.items():
            with self.subTest(name):
                self.assertEqual((kind, parent), ("FT_STRING", "tlsfp"))
                self.assertRegex(label, r"^(JA[34]|Stable value)")
                self.assertGreater(len(description), 20)

    def test_protocol(self):
        (protocol,) = self.listed("protocols")
        self.assertEqual(protocol[:3], ["TLS Fingerprint", "TLSFP", "tlsfp"])  # later versions say more

    def test_plugin(self):
        ((name, version, kind, path),) = self.listed("plugins")
        cmake = (needs.source() / "CMakeLists.txt").read_text()
        expected = re.search(r"project\(tlsfp VERSION (\S+)", cmake).group(1)
        self.assertEqual((name.strip(), version, kind), ("tlsfp.so", expected, "dissector"))
        self.assertTrue(pathlib.Path(path).match(f"plugins/{wireshark_minor()}/epan/tlsfp.so"), path)


class Pairs(list):
    """A JSON object as the list of its pairs, so that a name that stands twice is seen."""

    def __getitem__(self, key):
        (value,) = [value for name, value in self if name == key]
        return value


if __name__ == "__main__":
    unittest.main()
