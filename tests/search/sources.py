#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every source of the search program has a unit test, or a row in README.md that names the tests which cover it."""

import os
import pathlib
import re
import unittest

SOURCES = pathlib.Path(os.environ["TLSFP_SOURCE"]) / "samples/search"
TESTS = pathlib.Path(__file__).resolve().parent
ROW = re.compile(r"^\| `(?P<source>[\w/]+\.c)` \| (?P<tests>.+) \|$", re.M)


def sources():
    return {str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.c")}


def unit_test(source):
    folder, name = os.path.split(source)
    room = TESTS / "find" if folder.startswith("find") else TESTS
    return room / f"test_{name}"


def rows():
    return {row["source"]: row["tests"] for row in ROW.finditer((TESTS / "README.md").read_text())}


class Sources(unittest.TestCase):
    def test_each_is_covered(self):
        self.assertGreater(len(sources()), 40)
        without = {source for source in sources() if not unit_test(source).exists()}
        self.assertEqual(without, set(rows()), "sources without a unit test, and rows of README.md")

    def test_each_named_test_exists(self):
        made = (TESTS / "CMakeLists.txt").read_text()
        for source, tests in rows().items():
            named = re.findall(r"`search/(\w+)`", tests)
            self.assertTrue(named, source)
            for name in named:
                self.assertRegex(made, rf"\b{name}\b", source)
                self.assertTrue((TESTS / f"{name}.py").exists() or (TESTS / f"test_{name}.c").exists(), name)

    def test_each_unit_test_is_run(self):
        made = (TESTS / "CMakeLists.txt").read_text()
        for path in [*TESTS.glob("test_*.c"), *(TESTS / "find").glob("test_*.c")]:
            self.assertRegex(made, rf"\b{path.stem.removeprefix('test_')}\b")
            self.assertIn(path.name.removeprefix("test_"), {os.path.basename(source) for source in sources()})


if __name__ == "__main__":
    unittest.main()
