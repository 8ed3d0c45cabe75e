"""Our own CSV (RFC 4180), read by Python's module."""

import csv

from . import common

HEADER = ["domain", "owner", "ttl", "type", "data"]


def read(path, apex):
    with path.open(newline="") as file:
        rows = csv.reader(file, strict=True)
        header = next(rows, [])
        if header[: len(HEADER)] != HEADER:
            raise common.Refused(f"the header is {header}")
        lines = []
        for row in rows:
            if len(row) != len(header):
                raise common.Refused(f"{len(row)} fields under {len(header)} headings: {row}")
            _, owner, ttl, rtype, data = row[: len(HEADER)]
            lines.append(common.line(owner, ttl, rtype, data))
    return lines
