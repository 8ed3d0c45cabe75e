//! Azure DNS: `azurerm_dns_*_record` of the provider `hashicorp/azurerm`, a resource per type.
//!
//! It has none for TLSA. TXT records are plain text, which the provider cuts into strings.

use std::fmt;

use hickory_proto::rr::{RData, RecordType};

use super::write::{self, Item, number, quoted};
use crate::name::{plain_text, relative_text};
use crate::render::{COMMON, Kin, Mending, Sheet, Spec, txt};
use crate::zonefile;

pub(in crate::render) const SPEC: Spec = Spec {
    word: "terraform-azure",
    kin: Kin::Terraform,
    headline: "Terraform resources for Azure DNS",
    extension: "tf",
    opening: "\
# Keep this file as a module of its own and give it the resource group of the
# zones:
#   terraform apply -var='resource_group_name=dns'
# An RRset that exists already is an error and not overwritten; `terraform
# import` adopts it.
variable \"resource_group_name\" {
  description = \"The resource group that the DNS zones are in\"
  type        = string
}

",
    separator: "\n",
    lacks: &[RecordType::TLSA],
    unfit: |_, _, set| {
        let is_plain = |text: &[u8]| text.len() <= MAX_TEXT && str::from_utf8(text).is_ok();
        txt::unfit(set, is_plain, "holds a text that Azure's provider would write otherwise")
    },
    mending: Mending { whole: true, ..Mending::with_comment("#") },
    write,
    ..COMMON
};

/// The most characters that the provider takes for a TXT record.
const MAX_TEXT: usize = 4096;

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    write::heading(sheet, out)?;
    for (_, set) in sheet.sets() {
        let mut body = vec![
            Item::Argument("name", quoted(&relative_text(set.owner(), sheet.origin()))),
            Item::Argument("zone_name", quoted(&plain_text(sheet.origin()))),
            Item::Argument("resource_group_name", "var.resource_group_name".to_owned()),
            Item::Argument("ttl", number(set.ttl())),
        ];
        if matches!(set.record_type(), RecordType::A | RecordType::AAAA) {
            let addresses = set.rdatas().iter().map(zonefile::rdata);
            body.push(Item::Argument("records", write::list(addresses)));
        } else {
            body.extend(set.rdatas().iter().map(record));
        }
        let rtype = zonefile::type_name(set.record_type()).to_ascii_lowercase();
        write::resource(
            &format!("azurerm_dns_{rtype}_record"),
            &write::identifier(set),
            &body,
            out,
        )?;
    }
    Ok(())
}

/// The argument or block of a record that is no address.
fn record(data: &RData) -> Item {
    match data {
        RData::CNAME(target) => Item::Argument("record", quoted(&plain_text(&target.0))),
        RData::MX(mx) => Item::Block(
            "record",
            vec![
                ("preference", number(mx.preference)),
                ("exchange", quoted(&plain_text(&mx.exchange))),
            ],
        ),
        RData::SRV(srv) => Item::Block(
            "record",
            vec![
                ("priority", number(srv.priority)),
                ("weight", number(srv.weight)),
                ("port", number(srv.port)),
                ("target", quoted(&plain_text(&srv.target))),
            ],
        ),
        RData::TXT(record) => {
            let text = txt::joined(record);
            Item::Block("record", vec![("value", quoted(&String::from_utf8_lossy(&text)))])
        }
        _ => Item::Block("record", vec![("value", quoted(&zonefile::rdata(data)))]),
    }
}
