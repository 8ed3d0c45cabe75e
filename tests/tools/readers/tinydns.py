"""Lines for the data file of tinydns: compiled, and every owner asked for by tinydns-get.

tinydns-get answers with the code of tinydns, and does not need to be root as tinydns does.
"""

import re

import dns.rdata
import dns.rdataclass
import dns.rdatatype

from . import common

OCTAL = re.compile(rb"\\([0-7]{3})")


def read(path, apex):
    zone = apex[:-1]
    scaffold = f"Z{zone}:ns.scaffold.example:hostmaster.scaffold.example:1:7200:3600:1209600:300\n"
    scaffold += f"&{zone}::ns.scaffold.example\n"
    data = path.read_text()
    with common.folder() as directory:
        (directory / "data").write_text(scaffold + data)
        argv = [common.tool("tinydns-data")]
        done = common.attempt(argv, cwd=directory)
        if done.returncode != 0 or done.stdout or done.stderr:
            raise common.Refused(common.said(argv, done))
        return [line for owner in _owners(data) for line in _answers(owner, directory)]


def _owners(data):
    lines = (line for line in data.splitlines() if line.strip() and not line.startswith("#"))
    owners = {_unescaped(line[1:].split(":")[0].encode()).decode() for line in lines}
    return sorted(owner for owner in owners if owner)


def _answers(owner, directory):
    argv = [common.tool("tinydns-get"), "255", owner]
    said = common.run(argv, cwd=directory, silent=True)
    answers = [text.split(" ", 4)[1:] for text in said.splitlines() if text.startswith("answer: ")]
    if not answers:
        raise common.Refused(said)
    return [
        common.line(name, ttl, rtype, data)
        for name, ttl, rtype, data in map(_presented, answers)
        if rtype not in ("SOA", "NS")
    ]


def _presented(answer):
    """What tinydns-get prints in its own way, in presentation format."""
    name, ttl, rtype, data = answer
    if not rtype.isdigit():
        return answer
    wire = _unescaped(data.encode())
    rtype = dns.rdatatype.RdataType.make(int(rtype))
    rdata = dns.rdata.from_wire(dns.rdataclass.IN, rtype, wire, 0, len(wire))
    return name, ttl, dns.rdatatype.to_text(rtype), rdata.to_text()


def _unescaped(text):
    return OCTAL.sub(lambda match: bytes([int(match[1], 8)]), text)
