//! Azure DNS: plain text, names without a final dot.

use hickory_proto::rr::Name;
use mailsrv::name::plain_text;

use super::{REFUSED, Resource, each, readings};
use crate::readers::parts::{cname, dotless, mx, rdata, relative};
use crate::readers::{Reader, Reading, txt};

pub(in crate::readers) const READER: Reader = Reader {
    word: "terraform-azure",
    read: |text, origin| each(text, |resource| read_one(resource, origin)),
    mistakes: &[
        ("\"provider.example\"", "\"example.org\""),
        ("var.resource_group_name", "var.group"),
        ("imap.example.net\"", "imap.example.net.\""),
    ],
    refused: REFUSED,
};

fn read_one(mut resource: Resource, origin: &Name) -> Result<Vec<Reading>, String> {
    let rtype = resource.rtype.strip_prefix("azurerm_dns_");
    let rtype = rtype.and_then(|rest| rest.strip_suffix("_record")).unwrap_or_default().to_owned();
    let fields = &mut resource.fields;
    let owner = relative(&fields.text("name")?, origin)?;
    if fields.text("zone_name")? != plain_text(origin) {
        return Err("`zone_name` is another zone".to_owned());
    }
    fields.variable("resource_group_name", "resource_group_name")?;
    let ttl = fields.number("ttl")?;
    let rdatas = match rtype.as_str() {
        "a" | "aaaa" => {
            let rtype = rtype.to_ascii_uppercase();
            let addresses = fields.texts("records")?;
            addresses.iter().map(|text| rdata(&rtype, text)).collect::<Result<_, _>>()?
        }
        "cname" => vec![cname(dotless(&fields.text("record")?)?)],
        "mx" => resource.each_block("record", |record| {
            let preference = record.number("preference")?;
            Ok(mx(preference, dotless(&record.text("exchange")?)?))
        })?,
        "srv" => resource.each_block("record", |record| record.srv(dotless))?,
        "txt" => resource
            .each_block("record", |record| Ok(txt::of_text(record.text("value")?.as_bytes())))?,
        _ => return Err(format!("`{}` is no resource of ours", resource.rtype)),
    };
    resource.done()?;
    Ok(readings(&owner, ttl, rdatas))
}
