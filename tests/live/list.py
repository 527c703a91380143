#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The list of clients, samples/clients.csv, and how it is made of what was run: ranges, labels, and that nothing is claimed."""

import concurrent.futures
import contextlib
import csv
import dataclasses
import datetime
import ftplib
import hashlib
import imaplib
import itertools
import pathlib
import poplib
import re
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
import tomllib
import unittest
import unittest.mock

import atlas
import doors
import sources

import scene  # noqa: F401  isort: skip; it finds the modules of the other rooms
import needs

HERE = pathlib.Path(__file__).resolve().parent
LIST = HERE.parents[1] / "samples/clients.csv"
JA4 = r"[tqd](1[0-3]|[sd][123]|00)[di]\d{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}"
FORMS = {
    "name": r"\S.*\S",
    "family": r"\S.*\S",
    "kind": "real|mimic|recorded",
    "origin": r"(npm \S+|debian \S+ \S+|recorded \S+) \S.*",
    "transport": "[tqd]",
    "ja4": JA4,
    "ja4_bc": r"[tqd]\w\w_[0-9a-f]{12}_[0-9a-f]{12}",
    "stable": JA4,
    "ja4_r": r"[tqd]\w{9}(_[0-9a-f,]*){1,3}",
    "ja3": "([0-9a-f]{32})?",
    "ja3n": "([0-9a-f]{32})?",
    "ja3_r": r"([0-9]+(,[0-9-]*){4})?",
    "ja3n_r": r"([0-9]+(,[0-9-]*){4})?",
    "last_run": r"\d{4}-\d\d-\d\d",
}


def sighting(version, value, **others):
    ja4 = f"t13d0101h2_{value:012}_{value:012}"
    values = tuple(ja4 if kind in ("ja4", "stable") else atlas.ja4_bc(ja4) if kind == "ja4_bc" else "" for kind in atlas.VALUES)
    usual = dict(family="Client", how="", platform="", engine="", kind="real", source="npm x", package=version, digits=1,
                 transport="t", user_agent="", last_run="2026-01-01", comment="", values=values, version=version)
    return atlas.Sighting(**usual | others)


def labels(*sightings):
    return [row["name"] for row in atlas.rows_of(sightings)]


def ranges(*sightings):
    return [row["versions"] for row in atlas.rows_of(sightings)]


class Ranges(unittest.TestCase):
    def test_versions_that_agree(self):
        self.assertEqual(ranges(sighting("1", 1), sighting("2", 1), sighting("3", 1)), ["1–3"])

    def test_one_version(self):
        self.assertEqual(ranges(sighting("7.1", 1)), ["7"])

    def test_broken_at_a_major_that_was_not_run(self):
        self.assertEqual(ranges(sighting("1", 1), sighting("2", 1), sighting("4", 1)), ["1–2", "4"])

    def test_broken_at_a_version_that_sent_something_else(self):
        self.assertEqual(ranges(sighting("1", 1), sighting("2", 2), sighting("3", 1)), ["1", "2", "3"])

    def test_one_version_with_two_values(self):
        self.assertEqual(ranges(sighting("1", 1), sighting("1", 2), sighting("2", 2)), ["1", "1–2"])

    def test_in_the_order_of_numbers(self):
        self.assertEqual(ranges(sighting("9", 1), sighting("10", 1), sighting("11", 2)), ["9–10", "11"])

    def test_digits(self):
        self.assertEqual(ranges(sighting("18.2.1", 1, digits=2), sighting("18.10.0", 1, digits=2)), ["18.2–18.10"])


class Labels(unittest.TestCase):
    def test_range(self):
        self.assertEqual(labels(sighting("1", 1), sighting("2", 1)), ["Client 1–2"])

    def test_of_one_value_over_two_rows(self):
        """What differs in JA3 alone is one range of the label."""
        other = sighting("2", 1)
        other = dataclasses.replace(other, values=(*other.values[:-1], "771,1,,,"))
        self.assertEqual(labels(sighting("1", 1), other), ["Client 1–2"] * 2)

    def test_mimic(self):
        mimic = sighting("3.1.0", 1, family="Mimic", kind="mimic", how="as Safari 18.5", digits=2)
        self.assertEqual(labels(mimic), ["Mimic 3.1 as Safari 18.5"])

    def test_real_before_mimic_before_recorded(self):
        mimic = sighting("3", 1, family="A mimic", kind="mimic", how="as Client 1")
        recorded = sighting("", 1, family="A recording", kind="recorded")
        self.assertEqual(set(labels(recorded, mimic, sighting("1", 1))), {"Client 1 or A mimic 3 as Client 1"})
        self.assertEqual(set(labels(recorded)), {"A recording"})

    def test_many(self):
        many = [sighting("1", 1, family=f"Client {letter}") for letter in "ABCDE"]
        self.assertEqual(set(labels(*many)), {"Client A 1 or Client B 1 or Client C 1 or 2 others"})

    def test_the_one_with_most_versions_first(self):
        many = [sighting("1", 1, family="A"), sighting("1", 1, family="B"), sighting("2", 1, family="B")]
        self.assertEqual(set(labels(*many)), {"B 1–2 or A 1"})

    def test_pretences(self):
        several = [sighting("3", 1, family="M", kind="mimic", how=f"as Chrome {n}") for n in range(100, 107)]
        self.assertEqual(set(labels(*several)), {"M 3 as Chrome 100/101/…"})
        other = sighting("3", 1, family="M", kind="mimic", how="as Edge 101")
        self.assertEqual(set(labels(several[0], other)), {"M 3 as Chrome 100/Edge 101"})

    def test_transport(self):
        self.assertEqual(labels(sighting("1", 1, transport="q")), ["Client 1 over QUIC"])


class Merge(unittest.TestCase):
    def test_a_version_run_anew(self):
        old, new = sighting("1", 1), sighting("1", 2)
        self.assertEqual(atlas.merge([old, sighting("2", 1)], [new]), [sighting("2", 1), new])

    def test_through_the_file(self):
        """What is read is what was written, but for the user agents of all but the newest version."""
        several = [sighting("1", 1, package="1.0-1"), sighting("2", 1), sighting("5", 1, source="debian sid client", package="1:5-2")]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "list.csv"
            path.write_text(atlas.text_of(several))
            self.assertEqual(sorted(atlas.read(path), key=lambda each: each.order), several)


class Values(unittest.TestCase):
    def test_ja4_bc(self):
        self.assertEqual(atlas.ja4_bc("t13d1516h2_8daaf6152771_e5627efa2ab1"), "t13_8daaf6152771_e5627efa2ab1")

    def test_ja3n(self):
        expected = hashlib.md5(b"771,1-2,0-5-10,23,0", usedforsecurity=False).hexdigest()
        self.assertEqual(atlas.ja3n("771,1-2,10-0-5,23,0"), expected)

    def test_what_differs_is_empty(self):
        one = {"ja4": "t13d0101h2_a_b", "stable": "s", "ja4_r": "r", "ja3": "1", "ja3_r": "771,1,5-0,,"}
        values = dict(zip(atlas.VALUES, atlas.values_of([one, one | {"ja3": "2", "ja3_r": "771,1,0-5,,"}])))
        self.assertEqual((values["ja3"], values["ja3_r"], values["ja4"]), ("", "", "t13d0101h2_a_b"))
        self.assertEqual((values["ja3n"], values["ja3n_r"]), (atlas.ja3n("771,1,0-5,,"), "771,1,0-5,,"))


class TheList(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(LIST, newline="") as file:
            cls.rows = list(csv.DictReader(itertools.filterfalse(lambda line: line.startswith("#"), file)))

    def test_header(self):
        self.assertEqual(list(self.rows[0]), atlas.COLUMNS)

    def test_cells(self):
        for row in self.rows:
            for column, form in FORMS.items():
                self.assertRegex(row[column], rf"\A({form})\Z", (column, row["name"]))

    def test_ja3n(self):
        """The text, where it is known, gives the hash; a row has it, or ja3_r."""
        known = [row for row in self.rows if row["ja3n_r"]]
        for row in known:
            self.assertEqual(atlas.ja3n(row["ja3n_r"]), row["ja3n"], row["name"])
            self.assertEqual(row["ja3_r"], "", row["name"])
        self.assertGreater(len(known), 200)

    def test_it_is_what_the_command_writes(self):
        self.assertEqual(LIST.read_text(), atlas.text_of(atlas.read(LIST)))

    def test_no_version_is_claimed(self):
        """Each range begins and ends with a version that was run, and each major version between was run."""
        for row in self.rows:
            if row["kind"] == "recorded":
                continue
            ran = sorted({version for _, _, version in atlas.read_origin(row["origin"])}, key=atlas.numbers)
            digits = len(re.split("–", row["versions"])[0].split("."))
            self.assertEqual(row["versions"], atlas.span(ran, digits), row["name"])
            for one, next_one in itertools.pairwise(ran):
                self.assertTrue(atlas.adjacent(one, next_one), row["name"])

    def test_the_readme_counts_it(self):
        ran = [row for row in atlas.read(LIST) if row.kind != "recorded"]
        clients = {(each.family, each.how, each.transport, each.version) for each in ran}
        programs = {each.family for each in ran}
        text = " ".join((HERE.parents[1] / "README.md").read_text().split())
        counts = f"{len(clients):,} that were run, of {len(programs)} programs"
        self.assertTrue(counts in text, f"README.md has to say: {counts}")

    def test_the_manual_says_how_old_it_is(self):
        days = sorted(row["last_run"] for row in self.rows if row["kind"] != "recorded")
        text = (HERE.parents[1] / "packaging/man/tlsfp.1").read_text()
        for day in days[0], days[-1]:
            self.assertIn(datetime.date.fromisoformat(day).strftime("%B %Y"), text)

    def test_tlsfp_reads_it(self):
        capture = HERE.parents[1] / "samples/captures"
        captures = sorted(capture.glob("*.pcap*"))
        argv = [needs.setting("TLSFP_SEARCH"), "--quiet", "--labels", LIST, "-e", "tlsfp.client", *captures]
        done = subprocess.run(argv, capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        self.assertIn("curl", done.stdout)


class Doors(unittest.TestCase):
    """Behind STARTTLS there is a ClientHello."""

    def through(self, protocol, client):
        with socket.create_server(("127.0.0.1", 0)) as behind, doors.Door(protocol, behind.getsockname()[1]) as door:
            thread = threading.Thread(target=self.ask, args=[client, door.port])
            thread.start()
            behind.settimeout(20)
            connection, _ = behind.accept()
            with connection:
                self.assertEqual(connection.recv(2), b"\x16\x03")
            thread.join()

    def ask(self, client, port):
        with contextlib.suppress(OSError, EOFError):
            client(port)

    def test_smtp(self):
        self.through("smtp", lambda port: smtplib.SMTP("127.0.0.1", port, timeout=20).starttls())

    def test_imap(self):
        self.through("imap", lambda port: imaplib.IMAP4("127.0.0.1", port, timeout=20).starttls())

    def test_pop3(self):
        self.through("pop3", lambda port: poplib.POP3("127.0.0.1", port, timeout=20).stls())

    def test_ftp(self):
        self.through("ftp", lambda port: self.ftps(port).auth())

    def ftps(self, port):
        client = ftplib.FTP_TLS(timeout=20)
        client.connect("127.0.0.1", port)
        return client


class Sources(unittest.TestCase):
    def test_the_newest_of_each_line(self):
        versions = ["1.0.0", "1.0.2", "1.1.0", "2.0.0-rc.1", "2.0.0", "2.0.1"]
        self.assertEqual(sources.chosen(versions, {"each": 1}), ["1.1.0", "2.0.1"])
        self.assertEqual(sources.chosen(versions, {"each": 2, "from": "1.1"}), ["1.1.0", "2.0.1"])
        self.assertEqual(sources.chosen(versions, {"each": 3}), ["1.0.0", "1.0.2", "1.1.0", "2.0.0", "2.0.1"])
        self.assertEqual(sources.chosen(versions, {"versions": ["2.0.0-rc.1", "9.0"]}), ["2.0.0-rc.1"])

    def test_packages_that_cannot_be_had_together(self):
        """The first of two that exclude each other, and all that conflict with none."""
        release = sources.Debian({"name": "x"}, [], set(), None)

        def inside(*words, **_):
            if {"b", "e"} <= set(words) or "g" in words:
                raise RuntimeError("held broken packages")

        release.inside = inside
        self.assertEqual(release.together([], list("abcdefg")), list("abcdf"))

    def test_backports_alone(self):
        release = sources.Debian({"name": "x", "own": "~bpo"}, [], set(), None)
        client = {"packages": "curl", "library": "libssl3"}
        self.assertTrue(release.own(client, {"curl": "8.14-1~bpo12+1", "libssl3": "3.0"}))
        self.assertTrue(release.own(client, {"curl": "7.88-1", "libssl3": "3.5-1~bpo12+1"}))
        self.assertFalse(release.own(client, {"curl": "7.88-1", "libssl3": "3.0"}))

    def test_engine_with_its_version(self):
        release = sources.Debian({"name": "x"}, [], set(), None)
        client = {"engine": "GnuTLS", "library": "libgnutls30(t64)?"}
        self.assertEqual(release.engine(client, {"libgnutls30t64": "3.8.9-3+deb13u4"}), {"engine": "GnuTLS 3.8.9"})
        self.assertEqual(release.engine({"engine": "Go"}, {"libgnutls30": "3.7"}), {})

    def test_a_busy_machine(self):
        client = {"command": "timeout 15 x {port}", "patience": 20}
        with unittest.mock.patch.object(sources.Waiting, "factor", 3):
            job = sources.job_of(client, "1", {})
        self.assertEqual((job["command"], job["patience"]), ("timeout 45 x {port}", 60))

    def test_what_runs_when_it_is_stopped(self):
        """Ends at once, and nothing is begun after that."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(sources.tell, "sleep", "60")
            while not sources.RUNNING and not running.done():
                time.sleep(0.01)
            with self.assertRaises(SystemExit):
                sources.stop()
            self.assertIsInstance(running.exception(20), RuntimeError)
        with self.assertRaises(RuntimeError):
            sources.tell("true")
        sources.STOPPED.clear()

    def test_every_client_has_its_words(self):
        read = tomllib.loads((HERE / "sources.toml").read_text())
        self.assertEqual(set(read), {"npm", "release", "debian"})
        everyone = [client | {"packages": source["package"], "family": source["family"]}
                    for source in read["npm"] for client in source["clients"]] + read["debian"]
        for client in everyone:
            self.assertTrue(client["family"] and client["packages"] and client["command"], client)
            client["command"].format_map({word: "x" for word in WORDS})


WORDS = ["url", "host", "port", "path", "cert", "here", "home", "package", "profile"]

if __name__ == "__main__":
    unittest.main()
