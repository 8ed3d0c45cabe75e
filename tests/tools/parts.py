#!/usr/bin/env python3
"""Unpacks the parts of packages that parts.txt names into the packages of the running Python."""

import pathlib
import subprocess
import sys
import sysconfig
import tempfile
import zipfile

HERE = pathlib.Path(__file__).parent


def main():
    destination = sysconfig.get_path("purelib")
    for line in (HERE / "parts.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        requirement, *paths = line.split()
        with tempfile.TemporaryDirectory() as directory:
            options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
            command = [sys.executable, "-m", "pip", "download", *options, "--dest", directory]
            subprocess.run([*command, requirement], check=True)
            (wheel,) = pathlib.Path(directory).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                for path in paths:
                    members = [name for name in archive.namelist() if name.startswith(path)]
                    if not members:
                        sys.exit(f"{requirement} has no {path}")
                    archive.extractall(destination, members)


if __name__ == "__main__":
    main()
