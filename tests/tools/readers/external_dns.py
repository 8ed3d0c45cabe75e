"""DNSEndpoint objects, held against the constraints of the resource definition of ExternalDNS.

No package carries the definition; what it says is restated here, from
config/crd/standard/dnsendpoints.externaldns.k8s.io.yaml of kubernetes-sigs/external-dns, and
Kubernetes's own rule for the names of objects (RFC 1123 labels, at most 253 characters).
"""

import jsonschema

from . import common, rdata

LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
DNS_LABEL = "[a-zA-Z0-9_]([-a-zA-Z0-9_]{0,61}[a-zA-Z0-9_])?"


def _object(required, **properties):
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


ENDPOINT = _object(
    ["dnsName", "recordTTL", "recordType", "targets"],
    dnsName={
        "type": "string",
        "maxLength": 254,
        "pattern": rf"^(\*\.)?({DNS_LABEL}\.)*{DNS_LABEL}\.?$",
    },
    recordTTL={"type": "integer", "minimum": 0, "maximum": 2147483647},
    recordType={"enum": ["A", "AAAA", "CNAME", "MX", "SRV", "TLSA", "TXT"]},
    targets={
        "type": "array",
        "minItems": 1,
        "maxItems": 1000,
        "items": {"type": "string", "minLength": 1, "maxLength": 4096},
    },
)
FORM = _object(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "externaldns.k8s.io/v1alpha1"},
    kind={"const": "DNSEndpoint"},
    metadata=_object(
        ["name"],
        name={"type": "string", "maxLength": 253, "pattern": rf"^{LABEL}(\.{LABEL})*$"},
        namespace={"type": "string", "maxLength": 63, "pattern": f"^{LABEL}$"},
    ),
    spec=_object(["endpoints"], endpoints={"type": "array", "maxItems": 1000, "items": ENDPOINT}),
)


def read(path, apex):
    lines = []
    objects = set()
    for document in rdata.from_yaml(path):
        try:
            jsonschema.validate(document, FORM)
        except jsonschema.ValidationError as error:
            raise common.Refused(f"{error.json_path}: {error.message}") from error
        # The later of two objects with the same name would replace the earlier.
        name = document["metadata"]["name"]
        if name in objects:
            raise common.Refused(f"two objects with the name {name}")
        objects.add(name)
        for endpoint in document["spec"]["endpoints"]:
            owner = rdata.dotless(endpoint["dnsName"])
            rtype = endpoint["recordType"]
            for target in endpoint["targets"]:
                data = _data(rtype, target)
                lines.append(common.line(owner, endpoint["recordTTL"], rtype, data))
    return lines


def _data(rtype, target):
    match rtype:
        case "SRV":
            # The definition has this as a rule of its own.
            return rdata.presented("SRV", target)
        case "MX":
            preference, exchange = target.split(" ")
            return f"{preference} {rdata.dotless(exchange)}"
        case "CNAME":
            return rdata.dotless(target)
        case "TXT":
            return rdata.txt(target)
        case "A" | "AAAA":
            return rdata.address(rtype, target)
    return target
