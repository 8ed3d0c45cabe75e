"""Records for Azure DNS, planned by Terraform with a stand-in for the AzureRM provider."""

from . import common, rdata, terraform

# Characters of a TXT record (the documentation of azurerm_dns_txt_record).
LONGEST = 4096


def read(path, apex):
    lines = []
    for kind, record in terraform.planned(path, "azurerm", apex):
        rtype = kind.split("_")[2].upper()
        if common.absolute(record["zone_name"]) != apex or record["zone_name"].endswith("."):
            raise common.Refused(f"zone_name {record['zone_name']}")
        owner = rdata.owner(record["name"], apex)
        for data in _data(rtype, record):
            lines.append(common.line(owner, record["ttl"], rtype, data))
    return lines


def _data(rtype, record):
    if rtype in ("A", "AAAA"):
        return [rdata.address(rtype, text) for text in record["records"]]
    if rtype == "CNAME":
        return [rdata.dotless(record["record"])]
    return [_block(rtype, block) for block in record["record"]]


def _block(rtype, block):
    if rtype == "TXT":
        if len(block["value"]) > LONGEST:
            raise common.Refused(f"a text of {len(block['value'])} characters")
        return rdata.txt(block["value"])
    if rtype == "MX":
        return f"{block['preference']} {rdata.dotless(block['exchange'])}"
    numbers = f"{block['priority']} {block['weight']} {block['port']}"
    return f"{numbers} {rdata.dotless(block['target'])}"
