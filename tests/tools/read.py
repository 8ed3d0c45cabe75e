#!/usr/bin/env python3
"""Has a real tool read what `mailsrv generate` printed, and prints what the tool understood.

    read.py FORMAT FILE APEX [FILE APEX]...

Every record is one line: owner, TTL, IN, type and RDATA in presentation format with absolute
lower-case names, sorted. The SOA record, the NS records at the apex and what a reader needs
besides are left out. With several files, `; FILE` stands before the records of each. The exit
code is 1 where the tool refuses a file or says a word of warning; its words are on standard error.

A reader is a module of `readers` with the name of the format (`-` is written `_`) and a function
`read(path, apex)` that gives back lines made by `readers.common`.
"""

import importlib
import pathlib
import re
import sys

sys.dont_write_bytecode = True

import dns.exception  # noqa: E402
from readers import common  # noqa: E402


def main(arguments):
    if len(arguments) < 3 or len(arguments) % 2 == 0:
        sys.exit(__doc__)
    word, *rest = arguments
    if not re.fullmatch(r"[a-z][a-z0-9-]*", word):
        sys.exit(f"{word}: not the word of a format")
    reader = importlib.import_module("readers." + word.replace("-", "_"))
    pairs = list(zip(rest[::2], rest[1::2]))
    failed = False
    for file, apex in pairs:
        if len(pairs) > 1:
            print(f"; {file}")
        try:
            lines = set(reader.read(pathlib.Path(file).resolve(), common.absolute(apex)))
        except (common.Refused, dns.exception.DNSException) as refusal:
            print(f"{file}: {refusal}", file=sys.stderr)
            failed = True
        else:
            for line in sorted(lines):
                print(line)
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
