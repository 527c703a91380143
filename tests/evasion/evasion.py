#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Ways to send a hello, real servers, and tlsfp: what a server goes on with, tlsfp finds, with the same value.

    evasion.py                                 500 framings, the servers that start in no time
    evasion.py --framings 10000 --all          every server
    evasion.py --kind tls --only 17 --write DIR    that framing alone, as a capture in DIR
"""

import argparse
import collections
import pathlib
import sys
import tempfile

import capture
import run as runs
import servers


ENOUGH = 3000  # framings after which each dimension should have been accepted

# Dimensions that no server accepts, and why.
REASONS = {
    "message-sequence": "OpenSSL and GnuTLS wait for message 0",
    "leftover": "Java alone takes bytes behind the extensions (--all)",
}


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--framings", type=int, default=500, metavar="N", help="of each kind")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--kind", choices=[kind.name for kind in runs.KINDS])
    names = ", ".join([*servers.TLS, *servers.DTLS, *servers.QUIC])
    parser.add_argument("--servers", metavar="NAME,NAME", help=f"of {names}")
    parser.add_argument("--all", action="store_true", help=f"{', '.join(servers.HEAVY)}, too")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one framing")
    parser.add_argument("--write", type=pathlib.Path, metavar="DIR", help="write what is missed as captures")
    parser.add_argument("--show", type=int, default=20, metavar="N", help="missed framings to print")
    return parser.parse_args()


def chosen_servers(kind, chosen):
    if chosen.servers:
        return [name for name in kind.servers if name in chosen.servers.split(",")]
    return [name for name in kind.servers if chosen.all or name not in servers.HEAVY]


def print_dimensions(run):
    sent, accepted = collections.Counter(), collections.Counter()
    for framing in run.framings:
        for name in framing.varied or ["plain"]:
            sent[name] += 1
            accepted[name] += bool(run.accepted_by(framing))
    print(f"\n{run.kind.name + ' dimension':24}{'sent':>8}{'accepted':>10}")
    for name in ["plain", *run.kind.dimensions]:
        print(f"{name:24}{sent[name]:8}{accepted[name]:10}  {REASONS.get(name, '')}".rstrip())


def never_accepted(run):
    """Dimensions that no server went on with, unless there is a reason."""
    accepted = {name for framing in run.framings if run.accepted_by(framing) for name in framing.varied}
    return [name for name in run.kind.dimensions if name not in accepted and name not in REASONS]


def print_servers(run):
    print(f"\n{'server':24}{'sent':>8}{'accepted':>10}{'seconds':>10}")
    for name in run.names:
        n = sum(answer.accepted for answer in run.answers[name].values())
        print(f"{name:24}{len(run.framings):8}{n:10}{run.seconds[name]:10.1f}")


def write(folder, complaint, kind):
    folder.mkdir(parents=True, exist_ok=True)
    framing = complaint.framing
    frames = capture.tcp_frames(framing) if kind.name == "tls" else capture.talk_frames(framing, complaint.answer)
    capture.write(folder / f"{kind.name}-{framing.number}.pcap", [frames])


def hold(kind, chosen, credentials, folder):
    """Whether framings of a kind were missed, or seen as something else; prints a line of TAP."""
    numbers = range(chosen.framings) if chosen.only is None else [chosen.only]
    run = runs.Run(kind, chosen.seed, numbers, chosen_servers(kind, chosen))
    if not run.names:
        return False
    run.ask_all(credentials)
    complaints = list(run.complaints(folder))
    print_dimensions(run)
    print_servers(run)
    for complaint in complaints[: chosen.show]:
        print(f"\n{complaint.framing.told()}\n    accepted by {', '.join(complaint.by)}; {complaint.what}")
    if chosen.write:
        for complaint in complaints:
            write(chosen.write, complaint, kind)
    n = sum(bool(run.accepted_by(framing)) for framing in run.framings)
    unseen = never_accepted(run) if chosen.only is None and len(run.framings) >= ENOUGH else []
    for name in unseen:
        print(f"no server accepts {name}, and REASONS has no reason")
    print(f"\n{len(run.framings)} framings, {n} accepted by a server; {len(complaints)} missed or different")
    is_fine = not complaints and not unseen
    print(f"{'ok' if is_fine else 'not ok'} {1 + runs.KINDS.index(kind)} - {kind.name} framings", flush=True)
    return not is_fine


def main():
    chosen = options()
    kinds = [kind for kind in runs.KINDS if chosen.kind in (None, kind.name)]
    with tempfile.TemporaryDirectory(prefix="tlsfp-evasion-") as name:
        folder = pathlib.Path(name)
        credentials = servers.Credentials(folder)
        return 1 if any([hold(kind, chosen, credentials, folder) for kind in kinds]) else 0


if __name__ == "__main__":
    sys.exit(main())
