"""A zone file for `az network dns zone import`, read by the parser of the Azure CLI itself."""

import importlib.util
import logging
import sys
import sysconfig
import types

from . import common, rdata

PARSER = "azure/cli/command_modules/network/zone_file/parse_zone_file.py"


class _Invalid(Exception):
    """What the parser raises."""


def read(path, apex):
    words = []
    parser = _parser(words)
    try:
        zone = parser.parse_zone_file(path.read_text(), apex[:-1])
    except _Invalid as error:
        raise common.Refused(str(error)) from error
    if words:
        raise common.Refused("\n".join(words))
    lines = []
    for owner, sets in zone.items():
        for rtype, records in sets.items():
            for record in records if isinstance(records, list) else [records]:
                if rtype not in ("soa", "ns"):
                    data = _data(rtype, record)
                    lines.append(common.line(owner, record["ttl"], rtype.upper(), data))
    return lines


def _parser(words):
    """The parser, without the rest of the Azure CLI: it needs no more than a log and an error."""
    logger = logging.Logger("azure")
    handler = logging.Handler()
    handler.emit = lambda record: words.append(record.getMessage())
    logger.addHandler(handler)
    stand_ins = {
        "knack": {},
        "knack.log": {"get_logger": lambda _: logger},
        "azure.cli": {},
        "azure.cli.core": {},
        "azure.cli.core.azclierror": {"InvalidArgumentValueError": _Invalid},
    }
    for name, contents in stand_ins.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(contents)
    place = f"{sysconfig.get_path('purelib')}/{PARSER}"
    spec = importlib.util.spec_from_file_location("parse_zone_file", place)
    parser = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(parser)
    return parser


def _data(rtype, record):
    match rtype:
        case "srv":
            return " ".join(record[part] for part in ("priority", "weight", "port", "target"))
        case "mx":
            return f"{record['preference']} {record['host']}"
        case "cname":
            return record["alias"]
        case "tlsa":
            parts = ("usage", "selector", "matching_type", "certificate")
            return " ".join(record[part] for part in parts)
        case "txt":
            # The import takes a backslash for itself, not for the sign of an escape.
            return rdata.strings_of(record["txt"])
    return rdata.address(rtype.upper(), record["ip"])
