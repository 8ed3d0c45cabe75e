"""The records file of gcloud, held against Google's own description of the Cloud DNS API."""

import importlib.resources
import json

from . import common, rdata

DESCRIPTION = "discovery_cache/documents/dns.v1.json"
PYTHON = {"string": str, "integer": int, "array": list}


def read(path, apex):
    description = importlib.resources.files("googleapiclient") / DESCRIPTION
    form = json.loads(description.read_text())["schemas"]["ResourceRecordSet"]["properties"]
    lines = []
    for document in rdata.from_yaml(path):
        _conforms(document, form)
        for data in document["rrdatas"]:
            rtype = document["type"]
            owner = rdata.dotted(document["name"])
            lines.append(common.line(owner, document["ttl"], rtype, rdata.presented(rtype, data)))
    return lines


def _conforms(document, form):
    wanted = {"kind", "name", "rrdatas", "ttl", "type"}
    if not isinstance(document, dict) or set(document) != wanted:
        raise common.Refused(f"a document with other keys than {sorted(wanted)}: {document}")
    for key, value in document.items():
        if type(value) is not PYTHON[form[key]["type"]]:
            raise common.Refused(f"{key}: {value!r} is no {form[key]['type']}")
    if document["kind"] != form["kind"]["default"]:
        raise common.Refused(f"kind: {document['kind']}")
    if not document["rrdatas"] or any(type(data) is not str for data in document["rrdatas"]):
        raise common.Refused(f"rrdatas: {document['rrdatas']}")
