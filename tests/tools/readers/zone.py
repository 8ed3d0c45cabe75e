"""A snippet to paste into a zone file: BIND compiles the zone that it makes."""

import dns.zone

from . import common


def read(path, apex):
    with common.folder() as directory:
        source, compiled = directory / "source", directory / "compiled"
        source.write_text(common.scaffold(apex) + path.read_text())
        compilezone = common.tool("named-compilezone")
        # The hosts that records lead to are in nobody's snippet, so integrity is not looked at.
        strict = ["-i", "none", "-k", "fail", "-S", "fail", "-n", "fail"]
        argv = [compilezone, *strict, "-s", "full", "-o", compiled, apex, source]
        done = common.attempt(argv)
        expected = f"zone {apex[:-1]}/IN: loaded serial 1\ndump zone to {compiled}...done\nOK\n"
        if done.returncode != 0 or done.stdout + done.stderr != expected:
            raise common.Refused(common.said(argv, done))
        zone = dns.zone.from_file(str(compiled), origin=apex, relativize=False)
    return [
        text
        for owner, node in zone.items()
        for rdataset in node
        for text in common.rdataset_lines(owner, rdataset, apex)
    ]
