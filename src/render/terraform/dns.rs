//! Any server that takes dynamic updates (RFC 2136): the provider `hashicorp/dns`, a resource per
//! type.
//!
//! It has none for TLSA. It puts quotation marks around the text of a TXT record and reads it as a
//! master file would, cutting it into strings.

use std::fmt;

use hickory_proto::rr::{RData, RecordType};

use super::write::{self, Item, number, quoted};
use crate::name::{relative_text, text};
use crate::render::txt::{self, Digits};
use crate::render::{COMMON, Kin, Mending, Sheet, Spec};
use crate::rrset::RrSet;
use crate::zonefile;

pub(in crate::render) const SPEC: Spec = Spec {
    word: "terraform-dns",
    aliases: &["terraform-rfc2136"],
    kin: Kin::Terraform,
    headline: "Terraform resources for any server with dynamic updates (RFC 2136)",
    extension: "tf",
    opening: "\
# Apply with `terraform apply`; where the server is and its TSIG key stand in a
# block `provider \"dns\" { update { server = ... } }`, which is not in this
# file. Ours is added to an RRset that exists already, and an alias takes the
# place of another one; `terraform import` it first, and `terraform plan` says
# what would go.

",
    separator: "\n",
    lacks: &[RecordType::TLSA],
    unfit: |_, _, set| {
        txt::unfit(set, |_| true, "holds strings that the provider would cut otherwise")
    },
    write,
    mending: Mending::with_comment("#"),
    ..COMMON
};

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    write::heading(sheet, out)?;
    for (_, set) in sheet.sets() {
        let mut body = vec![Item::Argument("zone", quoted(&text(sheet.origin())))];
        // At the apex there is no name.
        if set.owner() != sheet.origin() {
            body.push(Item::Argument("name", quoted(&relative_text(set.owner(), sheet.origin()))));
        }
        body.push(Item::Argument("ttl", number(set.ttl())));
        body.extend(data(set));
        write::resource(resource_type(set.record_type()), &write::identifier(set), &body, out)?;
    }
    Ok(())
}

/// Sets of records, but for CNAME: of those a name has one.
fn resource_type(rtype: RecordType) -> &'static str {
    match rtype {
        RecordType::A => "dns_a_record_set",
        RecordType::AAAA => "dns_aaaa_record_set",
        RecordType::CNAME => "dns_cname_record",
        RecordType::MX => "dns_mx_record_set",
        RecordType::SRV => "dns_srv_record_set",
        // Nothing else is in a plan but TLSA, which the format lacks.
        _ => "dns_txt_record_set",
    }
}

/// What the resource of the type calls its data.
fn data(set: &RrSet) -> Vec<Item> {
    let texts = |of: fn(&RData) -> String| write::list(set.rdatas().iter().map(of));
    match set.record_type() {
        RecordType::A | RecordType::AAAA => {
            vec![Item::Argument("addresses", texts(zonefile::rdata))]
        }
        RecordType::CNAME => {
            let targets = set.rdatas().iter().map(zonefile::rdata);
            targets.map(|target| Item::Argument("cname", quoted(&target))).collect()
        }
        RecordType::MX | RecordType::SRV => set.rdatas().iter().filter_map(block).collect(),
        _ => vec![Item::Argument("txt", texts(txt))],
    }
}

/// Types with several numbers have a block a record.
fn block(data: &RData) -> Option<Item> {
    match data {
        RData::MX(mx) => Some(Item::Block(
            "mx",
            vec![("preference", number(mx.preference)), ("exchange", quoted(&text(&mx.exchange)))],
        )),
        RData::SRV(srv) => Some(Item::Block(
            "srv",
            vec![
                ("priority", number(srv.priority)),
                ("weight", number(srv.weight)),
                ("port", number(srv.port)),
                ("target", quoted(&text(&srv.target))),
            ],
        )),
        _ => None,
    }
}

/// The text of a TXT record with the escapes of a master file, quotation marks left out.
fn txt(data: &RData) -> String {
    let mut out = String::new();
    if let RData::TXT(record) = data {
        txt::push_escaped(&txt::joined(record), Digits::Decimal, &mut out);
    }
    out
}
