# SPDX-License-Identifier: BSD-3-Clause
"""The base of the tests that run tlsfp-census, and lines to feed it."""

import collections
import json
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "plugin"))

import needs  # noqa: E402

FOUND, NONE, TROUBLE = 0, 1, 2


class CensusTest(unittest.TestCase):
    """Each class has a folder, and in it all.ndjson: what tlsfp finds in the sample captures."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.program = needs.setting("TLSFP_CENSUS")
        folder = tempfile.TemporaryDirectory(prefix="tlsfp-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.captures = sorted((needs.source() / "samples/captures").glob("*.pcap*"))
        words = [needs.setting("TLSFP_SEARCH"), "--json", "--quiet", *cls.captures]
        text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        cls.samples = [json.loads(line) for line in text.splitlines()]
        cls.list = needs.source() / "samples/clients.csv"

    def setUp(self):
        self.here = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        self.db = self.here / "census.db"

    def run_census(self, *words, status=FOUND, **options):
        options = {"capture_output": True, "text": True, "timeout": 120, "cwd": self.here, **options}
        if "input" not in options and "stdin" not in options:
            options["stdin"] = subprocess.DEVNULL
        done = subprocess.run([self.program, *map(str, words)], **options)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def sql(self, query, db=None):
        connection = sqlite3.connect(db or self.db)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def counted(self, db=None):
        """Connections by JA4 and server, as the census has them."""
        rows = self.sql("SELECT ja4, server, sum(n) FROM sightings GROUP BY 1, 2", db)
        return {(ja4, server): n for ja4, server, n in rows}

    def lines(self, n, seed=1, addresses=40):
        """Lines as tlsfp --json prints them, of clients in the samples."""
        source = random.Random(seed)
        made = []
        for i in range(n):
            line = dict(source.choice(self.samples))
            line["time"] = f"2026-{1 + i % 12:02}-{1 + source.randrange(28):02}T10:00:00.{i:09}Z"
            line["src"] = source.choice(["192.0.2.{}", "2001:db8:0:{}::1"]).format(source.randrange(1, addresses))
            line["sni"] = source.choice([None, "a.example", "b.example", "Ünï.example", 'quo"te\\.example'])
            line["frame"] = i
            made.append(json.dumps(line, separators=(",", ":")) + "\n")
        return made


def expected(lines):
    """What uniq -c would say of the same lines."""
    read = map(json.loads, lines)
    return dict(collections.Counter((line["tls_fingerprints"]["ja4"], line["sni"] or "") for line in read))
