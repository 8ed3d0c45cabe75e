//! Amazon Route 53: octal escapes in the texts, and no outer quotation marks.

use hickory_proto::rr::Name;

use super::{REFUSED, Resource, each, readings};
use crate::readers::parts::{dotless, rdata};
use crate::readers::txt::{self, Digits};
use crate::readers::{Reader, Reading};

pub(in crate::readers) const READER: Reader = Reader {
    word: "terraform-aws",
    read: |text, origin| each(text, |resource| read_one(resource, origin)),
    mistakes: &[
        ("zone_ids[\"provider.example\"", "zone_ids[\"example.org\""),
        ("\"SRV\"", "\"TXT\""),
        ("example.net.\"", "example.net\""),
    ],
    refused: REFUSED,
};

const RESOURCE: &str = "aws_route53_record";

/// What ends a string and begins the next.
const JOINT: &str = "\"\"";

fn read_one(mut resource: Resource, origin: &Name) -> Result<Vec<Reading>, String> {
    resource.is(RESOURCE)?;
    let fields = &mut resource.fields;
    fields.per_zone("zone_id", "zone_ids", origin)?;
    let owner = dotless(&fields.text("name")?)?;
    let (rtype, ttl) = (fields.text("type")?, fields.number("ttl")?);
    let records = fields.texts("records")?;
    resource.done()?;
    let rdata = |text: &String| match rtype.as_str() {
        "TXT" => txt::of_strings(&txt::unescaped(text, Digits::Octal, JOINT)?),
        _ => rdata(&rtype, text),
    };
    let rdatas = records.iter().map(rdata).collect::<Result<_, _>>()?;
    Ok(readings(&owner, ttl, rdatas))
}
