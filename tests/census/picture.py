#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Takes the README's picture of a census's report, by headless Chromium: picture.py BUILD FOLDER

The census holds made-up visits of a fortnight by the clients of samples/captures: some come more often as days go by. It is
the same each time. packaging/make-pictures calls this.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAYS, VISITS = 14, 700  # a day
CHROMIUM = "chromium --headless --no-sandbox --disable-gpu --no-first-run --hide-scrollbars --window-size=1120,1180".split()


def visits(search):
    """Lines as tlsfp --json prints them."""
    captures = sorted((ROOT / "samples/captures").glob("*.pcap*"))
    done = subprocess.run([search, "--json", "--quiet", *captures], check=True, capture_output=True, text=True)
    clients = [json.loads(line) for line in done.stdout.splitlines()]
    chance = random.Random(1)
    weights = [chance.uniform(1, 4) * (4 if client["grease"] else 1) for client in clients]
    slopes = [chance.uniform(-0.9, 1.2) for _ in clients]
    for day in range(DAYS):
        today = [weight * max(0.05, 1 + slope * day / DAYS) for weight, slope in zip(weights, slopes)]
        for client in chance.choices(clients, today, k=VISITS):
            address = f"198.51.{chance.randrange(100, 104)}.{chance.randrange(256)}"
            second = chance.randrange(86400)
            time = f"2026-11-{day + 1:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000000000Z"
            yield json.dumps({**client, "time": time, "src": address, "sni": "www.example.com"})


def main(build, folder):
    with tempfile.TemporaryDirectory() as work:
        census, report = [build / "samples/census/tlsfp-census"], pathlib.Path(work) / "report.html"
        lines = "\n".join(visits(build / "samples/search/tlsfp")) + "\n"
        add = [*census, "add", "clients.db", "-", "--quiet"]
        subprocess.run(add, input=lines, text=True, check=True, cwd=work)
        labels = ["--labels", ROOT / "samples/clients.csv"]
        subprocess.run([*census, "report", "clients.db", "-o", report, *labels], check=True, cwd=work)
        shot = [*CHROMIUM, f"--user-data-dir={work}/browser", f"--screenshot={folder / 'census.png'}", report.as_uri()]
        subprocess.run(shot, check=True, capture_output=True)


if __name__ == "__main__":
    main(*(pathlib.Path(word).resolve() for word in sys.argv[1:3]))
