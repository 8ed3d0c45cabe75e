"""A change batch of Route 53: the AWS SDK validates it, a simulated Route 53 applies it twice."""

import boto3
import botocore.exceptions
import moto

from . import common, rdata

ANYWHERE = "us-east-1"


def read(path, apex):
    batch = rdata.from_json(path)
    with moto.mock_aws():
        client = boto3.client(
            "route53", region_name=ANYWHERE, aws_access_key_id="none", aws_secret_access_key="none"
        )
        zone = client.create_hosted_zone(Name=apex, CallerReference="once")["HostedZone"]["Id"]
        try:
            # The second time changes nothing: what is there is replaced by the same.
            for _ in range(2):
                client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            raise common.Refused(str(error)) from error
        pages = client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
        sets = [found for page in pages for found in page["ResourceRecordSets"]]
    known = client.meta.service_model.shape_for("RRType").enum
    lines = []
    for found in sets:
        rtype = found["Type"]
        if rtype not in known:
            raise common.Refused(f"Route 53 has no records of type {rtype}")
        if rtype not in ("SOA", "NS"):
            owner = rdata.dotted(found["Name"])
            for record in found["ResourceRecords"]:
                data = rdata.presented(rtype, record["Value"])
                lines.append(common.line(owner, found["TTL"], rtype, data))
    return lines
