# SPDX-License-Identifier: BSD-3-Clause
"""Has a headless Firefox show a page, and prints its text: marionette.py URL [PROGRAM]. HOME is a folder of its own."""

import json
import os
import socket
import subprocess
import sys
import time

PATIENCE = 150


class Marionette:
    """Firefox's remote control: a length, a colon, and JSON."""

    def __init__(self, port=2828):
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
                break
            except OSError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.1)
        self.number = 0
        self.message()  # it greets first

    def message(self):
        length = b""
        while not length.endswith(b":"):
            length += self.socket.recv(1)
        text = b""
        while len(text) < int(length[:-1]):
            text += self.socket.recv(65536)
        return json.loads(text)

    def ask(self, name, **parameters):
        self.number += 1
        text = json.dumps([0, self.number, name, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(text), text))
        _, _, error, value = self.message()
        if error:
            raise SystemExit(f"{name}: {error}")
        return value


def main():
    # --profile, and not -P: nothing of the user's is touched.
    profile = os.path.join(os.environ["HOME"], "profile")
    os.makedirs(profile, exist_ok=True)
    with open(os.path.join(profile, "user.js"), "w") as preferences:
        preferences.write('user_pref("devtools.jsonview.enabled", false);\n')  # JSON as it comes
    program = sys.argv[2] if len(sys.argv) > 2 else "firefox-esr"
    argv = [program, "--headless", "--no-remote", "--marionette", "--profile", profile]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        try:
            control = Marionette()
            control.ask("WebDriver:NewSession", acceptInsecureCerts=True)
            control.ask("WebDriver:Navigate", url=sys.argv[1])
            text = control.ask("WebDriver:ExecuteScript", script="return document.body.innerText", args=[])
            print(text["value"])
            control.ask("Marionette:Quit")
        finally:
            browser.terminate()


if __name__ == "__main__":
    main()
