"""octoDNS reads the YAML of a zone, with every set of its validators."""

import logging

import octodns.provider.yaml
import octodns.record
import octodns.zone

from . import common, rdata

# From the loosest to the strictest; octoDNS by itself turns on the first alone.
SETS = ["legacy", "strict", "best-practice"]

# The best practice for zones is about records that are not ours: two MX records, DMARC and so on.
ZONE_SETS = SETS[:2]


def read(path, apex):
    words = _Words()
    logging.getLogger().addHandler(words)
    octodns.record.Record.enable_validators(SETS)
    octodns.zone.Zone.enable_zone_validators(ZONE_SETS)
    zone = octodns.zone.Zone(apex, [])
    with common.folder() as directory:
        (directory / f"{apex}yaml").write_bytes(path.read_bytes())
        # Keys out of order are refused.
        source = octodns.provider.yaml.YamlProvider("file", str(directory), enforce_order=True)
        try:
            source.populate(zone)
            zone.validate()
        except Exception as error:
            raise common.Refused(f"octoDNS: {error}") from error
        finally:
            logging.getLogger().removeHandler(words)
    if words.said:
        raise common.Refused("\n".join(words.said))
    return [
        common.line(record.fqdn, record.ttl, record._type, _data(record._type, data))
        for record in zone.records
        for data in (record.values if hasattr(record, "values") else [record.value])
    ]


def _data(rtype, data):
    # A TXT record is one text; where it is cut into strings is up to each provider.
    return rdata.txt(_unescaped(data)) if rtype == "TXT" else data.rdata_text


def _unescaped(text):
    """A text in which a semicolon and a backslash stand escaped, and a quotation mark does not."""
    plain = []
    characters = iter(text)
    for character in characters:
        if character == "\\":
            character = next(characters, None)
            if character not in ("\\", ";"):
                raise common.Refused(f"a backslash before {character!r} in {text!r}")
        elif character == ";":
            raise common.Refused(f"a semicolon without a backslash in {text!r}")
        plain.append(character)
    return "".join(plain)


class _Words(logging.Handler):
    """The warnings of octoDNS."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []

    def emit(self, record):
        self.said.append(self.format(record))
