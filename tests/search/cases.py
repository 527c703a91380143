#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Small captures from reports, which lie beside the repository: all that is in them is found."""

import csv
import os
import pathlib
import unittest

from search_test import SearchTest

FOLDER = pathlib.Path(os.environ.get("TLSFP_CASES") or pathlib.Path(__file__).resolve().parents[3] / "shared/cases")
TABLES = {"expected.tsv": "tlsfp.ja4", "server-names.tsv": "sni", "public/expected.tsv": "tlsfp.ja4"}
SENT_AGAIN = {"rdpudp-tls.pcap"}  # the table lists the same bytes twice; they count once


class Cases(SearchTest):
    def rows_of(self, table):
        with open(FOLDER / table, newline="") as file:
            return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))

    def test_tables(self):
        for table, field in TABLES.items():
            rows = self.rows_of(table)
            self.assertTrue(rows)
            for row in rows:
                with self.subTest(row["capture"], what=row["what"]):
                    expected = (row.get("ja4") or row.get("server names")).split()
                    if row["capture"] in SENT_AGAIN:
                        expected = sorted(set(expected))
                    found = self.search("-e", field, (FOLDER / table).parent / row["capture"], quiet=False)
                    self.assertEqual(sorted(found.split()), sorted(expected))


if __name__ == "__main__":
    unittest.main()
