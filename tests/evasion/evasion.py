#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Ways to send a hello, real servers, and tlsfp: what a server goes on with, tlsfp finds, with the same value.

    evasion.py                          500 framings, the servers that start in no time
    evasion.py --framings 10000 --all   every server
    evasion.py --only 17 --write DIR    that framing alone, as a capture in DIR
"""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import pathlib
import sys
import tempfile
import time

import capture
import exchange
import hellos
import records
import servers


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--framings", type=int, default=500, metavar="N")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--servers", metavar="NAME,NAME", help=", ".join(servers.STARTED))
    parser.add_argument("--all", action="store_true", help="Java and Go, too")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one framing")
    parser.add_argument("--write", type=pathlib.Path, metavar="DIR", help="write what is missed as captures")
    parser.add_argument("--show", type=int, default=20, metavar="N", help="missed framings to print")
    return parser.parse_args()


class Run:
    def __init__(self, framings, names):
        self.framings, self.names = framings, names
        self.answers = {name: {} for name in names}  # {server: {framing number: Answer}}
        self.seconds = {}
        self.by_echo = {}  # {framing number: (JA3, JA4)}

    def ask_all(self, folder):
        credentials = servers.Credentials(folder)
        with contextlib.ExitStack() as stack:
            running = []
            for name in self.names:
                server = servers.Server(name, credentials)
                stack.callback(server.end)
                running.append(server)
            with concurrent.futures.ThreadPoolExecutor(len(running)) as threads:
                list(threads.map(self._ask, running))
            for server in running:
                if server.name == "tlsfp-echo":
                    self._read_echo(server)

    def _ask(self, server):
        started = time.monotonic()
        for framing in self.framings:
            self.answers[server.name][framing.number] = exchange.ask(server.port, framing.stream)
            if not server.is_up():
                raise AssertionError(f"{server.name} fell over: {framing.told()}\n{server.said()}")
        self.seconds[server.name] = time.monotonic() - started

    def _read_echo(self, server):
        logged = collections.defaultdict(list)
        for line in server.logged().splitlines():
            event = json.loads(line)
            if event["event"] in ("handshake", "failure") and event.get("ja4"):
                logged[event["client_port"]].append((event["ja3"], event["ja4"]))
        for number, answer in self.answers[server.name].items():
            if answer.accepted and len(logged[answer.port]) == 1:  # a port may come again
                self.by_echo[number] = logged[answer.port][0]

    def accepted_by(self, framing):
        return [name for name in self.names if self.answers[name][framing.number].accepted]

    def complaint(self, framing, found):
        """What is wrong with what tlsfp found of a framing that a server went on with, or None."""
        seen = self.by_echo.get(framing.number)
        ja3 = hellos.ja3(framing.message)
        if seen and seen[0] != ja3:
            return f"tlsfp-echo saw {seen[0]}, sent was {ja3}"
        if "ssl2" in framing.varied:
            return f"SSL 2.0, and found as {found}" if found else None
        if not found:
            return "missed"
        if not any(value == seen or (seen is None and value[0] == ja3) for value in found):
            return f"different: sent {ja3}, seen {seen}, found {found}"
        return None


def print_dimensions(run):
    sent, accepted = collections.Counter(), collections.Counter()
    for framing in run.framings:
        for name in framing.varied or ["plain"]:
            sent[name] += 1
            accepted[name] += bool(run.accepted_by(framing))
    print(f"{'dimension':20}{'sent':>8}{'accepted':>10}")
    for name in ["plain", *records.DIMENSIONS]:
        print(f"{name:20}{sent[name]:8}{accepted[name]:10}")


def print_servers(run):
    print(f"\n{'server':20}{'sent':>8}{'accepted':>10}{'seconds':>10}")
    for name in run.names:
        n = sum(answer.accepted for answer in run.answers[name].values())
        print(f"{name:20}{len(run.framings):8}{n:10}{run.seconds[name]:10.1f}")


def main():
    chosen = options()
    names = chosen.servers.split(",") if chosen.servers else list(servers.STARTED) if chosen.all else servers.LIGHT
    clients = hellos.real()
    numbers = range(chosen.framings) if chosen.only is None else [chosen.only]
    framings = [records.generate(chosen.seed, number, clients) for number in numbers]
    run = Run(framings, names)
    with tempfile.TemporaryDirectory(prefix="tlsfp-evasion-") as name:
        folder = pathlib.Path(name)
        run.ask_all(folder)
        capture.write(folder / "all.pcap", framings)
        found = capture.find(folder / "all.pcap")
    complaints = []
    for framing in framings:
        by = run.accepted_by(framing)
        if by and (complaint := run.complaint(framing, found.get(framing.number, []))):
            complaints.append((framing, by, complaint))
    print_dimensions(run)
    print_servers(run)
    for framing, by, complaint in complaints[: chosen.show]:
        print(f"\n{framing.told()}\n    accepted by {', '.join(by)}; {complaint}")
    if chosen.write:
        chosen.write.mkdir(parents=True, exist_ok=True)
        for framing, _, _ in complaints:
            capture.write(chosen.write / f"framing-{framing.number}.pcap", [framing])
    n = sum(bool(run.accepted_by(framing)) for framing in framings)
    print(f"\n{len(framings)} framings, {n} accepted by a server; {len(complaints)} missed or different")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
