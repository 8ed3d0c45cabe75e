"""Our own YAML, read alike by a parser of YAML 1.1 (PyYAML) and one of YAML 1.2 (ruamel)."""

import ruamel.yaml
import yaml

from . import common

RECORD = {"domain": str, "owner": str, "ttl": int, "type": str, "data": str, "purpose": str}


def read(path, apex):
    text = path.read_text()
    try:
        old = yaml.load(text, Loader=_Loader)
        new = ruamel.yaml.YAML(typ="safe", pure=True).load(text)
    except (yaml.YAMLError, ruamel.yaml.error.YAMLError) as error:
        raise common.Refused(str(error)) from error
    if old != new:
        raise common.Refused(f"YAML 1.1 reads {old}\nYAML 1.2 reads {new}")
    if not isinstance(old, list):
        raise common.Refused(f"no list: {old}")
    lines = []
    for record in old:
        if (
            not isinstance(record, dict)
            or {key: type(value) for key, value in record.items()} != RECORD
        ):
            raise common.Refused(f"keys or types: {record}")
        lines.append(common.line(*(record[key] for key in ["owner", "ttl", "type", "data"])))
    return lines


class _Loader(yaml.SafeLoader):
    """A loader that refuses a key that stands twice, as ruamel does, and text without quotes."""

    def construct_mapping(self, node, deep=False):
        for _, value in node.value:
            if value.tag == "tag:yaml.org,2002:str" and value.style is None:
                raise common.Refused(f"{value.value} stands without quotation marks")
        keys = [key.value for key, _ in node.value]
        if len(set(keys)) < len(keys):
            raise common.Refused(f"a key stands twice in {keys}")
        return super().construct_mapping(node, deep)
