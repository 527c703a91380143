# SPDX-License-Identifier: BSD-3-Clause
"""A place where tshark and Wireshark run as an ordinary user with the freshly built plugin.

Wireshark run by root loads no personal plugins, so a test started by root gives its rights away; and what an
ordinary user may not read (a clone below /root) is copied to where it can.
"""

import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile

USER = "nobody"


def wireshark_minor():
    """The X.Y of the Wireshark installed here, which names its plugin folder."""
    text = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"TShark \(Wireshark\) (\d+\.\d+)", text).group(1)


class Sandbox:
    """A home folder of its own below /tmp, owned by the user that the programs run as."""

    def __init__(self, plugin=None):
        self.root = os.getuid() == 0
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="tlsfp-"))
        self.home.chmod(0o755)
        self.environment = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "TMPDIR": str(self.home),
            "XDG_RUNTIME_DIR": str(self.home),
        }
        if plugin:
            folder = self.home / ".local/lib/wireshark/plugins" / wireshark_minor() / "epan"
            folder.mkdir(parents=True)
            shutil.copy(plugin, folder / "tlsfp.so")
        self.give()

    def give(self):
        """Hands all in the home folder to the user that the programs run as."""
        if self.root:
            user = pwd.getpwnam(USER)
            for path in [self.home, *self.home.rglob("*")]:
                os.chown(path, user.pw_uid, user.pw_gid)

    def put(self, path):
        """Copies a file in, where the programs can read it; returns its new path."""
        target = self.home / pathlib.Path(path).name
        shutil.copyfile(path, target)
        target.chmod(0o644)
        return target

    def command(self, argv):
        """argv, as the unprivileged user."""
        argv = [str(word) for word in argv]
        if not self.root:
            return argv
        user = pwd.getpwnam(USER)
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *argv]

    def run(self, argv, env=None, **options):
        """Runs argv to its end; returns its CompletedProcess with text output."""
        options = {"capture_output": True, "text": True, "timeout": 300, **options}
        return subprocess.run(
            self.command(argv), env={**self.environment, **(env or {})}, cwd=self.home, **options
        )

    def start(self, argv, env=None, **options):
        """Starts argv and returns its Popen; whoever starts it ends it, by its pid."""
        return subprocess.Popen(
            self.command(argv), env={**self.environment, **(env or {})}, cwd=self.home, **options
        )

    def close(self):
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
