#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What tlsfp --json and tshark -T ek print is loaded, as it is, into SQLite and PostgreSQL by the commands that the README
shows, and queries there count the same clients as tlsfp --count.
"""

import glob
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import unittest

from installing import InstallingTest, needs

from sandbox import Sandbox

SQLITE_LOAD = """\
CREATE TABLE clients (line TEXT CHECK (json_valid(line)));
.mode ascii
.separator "\\037" "\\n"
.import clients.ndjson clients
"""
SQLITE_COUNT = """\
SELECT count(*), line ->> '$.tls_fingerprints.ja4' FROM clients GROUP BY 2 ORDER BY 1 DESC;
"""
# A quote and a delimiter that no JSON holds, so that every line is one value.
POSTGRES_LOAD = """\
CREATE TABLE clients (line jsonb);
\\copy clients from clients.ndjson with (format csv, quote e'\\x01', delimiter e'\\x02')
CREATE INDEX ON clients ((line -> 'tls_fingerprints' ->> 'ja4'));
"""
POSTGRES_COUNT = """\
SELECT count(*), line -> 'tls_fingerprints' ->> 'ja4' FROM clients GROUP BY 2 ORDER BY 1 DESC;
"""
# tshark -T ek: for each packet a line that says where it goes, and the packet itself. Two hellos in one make an array.
POSTGRES_EK = """\
CREATE TABLE packets (line jsonb);
\\copy packets from packets.ek with (format csv, quote e'\\x01', delimiter e'\\x02')
DELETE FROM packets WHERE NOT line ? 'layers';
"""
POSTGRES_EK_COUNT = """\
SELECT count(*), ja4 #>> '{}' FROM packets, jsonb_path_query(line, 'lax $.layers.tlsfp[*].tlsfp_tlsfp_ja4[*]') AS ja4
GROUP BY 2 ORDER BY 1 DESC;
"""
SQLITE_EK = """\
CREATE TABLE packets (line TEXT CHECK (json_valid(line)));
.mode ascii
.separator "\\037" "\\n"
.import packets.ek packets
DELETE FROM packets WHERE line -> '$.layers' IS NULL;
.mode list
.separator " "
SELECT count(*), value FROM packets, json_tree(line, '$.layers')
WHERE atom IS NOT NULL AND (key = 'tlsfp_tlsfp_ja4' OR path LIKE '%.tlsfp_tlsfp_ja4')
GROUP BY 2 ORDER BY 1 DESC;
"""
CAPTURES = ["post-quantum.pcapng", "resumption.pcap", "dtls12.pcap", "quic-firefox.pcapng", "socks5.pcap", "no-sni.pcap"]


def counted(text):
    """Lines of a count and a JA4, whatever stands between them, sorted."""
    return sorted(tuple(line.replace("|", " ").split()) for line in text.splitlines() if line.strip())


class StoresTest(InstallingTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder.chmod(0o755)
        search = needs.setting("TLSFP_SEARCH")
        folder = needs.source() / "samples/captures"
        captures = [folder / name for name in CAPTURES]
        # Names that want escapes in JSON, in CSV and in SQL.
        for name in ('a "quoted" name.pcap', "back\\slash.pcap", "it's, a; name\t.pcap"):
            captures.append(shutil.copy(folder / "wget.pcap", cls.folder / name))
        (cls.folder / "clients.ndjson").write_text(cls.run_here(search, "--json", "--quiet", *captures))
        cls.expected = counted(cls.run_here(search, "--count", "--quiet", *captures))
        cls.names = {str(path) for path in captures}
        assert len(cls.expected) > 5, cls.expected
        with Sandbox(needs.setting("TLSFP_PLUGIN")) as sandbox:
            packets = ""
            for capture in captures:
                words = ["tshark", "-n", "-r", sandbox.put(capture), "-Y", "tlsfp.ja4", "-T", "ek", "-J", "tlsfp"]
                packets += sandbox.run(words, check=True).stdout
        (cls.folder / "packets.ek").write_text(packets)

    def sqlite(self, script):
        return self.run_here("sqlite3", "clients.db", input=script)

    def test_sqlite(self):
        self.sqlite(SQLITE_LOAD)
        self.assertEqual(counted(self.sqlite(SQLITE_COUNT)), self.expected)
        files = self.sqlite("SELECT DISTINCT json_quote(line ->> '$.file') FROM clients;").splitlines()
        self.assertEqual(len(files), len(self.names))

    def test_sqlite_ek(self):
        self.assertEqual(counted(self.sqlite(SQLITE_EK)), self.expected)


class PostgresTest(StoresTest):
    """A cluster of its own, which an ordinary user runs, reached by a socket in its folder."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        versions = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[4]))
        if not versions:
            raise AssertionError("missing: initdb (Debian package postgresql)")
        cls.programs = pathlib.Path(versions[-1])
        cls.data = cls.folder / "data"
        cls.data.mkdir(0o700)
        cls.user = {}
        if os.getuid() == 0:
            user = pwd.getpwnam("nobody")
            os.chown(cls.data, user.pw_uid, user.pw_gid)
            cls.user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        cls.run_here(cls.programs / "initdb", "-D", cls.data, "-U", "tlsfp", "-A", "trust", "-E", "UTF8", "--no-sync",
                     "--locale=C.UTF-8", **cls.user)
        options = f"-c listen_addresses= -c unix_socket_directories={cls.data} -c fsync=off"
        cls.control("start", "-w", "-o", options, "-l", cls.data / "log")
        cls.addClassCleanup(cls.control, "stop", "-m", "immediate")

    @classmethod
    def control(cls, *words):
        # The server keeps what it inherits: no pipe, or whoever reads that one waits.
        cls.run_here(cls.programs / "pg_ctl", "-D", cls.data, *words, capture_output=False,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **cls.user)

    def psql(self, script):
        words = ["psql", "-h", self.data, "-U", "tlsfp", "-d", "postgres", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        return self.run_here(*words, input=script)

    def test_postgresql(self):
        self.psql(POSTGRES_LOAD)
        self.assertEqual(counted(self.psql(POSTGRES_COUNT)), self.expected)
        files = self.psql("SELECT DISTINCT line -> 'file' FROM clients;").splitlines()
        self.assertEqual(len(files), len(self.names))

    def test_postgresql_ek(self):
        self.psql(POSTGRES_EK)
        self.assertEqual(counted(self.psql(POSTGRES_EK_COUNT)), self.expected)

    def load_census(self, *words):
        load = needs.source() / "packaging/postgresql/census-load"
        settings = {"PGHOST": str(self.data), "PGUSER": "tlsfp", "PGDATABASE": "postgres"}
        self.run_here(load, *words, env={**os.environ, **settings})

    def census_rows(self, query, census="census.db"):
        """The same question to both, rounded and sorted as text."""
        ours = self.run_here("sqlite3", "-separator", "|", census, query)
        theirs = self.psql("SET search_path TO tlsfp_census; " + query)
        return sorted(ours.splitlines()), sorted(theirs.splitlines())

    def test_census(self):
        """The views say what the SQLite file and tlsfp-census say, also after a second load, and of two censuses."""
        census = needs.setting("TLSFP_CENSUS")
        lines = (self.folder / "clients.ndjson").read_text().splitlines(keepends=True)
        evil = json.loads(lines[0])
        evil["sni"] = 'a "quoted", name\\.\n\texample'
        echo = [{"time": "2026-01-31T23:59:59.5Z", "event": "request", "client_address": f"192.0.2.{i % 3}", "user_agent": agent,
                 "ja4": evil["tls_fingerprints"]["ja4"], "ja3": evil["tls_fingerprints"]["ja3"]}
                for i, agent in enumerate(("curl/8", "", "it's\n\"me\"", "curl/8"))]
        (self.folder / "evil.ndjson").write_text("".join(json.dumps(line) + "\n" for line in (evil, *echo)))
        captures = [needs.source() / "samples/captures" / name for name in CAPTURES]
        self.run_here(census, "add", "census.db", "clients.ndjson", "evil.ndjson", *captures)
        self.load_census("census.db", "one", needs.source() / "samples/clients.csv")
        self.load_census("census.db", "one")
        self.load_census("census.db", "two")  # the same files: nothing counts twice
        for query in ("SELECT ja4, ja4_bc, stable, ja3, ja3n, ja4_o, transport, address, server, n FROM sightings",
                      "SELECT day, sum(n) FROM sightings GROUP BY day"):
            ours, theirs = self.census_rows(query)
            self.assertEqual(theirs, ours)
            self.assertTrue(ours)
        ours, theirs = self.census_rows("SELECT sum(n), count(DISTINCT nullif(address, '')), count(DISTINCT day) FROM sightings")
        self.assertEqual(theirs, ours)
        self.assertEqual(self.psql("SELECT * FROM tlsfp_census.totals").split(), ours)
        counted = dict(line.split("|") for line in
                       self.run_here("sqlite3", "census.db", "SELECT ja4, sum(n) FROM sightings GROUP BY 1").splitlines())
        self.assertEqual(dict(line.split("|") for line in
                              self.psql("SELECT ja4, connections FROM tlsfp_census.top").splitlines()), counted)
        ja4 = max(counted, key=lambda each: (int(counted[each]), each))
        hits = json.loads(self.run_here(census, "impact", "--json", "census.db", ja4))
        row = self.psql("SELECT connections, addresses, days, too_few_to_say, clients IS NOT NULL FROM tlsfp_census.impact "
                        f"WHERE ja4 = '{ja4}'").strip().split("|")
        self.assertEqual(row[:3], [str(hits[key]["hit"]) for key in ("connections", "addresses", "days")], hits)
        self.assertEqual(row[4], "t")
        servers = self.psql(f"SELECT sum(connections) FROM tlsfp_census.impact_servers WHERE ja4 = '{ja4}'").strip()
        self.assertEqual(servers, counted[ja4])
        self.assertEqual(self.psql("SELECT agent, requests, addresses FROM tlsfp_census.impact_claims WHERE agent = 'curl/8'"),
                         "curl/8|2|1\n")
        self.assertEqual(self.psql("SELECT count(*) FROM tlsfp_census.since WHERE first >= '2000-01-01'").strip(),
                         self.run_here("sqlite3", "census.db", "SELECT count(*) FROM (SELECT DISTINCT ja4, ja3 FROM sightings)").strip())
        self.assertEqual(self.psql("SELECT sum(share) FROM tlsfp_census.days GROUP BY day HAVING abs(sum(share) - 100) > 1"), "")

    test_sqlite = test_sqlite_ek = None  # those of the class above


if __name__ == "__main__":
    unittest.main()
