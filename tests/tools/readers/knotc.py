"""A script for knotc: given twice to a running Knot DNS, which must end with the same zone.

A script for the shell begins with `#!`; any other is read by knotc itself, from standard input.
"""

import re

from . import common

# What knotc says where a script unsets a record that is not there, and may.
ABSENT = re.compile(r"error: \(no such (node|record) in zone found\) ")


def read(path, apex):
    knotc = common.tool("knotc")
    with common.server(lambda *place: _prepare(apex, *place), common.serves(apex)) as running:
        argv = [knotc, "--socket", running.directory / "knot.sock"]
        understood = []
        for _ in range(2):
            _apply(path, argv, running.directory)
            understood.append(common.transfer(running, apex))
        return common.unchanged(*understood)


def _apply(path, knotc, directory):
    script = path.read_text()
    is_script = script.startswith("#!")
    if is_script:
        argv, options = ["sh", path], common.stand_in(directory, "knotc", knotc)
    else:
        argv, options = knotc, {"input": script}
    done = common.attempt(argv, **options)
    # The exit code of knotc itself says nothing of the commands that it reads; a script is silent.
    faults = [text for text in done.stderr.splitlines() if text and not ABSENT.match(text)]
    if done.returncode != 0 or faults or not (is_script or "OK" in done.stdout):
        raise common.Refused(common.said(argv, done))


def _prepare(apex, directory, port):
    (directory / "zone").write_text(common.scaffold(apex))
    configuration = directory / "knot.conf"
    configuration.write_text(
        f'server:\n  rundir: "{directory}"\n  listen: {common.LOOPBACK}@{port}\n'
        "  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n"
        f'database:\n  storage: "{directory}"\n'
        "log:\n  - target: stderr\n    any: warning\n"
        f"acl:\n  - id: transfer\n    address: {common.LOOPBACK}\n    action: transfer\n"
        f'zone:\n  - domain: {apex}\n    storage: "{directory}"\n    file: zone\n    acl: transfer\n'
        "    zonefile-sync: -1\n    zonefile-load: difference-no-serial\n    journal-content: all\n"
    )
    return [common.tool("knotd"), "--config", configuration]
