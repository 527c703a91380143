# SPDX-License-Identifier: BSD-3-Clause
"""What the list of clients holds, how many versions left out of it are named all the same, and what share of captures."""

import collections
import json
import statistics
import subprocess

import atlas

import scene  # noqa: F401  isort: skip; it finds the modules of the other rooms
import needs

MAX_OF_FAMILY = 60  # clients of one family that count
NTH = 3  # of each family, every third version is left out
LOOKED_UP = ["ja4", "stable", "ja3", "ja4_bc"]  # in the order in which labels are found, see tlsfp/labels.h


def tell(options, known):
    if options.counts:
        count(known)
    if options.hold_out:
        hold_out(known)
    if options.captures:
        captures(options.list, options.captures)
    return 0


def distinct(sightings, kind):
    at = atlas.VALUES.index(kind)
    return len({each.values[at] for each in sightings} - {""})


def count(known):
    ran = [each for each in known if each.kind != "recorded"]
    clients = {(each.family, each.how, each.transport, each.version) for each in ran}
    by_family = collections.Counter(family for family, *_ in clients)
    n_counted = sum(min(n, MAX_OF_FAMILY) for n in by_family.values())
    print(f"{n_counted} clients run, of {len(by_family)} programs, none counted more than {MAX_OF_FAMILY} times "
          f"({len(clients)} in all)")
    real = [each for each in known if each.kind == "real"]
    for kind in "ja4", "ja4_bc":
        print(f"{distinct(known, kind)} distinct {kind}, {distinct(ran, kind)} of clients run, "
              f"{distinct(real, kind)} of real ones")
    for transport, name in atlas.TRANSPORTS.items():
        theirs = [each for each in ran if each.transport == transport]
        print(f"{name}: {len({each.family for each in theirs})} programs, {distinct(theirs, 'ja4')} distinct ja4")
    print(f"{len(atlas.rows_of(known))} rows; {len({each.family for each in known if each.kind == 'recorded'})} recorded")
    for transport in "tq":
        theirs = [each for each in real if each.family == "Chromium" and each.transport == transport]
        tried = sorted({each.version for each in theirs}, key=atlas.numbers)
        print(f"Chromium, {atlas.TRANSPORTS[transport]}: {', '.join(sorted({v.split('.')[0] for v in tried}, key=int))}")


# Hold-out


def tables(sightings):
    """{kind: {value: label}}, as a list of these is found by."""
    found = {kind: collections.defaultdict(set) for kind in LOOKED_UP}
    for row in atlas.rows_of(sightings):
        for kind in LOOKED_UP:
            found[kind][row[kind]].add(row["name"])
    return found


def names_of(sighting, found):
    for kind in LOOKED_UP:
        value = sighting.values[atlas.VALUES.index(kind)]
        if value and value in found[kind]:
            return found[kind][value]
    return set()


def left_out(sightings):
    """{family: versions}: every third one."""
    versions = collections.defaultdict(set)
    for each in sightings:
        versions[each.family].add(each.version)
    return {family: set(sorted(theirs, key=atlas.numbers)[NTH - 1 :: NTH]) for family, theirs in versions.items()}


def hold_out(known):
    """Of families of which two values or more were left out."""
    ran = [each for each in known if each.kind != "recorded"]
    lost = left_out(ran)
    found = tables([each for each in known if each.kind == "recorded" or each.version not in lost[each.family]])
    shares = []
    for family, versions in sorted(lost.items()):
        theirs = [each for each in ran if each.family == family and each.version in versions]
        n_values = distinct(theirs, "ja4")
        if n_values < 2:
            continue
        n_named = sum(any(family in name for name in names_of(each, found)) for each in theirs)
        shares.append(n_named / len(theirs))
        print(f"{family}: {n_named} of {len(theirs)} left out, {n_values} distinct ja4, are named by it")
    print(f"{statistics.mean(shares):.1%} on average over {len(shares)} families")


# Captures


def captures(list_of_labels, files):
    argv = [needs.setting("TLSFP_SEARCH"), "--json", "--quiet", "--labels", list_of_labels, *map(str, files)]
    lines = subprocess.run(argv, capture_output=True, text=True).stdout.splitlines()
    named = collections.Counter(", ".join(json.loads(line)["client"] or []) for line in lines)
    nameless = named.pop("", 0)
    n = len(lines)
    print(f"{n - nameless} of {n} hellos named, {(n - nameless) / n:.0%}, by {len(named)} labels:")
    for name, count in named.most_common():
        print(f"{count:6} {name}")
