//! Any server that takes dynamic updates (RFC 2136): the provider `hashicorp/dns`, a resource per
//! type.
//!
//! It has none for TLSA. It puts quotation marks around the text of a TXT record and reads it as a
//! master file would, cutting it into strings.

use std::fmt;

use hickory_proto::rr::{Name, RData, RecordType};

use super::read::{self, Resource};
use super::write::{self, Item, number, quoted};
use crate::name::{relative_text, text};
use crate::render::read::{Reading, absolute, relative};
use crate::render::txt::{self, Digits};
use crate::render::{COMMON, Sheet, Spec};
use crate::rrset::RrSet;
use crate::zonefile;

pub(in crate::render) const SPEC: Spec = Spec {
    word: "terraform-dns",
    headline: "Terraform resources for any server with dynamic updates (RFC 2136)",
    extension: "tf",
    opening: "\
# Apply with `terraform apply`; where the server is and its TSIG key stand in a block
# `provider \"dns\" { update { server = ... } }`, which is not in this file.
# Ours is added to an RRset that exists already, and an alias takes the place of another one;
# `terraform import` it first, and `terraform plan` says what would go.

",
    separator: "\n",
    lacks: &[RecordType::TLSA],
    unfit: |_, _, set| cut_otherwise(set),
    write,
    read: |text, origin| read::each(text, |resource| read_one(resource, origin)),
    ..COMMON
};

fn cut_otherwise(set: &RrSet) -> Option<String> {
    let unfit = set.rdatas().iter().any(txt::is_cut_otherwise);
    unfit.then(|| "holds strings that the provider would cut otherwise".to_owned())
}

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

fn txt(data: &RData) -> String {
    let mut out = String::new();
    if let RData::TXT(record) = data {
        txt::push_escaped(&txt::joined(record), Digits::Decimal, &mut out);
    }
    out
}

fn read_one(mut resource: Resource, origin: &Name) -> Result<Vec<Reading>, String> {
    let fields = &mut resource.fields;
    if absolute(&fields.text("zone")?)? != *origin {
        return Err("`zone` is another zone".to_owned());
    }
    let owner = match fields.has("name").then(|| fields.text("name")).transpose()?.as_deref() {
        Some("@") => return Err("the apex has no `name`".to_owned()),
        Some(name) => relative(name, origin)?,
        None => origin.clone(),
    };
    let ttl = fields.number("ttl")?;
    let mut addresses = |rtype: &str| -> Result<Vec<RData>, String> {
        fields.texts("addresses")?.iter().map(|text| read::rdata(rtype, text)).collect()
    };
    let rdatas = match resource.rtype.as_str() {
        "dns_a_record_set" => addresses("A")?,
        "dns_aaaa_record_set" => addresses("AAAA")?,
        "dns_cname_record" => vec![read::cname(absolute(&fields.text("cname")?)?)],
        "dns_mx_record_set" => resource.each_block("mx", |mx| {
            let preference = mx.number("preference")?;
            Ok(read::mx(preference, absolute(&mx.text("exchange")?)?))
        })?,
        "dns_srv_record_set" => resource.each_block("srv", |srv| srv.srv(absolute))?,
        "dns_txt_record_set" => fields
            .texts("txt")?
            .iter()
            .map(|text| match txt::unescaped(text, Digits::Decimal, "\"")?.as_slice() {
                [string] => Ok(txt::of_text(string)),
                _ => Err(format!("`{text}` has a quotation mark that is not escaped")),
            })
            .collect::<Result<_, String>>()?,
        _ => return Err(format!("`{}` is no resource of ours", resource.rtype)),
    };
    resource.done()?;
    Ok(read::readings(&owner, ttl, rdatas))
}
