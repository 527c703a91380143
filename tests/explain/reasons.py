#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What tlsfp-explain --claim says of hellos and User-Agents is true: each verdict and each reason is worked out again here, from
samples/clients.csv alone."""

import collections
import csv
import json
import pathlib
import random
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "plugin"))

import needs  # noqa: E402

FITS, DOES_NOT_FIT, UNKNOWN = "fits", "does not fit", "unknown"
PASSING = {0, 16, 21, 35, 41, 42, 44}  # server_name, ALPN, padding, session_ticket, pre_shared_key, early_data, cookie
OWN_LIBRARIES = ("BoringSSL", "NSS", "Go", "rustls", "SunJSSE")
N_CROSSED, N_CHANGED = 400, 300


class Hello:
    """What a row's raw forms say; None where they do not."""

    def __init__(self, row):
        part_a, ciphers, extensions, *algorithms = row["ja4_r"].split("_")
        self.transport, self.version = part_a[0], part_a[1:3]
        self.ciphers = [int(value, 16) for value in ciphers.split(",") if value]
        self.extensions = {int(value, 16) for value in extensions.split(",") if value}
        self.algorithms = [int(value, 16) for value in ",".join(algorithms).split(",") if value]
        self.groups = self.formats = self.legacy = self.order = None
        self.cipher_order = False
        text = row.get("ja3_r") or row.get("ja3n_r")
        if text:
            legacy, *lists = text.split(",")
            ciphers, order, groups, formats = ([int(value) for value in part.split("-") if value] for part in lists)
            self.legacy, self.ciphers, self.groups, self.formats = legacy, ciphers, groups, formats
            self.cipher_order = True
            self.extensions = set(order)
            self.order = order if order != sorted(order) else None

    def values(self, part):
        return {"cipher suite": self.ciphers, "extension": self.extensions, "group": self.groups,
                "signature algorithm": self.algorithms}[part]


def pair(one, other):
    """Whether two things are known, and differ."""
    return one is not None and other is not None and one != other


def alike(hello, other, in_order):
    """Whether two hellos are the same, but for what comes and goes."""
    ciphers = hello.cipher_order and other.cipher_order
    if (hello.ciphers != other.ciphers) if ciphers else (sorted(hello.ciphers) != sorted(other.ciphers)):
        return False
    if (hello.extensions ^ other.extensions) - PASSING or hello.algorithms != other.algorithms:
        return False
    if any(pair(getattr(hello, name), getattr(other, name)) for name in ("groups", "formats", "legacy")):
        return False
    if in_order and hello.order and other.order:
        common = [[value for value in each.order if value not in PASSING] for each in (hello, other)]
        if common[0] != common[1]:
            return False
    return (hello.transport, hello.version) == (other.transport, other.version)


def span(row):
    """First and last major version."""
    found = re.fullmatch(r"v?(\d+)[^–]*(?:–(\d+).*)?", row["versions"])
    return (int(found[1]), int(found[2] or found[1])) if found else None


class Family:
    def __init__(self, name, rows):
        self.name, self.rows = name, [(row, span(row), Hello(row)) for row in rows]
        self.own_library = all(row["engine"].startswith(OWN_LIBRARIES) for row in rows)
        shuffled = [spans[0] if spans else 0 for _, spans, hello in self.rows if hello.order is None]
        self.shuffled_from = min(shuffled, default=None)

    def keeps_order(self, spans):
        return self.shuffled_from is None or (spans is not None and spans[1] + 1 < self.shuffled_from)

    def standing_for(self, version):
        """The rows of a version, or of the nearest ones on both sides."""
        spans = [each[1] for each in self.rows]
        inside = [each for each in self.rows if version is None or each[1] is None or each[1][0] <= version <= each[1][1]]
        if any(each[1] for each in inside) or version is None:
            return inside
        below = max((each[1] for each in spans if each and each[1] < version), default=None)
        above = min((each[0] for each in spans if each and each[0] > version), default=None)
        return inside + [each for each in self.rows if each[1] and (each[1][1] == below or each[1][0] == above)]

    def same(self, hello, rows):
        return [row for row, spans, other in rows if alike(hello, other, self.keeps_order(spans))]


class Reasons(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.program = needs.setting("TLSFP_EXPLAIN")
        cls.path = needs.source() / "samples/clients.csv"
        with open(cls.path, encoding="utf-8") as file:
            cls.rows = [row for row in csv.DictReader(line for line in file if not line.startswith("#")) if row["ja4_r"]]
        families = collections.defaultdict(list)
        for row in cls.rows:
            if row["kind"] == "real":
                families[row["family"]].append(row)
        cls.families = {name: Family(name, rows) for name, rows in families.items()}
        cls.values = cls.names_of_values()

    @classmethod
    def explain(cls, hellos, *words):
        """What is said of each of some rows, by its place."""
        lines = "".join(json.dumps({"tls_fingerprints": {key: row[key] for key in ("ja4", "ja4_r", "ja3_r", "ja3n_r") if row.get(key)}})
                        + "\n" for row in hellos)
        done = subprocess.run([cls.program, "--json", "--labels", cls.path, *words, "-"], input=lines, capture_output=True,
                              text=True)
        if done.returncode not in (0, 1, 3):
            raise AssertionError(done.stderr)
        return {int(said["what"].split(":")[1]) - 1: said for said in map(json.loads, done.stdout.splitlines())}

    @classmethod
    def names_of_values(cls):
        """(part, name): value; what has no name is called by its number."""
        keys = {"cipher_suites": "cipher suite", "extensions": "extension", "supported_groups": "group",
                "signature_algorithms": "signature algorithm"}
        found = {}
        for said in cls.explain(cls.rows).values():
            for key, part in keys.items():
                for each in said[key] or []:
                    found[part, each["name"] or "0x" + each["value"]] = int(each["value"], 16)
        return found

    # ---- reasons ----

    def value_in(self, text):
        """("cipher suite", 0x1301) of "the cipher suite TLS_AES_128_GCM_SHA256"."""
        for part in ("cipher suite", "signature algorithm", "extension", "group"):
            if text.startswith(f"the {part} "):
                name = text[len(f"the {part} "):]
                return part, self.values.get((part, name)) or int(name, 16)
        raise AssertionError(text)

    def rows_called(self, text, family):
        """The rows that "Chromium 110–118" means."""
        self.assertTrue(text.startswith(family.name), text)
        versions = text[len(family.name):].strip()
        found = [each for each in family.rows if each[0]["versions"] == versions]
        self.assertTrue(found, text)
        return found

    def check_foreign(self, hello, family, match):
        part, value = self.value_in(match[1])
        self.assertEqual(match[2], family.name)
        self.assertIn(value, hello.values(part))
        for row, _, other in family.rows:
            self.assertNotIn(value, other.values(part), row["name"])

    def check_since(self, hello, family, version, match):
        part, value = self.value_in(match[2])
        since = int(match[3])
        self.assertEqual(match[1], family.name)
        self.assertNotIn(value, hello.values(part))
        self.assertLessEqual(since, version)
        for row, spans, other in family.rows:
            if value not in (other.values(part) or []):
                self.assertLess(spans[1], since, row["name"])
        self.assertEqual(since, min(spans[0] for _, spans, other in family.rows if value in (other.values(part) or [])
                                    and spans[0] >= since))

    def check_unlike(self, hello, family, version, match):
        rows = self.rows_called(match[1], family)
        self.assertTrue({id(each[0]) for each in rows} & {id(each[0]) for each in family.standing_for(version)}, match[0])
        self.assertTrue(any(self.is_difference(hello, other, match[2]) for _, _, other in rows), match[0])

    def is_difference(self, hello, other, text):
        """Whether "without group 0x001d x25519" and the like is true of a hello and another one."""
        found = re.match(r"(plus|without) (cipher suite|signature algorithm|extension|group|point format) 0x([0-9a-f]+)", text)
        if found:
            lists = [each.formats if found[2] == "point format" else each.values(found[2]) for each in (other, hello)]
            counts = [list(each).count(int(found[3], 16)) for each in lists]
            return counts[1] > counts[0] if found[1] == "plus" else counts[1] < counts[0]
        found = re.match(r"(cipher suite|signature algorithm|extension|group) 0x([0-9a-f]+).* moved from place (\d+) to (\d+)$", text)
        if found:
            lists = [each.order if found[1] == "extension" else each.values(found[1]) for each in (other, hello)]
            return all(each[int(place) - 1] == int(found[2], 16) for each, place in zip(lists, (found[3], found[4])))
        if text.startswith("version "):
            return hello.version != other.version
        if text.startswith("transport "):
            return hello.transport != other.transport
        return text.startswith("legacy version ") and hello.legacy != other.legacy

    def check_does_not_fit(self, hello, family, version, why):
        """No client of the version claimed sends this, and the reason is true."""
        standing = family.standing_for(version) if family.own_library else family.rows
        self.assertEqual(family.same(hello, standing), [])
        if match := re.fullmatch(r"this hello has (.*), which no (.*) of the list sends", why):
            self.check_foreign(hello, family, match)
        elif match := re.fullmatch(r"(.*) has sent (.*) since (\d+); this hello does not", why):
            self.check_since(hello, family, version, match)
        elif match := re.fullmatch(r"this is what (.*) sends, not (\d+)", why):
            self.assertEqual(int(match[2]), version)
            self.assertTrue(family.same(hello, self.rows_called(match[1], family)), why)
        else:
            match = re.fullmatch(r"unlike (.*?): (.*)", why)
            self.assertTrue(match, why)
            self.check_unlike(hello, family, version, match)
        return why.split()[0]

    def check_fits(self, hello, family, version, why):
        if match := re.fullmatch(r"(.*) sends this", why):
            rows = self.rows_called(match[1], family)
            self.assertTrue(family.same(hello, rows), why)
            if family.own_library:
                self.assertTrue(family.same(hello, family.standing_for(version)), why)
        else:
            self.check_outside(family, version, why)
            self.assertTrue(family.same(hello, family.rows), why)

    def check_outside(self, family, version, why):
        self.assertRegex(why, "^the list has no .* of this version or (later|earlier) ones$")
        spans = [each[1] for each in family.rows if each[1]]
        if "later" in why:
            self.assertTrue(all(each[1] < version for each in spans), why)
        else:
            self.assertTrue(all(each[0] > version for each in spans), why)

    def check_unknown(self, hello, family, version, why):
        if "takes the TLS library of the system" in why:
            self.assertFalse(family.own_library)
            self.assertEqual(family.same(hello, family.rows), [])
            self.assertEqual([value for value in hello.extensions - PASSING
                              if all(value not in other.extensions for _, _, other in family.rows)], [])
        else:
            self.check_outside(family, version, why)

    def check_claim(self, row, agent, family, version, said):
        """family: the one that the User-Agent names, or None."""
        hello, why = Hello(row), said["why"]
        with self.subTest(agent=agent, hello=row["name"], said=f"{said['claim']}: {why}"):
            if family is None:
                self.assertEqual(said["claim"], UNKNOWN)
                self.assertRegex(why, "^no .* was run for the list$")
                return None
            if said["claim"] == DOES_NOT_FIT:
                return self.check_does_not_fit(hello, family, version, why)
            check = self.check_fits if said["claim"] == FITS else self.check_unknown
            check(hello, family, version, why)
        return None

    def judge(self, pairs):
        """Checks (row, user agent, family, version). Gives the verdicts, and the first words of the reasons."""
        by_agent = collections.defaultdict(list)
        for row, agent, family, version in pairs:
            by_agent[agent].append((row, family, version))
        verdicts, reasons = collections.Counter(), collections.Counter()
        for agent, rows in by_agent.items():
            for place, said in self.explain([row for row, _, _ in rows], "--claim", agent).items():
                row, family, version = rows[place]
                verdicts[said["claim"]] += 1
                reasons[self.check_claim(row, agent, family, version, said)] += 1
        return verdicts, reasons

    def families_by_agent(self):
        """(user agent, family, version) of families whose product nobody else names first."""
        for name, product in (("Chromium", "Chrome"), ("Firefox", "Firefox"), ("Bun", "Bun"), ("curl", "curl"), ("Deno", "Deno")):
            family = self.families[name]
            for row, spans, _ in family.rows:
                if spans is None:
                    continue
                for version in {spans[0], spans[1]}:
                    agent = f"{product}/{version}.0"
                    yield (f"Mozilla/5.0 (X11) {agent} Safari/537.36" if name in ("Chromium", "Firefox") else agent), family, version

    # ---- tests ----

    def test_mimics(self):
        pairs = []
        for row in self.rows:
            agent = row["user_agent"]
            product = re.search(r"(Chrome|Firefox|curl|Bun|Deno)/(\d+)", agent)
            if row["kind"] != "mimic" or not product or re.search(r"Edg|OPR|Opera|SamsungBrowser|CriOS|FxiOS|EdgA|EdgiOS", agent):
                continue
            family = self.families["Chromium" if product[1] == "Chrome" else product[1]]
            pairs.append((row, agent, family, int(product[2])))
        verdicts, _ = self.judge(pairs)
        self.assertGreater(len(pairs), 100)
        self.assertGreater(verdicts[DOES_NOT_FIT], 10)
        self.assertGreater(verdicts[FITS], 10)

    def test_one_as_another(self):
        """Clients that claim to be another one, or another version."""
        chosen = random.Random(14)
        claims = list(self.families_by_agent())
        verdicts, reasons = self.judge([(chosen.choice(self.rows), *chosen.choice(claims)) for _ in range(N_CROSSED)])
        self.assertGreater(verdicts[DOES_NOT_FIT], N_CROSSED // 4)
        self.assertGreater(len(reasons), 2, reasons)

    def test_own_hellos_changed(self):
        """A value dropped, or added, of a client that says what it is."""
        chosen = random.Random(15)
        pairs = []
        for agent, family, version in self.families_by_agent():
            for row, spans, _ in family.rows:
                if spans and spans[0] <= version <= spans[1]:
                    pairs.extend(((row, agent, family, version), (self.changed(row, chosen), agent, family, version)))
        verdicts, reasons = self.judge(chosen.sample(pairs, min(N_CHANGED, len(pairs))))
        for verdict in (FITS, DOES_NOT_FIT):
            self.assertGreater(verdicts[verdict], N_CHANGED // 8, verdicts)
        for start in ("this", "unlike", "Chromium"):
            self.assertGreater(reasons[start], 0, reasons)

    @classmethod
    def changed(cls, row, chosen):
        if row["ja3_r"] and chosen.random() < 0.5:
            return cls.moved(row, chosen)
        part_a, *lists = row["ja4_r"].split("_")
        place = chosen.randrange(len(lists))
        values = lists[place].split(",")
        if chosen.random() < 0.5:
            values.pop(chosen.randrange(len(values)))
        else:
            values = sorted([*values, f"{chosen.randrange(0x4000, 0x9000):04x}"]) if place < 2 else [*values, "0999"]
        lists[place] = ",".join(values)
        return {"name": row["name"] + ", changed", "ja4": row["ja4"], "ja4_r": "_".join((part_a, *lists))}

    @staticmethod
    def moved(row, chosen):
        """One cipher suite, extension or group in another place."""
        lists = row["ja3_r"].split(",")
        place = chosen.choice((1, 2, 3))
        values = lists[place].split("-")
        values.insert(chosen.randrange(len(values)), values.pop(chosen.randrange(len(values))))
        lists[place] = "-".join(values)
        return {"name": row["name"] + ", moved", "ja4": row["ja4"], "ja4_r": row["ja4_r"], "ja3_r": ",".join(lists)}


if __name__ == "__main__":
    unittest.main()
