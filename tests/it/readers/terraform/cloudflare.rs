//! Cloudflare: a resource per record.

use hickory_proto::rr::Name;

use super::{REFUSED, Resource, each, readings};
use crate::readers::parts::{cname, dotless, mx, rdata};
use crate::readers::{Reader, Reading};

pub(in crate::readers) const READER: Reader = Reader {
    word: "terraform-cloudflare",
    read: |text, origin| each(text, |resource| read_one(resource, origin)),
    mistakes: &[
        ("zone_ids[\"provider.example\"", "zone_ids[\"example.org\""),
        ("\"SRV\"", "\"TXT\""),
        ("proxied = false", "proxied = true"),
        ("weight   = 1\n    port     = 993", "weight   = 993\n    port     = 1"),
        ("imap.example.net\"", "imap.example.net.\""),
    ],
    refused: REFUSED,
};

const RESOURCE: &str = "cloudflare_dns_record";

fn read_one(mut resource: Resource, origin: &Name) -> Result<Vec<Reading>, String> {
    resource.is(RESOURCE)?;
    let fields = &mut resource.fields;
    fields.per_zone("zone_id", "zone_ids", origin)?;
    let owner = dotless(&fields.text("name")?)?;
    let (rtype, ttl) = (fields.text("type")?, fields.number("ttl")?);
    let data = match rtype.as_str() {
        "SRV" => {
            let mut data = fields.object("data")?;
            let srv = data.srv(dotless)?;
            data.done()?;
            srv
        }
        "TLSA" => {
            let mut data = fields.object("data")?;
            let (usage, selector): (u8, u8) = (data.number("usage")?, data.number("selector")?);
            let (matching, certificate): (u8, _) =
                (data.number("matching_type")?, data.text("certificate")?);
            data.done()?;
            rdata("TLSA", &format!("{usage} {selector} {matching} {certificate}"))?
        }
        "MX" => {
            let preference: u16 = fields.number("priority")?;
            let exchange = dotless(&fields.text("content")?)?;
            mx(preference, exchange)
        }
        "A" | "AAAA" => {
            fields.is_false("proxied")?;
            rdata(&rtype, &fields.text("content")?)?
        }
        "CNAME" => {
            fields.is_false("proxied")?;
            cname(dotless(&fields.text("content")?)?)
        }
        "TXT" => rdata(&rtype, &fields.text("content")?)?,
        _ => return Err(format!("the type {rtype} is not ours")),
    };
    resource.done()?;
    Ok(readings(&owner, ttl, vec![data]))
}
