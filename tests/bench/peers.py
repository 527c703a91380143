# SPDX-License-Identifier: BSD-3-Clause
"""The programs that tests/bench/search measures beside tlsfp and that take much longer: tshark and Suricata."""

import re
import shutil
import subprocess
import sys

import measure

sys.path.insert(0, str(measure.SOURCE / "tests/plugin"))
from sandbox import Sandbox  # noqa: E402

FIRST_PACKETS = 100_000

# Nothing but TLS and QUIC in the log, with their fingerprints.
SURICATA_OUTPUTS = """%YAML 1.1
---
outputs:
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      types:
        - tls: {extended: yes, ja4: on}
        - quic: {ja4: on}
"""


def tshark(plugin, capture, packets, budget, folder):
    """(Run, note) of tshark with the plugin: the whole capture where it takes less than budget seconds, otherwise
    extrapolated from its first packets; None where there is no tshark."""
    if not shutil.which("tshark") or not shutil.which("editcap"):
        print("  tshark is not installed (packaging/install run): left out")
        return None
    with Sandbox(plugin) as sandbox:

        def measured(path):
            argv = ["tshark", "-n", "-r", path, "-Y", "tlsfp.ja4", "-T", "fields", "-e", "tlsfp.ja4"]
            return measure.once(sandbox.command(argv), env=sandbox.environment, cwd=sandbox.home)

        def first(n):
            part = folder / "first.pcap"
            subprocess.run(["editcap", "-F", "pcap", "-r", capture, part, f"1-{n}"], check=True, capture_output=True)
            part.chmod(0o644)
            return measured(part)

        n = min(FIRST_PACKETS, packets)
        start, some = first(1), first(n)
        seconds = start.seconds + (some.seconds - start.seconds) / n * packets
        if seconds < budget:
            return measured(capture), "one run"
        cpu = start.cpu + (some.cpu - start.cpu) / n * packets
        note = f"extrapolated from its first {n:,} packets in {some.seconds:.1f} s; memory is theirs"
        return measure.Run(seconds, cpu, some.kib), note


def suricata(capture, folder):
    """(Run, note) of Suricata with Debian's configuration and no rules; None where there is no Suricata."""
    if not shutil.which("suricata"):
        print("  Suricata is not installed (Debian 12: apt-get install -t bookworm-backports suricata): left out")
        return None
    logs = folder / "suricata"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    outputs = logs / "outputs.yaml"
    outputs.write_text(SURICATA_OUTPUTS)
    argv = ["suricata", "-r", capture, "-l", logs, "-k", "none", "-S", "/dev/null", "--include", outputs]
    for protocol in "tls", "quic":
        for fingerprint in "ja3", "ja4":
            argv += ["--set", f"app-layer.protocols.{protocol}.{fingerprint}-fingerprints=yes"]
    run = measure.once(argv)
    with open(logs / "eve.json") as lines:
        found = sum('"ja3":{"hash"' in line for line in lines)
    version = subprocess.run(["suricata", "-V"], capture_output=True, text=True).stdout
    return run, f"{re.search('version ([^ ]+)', version)[1]}, all cores, one run, {found:,} hellos logged"
