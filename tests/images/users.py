# SPDX-License-Identifier: MIT
"""Ordinary users for tests that root runs: one with sub-ids, one with a single id. They are gone
afterwards."""
import os
import shutil
import subprocess
from pathlib import Path


def run(*argv):
    subprocess.run(argv, check=True, capture_output=True)


def missing():
    """Why no user can be made here, or None."""
    if os.geteuid() != 0:
        return "making users needs root"
    if not all(shutil.which(name) for name in ("useradd", "userdel", "setpriv", "newuidmap")):
        return "no useradd, setpriv or newuidmap"
    return None


class User:
    def __init__(self, kind):
        self.name = f"chutes-{kind}-{os.getpid()}"
        run("useradd", "-m", self.name)
        if kind == "one":
            self._drop_ranges()

    def _drop_ranges(self):
        for file, option in (("/etc/subuid", "-V"), ("/etc/subgid", "-W")):
            for line in Path(file).read_text().splitlines():
                owner, first, count = line.split(":")
                if owner == self.name:
                    run("usermod", option, f"{first}-{int(first) + int(count) - 1}", self.name)

    def run(self, *argv, env=None, timeout=300, before=()):
        """As that user, with an environment of nothing but PATH, HOME and `env`. `before`: words of
        root's in front."""
        home = f"/home/{self.name}"
        return subprocess.run(
            [*before, "setpriv", "--reuid", self.name, "--regid", self.name, "--init-groups", *map(str, argv)],
            env={"PATH": "/usr/bin:/bin", "HOME": home, **(env or {})}, cwd="/",
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)

    def remove(self):
        run("userdel", "-r", "-f", self.name)
