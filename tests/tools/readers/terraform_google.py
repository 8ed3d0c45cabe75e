"""Records for Google Cloud DNS, planned by Terraform with a stand-in for the Google provider."""

from . import common, rdata, terraform


def read(path, apex):
    return [
        common.line(
            rdata.dotted(record["name"]),
            record["ttl"],
            record["type"],
            rdata.presented(record["type"], data),
        )
        for _, record in terraform.planned(path, "google", apex)
        for data in record["rrdatas"]
    ]
