"""Records for Route 53, planned by Terraform with a stand-in for the AWS provider."""

from . import common, rdata, terraform


def read(path, apex):
    lines = []
    for _, record in terraform.planned(path, "aws", apex):
        rtype = record["type"]
        owner = common.absolute(record["name"])
        # The provider puts the name of the zone behind a name that does not end with it.
        if owner != apex and not owner.endswith(f".{apex}"):
            raise common.Refused(f"the name {record['name']}")
        for data in record["records"]:
            if rtype == "TXT":
                # The provider puts the outer quotation marks, so between strings stand two.
                data = f'"{data}"'
            data = rdata.presented(rtype, data)
            lines.append(common.line(owner, record["ttl"], rtype, data))
    return lines
