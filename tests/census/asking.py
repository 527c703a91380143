#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp-census top, impact, new, since, export and report."""

import collections
import csv
import html.parser
import json
import re
import subprocess
import unittest

from census_test import FOUND, NONE, TROUBLE, CensusTest, expected, needs


class Asking(CensusTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = cls.lines(cls, 2000)
        cls.asked = cls.folder / "asked.db"
        subprocess.run([cls.program, "add", cls.asked, "-"], input="".join(cls.made), text=True, check=True,
                       capture_output=True)
        cls.read = [json.loads(line) for line in cls.made]

    def setUp(self):
        super().setUp()
        self.db = self.asked

    def address(self, line):
        return line["src"] if "." in line["src"] else line["src"].rsplit("::", 1)[0] + "::/64"

    def test_top(self):
        for by, value in (("ja4", lambda line: line["tls_fingerprints"]["ja4"]),
                          ("stable", lambda line: line["tls_fingerprints"]["stable"]),
                          ("ja3", lambda line: line["tls_fingerprints"]["ja3"]),
                          ("ja4_b", lambda line: line["tls_fingerprints"]["ja4"][11:23]),
                          ("ja4_bc", lambda line: line["tls_fingerprints"]["ja4"][:3] + line["tls_fingerprints"]["ja4"][10:]),
                          ("sni", lambda line: line["sni"] or ""), ("transport", lambda line: line["transport"]),
                          ("address", self.address), ("day", lambda line: line["time"][:10])):
            with self.subTest(by):
                done = self.run_census("top", self.db, "--by", by, "-n", 0, "--json")
                rows = [json.loads(line) for line in done.stdout.splitlines()]
                self.assertEqual({row[by]: row["connections"] for row in rows}, dict(collections.Counter(map(value, self.read))))
                self.assertEqual(rows, sorted(rows, key=lambda row: (-row["connections"], row[by].encode())))
                first = {self.address(line) for line in self.read if value(line) == rows[0][by]}
                self.assertEqual(rows[0]["addresses"], len(first))

    def test_top_by_name(self):
        done = self.run_census("top", self.db, "--by", "client", "--labels", self.list, "-n", 0, "--json")
        rows = {row["client"]: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertGreater(len(rows), 5)
        self.assertEqual(sum(row["connections"] for row in rows.values()), 2000)

    def test_range(self):
        done = self.run_census("top", self.db, "--by", "day", "-n", 0, "--json", "--from", "2026-03-05", "--to", "2026-04-02")
        days = {json.loads(line)["day"]: json.loads(line)["connections"] for line in done.stdout.splitlines()}
        wanted = collections.Counter(line["time"][:10] for line in self.read if "2026-03-05" <= line["time"][:10] <= "2026-04-02")
        self.assertEqual(days, dict(wanted))
        self.assertIn("is no day", self.run_census("top", self.db, "--from", "yesterday", status=TROUBLE).stderr)
        words = ["top", self.db, "--from", "2026-04-02", "--to", "2026-03-05"]
        self.assertIn("2026-03-05 is before 2026-04-02", self.run_census(*words, status=TROUBLE).stderr)

    def impact(self, *words, **options):
        return json.loads(self.run_census("impact", self.db, *words, "--json", **options).stdout)

    def test_impact_by_sql(self):
        """Held against queries written by hand."""
        ja4 = self.read[0]["tls_fingerprints"]["ja4"]
        for words, condition in (((ja4,), f"ja4 = '{ja4}'"), ((ja4[11:23],), f"substr(ja4, 12, 12) = '{ja4[11:23]}'"),
                                 (("t13d*",), "ja4 LIKE 't13d%'"), (("t13[!d]*",), "ja4 LIKE 't13i%'"),
                                 ((ja4, "sni=a.example"), f"ja4 = '{ja4}' AND server = 'a.example'"),
                                 (("sni=a.example", "sni=b.*"), "server LIKE 'a.example' OR server LIKE 'b.%'"),
                                 (("address=192.0.2.0/28",), "address GLOB '192.0.2.?' OR address GLOB '192.0.2.1[0-5]'"),
                                 (("address=2001:db8:0:10::/60",), "address GLOB '2001:db8:0:1?::/64'"),
                                 (("transport=quic",), "ja4 LIKE 'q%'"),
                                 ((self.read[0]["tls_fingerprints"]["ja3"],),
                                  f"ja3 = '{self.read[0]['tls_fingerprints']['ja3']}'")):
            with self.subTest(words):
                rows = self.sql(f"SELECT coalesce(sum(n), 0), count(DISTINCT address), count(DISTINCT day) FROM sightings WHERE {condition}")
                found = self.impact(*words)
                self.assertEqual((found["connections"]["hit"], found["addresses"]["hit"], found["days"]["hit"]), rows[0])
                self.assertGreater(rows[0][0], 0)
                servers = self.sql(f"SELECT server, sum(n), count(DISTINCT address) FROM sightings WHERE {condition} GROUP BY 1 "
                                   "ORDER BY 2 DESC, 1")
                self.assertEqual([(row["name"], row["connections"], row["addresses"]) for row in found["servers"]], servers)
        self.assertEqual(found["connections"]["of"], 2000)

    def test_impact_on_the_captures(self):
        self.run_census("add", "samples.db", *self.captures)
        self.db = self.here / "samples.db"
        (self.here / "list").write_text("ja4_b,name\n8daaf6152771,Chromium\n")
        found = self.impact("t13d*_8daaf6152771_*", "--labels", "list")
        rows = self.sql("SELECT sum(n), count(DISTINCT address) FROM sighting JOIN hello ON hello.id = hello JOIN client ON "
                        "client.id = client WHERE client.ja4 LIKE 't13d%' AND substr(client.ja4, 12, 12) = '8daaf6152771'")
        self.assertEqual([(found["connections"]["hit"], found["addresses"]["hit"])], rows)
        self.assertTrue(found["connections"]["too_few_to_say"])
        self.assertEqual([row["name"] for row in found["clients"]], ["Chromium"])

    def test_bad(self):
        (self.here / "bad").write_text("# hostile\n192.0.2.0/29\n2001:db8:0:5::9\n\n203.0.113.9 # never seen\n")
        found = self.impact("t13d*", "--bad", "bad")
        bad = {f"192.0.2.{i}" for i in range(8)} | {"2001:db8:0:5::/64"}
        seen = {self.address(line) for line in self.read} & bad
        hit = {self.address(line) for line in self.read if line["tls_fingerprints"]["ja4"].startswith("t13d")} & bad
        self.assertEqual((found["hostile"]["hit"], found["hostile"]["of"]), (len(hit), len(seen)))
        (self.here / "worse").write_text("192.0.2.1\nnonsense\n")
        self.assertIn("worse:2: 'nonsense'", self.run_census("impact", self.db, "*", "--bad", "worse", status=TROUBLE).stderr)

    def test_gate(self):
        ja4, n = collections.Counter(line["tls_fingerprints"]["ja4"] for line in self.read).most_common()[-1]
        hit = {self.address(line) for line in self.read if line["tls_fingerprints"]["ja4"] == ja4}
        share = 100 * max(n / 2000, len(hit) / len({self.address(line) for line in self.read}))
        self.run_census("impact", self.db, ja4, "--max-share", f"{share + 0.1:.3f}%")
        self.run_census("impact", self.db, ja4, "--max-share", f"{share - 0.1:.3f}%", status=NONE)
        done = self.run_census("impact", self.db, "t13d0000h2_000000000000_000000000000", "--max-share", "0%")
        self.assertIn("no connection of the census has this value\n", done.stderr)
        for share in ("120%", "0.5", "5 %x", "%", ""):
            self.assertIn("is no share such as 0.5%", self.run_census("impact", self.db, ja4, "--max-share", share, status=TROUBLE).stderr)
        self.run_census("add", "few.db", "-", input="".join(self.made[:12]))
        self.assertIn("12 connections: too few to say",
                      self.run_census("impact", "few.db", "x*", "--max-share", "50%", status=NONE).stderr)

    def test_claim_as_a_filter(self):
        """By a part of the User-Agent, a pattern, or the product as impact prints it."""
        connection = json.loads(self.lines(1)[0]) | {"src": "192.0.2.1"}
        request = {"time": connection["time"], "event": "request", "client_address": "192.0.2.1",
                   "user_agent": "Mozilla/5.0 (X11) Chrome/131.0.0.0 Safari/537.36", "ja4": connection["tls_fingerprints"]["ja4"],
                   "tls_fingerprints": connection["tls_fingerprints"]}
        self.run_census("add", "claims.db", "-", input=json.dumps(connection) + "\n" + json.dumps(request) + "\n")
        for word, status in (("Chrome/131", FOUND), ("Chrome/*", FOUND), ("*Chrome/131.0*", FOUND), ("X11", FOUND), ("Chrome/13", FOUND),
                             ("Chrome/14*", NONE), ("(none)", NONE), ("X1?", NONE)):
            self.run_census("impact", "claims.db", f"claim={word}", status=status)

    def test_top_by_claim(self):
        """By products; who says two things is in both, who says nothing in a row of its own."""
        connections = [json.loads(line) | {"src": f"192.0.2.{i}"} for i, line in enumerate(self.lines(3))]
        requests = [{"time": connections[i]["time"], "event": "request", "client_address": f"192.0.2.{i}", "user_agent": agent,
                     "ja4": connections[i]["tls_fingerprints"]["ja4"], "tls_fingerprints": connections[i]["tls_fingerprints"]}
                    for i, agent in ((0, "curl/8.1"), (0, "curl/8.2"), (0, "Wget/1.21"), (1, "curl/8.1"))]
        self.run_census("add", "said.db", "-", input="".join(json.dumps(row) + "\n" for row in connections + requests))
        rows = [json.loads(line) for line in self.run_census("top", "said.db", "--by", "claim", "--json").stdout.splitlines()]
        self.assertEqual({row["claim"]: row["connections"] for row in rows}, {"curl/8": 2, "Wget/1": 1, "(no User-Agent seen)": 1})
        self.run_census("since", "said.db", "2020-01-01", "--by", "claim", status=TROUBLE)

    def test_new_by(self):
        """Only what a hello has by itself can be compared with another census."""
        (self.here / "one.ndjson").write_text(self.made[0])
        for field in ("sni", "address", "day", "client", "family"):
            self.assertIn("new compares fingerprints", self.run_census("new", self.db, "one.ndjson", "--by", field, status=TROUBLE).stderr)
        for field in ("ja3", "ja4_b", "transport"):
            self.run_census("new", self.db, "one.ndjson", "--by", field, status=NONE)

    def test_what_is_missing_is_named(self):
        for words, message in ((("impact", self.db), "no value, pattern or FIELD=PATTERN is named"), (("new", self.db), "no file is named"),
                               (("since", self.db), "no day is named"), (("merge", self.db), "no census to add is named"),
                               (("top", self.db, "--days", "0"), "--days: at least 1"), (("top", self.db, "--days", "-1"), "--days: "),
                               (("top", self.db, "-n", "-1"), "-n: "), (("add", self.db, "--forget", "-1"), "--forget: ")):
            self.assertIn(message, self.run_census(*words, status=TROUBLE).stderr)

    def test_what_is_no_value(self):
        for word in ("transport=q", "level=bad", "kind=fake", "day=monday", "ja4=x", "ja3=t13d1516h2_8daaf6152771_e5627efa2ab1",
                     "nonsense", "sort=up", "t13d1516h2_", "address=everywhere", "t13d*[", "sni=[", "sni=a[!]", "claim=[a"):
            self.assertIn("'", self.run_census("impact", self.db, word, status=TROUBLE).stderr)

    def test_new(self):
        known = {line["tls_fingerprints"]["stable"] for line in self.read[:20]}
        self.run_census("add", "known.db", "-", input="".join(self.made[:20]))
        (self.here / "later.ndjson").write_text("".join(self.made))
        before = (self.here / "known.db").read_bytes()
        done = self.run_census("new", "known.db", "later.ndjson", "--json", "--labels", self.list)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        wanted = {line["tls_fingerprints"]["stable"] for line in self.read} - known
        self.assertEqual({row["stable"] for row in rows}, wanted)
        self.assertEqual((self.here / "known.db").read_bytes(), before)
        self.assertTrue(all(row["nearest"].startswith("like ") for row in rows if row["nearest"]))
        self.run_census("new", self.db, "later.ndjson", status=NONE)
        text = self.run_census("new", "known.db", "later.ndjson").stdout
        self.assertEqual(len(text.splitlines()), len(wanted))

    def test_since(self):
        first = {}
        for line in self.read:
            value, day = line["tls_fingerprints"]["stable"], line["time"][:10]
            first[value] = min(first.get(value, day), day)
        day = sorted(first.values())[len(first) // 2]
        done = self.run_census("since", self.db, day, "--json")
        self.assertEqual({json.loads(line)["stable"] for line in done.stdout.splitlines()},
                         {value for value, seen in first.items() if seen >= day})
        self.run_census("since", self.db, "2030-01-01", status=NONE)

    def test_usage(self):
        self.assertIn("Commands:", self.run_census("--help").stdout)
        self.assertIn("--forget: a number of days", self.run_census("add", self.db, "--forget", "-5", status=TROUBLE).stderr)
        for command in ("add", "top", "impact", "new", "since", "report", "merge", "export"):
            self.assertIn("Usage:", self.run_census(command, "--help").stdout)
        for words in ((), ("what",), ("top",), ("impact", self.db), ("add", self.db), ("export", self.db),
                      ("export", self.db, "--to", "what"), ("top", self.db, "--by", "what")):
            self.run_census(*words, status=TROUBLE)


class Lists(CensusTest):
    VALUES = "t13d1517h2_8daaf6152771_cb7bf5808d99 # Chro\"mium;\nada70206e40642a3e4461f35503241d5\n"

    def export(self, target, *words, status=FOUND):
        (self.here / "values").write_text(self.VALUES)
        return self.run_census("export", "--values", "values", "--to", target, *words, status=status).stdout

    def test_texts(self):
        self.assertIn('ja4.hash; content:"t13d1517h2_8daaf6152771_cb7bf5808d99"; sid:9500001;', self.export("suricata"))
        self.assertIn('ja3.hash; content:"ada70206e40642a3e4461f35503241d5"; sid:9500002;', self.export("suricata"))
        (self.here / "old").write_text("t10d230100_6a57a6f57151_000000000000\n")
        rules = self.run_census("export", "--values", "old", "--to", "suricata").stdout
        self.assertIn('ja4.hash; content:"t10d230100_6a57a6f57151_d2e2adf7177b"', rules)
        self.assertIn("# Suricata computes another JA4 than t10d230100_6a57a6f57151_000000000000", rules)
        zeek = self.export("zeek-intel").splitlines()
        self.assertEqual(zeek[0], "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc")
        self.assertEqual(zeek[1], "t13d1517h2_8daaf6152771_cb7bf5808d99\tTLSFP::JA4\ttlsfp\tChro mium")
        event = json.loads(self.export("misp"))["Event"]
        self.assertEqual([row["type"] for row in event["Attribute"]], ["other", "ja3-fingerprint-md5"])
        self.assertEqual(self.export("wireshark"), 'tlsfp.ja4 in {"t13d1517h2_8daaf6152771_cb7bf5808d99"} or '
                                                   'tlsfp.ja3 in {"ada70206e40642a3e4461f35503241d5"}\n')
        (self.here / "broken").write_text("t13d1517h2_8daaf6152771_cb7bf5808d99\nnonsense\n")
        done = self.run_census("export", "--values", "broken", "--to", "suricata", status=TROUBLE)
        self.assertIn("broken:2: 'nonsense'", done.stderr)

    def test_list_of_names(self):
        """CSV with columns, and JSON: what a row has of JA4 and JA3, by its name."""
        ja4, ja3, stable = "t13d1517h2_8daaf6152771_cb7bf5808d99", "ada70206e40642a3e4461f35503241d5", "t13d1516h2_8daaf6152771_cb7bf5808d99"
        (self.here / "list.csv").write_text(f'# mine\nname,stable,ja3,ja4\n"One, 1",{stable},,{ja4}\nTwo,,{ja3},\nThree,{stable},,\n')
        done = self.run_census("export", "--values", "list.csv", "--to", "zeek-intel")
        self.assertEqual(done.stdout.splitlines()[1:], [f"{ja4}\tTLSFP::JA4\ttlsfp\tOne, 1", f"{ja3}\tTLSFP::JA3\ttlsfp\tTwo"])
        self.assertIn("list.csv: left out 1 row without JA4 and JA3", done.stderr)
        (self.here / "list.json").write_text(json.dumps([{"name": "One", "ja4": ja4, "ja3": ja3}]))
        self.assertEqual(self.run_census("export", "--values", "list.json", "--to", "wireshark").stdout,
                         f'tlsfp.ja4 in {{"{ja4}"}} or tlsfp.ja3 in {{"{ja3}"}}\n')
        self.assertEqual(self.run_census("export", "--values", "list.json", "--to", "wireshark", "--by", "ja3").stdout,
                         f'tlsfp.ja3 in {{"{ja3}"}}\n')
        (self.here / "old.csv").write_text(f"{ja3},Salesforce's\n")
        self.assertIn("Salesforce s", self.run_census("export", "--values", "old.csv", "--to", "zeek-intel").stdout)
        (self.here / "none.csv").write_text(f"name,stable\nThree,{stable}\n")
        self.assertIn("none.csv: no value in it can be exported",
                      self.run_census("export", "--values", "none.csv", "--to", "haproxy", status=TROUBLE).stderr)

    def test_installed_list(self):
        """All whole JA4s of the list, with the names of their first rows."""
        clients = needs.source() / "samples/clients.csv"
        with open(clients, encoding="utf-8") as file:
            named = {row["ja4"]: row["name"] for row in reversed(list(csv.DictReader(line for line in file if line[0] != "#")))}
        rules = self.run_census("export", "--values", clients, "--to", "zeek-intel").stdout.splitlines()[1:]
        told = {row.split("\t")[0]: row.split("\t")[3] for row in rules if "TLSFP::JA4" in row}
        self.assertEqual(set(told), set(named) - {""})
        self.assertGreater(len(told), 200)

    def test_where_it_cannot_be_written(self):
        """The message names the file as the user did; a full disk is no success."""
        (self.here / "values").write_text(self.VALUES)
        words = ["export", "--values", "values", "--to", "haproxy"]
        done = self.run_census(*words, "-o", "nowhere/x.lst", status=TROUBLE)
        self.assertEqual(done.stderr, "tlsfp-census: nowhere/x.lst: No such file or directory\n")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([needs.setting("TLSFP_CENSUS"), *words], cwd=self.here, stdout=full, stderr=subprocess.PIPE,
                                  text=True)
        self.assertEqual((done.returncode, done.stderr),
                         (TROUBLE, "tlsfp-census: standard output: No space left on device\n"))

    def test_suricata_without_signature_algorithms(self):
        """Its own value, of which the lists in the census tell, as Suricata 7.0.10 computed it."""
        self.run_census("add", self.db, needs.source() / "samples/captures/openssl-s-client-tls10.pcap")
        rules = self.run_census("export", self.db, "--to", "suricata").stdout
        self.assertIn('content:"t10d090600_c491f621fb4c_242d16716555"', rules)
        self.assertIn("msg:\"JA4 t10d090600_c491f621fb4c_195413a0cc0f", rules)

    def test_everything(self):
        """Not the first rows alone, as of what is to be read."""
        self.run_census("add", self.db, *self.captures)
        values = self.sql("SELECT count(DISTINCT ja4) FROM sightings WHERE ja4 <> ''")[0][0]
        self.assertGreater(values, 20)
        self.assertEqual(self.run_census("export", self.db, "--to", "zeek-intel").stdout.count("TLSFP::JA4"), values)
        self.assertEqual(self.run_census("export", self.db, "--to", "zeek-intel", "-n", "3").stdout.count("TLSFP::JA4"), 3)

    def test_both_kinds_for_nginx(self):
        ja3, ja4 = "8e19337e7524d2573be54efb2b0784c9", "t13d1517h2_8daaf6152771_cb7bf5808d99"
        (self.here / "both").write_text(f"{ja3} # Three\n{ja4} # Four\n")
        self.assertEqual(self.run_census("export", "--values", "both", "--to", "nginx-map").stdout.splitlines()[1:], [
            "map $http_x_ja3 $tlsfp_client_ja3 {", '    default "";', f'    "{ja3}" "Three";', "}",
            "map $http_x_ja4 $tlsfp_client {", '    default "$tlsfp_client_ja3";', f'    "{ja4}" "Four";', "}"])

    def test_back_into_the_search(self):
        """HAProxy's list is one for tlsfp --values, too."""
        self.run_census("add", self.db, *self.captures)
        done = self.run_census("export", self.db, "t13d*_8daaf6152771_*", "--to", "haproxy", "-o", "list")
        self.assertEqual(done.stdout, "")
        found = subprocess.run([needs.setting("TLSFP_SEARCH"), "--quiet", "--values", self.here / "list", *self.captures],
                               capture_output=True, text=True, check=True).stdout.split()
        self.assertEqual(len(found), self.sql("SELECT sum(n) FROM sightings WHERE ja4 LIKE 't13d%_8daaf6152771_%'")[0][0])


class Page(html.parser.HTMLParser):
    """What is open, and what is referred to."""

    VOID = {"meta", "rect", "col", "br", "wbr"}

    def __init__(self):
        super().__init__()
        self.open, self.problems, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "link", "img", "iframe") or any(name in ("src", "href") or name.startswith("on")
                                                              for name, _ in attributes):
            self.problems.append((tag, attributes))
        if tag not in self.VOID or tag == "rect":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(("/" + tag, self.open[-3:]))

    def handle_data(self, data):
        self.text += data


class Report(CensusTest):
    def test_page(self):
        lines = self.lines(500)
        evil = json.loads(lines[0])
        evil["sni"] = "<script>alert(1)</script>\u202e.example"
        self.run_census("add", self.db, "-", input="".join(lines) + json.dumps(evil) + "\n")
        self.run_census("report", self.db, "-o", "page.html", "--labels", self.list)
        text = (self.here / "page.html").read_text()
        page = Page()
        page.feed(text)
        self.assertEqual(page.problems, [])
        self.assertNotIn("<script", text)
        self.assertNotIn("\u202e", text)
        self.assertEqual(re.findall(r"https?:", text), [])
        self.assertIn("501", page.text)
        self.assertIn("<svg", text)
        self.assertIn("Most frequent clients", page.text)

    def test_many_names(self):
        """A client that asks for thousands of names does not blow up the page, nor a line of since."""
        line = json.loads(self.lines(1)[0])
        self.run_census("add", self.db, "-", input="".join(json.dumps(line | {"sni": f"{i}.{'a' * 200}.example"}) + "\n"
                                                           for i in range(3000)))
        self.run_census("report", self.db, "-o", "page.html")
        self.assertLess((self.here / "page.html").stat().st_size, 30_000)
        printed = self.run_census("since", self.db, "2000-01-01").stdout
        self.assertLess(len(printed), 3000)
        self.assertIn("…", printed)

    def test_claims(self):
        """A hello of curl that calls itself Chrome is in the report, with the reason; one that calls itself curl fits."""
        curl = json.loads(self.lines(1)[0])
        curl["tls_fingerprints"] = next(line["tls_fingerprints"] for line in self.samples
                                        if line["file"].endswith("curl-openssl-tls13.pcap"))
        requests = [{"time": "2026-11-20T00:00:00Z", "event": "request", "client_address": f"192.0.2.{i}", "user_agent": agent,
                     "ja4": curl["tls_fingerprints"]["ja4"], "tls_fingerprints": curl["tls_fingerprints"]}
                    for i, agent in enumerate(("Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36", "Nobody/1"))]
        self.run_census("add", self.db, "-", input="".join(json.dumps(line) + "\n" for line in (curl, *requests)))
        self.run_census("report", self.db, "-o", "page.html", "--labels", self.list)
        text = (self.here / "page.html").read_text()
        false, said = re.search(r"<h2>Claims that do not fit</h2>(.*?)</section>", text, re.S), \
            re.search(r"<h2>What clients say they are</h2>(.*?)</section>", text, re.S)
        self.assertIn("<td class=s>Chrome/131</td>", false.group(1))
        self.assertRegex(false.group(1), "<td>this hello has the [^<]+, which no Chromium of the list sends</td>")
        self.assertNotIn("Nobody", false.group(1))
        self.assertRegex(said.group(1), "<td class=s>Nobody/1</td>.*<td class=s>unknown</td>")

    def test_empty(self):
        self.run_census("add", self.db, "-", input="")
        self.run_census("report", self.db, "-o", "page.html", status=NONE)


if __name__ == "__main__":
    unittest.main()
