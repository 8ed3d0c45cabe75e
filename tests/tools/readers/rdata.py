"""RDATA and owner names from the parts in which tools hold them, in presentation format."""

import json
import re

import dns.ipv4
import dns.ipv6
import yaml

from .common import Refused

# The octets of one character-string (RFC 1035 section 3.3).
STRING = 255

# Character-strings in quotation marks (RFC 1035 section 5.1), with a blank between them at most.
STRINGS = re.compile(r'"([^"\\]|\\.)*"( ?"([^"\\]|\\.)*")*')


def txt(text):
    """The RDATA of a TXT record that a tool holds as one text: cut into strings of 255 octets."""
    octets = text.encode()
    strings = [octets[at : at + STRING] for at in range(0, len(octets), STRING)] or [b""]
    return strings_of(strings)


def strings_of(strings):
    """The RDATA of a TXT record that a tool holds as strings, each of bytes or text."""
    return " ".join('"' + _escaped(string) + '"' for string in strings)


def _escaped(string):
    octets = string.encode() if isinstance(string, str) else string
    if len(octets) > STRING:
        raise Refused(f"a string of {len(octets)} octets in a TXT record")
    return "".join(_octet(octet) for octet in octets)


def _octet(octet):
    if octet in b'"\\':
        return "\\" + chr(octet)
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03}"


def owner(name, apex, itself=("@",)):
    """The absolute name of an owner given relative to the apex, which has the words `itself`."""
    if name in itself:
        return apex
    if not name or name.endswith("."):
        raise Refused(f"the owner {name!r} is not relative to the zone")
    return f"{name}.{apex}"


def dotless(name):
    """The absolute name for one that a format writes without its final dot (but `.` as it is)."""
    if name == ".":
        return name
    if not name or name.endswith("."):
        raise Refused(f"{name!r} is to be written without a final dot")
    return name + "."


def dotted(name):
    """The name, which a format wants with its final dot."""
    if not name.endswith("."):
        raise Refused(f"{name!r} lacks its final dot")
    return name


def presented(rtype, data):
    """RDATA that a tool takes in presentation format, where names want their final dot and
    strings their quotation marks."""
    if rtype in ("SRV", "MX", "CNAME"):
        dotted(data.split(" ")[-1])
    elif rtype == "TXT" and not STRINGS.fullmatch(data):
        raise Refused(f"no strings in quotation marks: {data}")
    return data


def address(rtype, text):
    """The address of an A or AAAA record."""
    (dns.ipv4 if rtype == "A" else dns.ipv6).inet_aton(text)
    return text


def from_json(path):
    """What a file of JSON holds; no key may stand twice in an object."""
    try:
        return json.loads(path.read_text(), object_pairs_hook=_once)
    except ValueError as error:
        raise Refused(str(error)) from error


def from_yaml(path):
    """The documents that a file of YAML holds."""
    try:
        return list(yaml.safe_load_all(path.read_text()))
    except yaml.YAMLError as error:
        raise Refused(str(error)) from error


def _once(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        raise Refused(f"a key stands twice in {pairs}")
    return dict(pairs)
