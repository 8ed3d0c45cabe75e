#!/usr/bin/env python3
"""A stand-in for a provider of Terraform: it knows the arguments of some resources, and no more.

    terraform_provider.py NAME

The arguments are those of the documentation in the repository of each provider: hashicorp/
terraform-provider-aws (website/docs/r/route53_record), cloudflare/terraform-provider-cloudflare
(docs/resources/dns_record, release 5), hashicorp/terraform-provider-google (website/docs/r/
dns_record_set), hashicorp/terraform-provider-azurerm (website/docs/r/dns_*_record) and hashicorp/
terraform-provider-dns (docs/resources). What we have no use for is left out, so it is refused.
"""

import sys

import tf.gen.tfplugin_pb2 as wire
import tf.runner
import tf.schema
import tf.types

TEXT = tf.types.String()
NUMBER = tf.types.Number()
TRUTH = tf.types.Bool()
TEXTS = tf.types.Set(TEXT)


class Parts(tf.types.TfType):
    """An attribute of parts, each of which may be left out."""

    def __init__(self, **parts):
        self.parts = parts

    def encode(self, value):
        return value

    def decode(self, value):
        return value

    def tf_type(self):
        raise NotImplementedError("an attribute of parts has no type, but the parts have")


class Attribute(tf.schema.Attribute):
    """An attribute that may be one of parts."""

    def to_pb(self):
        if not isinstance(self.type, Parts):
            return super().to_pb()
        parts = [Attribute(name, kind, optional=True) for name, kind in self.type.parts.items()]
        return wire.Schema.Attribute(
            name=self.name,
            optional=True,
            nested_type=wire.Schema.Object(
                attributes=[part.to_pb() for part in parts],
                nesting=wire.Schema.Object.NestingMode.SINGLE,
            ),
        )


class Block(tf.schema.NestedBlock):
    """A block that stands once or more."""

    def __init__(self, **required):
        self.required = required

    def named(self, name):
        attributes = [Attribute(part, kind, required=True) for part, kind in self.required.items()]
        mode = tf.schema.NestMode.Set
        super().__init__(name, mode, tf.schema.Block(attributes), min_items=1)
        return self

    def encode(self, value):
        return value

    def decode(self, value):
        return value

    def semantically_equal(self, one, other):
        return one == other


def resource(name, required, optional):
    """The class of a resource of this type with these attributes and blocks."""
    attributes = [Attribute("id", TEXT, computed=True)]
    blocks = []
    for attribute, kind in required.items():
        if isinstance(kind, Block):
            blocks.append(kind.named(attribute))
        else:
            attributes.append(Attribute(attribute, kind, required=True))
    for attribute, kind in optional.items():
        attributes.append(Attribute(attribute, kind, optional=True))
    schema = tf.schema.Schema(attributes=attributes, block_types=blocks)
    members = {
        "__init__": lambda self, provider: None,
        "get_name": classmethod(lambda cls: name),
        "get_schema": classmethod(lambda cls: schema),
        "validate": lambda self, diagnostics, type_name, config: None,
    }
    return type(name, (), members)


def azurerm(name, **own):
    place = dict(name=TEXT, zone_name=TEXT, resource_group_name=TEXT, ttl=NUMBER)
    return resource(f"dns_{name}_record", place | own, {"tags": tf.types.Map(TEXT)})


def dns(name, *, anywhere=True, **own):
    # Without a name, the resource is at the apex.
    place = {"zone": TEXT} if anywhere else {"zone": TEXT, "name": TEXT}
    more = {"name": TEXT, "ttl": NUMBER} if anywhere else {"ttl": NUMBER}
    return resource(name, place | own, more)


PROVIDERS = {
    "aws": [
        resource(
            "route53_record",
            dict(zone_id=TEXT, name=TEXT, type=TEXT),
            dict(ttl=NUMBER, records=TEXTS, allow_overwrite=TRUTH),
        )
    ],
    "azurerm": [
        azurerm("a", records=TEXTS),
        azurerm("aaaa", records=TEXTS),
        azurerm("cname", record=TEXT),
        azurerm("mx", record=Block(preference=TEXT, exchange=TEXT)),
        azurerm("srv", record=Block(priority=NUMBER, weight=NUMBER, port=NUMBER, target=TEXT)),
        azurerm("txt", record=Block(value=TEXT)),
    ],
    "cloudflare": [
        resource(
            "dns_record",
            dict(zone_id=TEXT, name=TEXT, type=TEXT, ttl=NUMBER),
            dict(
                content=TEXT,
                priority=NUMBER,
                proxied=TRUTH,
                comment=TEXT,
                data=Parts(
                    priority=NUMBER,
                    weight=NUMBER,
                    port=NUMBER,
                    target=TEXT,
                    usage=NUMBER,
                    selector=NUMBER,
                    matching_type=NUMBER,
                    certificate=TEXT,
                ),
            ),
        )
    ],
    "dns": [
        dns("a_record_set", addresses=TEXTS),
        dns("aaaa_record_set", addresses=TEXTS),
        dns("cname_record", anywhere=False, cname=TEXT),
        dns("mx_record_set", mx=Block(preference=NUMBER, exchange=TEXT)),
        dns(
            "srv_record_set",
            anywhere=False,
            srv=Block(priority=NUMBER, weight=NUMBER, port=NUMBER, target=TEXT),
        ),
        dns("txt_record_set", txt=TEXTS),
    ],
    "google": [
        resource(
            "dns_record_set",
            dict(managed_zone=TEXT, name=TEXT, type=TEXT),
            dict(ttl=NUMBER, rrdatas=tf.types.List(TEXT), project=TEXT),
        )
    ],
}


class Provider:
    """The provider of a name, as the framework wants it."""

    def __init__(self, name):
        self.name = name

    def get_model_prefix(self):
        return f"{self.name}_"

    def full_name(self):
        return self.name

    def get_provider_schema(self, diagnostics):
        return tf.schema.Schema()

    def validate_config(self, diagnostics, config):
        pass

    def configure_provider(self, diagnostics, config):
        pass

    def get_resources(self):
        return PROVIDERS[self.name]

    def get_data_sources(self):
        return []

    def get_functions(self):
        return []

    def new_resource(self, kind):
        return kind(self)


if __name__ == "__main__":
    tf.runner.run_provider(Provider(sys.argv[1]), sys.argv[:1])
