"""A template of Domain Connect, applied to an empty zone by the project's own library.

The form of a template is that of `template.schema` in Domain-Connect/Templates, which is in no
package, restated here as far as we use it.
"""

import domainconnectzone
import jsonschema

from . import common, rdata

TEXT = {"type": "string", "minLength": 1}
LABEL = {"type": "string", "pattern": "^_[a-z0-9-]+$"}
NUMBER = {"type": "integer", "minimum": 0, "maximum": 65535}
TTL = {"type": "integer", "minimum": 0, "maximum": 2147483647}
IDENTIFIER = {"type": "string", "pattern": "^[A-Za-z0-9._-]+$"}
MODE = {"enum": ["None", "All", "Prefix"]}


def _record(rtype, optional=(), **properties):
    properties = {"type": {"const": rtype}, "ttl": TTL, **properties}
    every = {"groupId": TEXT, "essential": {"enum": ["Always", "OnApply"]}}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in properties if name not in optional],
        "properties": {**properties, **every},
    }


RECORDS = {
    "A": _record("A", host=TEXT, pointsTo=TEXT),
    "AAAA": _record("AAAA", host=TEXT, pointsTo=TEXT),
    "CNAME": _record("CNAME", host=TEXT, pointsTo=TEXT),
    "MX": _record("MX", host=TEXT, pointsTo=TEXT, priority=NUMBER),
    "SRV": _record(
        "SRV",
        name=TEXT,
        service=LABEL,
        protocol={"enum": ["_tcp", "_udp"]},
        priority=NUMBER,
        weight=NUMBER,
        port=NUMBER,
        target=TEXT,
    ),
    "TXT": _record(
        "TXT",
        optional=["txtConflictMatchingMode", "txtConflictMatchingPrefix"],
        host=TEXT,
        data=TEXT,
        txtConflictMatchingMode=MODE,
        txtConflictMatchingPrefix=TEXT,
    ),
}
TEMPLATE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["providerId", "providerName", "serviceId", "serviceName", "records"],
    "properties": {
        **dict.fromkeys(["providerName", "serviceName", "description", "logoUrl"], TEXT),
        **dict.fromkeys(["providerId", "serviceId"], IDENTIFIER),
        **dict.fromkeys(["variableDescription", "syncPubKeyDomain", "syncRedirectDomain"], TEXT),
        **dict.fromkeys(["syncBlock", "shared", "multiInstance"], {"type": "boolean"}),
        **dict.fromkeys(["warnPhishing", "hostRequired"], {"type": "boolean"}),
        "version": {"type": "integer", "minimum": 1},
        "records": {"type": "array", "minItems": 1, "items": {"type": "object"}},
    },
}


def read(path, apex):
    template = rdata.from_json(path)
    _conforms(template, TEMPLATE)
    for record in template["records"]:
        if record.get("type") not in RECORDS:
            raise common.Refused(f"no record of a template: {record}")
        _conforms(record, RECORDS[record["type"]])
    connect = domainconnectzone.DomainConnect(template=template)
    # Applied to a host of the domain above the apex: release 4.0.0 refuses every SRV record at the
    # domain itself. No variable has a value but those that Domain Connect defines.
    host, domain = apex[:-1].split(".", 1)
    try:
        added, removed, _ = connect.apply_template([], domain, host, {}, ignore_signature=True)
    except Exception as error:
        raise common.Refused(f"{type(error).__name__}: {error}") from error
    if removed or len(added) != len(template["records"]):
        raise common.Refused(f"added {added}, removed {removed}")
    return [_line(record, f"{domain}.") for record in added]


def _conforms(thing, form):
    try:
        jsonschema.validate(thing, form)
    except jsonschema.ValidationError as error:
        raise common.Refused(f"{error.json_path}: {error.message}") from error


def _line(record, origin):
    rtype, data, name = record["type"], record["data"], record["name"]
    match rtype:
        case "SRV":
            # The library takes the underscore from the protocol and leaves it to the service.
            name = f"{record['service']}._{record['protocol']}.{name}"
            numbers = f"{record['priority']} {record['weight']} {record['port']}"
            data = f"{numbers} {_target(data)}"
        case "MX":
            data = f"{record['priority']} {_target(data)}"
        case "CNAME":
            data = _target(data)
        case "TXT":
            # In presentation format with its quotation marks left out (section 6.2 of
            # draft-ietf-dconn-domainconnect-05), or the text itself, as the library has it.
            if '"' in data or "\\" in data:
                raise common.Refused(f"{data} can be read in two ways")
            data = rdata.txt(data)
        case _:
            data = rdata.address(rtype, data)
    return common.line(rdata.owner(name, origin), record["ttl"], rtype, data)


def _target(name):
    return rdata.dotless(name.removesuffix("."))
