"""Records for any server that takes updates (RFC 2136), planned by Terraform with a stand-in for
the DNS provider."""

from . import common, rdata, terraform

# The default of the provider.
TTL = 3600


def read(path, apex):
    lines = []
    for kind, record in terraform.planned(path, "dns", apex):
        rtype = kind.split("_")[1].upper()
        if record["zone"] != apex:
            raise common.Refused(f"zone {record['zone']}")
        name = record["name"]
        if name == "@":
            raise common.Refused("name @: the provider wants none at the apex")
        owner = apex if name is None else rdata.owner(name, apex, itself=())
        ttl = TTL if record["ttl"] is None else record["ttl"]
        for data in _data(rtype, record):
            lines.append(common.line(owner, ttl, rtype, data))
    return lines


def _data(rtype, record):
    match rtype:
        case "A" | "AAAA":
            return [rdata.address(rtype, text) for text in record["addresses"]]
        case "CNAME":
            return [rdata.dotted(record["cname"])]
        case "MX":
            return [f"{mx['preference']} {rdata.dotted(mx['exchange'])}" for mx in record["mx"]]
        case "TXT":
            return [_text(text) for text in record["txt"]]
    return [
        f"{srv['priority']} {srv['weight']} {srv['port']} {rdata.dotted(srv['target'])}"
        for srv in record["srv"]
    ]


def _text(text):
    """The provider puts a text between quotation marks as it is, and cuts it then."""
    plain, escaped = bytearray(), False
    for octet in text.encode():
        if escaped or octet not in b'"\\':
            plain.append(octet)
            escaped = False
        elif octet == ord("\\"):
            escaped = True
        else:
            raise common.Refused(f"a quotation mark without a backslash in {text}")
    if escaped:
        raise common.Refused(f"a backslash ends {text}")
    return rdata.txt(plain.decode())
