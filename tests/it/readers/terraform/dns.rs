//! Any server with dynamic updates (RFC 2136).

use hickory_proto::rr::{Name, RData};

use super::{REFUSED, Resource, each, readings};
use crate::readers::parts::{absolute, cname, mx, rdata, relative};
use crate::readers::txt::{self, Digits};
use crate::readers::{Reader, Reading};

pub(in crate::readers) const READER: Reader = Reader {
    word: "terraform-dns",
    read: |text, origin| each(text, |resource| read_one(resource, origin)),
    mistakes: &[
        ("\"provider.example.\"", "\"example.org.\""),
        ("imap.example.net.\"", "imap.example.net\""),
        ("name = \"_imap._tcp\"", "name = \"@\""),
    ],
    refused: REFUSED,
};

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
        fields.texts("addresses")?.iter().map(|text| rdata(rtype, text)).collect()
    };
    let rdatas = match resource.rtype.as_str() {
        "dns_a_record_set" => addresses("A")?,
        "dns_aaaa_record_set" => addresses("AAAA")?,
        "dns_cname_record" => vec![cname(absolute(&fields.text("cname")?)?)],
        "dns_mx_record_set" => resource.each_block("mx", |fields| {
            let preference = fields.number("preference")?;
            Ok(mx(preference, absolute(&fields.text("exchange")?)?))
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
    Ok(readings(&owner, ttl, rdatas))
}
