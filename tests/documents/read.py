"""Reads a property list with Python's own plistlib and prints it as JSON."""

import json
import pathlib
import plistlib
import sys

octets = pathlib.Path(sys.argv[1]).read_bytes()
print(json.dumps(plistlib.loads(octets, fmt=plistlib.FMT_XML)))
