//! Google Cloud DNS: `google_dns_record_set` of the provider `hashicorp/google`, with RDATA in
//! presentation form.

use std::fmt;

use hickory_proto::rr::Name;

use super::read::{self, Resource};
use super::write::{self, Item};
use crate::name::text;
use crate::render::read::{Reading, absolute};
use crate::render::{COMMON, Sheet, Spec};
use crate::zonefile;

pub(in crate::render) const SPEC: Spec = Spec {
    word: "terraform-google",
    headline: "Terraform resources for Google Cloud DNS",
    extension: "tf",
    opening: "\
# Keep this file as a module of its own and give it the name of each managed zone:
#   terraform apply -var='managed_zones={\"example.com\"=\"example-com\"}'
# An RRset that exists already is an error and not overwritten; `terraform import` adopts it.
variable \"managed_zones\" {
  description = \"What each managed zone is called, by the name of the zone\"
  type        = map(string)
}

",
    separator: "\n",
    write,
    read: |text, origin| read::each(text, |resource| read_one(resource, origin)),
    ..COMMON
};

const RESOURCE: &str = "google_dns_record_set";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    write::heading(sheet, out)?;
    for (_, set) in sheet.sets() {
        let body = [
            Item::Argument("managed_zone", write::per_zone("managed_zones", sheet)),
            Item::Argument("name", write::quoted(&text(set.owner()))),
            Item::Argument("type", write::quoted(&zonefile::type_name(set.record_type()))),
            Item::Argument("ttl", write::number(set.ttl())),
            Item::Argument("rrdatas", write::list(set.rdatas().iter().map(zonefile::rdata))),
        ];
        write::resource(RESOURCE, &write::identifier(set), &body, out)?;
    }
    Ok(())
}

fn read_one(mut resource: Resource, origin: &Name) -> Result<Vec<Reading>, String> {
    resource.is(RESOURCE)?;
    let fields = &mut resource.fields;
    fields.per_zone("managed_zone", "managed_zones", origin)?;
    let owner = absolute(&fields.text("name")?)?;
    let (rtype, ttl) = (fields.text("type")?, fields.number("ttl")?);
    let rrdatas = fields.texts("rrdatas")?;
    resource.done()?;
    let rdatas = rrdatas.iter().map(|rdata| read::rdata(&rtype, rdata));
    Ok(read::readings(&owner, ttl, rdatas.collect::<Result<_, _>>()?))
}
