# SPDX-License-Identifier: BSD-3-Clause
"""Time and memory of programs, side by side: what is compared runs in turn, A B A B, in one go."""

import dataclasses
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]

# Programs, and the Debian packages that bring them.
PACKAGES = {
    "capinfos": "wireshark-common",
    "editcap": "wireshark-common",
    "gtlsclient": "ngtcp2-client",
    "setpriv": "util-linux",
    "taskset": "util-linux",
    "time": "time",
    "tshark": "tshark",
}


@dataclasses.dataclass
class Run:
    """What one run took; cpu is user and system together."""

    seconds: float
    cpu: float
    kib: int


class Runs:
    """Several runs of one program: medians, and the most memory that any of them had."""

    def __init__(self, runs):
        self.runs = runs
        self.seconds = statistics.median(run.seconds for run in runs)
        self.cpu = statistics.median(run.cpu for run in runs)
        self.kib = max(run.kib for run in runs)

    def ratio(self, other):
        """The median of the ratios of runs that followed one another; the machine was as busy for both."""
        return statistics.median(own.seconds / its.seconds for own, its in zip(self.runs, other.runs))

    def cpu_ratio(self, other):
        """The same of CPU time, which other programs disturb less."""
        return statistics.median(own.cpu / its.cpu for own, its in zip(self.runs, other.runs))


def fail(text):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {text}")


def require(*names):
    missing = [f"{name} (Debian package {PACKAGES[name]})" for name in names if not shutil.which(name)]
    if missing:
        fail(f"missing: {', '.join(missing)}; packaging/install build run bench brings them")


def build(folder):
    """Builds into a folder of the repository, by the command that everybody uses; returns the folder."""
    if subprocess.run([SOURCE / "packaging/build", folder]).returncode != 0:
        fail("the build failed; packaging/install build brings what it needs")
    return SOURCE / folder


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def once(argv, good=(0,), **options):
    """One run; its output goes nowhere.

    Memory is what the program time says: a process forked by Python counts Python's as its own.
    """
    argv = [str(word) for word in argv]
    with tempfile.NamedTemporaryFile("r") as said:
        cpu, start = cpu_of_children(), time.monotonic()
        done = subprocess.run(
            ["time", "-q", "-f", "%M", "-o", said.name, *argv],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        seconds, cpu = time.monotonic() - start, cpu_of_children() - cpu
        if done.returncode not in good:
            fail(f"{' '.join(argv)}: exit status {done.returncode}: {done.stderr.strip()}")
        return Run(seconds, cpu, int(said.read()))


def in_turn(commands, rounds, runner=once):
    """{name: Runs} of {name: argv}: one run that does not count, so that files are in memory, then rounds of all."""
    runs = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, argv in commands.items():
            run = runner(argv)
            if number > 0:
                runs[name].append(run)
    return {name: Runs(each) for name, each in runs.items()}


class Targets:
    """What was promised beside what was measured."""

    def __init__(self):
        self.missed = []

    def at_most(self, what, value, limit, form="{:.2f}"):
        self._print(what, form.format(value), f"at most {form.format(limit)}", value <= limit)

    def at_least(self, what, value, limit, form="{:,.0f}"):
        self._print(what, form.format(value), f"at least {form.format(limit)}", value >= limit)

    def same(self, what, value, wanted):
        self._print(what, f"{value:,}", f"exactly {wanted:,}", value == wanted)

    def _print(self, what, value, wanted, met):
        line = f"  {what:<58} {value:>12}   target: {wanted}: {'met' if met else 'not met'}"
        print(line, flush=True)
        if not met:
            self.missed.append(line)

    def close(self):
        if not self.missed:
            print("\nall targets met")
            return
        print("\nnot met:")
        print("\n".join(self.missed))


def machine():
    """One line about where this was measured, and how busy it was before."""
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return f"{model}, {os.cpu_count()} cores, Linux {os.uname().release}, load {os.getloadavg()[0]:.1f}"
