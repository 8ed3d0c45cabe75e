//! Google Cloud DNS: presentation form.

use hickory_proto::rr::Name;

use super::{REFUSED, Resource, each, readings};
use crate::readers::parts::{absolute, rdata};
use crate::readers::{Reader, Reading};

pub(in crate::readers) const READER: Reader = Reader {
    word: "terraform-google",
    read: |text, origin| each(text, |resource| read_one(resource, origin)),
    mistakes: &[
        ("managed_zones[\"provider.example\"", "managed_zones[\"example.org\""),
        ("\"SRV\"", "\"TXT\""),
        ("example.net.\"", "example.net\""),
        ("managed_zones[", "zones["),
    ],
    refused: REFUSED,
};

const RESOURCE: &str = "google_dns_record_set";

fn read_one(mut resource: Resource, origin: &Name) -> Result<Vec<Reading>, String> {
    resource.is(RESOURCE)?;
    let fields = &mut resource.fields;
    fields.per_zone("managed_zone", "managed_zones", origin)?;
    let owner = absolute(&fields.text("name")?)?;
    let (rtype, ttl) = (fields.text("type")?, fields.number("ttl")?);
    let rrdatas = fields.texts("rrdatas")?;
    resource.done()?;
    let rdatas = rrdatas.iter().map(|text| rdata(&rtype, text));
    Ok(readings(&owner, ttl, rdatas.collect::<Result<_, _>>()?))
}
