#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp-census add and merge: what comes in counts once, whatever happens."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

from census_test import FOUND, NONE, TROUBLE, CensusTest, expected


class Adding(CensusTest):
    def test_one_file_and_fifty(self):
        lines = self.lines(3000)
        (self.here / "all.ndjson").write_text("".join(lines))
        self.run_census("add", self.db, "all.ndjson")
        self.assertEqual(self.counted(), expected(lines))
        pieces = self.here / "pieces"
        pieces.mkdir()
        for i in range(50):
            (pieces / f"{i}.ndjson").write_text("".join(lines[60 * i:60 * (i + 1)]))
        for seed in (1, 2):
            names = sorted(pieces.iterdir())
            random.Random(seed).shuffle(names)
            self.run_census("add", f"{seed}.db", *names)
            self.assertEqual(self.counted(self.here / f"{seed}.db"), expected(lines))

    def test_twice(self):
        (self.here / "one.ndjson").write_text("".join(self.lines(50)))
        shutil.copy(self.here / "one.ndjson", self.here / "copy.ndjson")
        self.run_census("add", self.db, "one.ndjson", self.captures[0])
        before = self.sql("SELECT * FROM sighting")
        done = self.run_census("add", self.db, "one.ndjson", "copy.ndjson", self.captures[0])
        self.assertIn("of 3 files 3 had nothing new", done.stderr)
        self.assertEqual(self.sql("SELECT * FROM sighting"), before)

    def test_growing(self):
        lines = self.lines(400)
        path = self.here / "log.ndjson"
        for n, end in ((100, ""), (150, lines[150][:200]), (300, ""), (300, ""), (400, "")):
            path.write_text("".join(lines[:n]) + end)
            self.run_census("add", self.db, path)
            self.assertEqual(self.counted(), expected(lines[:n]))
        path.write_text("".join(lines[:150]))  # an older state
        self.run_census("add", self.db, path)
        self.assertEqual(self.counted(), expected(lines))
        path.write_text("".join(lines[:100] + self.lines(10, seed=9)))  # grew otherwise
        self.run_census("add", self.db, path)
        self.assertEqual(sum(self.counted().values()), 410)

    def test_captures_as_their_lines(self):
        text = "".join(json.dumps(line) + "\n" for line in self.samples)
        self.run_census("add", self.db, "-", input=text)
        folder = self.here / "captures"
        shutil.copytree(self.captures[0].parent, folder)
        done = self.run_census("add", "captures.db", folder)
        self.assertIn("other files passed over", done.stderr)
        rows = "SELECT day, ja4, ja4_bc, stable, ja3, ja3n, ja4_o, transport, address, server, min(first), max(last), " \
               "sum(n) FROM sightings GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"
        self.assertEqual(self.sql(rows), self.sql(rows, self.here / "captures.db"))

    def test_standard_input(self):
        text = "".join(self.lines(20))
        self.run_census("add", self.db, "-", input=text)
        self.run_census("add", self.db, "-", input=text)
        self.assertEqual(self.sql("SELECT sum(n) FROM sighting"), [(40,)])
        for n in (10, 20, 20, 10):
            part = "".join(self.lines(20)[:n])
            self.run_census("add", "named.db", "-", "--source", "eth0", input=part)
        self.assertEqual(self.counted(self.here / "named.db"), expected(self.lines(20)))
        self.run_census("add", "named.db", "-", "--source", "eth1", input=text)
        self.run_census("add", "named.db", "-", "--source", "eth0", input="".join(self.lines(5, seed=7)))
        self.assertEqual(self.sql("SELECT sum(n) FROM sighting", self.here / "named.db"), [(45,)])

    def test_live_stream(self):
        """Lines that come one by one are committed before the stream ends, and readers are not kept out."""
        lines = self.lines(6)
        with subprocess.Popen([self.program, "add", self.db, "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as adding:
            adding.stdin.write("".join(lines[:4]))
            adding.stdin.flush()
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and not (
                    self.db.exists() and self.sql("SELECT count(*) FROM sqlite_schema WHERE name = 'sighting'") == [(1,)]
                    and self.counted() == expected(lines[:4])):
                time.sleep(0.2)
            self.assertEqual(self.counted(), expected(lines[:4]))
            adding.stdin.write(lines[4])
            adding.stdin.flush()
            time.sleep(0.5)
            adding.send_signal(signal.SIGTERM)
            adding.communicate(timeout=30)
        self.assertEqual(self.counted(), expected(lines[:5]))

    def test_broken_lines(self):
        good = self.lines(3)
        broken = ["nonsense\n", '{"time": 1}\n', good[0].replace('"ja4":"', '"ja4":"x'), good[0].replace("2026-", "26-"),
                  good[0].replace('"src":"', '"src":"x'), good[0][:-3] + "\n", "[" * 100000 + "\n"]
        (self.here / "bad.ndjson").write_text(good[0] + "".join(broken) + good[1] + "\n\n" + good[2])
        done = self.run_census("add", self.db, "bad.ndjson", status=TROUBLE)
        self.assertEqual(self.counted(), expected(good))
        for i in range(len(broken)):
            self.assertIn(f"bad.ndjson:{i + 2}: ", done.stderr)
        self.assertIn("7 lines passed over", done.stderr)

    def test_missing_file(self):
        (self.here / "good.ndjson").write_text("".join(self.lines(3)))
        done = self.run_census("add", self.db, "missing.ndjson", "good.ndjson", status=TROUBLE)
        self.assertIn("missing.ndjson: No such file", done.stderr)
        self.assertEqual(self.counted(), expected(self.lines(3)))

    def test_echo_log(self):
        line = json.loads(self.lines(1)[0])
        common = {"time": "2026-11-24T08:17:55Z", "client_address": "192.0.2.7", "client_port": 1,
                  "ja4": line["tls_fingerprints"]["ja4"], "ja3": line["tls_fingerprints"]["ja3"], "server_name": "a.example"}
        agent = "Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
        rows = [{**common, "event": "handshake", "version": "TLSv1.3"},
                {**common, "event": "request", "method": "GET", "target": "/", "user_agent": agent},
                {**common, "event": "request", "method": "GET", "target": "/2", "user_agent": agent},
                {**common, "event": "failure", "reason": "?", "ja4": None, "ja3": None}]
        self.run_census("add", self.db, "-", input="".join(json.dumps(row) + "\n" for row in rows))
        self.assertEqual(self.counted(), {(common["ja4"], "a.example"): 1})
        self.assertEqual(self.sql("SELECT text, n FROM claim JOIN agent ON agent.id = agent"), [(agent, 2)])
        done = self.run_census("impact", self.db, common["ja4"])
        self.assertIn("+ claim=Chrome/131", done.stdout)
        self.run_census("impact", self.db, "claim=Chrome/131")
        self.run_census("impact", self.db, "claim=Firefox", status=NONE)

    def test_ipv6_by_64(self):
        line = json.loads(self.lines(1)[0])
        text = ""
        for address in ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1", "::ffff:192.0.2.1", "192.0.2.1"):
            text += json.dumps({**line, "src": address}) + "\n"
        self.run_census("add", self.db, "-", input=text)
        self.assertEqual(self.sql("SELECT address, sum(n) FROM sightings GROUP BY 1 ORDER BY 1"),
                         [("192.0.2.1", 2), ("2001:db8:0:1::/64", 1), ("2001:db8::/64", 2)])


class Failing(CensusTest):
    def test_killed(self):
        """Killed at random points; added again until it is whole: nothing is lost, nothing counts twice."""
        lines = self.lines(4000)
        path = self.here / "log.ndjson"
        path.write_text("".join(lines))
        source = random.Random(3)
        killed = 0
        for round_number in range(25):
            with subprocess.Popen([self.program, "add", self.db, path, *self.captures[:5]],
                                  stderr=subprocess.DEVNULL) as adding:
                time.sleep(source.random() * 0.08)
                killed += adding.poll() is None
                adding.kill()
        self.assertGreater(killed, 3)
        self.run_census("add", self.db, path, *self.captures[:5])
        self.run_census("add", "whole.db", path, *self.captures[:5])
        rows = "SELECT day, ja4, ja4_o, address, server, n, first, last FROM sightings ORDER BY 1, 2, 3, 4, 5, 6"
        self.assertEqual(self.sql(rows), self.sql(rows, self.here / "whole.db"))

    def test_killed_stream(self):
        """What a reader saw committed is there after the kill."""
        lines = self.lines(2000)
        with subprocess.Popen([self.program, "add", self.db, "-", "--source", "s"], stdin=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as adding:
            adding.stdin.write("".join(lines).encode())
            adding.stdin.close()
            adding.wait(60)
        seen = self.counted()
        self.assertEqual(seen, expected(lines))
        with subprocess.Popen([self.program, "add", self.db, "-", "--source", "s"], stdin=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as adding:
            adding.stdin.write("".join(lines + self.lines(100, seed=8)).encode()[:-5])
            adding.stdin.flush()
            adding.kill()
        self.assertEqual(self.counted(), seen)

    def test_two_writers(self):
        for i in range(4):
            (self.here / f"{i}.ndjson").write_text("".join(self.lines(1500, seed=i)))
        adding = [threading.Thread(target=self.run_census, args=("add", self.db, f"{i}.ndjson")) for i in range(4)]
        for thread in adding:
            thread.start()
        for thread in adding:
            thread.join()
        self.assertEqual(self.counted(), expected(sum((self.lines(1500, seed=i) for i in range(4)), [])))

    def test_locked(self):
        self.run_census("add", self.db, "-", input="".join(self.lines(5)))
        other = sqlite3.connect(self.db, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(12, other.execute, ("ROLLBACK",))
        timer.start()
        done = self.run_census("add", self.db, "-", input="".join(self.lines(5, seed=4)))
        timer.join()
        other.close()
        self.assertIn("another program is writing to it; waiting", done.stderr)
        self.assertEqual(self.sql("SELECT sum(n) FROM sighting"), [(10,)])

    def test_full_disk(self):
        self.run_census("add", self.db, "-", input="".join(self.lines(50)))
        before = self.counted()
        if os.getuid() != 0:
            self.skipTest("only root mounts")
        disk = self.here / "disk"
        disk.mkdir()
        lines = self.lines(20000, addresses=200)
        (self.here / "many.ndjson").write_text("".join(lines))
        script = (f'mount -t tmpfs -o size=600k tmpfs "{disk}"; cp "{self.db}" "{disk}/census.db"; '
                  f'"{self.program}" add "{disk}/census.db" many.ndjson; status=$?; cp "{disk}/census.db"* .; exit $status')
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script], cwd=self.here, capture_output=True, text=True)
        self.assertEqual(done.returncode, TROUBLE, done.stderr)
        self.assertIn("the disk is full", done.stderr)
        self.assertEqual(self.sql("PRAGMA integrity_check"), [("ok",)])
        self.assertLessEqual(set(before), set(self.counted()))
        self.run_census("add", self.db, "many.ndjson")
        self.assertEqual(sum(self.counted().values()), 20050)

    def test_no_census(self):
        (self.here / "text").write_text("no database, but a text that is long enough to be looked at")
        self.assertIn("it is no census, and no database", self.run_census("top", "text", status=TROUBLE).stderr)
        sqlite3.connect(self.here / "other.db").execute("CREATE TABLE t (a)").connection.commit()
        self.assertIn("this database is no census", self.run_census("add", "other.db", "-", status=TROUBLE).stderr)
        self.assertIn("there is no such file", self.run_census("top", "missing.db", status=TROUBLE).stderr)

    def test_versions(self):
        self.run_census("add", self.db, "-", input="".join(self.lines(30)))
        before = self.counted()
        old = sqlite3.connect(self.db)
        old.executescript("DROP TABLE mark; DROP VIEW sightings; ALTER TABLE client DROP COLUMN ja4_bc;"
                          "PRAGMA user_version = 1")
        old.close()
        self.assertIn("an older tlsfp-census made it", self.run_census("top", self.db, status=TROUBLE).stderr)
        self.run_census("add", self.db, "-", input="".join(self.lines(1, seed=2)))
        self.assertEqual(sum(self.counted().values()), sum(before.values()) + 1)
        self.assertEqual(self.sql("SELECT count(*) FROM client WHERE ja4_bc NOT GLOB '???_????????????_????????????'"), [(0,)])
        new = sqlite3.connect(self.db)
        new.execute("PRAGMA user_version = 99")
        new.close()
        self.assertIn("a newer tlsfp-census made it", self.run_census("top", self.db, status=TROUBLE).stderr)


class Addresses(CensusTest):
    def key(self, name, text):
        (self.here / name).write_text(text)
        return self.here / name

    def test_pseudonyms(self):
        key, other = self.key("key", "k" * 32), self.key("other", "o" * 32)
        self.run_census("add", self.db, "-", "--pseudonyms", key, input="".join(self.lines(200)))
        kept = self.db.read_bytes() + (self.here / "census.db-wal").read_bytes() if (self.here / "census.db-wal").exists() \
            else self.db.read_bytes()
        self.assertNotIn(b"192.0.2.", kept)
        self.assertNotIn(b"2001:db8", kept)
        self.assertNotIn(b"k" * 32, kept)
        self.run_census("add", "plain.db", "-", input="".join(self.lines(200)))
        addresses = "SELECT count(DISTINCT address) FROM sighting"
        self.assertEqual(self.sql(addresses), self.sql(addresses, self.here / "plain.db"))
        for words, message in (((), "--pseudonyms KEYFILE is needed"), (("--pseudonyms", other), "another key")):
            done = self.run_census("add", self.db, "-", *words, status=TROUBLE, input="")
            self.assertIn(message, done.stderr)
        self.assertIn("no pseudonyms",
                      self.run_census("add", "plain.db", "-", "--pseudonyms", key, status=TROUBLE, input="").stderr)
        self.assertIn("a key has at least", self.run_census(
            "add", "new.db", "-", "--pseudonyms", self.key("short", "short"), status=TROUBLE, input="").stderr)

    def test_bad_with_pseudonyms(self):
        key = self.key("key", "k" * 32)
        self.run_census("add", self.db, "-", "--pseudonyms", key, input="".join(self.lines(200)))
        (self.here / "bad").write_text("192.0.2.1\n192.0.2.2 # two\n")
        self.assertIn("--bad needs --pseudonyms", self.run_census("impact", self.db, "*", "--bad", "bad", status=TROUBLE).stderr)
        done = json.loads(self.run_census("impact", self.db, "*", "--bad", "bad", "--pseudonyms", key, "--json").stdout)
        self.assertEqual(done["hostile"]["hit"], 2)

    def test_forget(self):
        self.run_census("add", self.db, "-", input="".join(self.lines(300)))
        before, sources = self.counted(), self.sql("SELECT uid FROM source")
        self.run_census("add", self.db, "--forget", "10")
        self.assertEqual(self.counted(), before)
        self.assertEqual(self.sql("SELECT uid FROM source"), sources)
        cutoff = int(time.time()) // 86400 - 10
        self.assertEqual(self.sql(f"SELECT count(*) FROM sighting WHERE day < {cutoff} AND address <> 0"), [(0,)])
        self.run_census("add", self.db, "--forget", "0")
        if self.sql(f"SELECT count(*) FROM sighting WHERE day >= {cutoff + 10}") == [(0,)]:
            self.assertEqual(self.sql("SELECT count(*) FROM address"), [(1,)])
            for path in self.here.iterdir():
                self.assertNotIn(b"192.0.2.", path.read_bytes())


class Merging(CensusTest):
    ROWS = "SELECT day, ja4, ja4_o, address, server, sum(n), min(first), max(last) FROM sightings GROUP BY 1, 2, 3, 4, 5 " \
           "ORDER BY 1, 2, 3, 4, 5"

    def write(self, name, lines):
        (self.here / name).write_text("".join(lines))
        return self.here / name

    def test_merge(self):
        pieces = [self.write(f"{i}.ndjson", self.lines(200, seed=i)) for i in range(4)]
        self.run_census("add", "a.db", pieces[0], pieces[1], self.captures[0])
        self.run_census("add", "b.db", pieces[1], pieces[2], self.captures[0], self.captures[1])
        self.run_census("add", "c.db", pieces[3])
        self.run_census("add", "whole.db", *pieces, *self.captures[:2])
        for order in (("a.db", "b.db", "c.db"), ("c.db", "b.db", "a.db", "b.db")):
            target = "-".join(order)
            self.run_census("merge", target, *order)
            self.assertEqual(self.sql(self.ROWS, self.here / target), self.sql(self.ROWS, self.here / "whole.db"))

    def test_grown(self):
        lines = self.lines(300)
        self.run_census("add", "a.db", self.write("short.ndjson", lines[:100]))
        self.run_census("add", "b.db", self.write("long.ndjson", lines))
        self.run_census("add", "c.db", self.write("otherwise.ndjson", lines[:1] + self.lines(50, seed=5)))
        for order in (("a.db", "b.db"), ("b.db", "a.db")):
            self.run_census("merge", "-".join(order), *order)
            self.assertEqual(self.counted(self.here / "-".join(order)), expected(lines))
        self.run_census("merge", "b.db", "c.db")
        self.assertEqual(sum(self.counted(self.here / "b.db").values()), 351)

    def test_copied_stream(self):
        self.run_census("add", "a.db", "-", input="".join(self.lines(50)))
        shutil.copy(self.here / "a.db", self.here / "b.db")
        self.run_census("add", "b.db", "-", input="".join(self.lines(7, seed=2)))
        self.run_census("merge", "a.db", "b.db")
        self.assertEqual(sum(self.counted(self.here / "a.db").values()), 57)

    def test_missing(self):
        """Where one cannot be read, no census is made, and none is changed."""
        self.run_census("add", "a.db", "-", input="".join(self.lines(5)))
        self.assertIn("nowhere.db: ", self.run_census("merge", "new.db", "a.db", "nowhere.db", status=TROUBLE).stderr)
        self.assertFalse((self.here / "new.db").exists())

    def test_itself(self):
        """A census is not merged into itself, under whatever name: that would wait for itself."""
        self.run_census("add", "a.db", "-", input="".join(self.lines(5)))
        (self.here / "link.db").symlink_to("a.db")
        for name in ("a.db", "./a.db", "link.db"):
            self.assertIn("the first census itself", self.run_census("merge", "a.db", name, status=TROUBLE).stderr)

    def test_keys(self):
        for name in ("one", "two"):
            (self.here / name).write_text(name * 16)
            self.run_census("add", f"{name}.db", "-", "--pseudonyms", name, input="".join(self.lines(5)))
        self.run_census("add", "plain.db", "-", input="".join(self.lines(5)))
        for first, second in (("one", "two"), ("one", "plain"), ("plain", "one")):
            self.run_census("merge", f"{first}.db", f"{second}.db", status=TROUBLE)
        self.assertEqual(sum(self.counted(self.here / "one.db").values()), 5)


if __name__ == "__main__":
    unittest.main()
