"""The body of Cloudflare's batch request, held against the types of Cloudflare's own SDK."""

import typing

import pydantic
from cloudflare.types.dns import (
    a_record_param,
    aaaa_record_param,
    cname_record_param,
    mx_record_param,
    record_batch_params,
    srv_record_param,
    tlsa_record_param,
    txt_record_param,
)

from . import common, rdata

FORMS = {
    "A": a_record_param.ARecordParam,
    "AAAA": aaaa_record_param.AAAARecordParam,
    "CNAME": cname_record_param.CNAMERecordParam,
    "MX": mx_record_param.MXRecordParam,
    "SRV": srv_record_param.SRVRecordParam,
    "TLSA": tlsa_record_param.TLSARecordParam,
    "TXT": txt_record_param.TXTRecordParam,
}

# The TTLs that the API takes from customers of every plan (the SDK says so at `ttl`).
TTLS = range(60, 86401)


def read(path, apex):
    body = rdata.from_json(path)
    known = typing.get_type_hints(record_batch_params.RecordBatchParams)
    if not set(body) <= set(known) or "posts" not in body:
        raise common.Refused(f"keys {sorted(body)}; the SDK has {sorted(known)}")
    return [line_of(post) for post in body["posts"]]


def line_of(post):
    """The line of a record as the API takes it."""
    rtype = post.get("type")
    if rtype not in FORMS:
        raise common.Refused(f"type {rtype!r}")
    try:
        _strict(FORMS[rtype]).validate_python(post)
    except pydantic.ValidationError as error:
        raise common.Refused(str(error)) from error
    if post["ttl"] not in TTLS:
        raise common.Refused(f"Cloudflare refuses a TTL of {post['ttl']} seconds")
    # A proxied name is answered with addresses of Cloudflare, not with the record.
    if rtype in ("A", "AAAA", "CNAME") and post.get("proxied") is not False:
        raise common.Refused(f"{post['name']} is not kept from being proxied")
    try:
        data = _data(rtype, post)
    except KeyError as error:
        # The types leave every part of the data to our choice, DNS does not.
        raise common.Refused(f"{post} has no {error}") from error
    return common.line(rdata.dotless(post["name"]), post["ttl"], rtype, data)


def _strict(form):
    """The form with its nested ones, where a key too many is an error."""
    closed = pydantic.ConfigDict(extra="forbid", strict=True)
    for nested in [form, *typing.get_type_hints(form).values()]:
        if typing.is_typeddict(nested) or hasattr(nested, "__total__"):
            nested.__pydantic_config__ = closed
    return pydantic.TypeAdapter(form)


def _data(rtype, post):
    data = post.get("data", {})
    match rtype:
        case "SRV":
            numbers = f"{data['priority']} {data['weight']} {data['port']}"
            return f"{numbers} {rdata.dotless(data['target'])}"
        case "TLSA":
            numbers = f"{data['usage']} {data['selector']} {data['matching_type']}"
            return f"{numbers} {data['certificate']}"
        case "MX":
            return f"{post['priority']} {rdata.dotless(post['content'])}"
        case "CNAME":
            return rdata.dotless(post["content"])
        case "TXT":
            return rdata.presented("TXT", post["content"])
    return rdata.address(rtype, post["content"])
