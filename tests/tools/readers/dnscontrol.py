"""A dnsconfig.js of DNSControl, run by an engine of the same age of JavaScript (ES5).

No package has DNSControl: its functions are stand-ins here that hold the arguments against its
documentation (documentation/language-reference in StackExchange/dnscontrol). So this is the
grammar, and not what DNSControl makes of it.
"""

import json
import pathlib

import dukpy

from . import common, rdata

FUNCTIONS = pathlib.Path(__file__).with_suffix(".js")


def read(path, apex):
    script = f"{FUNCTIONS.read_text()}\n;{path.read_text()}\n;outcome();"
    try:
        outcome = json.loads(dukpy.evaljs(script))
    except dukpy.JSRuntimeError as error:
        raise common.Refused(str(error)) from error
    if [common.absolute(domain["name"]) for domain in outcome] != [apex]:
        raise common.Refused(f"the domains {[domain['name'] for domain in outcome]}")
    (domain,) = outcome
    return [_line(record, domain["ttl"], apex) for record in domain["records"]]


def _line(record, ttl, apex):
    rtype, fields = record["type"], record["fields"]
    if rtype in ("SRV", "MX", "CNAME"):
        rdata.dotted(fields[-1])
    if rtype == "TXT":
        # Longer strings are cut by DNSControl.
        (text,) = fields
        data = rdata.txt(text) if isinstance(text, str) else rdata.strings_of(text)
    else:
        data = " ".join(str(field) for field in fields)
    return common.line(rdata.owner(record["name"], apex), record["ttl"] or ttl, rtype, data)
