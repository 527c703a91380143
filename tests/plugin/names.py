#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp.client and tlsfp.level: names for fingerprints, from lists, the table and the installed list."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import needs
from plugin_test import PluginTest
from sharkd import Sharkd
from synthetic import Stream, alpn, client_hello, record, server_name

CAPTURE = "curl-openssl-tls13.pcap"
FIELDS = ["client", "level"]


class Names(PluginTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = needs.source() / "samples/captures"
        cls.capture = cls.sandbox.put(folder / CAPTURE)
        values = ["ja4", "ja4_a", "ja4_b", "ja4_c", "ja4_bc", "ja4_r", "ja4_o", "ja4_ro", "ja3", "ja3_r", "ja3n", "ja3n_r", "stable", "stable_r"]
        ((cls.frame, found),) = (
            (frame, found) for frame, found in cls().frames(cls.capture, *values).items() if found[0]
        )
        cls.value = dict(zip(values, found))

    def list(self, text, name="list.csv"):
        """A list in the sandbox; its path."""
        path = self.sandbox.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o644)
        self.addCleanup(path.unlink, missing_ok=True)
        return path

    def named(self, *options, capture=None, expected_stderr=""):
        """{frame: (names, level)}, the same on both passes; joined by ';'."""
        answers = []
        for passes in [], ["-2"]:
            words = ["-T", "fields", "-E", "separator=/t", "-E", "aggregator=;", "-e", "frame.number"]
            words += ["-e", "tlsfp.client", "-e", "tlsfp.level", "-Y", "tlsfp.client or tlsfp.level"]
            done = self.sandbox.run(["tshark", "-n", "-r", capture or self.capture, *options, *passes, *words])
            self.assertRegex(done.stderr, rf"\A{expected_stderr}\Z")
            self.assertEqual(done.returncode, 0)
            lines = (line.split("\t") for line in done.stdout.splitlines())
            answers.append({int(frame): tuple(values) for frame, *values in lines})
        self.assertEqual(*answers)
        return answers[0]

    def check(self, options, names, level="none", **more):
        self.assertEqual(self.named(*options, **more), {self.frame: (names, level)})

    @staticmethod
    def use(*paths, separator=";"):
        return ["-o", "tlsfp.labels:" + separator.join(map(str, paths))]

    # Lists

    def test_none(self):
        self.assertEqual(self.named(), {})

    def test_each_column(self):
        for kind, value in self.value.items():
            with self.subTest(kind):
                path = self.list(f'name,{kind}\nMine,"{value}"\n')
                self.check(self.use(path), "Mine")

    def test_most_specific_first(self):
        lists = [
            self.list(f'{kind},name\n"{value}",{kind}\n', f"{kind}.csv") for kind, value in sorted(self.value.items())
        ]
        order = "ja4_o;ja4_ro;ja3;ja3_r;ja3n;ja3n_r;ja4;ja4_r;stable;stable_r;ja4_bc;ja4_c;ja4_b;ja4_a"
        self.check(self.use(*lists), order)

    def test_levels(self):
        for level in "none", "note", "warn":
            path = self.list(f"ja4,name,level\n{self.value['ja4']},Mine,{level}\n")
            self.check(self.use(path), "Mine", level)
        path = self.list(f"ja4,name,level\n{self.value['ja4']},A,warn\n{self.value['ja4']},B,note\n")
        self.check(self.use(path), "A;B", "warn")

    def test_what_people_have(self):
        ja3, ja4 = self.value["ja3"], self.value["ja4"]
        columns = "Application,Library,Device,OS,ja4,ja4s,ja4h,ja4x,ja4t,ja4tscan,Notes"
        ja4db = [
            {"application": None, "ja4_fingerprint": None, "ja4h_fingerprint": "ge11nn"},
            {"application": "curl", "library": None, "os": "Linux", "verified": True, "ja4_fingerprint": ja4},
        ]
        for name, text, client in (
            ("salesforce.csv", f'{ja3},"curl (tested: 7.88)"\n', "curl (tested: 7.88)"),
            ("abuse.csv", f"# ja3_md5,Firstseen,Lastseen,Listingreason\r\n{ja3},2020,2021,Dridex\r\n", "Dridex"),
            ("foxio.csv", f"{columns}\n,,,Windows 10,,,,,64240_2,,\ncurl,OpenSSL,,,{ja4},,,,,,\n", "curl, OpenSSL"),
            ("ja4db.json", json.dumps(ja4db, indent=1), "curl, Linux"),
        ):
            with self.subTest(name):
                self.check(self.use(self.list(text, name)), client)

    def test_several_lists(self):
        one = self.list(f"ja4,name\n{self.value['ja4']},One\n", "one.csv")
        two = self.list(f"ja4,name,level\n{self.value['ja4']},Two,note\n", "two.csv")
        for separator in ";", ",", ":", "; ":
            with self.subTest(separator):
                self.check(self.use(one, two, separator=separator), "One;Two", "note")

    def test_separator_in_a_name(self):
        path = self.list(f"ja4,name\n{self.value['ja4']},Mine\n", "a;b, c.csv")
        self.check(self.use(path), "Mine")

    def test_users_list(self):
        """The one in the configuration folder needs no preference; what is broken in it is told, too."""
        self.list(f"ja4,name\n{self.value['ja4']},Mine\nx,y\n", ".config/wireshark/tlsfp-labels.csv")
        message = r".*tlsfp.*tlsfp-labels\.csv:3: 'x' is no ja4\n"
        self.check([], "Mine", expected_stderr=message)

    def test_copied_line(self):
        """The line that the packet menu copies, with a name put in, below the first line that the README shows; the plugin and tlsfp
        read it. (The menu itself is there from Wireshark 4.4 on.)"""
        code = (needs.source() / "plugin/client_filters.c").read_text()
        copied = re.search(r'"(%s,name,\S*)\\n", fvalue_get_string', code)[1] % self.value["ja4"]
        header = "ja4,name,level,comment"
        self.assertIn(header + "\n", (needs.source() / "README.md").read_text())
        path = self.list(f"{header}\n{copied.replace('name', 'Mine', 1)}\n")
        self.check(self.use(path), "Mine")
        words = [needs.setting("TLSFP_SEARCH"), "--quiet", "--labels", path, "-e", "tlsfp.client", self.capture]
        self.assertEqual(subprocess.run(words, capture_output=True, text=True, check=True).stdout, "Mine\n")

    def test_changed_lists(self):
        """Each list is read again once it has changed: the first, the second, the user's own; a list that is gone gives no names."""
        needs.programs("sharkd")
        paths = [self.list("", name) for name in ("one.csv", "two.csv", ".config/wireshark/tlsfp-labels.csv")]
        names = ["One", "Two", "Mine"]

        def write(number, name):
            paths[number].write_text(f"ja4,name\n{self.value['ja4']},{name}\n" if name else "")
            names[number] = name

        for number, name in enumerate(names):
            write(number, name)
        folder = tempfile.TemporaryDirectory(prefix="tlsfp-names-")
        again = pathlib.Path(folder.name) / "again.pcap"  # the sandbox's copy goes after each reading
        shutil.copy(needs.source() / "samples/captures" / CAPTURE, again)
        with folder, Sharkd(self.sandbox) as sharkd:
            sharkd.ask("setconf", name="tlsfp.labels", value=f"{paths[0]};{paths[1]}")

            def check():
                rows = dict(sharkd.rows(again, ["tlsfp.client"], "tlsfp"))
                self.assertEqual(rows[self.frame]["tlsfp.client"], [name for name in names if name])

            check()
            for number in 1, 2, 0:
                write(number, f"{names[number]} again")
                check()
            write(1, "")
            check()
            paths[2].unlink()
            names[2] = ""
            check()

    def test_table(self):
        row = f'uat:tlsfp_labels:"ja4","{self.value["ja4"]}","Mine","warn","a comment"'
        self.check(["-o", row], "Mine", "warn")
        path = self.list(f"ja4,name\n{self.value['ja4']},Theirs\n")
        self.check(["-o", row, *self.use(path)], "Mine;Theirs", "warn")

    def test_table_refuses(self):
        """Each cause has its message."""
        for row, message in (
            ('"ja4","t13d","Mine","none",""', "'t13d' is no ja4"),
            (f'"ja3","{self.value["ja4"]}","Mine","none",""', f"'{self.value['ja4']}' is no ja3"),
            ('"ja4_b","8daaf6152771","","none",""', "The row has no name"),
        ):
            done = self.sandbox.run(["tshark", "-n", "-r", self.capture, "-o", f"uat:tlsfp_labels:{row}"])
            self.assertNotEqual(done.returncode, 0, row)
            self.assertIn(message, done.stderr)

    # What is shown

    def test_tree(self):
        path = self.list(f"ja4,name,level,comment\n{self.value['ja4']},Mine,warn,look here\n{self.value['ja4']},Other,,\n")
        tree = self.tshark(self.capture, *self.use(path), "-O", "tlsfp", "-Y", "tlsfp.ja4")
        self.assertIn(f"\nTLS Fingerprint, JA4: {self.value['ja4']} (Mine, Other)\n", tree)
        self.assertIn("    [Client: Mine]\n        [Expert Info (Warning/Security): Mine: look here]\n", tree)
        self.assertIn("    [Client: Other]\n    [Level: warn]\n", tree)

    def test_many_names(self):
        """All are fields; the summary has room for some."""
        ja4 = self.value["ja4"]
        path = self.list("ja4,name\n" + "".join(f"{ja4},N{at}\n" for at in range(20)))
        self.check(self.use(path), ";".join(f"N{at}" for at in range(16)))
        tree = self.tshark(self.capture, *self.use(path), "-O", "tlsfp", "-Y", "tlsfp.ja4")
        self.assertIn(f"\nTLS Fingerprint, JA4: {ja4} (N0, N1, N2 and 13 more)\n", tree)

    def test_expert_info(self):
        for level, count in ("none", 0), ("note", 0), ("warn", 1):
            path = self.list(f"ja4,name,level\n{self.value['ja4']},Mine,{level}\n")
            for text in "tlsfp.warning", '_ws.expert.message == "Mine"':
                out = self.tshark(self.capture, *self.use(path), "-Y", text, "-T", "fields", "-e", "frame.number")
                self.assertEqual(len(out.split()), count, (level, text))

    def test_filter(self):
        path = self.list(f"ja4,name,level\n{self.value['ja4']},Mine,note\n")
        for text, count in (
            ('tlsfp.client == "Mine"', 1),
            ('tlsfp.client contains "in"', 1),
            ('tlsfp.client == "Other"', 0),
            ('tlsfp.level == "note"', 1),
            ('tlsfp.level == "warn"', 0),
        ):
            for passes in [], ["-2"]:
                out = self.tshark(self.capture, *self.use(path), *passes, "-Y", text, "-T", "fields", "-e", "frame.number")
                self.assertEqual(len(out.split()), count, text)

    def test_connection(self):
        path = self.list(f"ja4,name\n{self.value['ja4']},Mine\n{self.value['ja4']},Other\n")
        found = self.frames(self.capture, "stream.client", options=[*self.use(path), "-o", "tlsfp.stream:TRUE", "-2"])
        self.assertGreater(len(found), 5)
        self.assertEqual(set(found.values()), {("Mine;Other",)})

    def test_text_from_a_list(self):
        """Whatever stands in a list is shown in one line, as UTF-8."""
        path = self.sandbox.home / "odd.csv"
        path.write_bytes(b'ja4,name\n%s,"a\tb\x1b[31m\xff\xc3\xa9%%s"\n' % self.value["ja4"].encode())
        path.chmod(0o644)
        self.check(self.use(path), "a b [31m\N{REPLACEMENT CHARACTER}\N{LATIN SMALL LETTER E WITH ACUTE}%s")

    def test_only_of_its_hello(self):
        stream = Stream()
        frames = [stream.client(record(client_hello(hello))) for hello in (server_name(), alpn(b"h2"))]
        capture = self.write(frames)
        ((ja4,), _) = self.frames(capture, "ja4").values()
        path = self.list(f"ja4,name\n{ja4},First\n")
        self.assertEqual(self.named(*self.use(path), capture=capture), {1: ("First", "none")})

    # Trouble

    def test_broken_rows(self):
        path = self.list(f"ja4,name,level\nx,A,\n{self.value['ja4']},Mine,warn\n{self.value['ja4']},B,loud\n")
        message = rf"tshark: {path}:2: 'x' is no ja4\n{path}:4: 'loud' is no level, which is none, note or warn\n"
        self.check(self.use(path), "Mine", "warn", expected_stderr=message)

    def test_broken_rows_in_the_packets(self):
        """The window does not show standard error: the first hello tells."""
        path = self.list("ja4,name\nx,A\n")
        folder = needs.source() / "samples/captures"
        capture = self.sandbox.put(folder / "resumption.pcap")
        words = [*self.use(path), "-Y", "tlsfp.labels.broken", "-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message"]
        for passes in [], ["-2"]:
            out = self.tshark(capture, *words, *passes, quiet=False)
            # Behind what Wireshark 4.4 and later say themselves.
            self.assertRegex(out, rf"\A4\t(.*,)?{path}:2: 'x' is no ja4\n\Z")

    def test_not_a_list(self):
        for text, message in (
            ("", r"tshark: .*list\.csv: the list is empty\n"),
            ("ja4,name\n", r"tshark: .*list\.csv: the list is empty\n"),
            ("hello\n", r"tshark: .*list\.csv:1: the first line has to name the columns.*\n"),
            ("[1, 2, {]}\n", r"tshark: .*list\.csv:1: this is no JSON.*\n"),
        ):
            self.assertEqual(self.named(*self.use(self.list(text)), expected_stderr=message), {})
        self.assertEqual(self.named(*self.use("/nowhere"), expected_stderr=r"tshark: .*/nowhere.*\n"), {})
        folder = self.sandbox.home / ".local"
        self.assertEqual(self.named(*self.use(folder), expected_stderr=rf"tshark: {folder}: this is no file\n"), {})

    def test_million(self):
        """A million rows: the time it takes is printed."""
        path = self.list(
            "ja4,name\n" + "".join(f"t13d1516h2_{i:012x}_{i:012x},Client {i % 977}\n" for i in range(1_000_000)), "million.csv"
        )
        start = time.monotonic()
        self.assertEqual(self.named(*self.use(path)), {})
        print(f"\na million names, twice: {time.monotonic() - start:.1f} s of tshark")


if __name__ == "__main__":
    unittest.main()
