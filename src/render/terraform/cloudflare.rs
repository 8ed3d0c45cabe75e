//! Cloudflare: `cloudflare_dns_record` of the provider `cloudflare/cloudflare`, version 5, which
//! has a resource per record.

use std::fmt;

use data_encoding::HEXUPPER;
use hickory_proto::rr::RData;

use super::write::{self, Item, number, quoted};
use crate::name::plain_text;
use crate::render::{COMMON, Kin, Mending, Sheet, Spec};
use crate::zonefile;

pub(in crate::render) const SPEC: Spec = Spec {
    word: "terraform-cloudflare",
    kin: Kin::Terraform,
    headline: "Terraform resources for Cloudflare, provider version 5",
    dns_host: Some("cloudflare"),
    extension: "tf",
    opening: "\
# Keep this file as a module of its own and give it the ID of each zone:
#   terraform apply -var='zone_ids={\"example.com\"=\"023e105f4ecef8ad9ca31a8372d0c353\"}'
# A record that exists already is an error, and `terraform import` adopts it; a
# foreign one at the same name stays beside ours.
terraform {
  required_providers {
    cloudflare = {
      source  = \"cloudflare/cloudflare\"
      version = \">= 5\"
    }
  }
}

variable \"zone_ids\" {
  description = \"The ID of each zone, by the name of the zone\"
  type        = map(string)
}

",
    separator: "\n",
    write,
    mending: Mending::with_comment("#"),
    ..COMMON
};

const RESOURCE: &str = "cloudflare_dns_record";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    write::heading(sheet, out)?;
    for (_, set) in sheet.sets() {
        let name = write::identifier(set);
        for (index, data) in set.rdatas().iter().enumerate() {
            let mut body = vec![
                Item::Argument("zone_id", write::per_zone("zone_ids", sheet)),
                Item::Argument("name", quoted(&plain_text(set.owner()))),
                Item::Argument("type", quoted(&zonefile::type_name(set.record_type()))),
                Item::Argument("ttl", number(set.ttl())),
            ];
            body.extend(content(data));
            match index {
                0 => write::resource(RESOURCE, &name, &body, out)?,
                _ => write::resource(RESOURCE, &format!("{name}_{}", index + 1), &body, out)?,
            }
        }
    }
    Ok(())
}

/// Where the data of a record stand: types with several numbers have an object.
fn content(data: &RData) -> Vec<Item> {
    let content = |text: &str| Item::Argument("content", quoted(text));
    // Behind Cloudflare's proxy a name leads to web servers, not to mail servers.
    let direct = |text: &str| vec![content(text), Item::Argument("proxied", "false".to_owned())];
    match data {
        RData::CNAME(target) => direct(&plain_text(&target.0)),
        RData::A(_) | RData::AAAA(_) => direct(&zonefile::rdata(data)),
        RData::MX(mx) => vec![
            content(&plain_text(&mx.exchange)),
            Item::Argument("priority", number(mx.preference)),
        ],
        RData::SRV(srv) => vec![Item::Object(
            "data",
            vec![
                ("priority", number(srv.priority)),
                ("weight", number(srv.weight)),
                ("port", number(srv.port)),
                ("target", quoted(&plain_text(&srv.target))),
            ],
        )],
        RData::TLSA(tlsa) => vec![Item::Object(
            "data",
            vec![
                ("usage", number(u8::from(tlsa.cert_usage))),
                ("selector", number(u8::from(tlsa.selector))),
                ("matching_type", number(u8::from(tlsa.matching))),
                ("certificate", quoted(&HEXUPPER.encode(&tlsa.cert_data))),
            ],
        )],
        _ => vec![content(&zonefile::rdata(data))],
    }
}
