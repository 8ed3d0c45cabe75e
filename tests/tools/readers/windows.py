"""A PowerShell script for the DNS server of Windows.

The script is parsed with the grammar of tree-sitter-pwsh and its commands are evaluated here, held
against the syntax of Add-DnsServerResourceRecord in Microsoft's reference of the DnsServer module
(Windows Server 2022). Windows itself is not asked.
"""

import re

import tree_sitter
import tree_sitter_pwsh

from . import common, rdata

COMMAND = "Add-DnsServerResourceRecord"

# The parameters of each type and what they take; those of every type stand apart.
EVERY = {"ZoneName": str, "Name": str, "TimeToLive": "seconds"}
PARAMETERS = {
    "A": {"IPv4Address": str},
    "AAAA": {"IPv6Address": str},
    "CName": {"HostNameAlias": str},
    "MX": {"MailExchange": str, "Preference": int},
    "Srv": {"DomainName": str, "Priority": int, "Weight": int, "Port": int},
    "TLSA": {
        "CertificateUsage": [
            "CAConstraint",
            "ServiceCertificateConstraint",
            "TrustAnchorAssertion",
            "DomainIssuedCertificate",
        ],
        "Selector": ["FullCertificate", "SubjectPublicKeyInfo"],
        "MatchingType": ["ExactMatch", "Sha256Hash", "Sha512Hash"],
        "CertificateAssociationData": str,
    },
    "Txt": {"DescriptiveText": str},
}

# "It is limited to 254 characters per line" (DescriptiveText); a line is a string of the record.
LINE = 254


def read(path, apex):
    source = path.read_bytes()
    # Windows PowerShell reads a script without a byte order mark in the code page of the machine.
    if not source.isascii():
        raise common.Refused("octets beyond ASCII")
    language = tree_sitter.Language(tree_sitter_pwsh.language())
    tree = tree_sitter.Parser(language).parse(source)
    if tree.root_node.has_error:
        raise common.Refused("no PowerShell: " + str(tree.root_node))
    script = _Script(apex)
    script.run(tree.root_node)
    return script.lines


class _Script:
    """A script as it runs: the variables, and the records added."""

    def __init__(self, apex):
        self.apex = apex
        self.variables = {}
        self.lines = []

    def run(self, node):
        match node.type:
            case "program" | "statement_list":
                for child in node.named_children:
                    self.run(child)
            case "comment":
                pass
            case "pipeline" if node.named_children[0].type == "assignment_expression":
                variable, _, value = node.named_children[0].named_children
                self.variables[_text(variable).lower()] = self.value(value)
            case "pipeline":
                self.command(_only(_only(node, "pipeline_chain"), "command"))
            case _:
                raise common.Refused(f"{node.type}: {_text(node)}")

    def command(self, node):
        name, elements = node.named_children
        if _text(name).lower() != COMMAND.lower():
            raise common.Refused(f"the command {_text(name)}")
        given, waiting = {}, None
        for element in elements.named_children:
            if element.type == "command_argument_sep":
                continue
            if element.type == "command_parameter":
                waiting = _text(element)[1:]
                if waiting in given:
                    raise common.Refused(f"-{waiting} stands twice: {_text(node)}")
                given[waiting] = None
            elif waiting is None:
                raise common.Refused(f"{_text(element)} without its parameter: {_text(node)}")
            else:
                given[waiting], waiting = self.value(element), None
        self.lines.append(self.line(given))

    def value(self, node):
        text = _text(node)
        match node.type:
            case "verbatim_string_characters":
                return text[1:-1].replace("''", "'")
            case "expandable_string_literal":
                return _expanded(text[1:-1])
            case "decimal_integer_literal":
                return int(text)
            case "variable":
                if text.lower() not in self.variables:
                    raise common.Refused(f"{text} has no value")
                return self.variables[text.lower()]
            case "generic_token":
                return text
            case "invocation_expression":
                return self.invocation(node)
            case "additive_expression":
                left, right = (self.value(child) for child in node.named_children)
                if "+" not in {_text(child) for child in node.children}:
                    raise common.Refused(text)
                return left + right
        return self.value(_only(node))

    def invocation(self, node):
        found = re.fullmatch(r"\[timespan\]::FromSeconds\((\d+)\)", _text(node), re.IGNORECASE)
        if found is None:
            raise common.Refused(_text(node))
        return {"seconds": int(found[1])}

    def line(self, given):
        (switch,) = [name for name in given if name in PARAMETERS and given[name] is None] or [None]
        wanted = EVERY | PARAMETERS.get(switch, {})
        if set(given) - {switch} != set(wanted):
            raise common.Refused(f"-{switch} with {sorted(given)}, wants {sorted(wanted)}")
        given = {name: _taken(name, given[name], kind) for name, kind in wanted.items()}
        if common.absolute(given["ZoneName"]) != self.apex:
            raise common.Refused(f"-ZoneName {given['ZoneName']}")
        owner = rdata.owner(given["Name"], self.apex, itself=(".", "@"))
        rtype = switch.upper()
        return common.line(owner, given["TimeToLive"], rtype, _data(rtype, given))


def _text(node):
    return node.text.decode()


def _only(node, kind=None):
    """The one child of a node."""
    children = node.named_children
    if len(children) != 1 or kind not in (None, children[0].type):
        raise common.Refused(f"{node.type}: {_text(node)}")
    return children[0]


def _expanded(text):
    """A string in double quotes; of what it may hold, nothing but CR, LF and quotation marks."""
    escapes = {"`r": "\r", "`n": "\n", '`"': '"', "``": "`", "`$": "$", '""': '"'}
    pieces = re.findall(r'`.|""|[^`"$]', text, re.DOTALL)
    if "".join(pieces) != text or any(piece[0] == "`" and piece not in escapes for piece in pieces):
        raise common.Refused(f'"{text}"')
    return "".join(escapes.get(piece, piece) for piece in pieces)


def _taken(name, value, kind):
    """What a parameter makes of a value."""
    if kind == "seconds":
        if isinstance(value, dict):
            return value["seconds"]
        found = re.fullmatch(r"(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)", str(value))
        if found is None:
            raise common.Refused(f"-{name} {value}")
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    if isinstance(kind, list):
        if value not in kind:
            raise common.Refused(f"-{name} {value}: it takes {kind}")
        return kind.index(value)
    if not isinstance(value, kind) or (kind is int and value > 65535):
        raise common.Refused(f"-{name} {value!r}")
    return value


def _data(rtype, given):
    match rtype:
        case "SRV":
            target = rdata.dotted(given["DomainName"])
            return f"{given['Priority']} {given['Weight']} {given['Port']} {target}"
        case "MX":
            return f"{given['Preference']} {rdata.dotted(given['MailExchange'])}"
        case "CNAME":
            return rdata.dotted(given["HostNameAlias"])
        case "TLSA":
            numbers = f"{given['CertificateUsage']} {given['Selector']} {given['MatchingType']}"
            return f"{numbers} {given['CertificateAssociationData']}"
        case "TXT":
            strings = given["DescriptiveText"].split("\r\n")
            if max(map(len, strings)) > LINE:
                raise common.Refused(f"a line of more than {LINE} characters: {strings}")
            # Full lines come of a longer text that was cut because of the limit.
            cut = all(len(string) == LINE for string in strings[:-1])
            return rdata.txt("".join(strings)) if cut else rdata.strings_of(strings)
    return rdata.address(rtype, given["IPv4Address" if rtype == "A" else "IPv6Address"])
