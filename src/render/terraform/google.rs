//! Google Cloud DNS: `google_dns_record_set` of the provider `hashicorp/google`, with RDATA in
//! presentation form.

use std::fmt;

use super::write::{self, Item};
use crate::name::text;
use crate::render::{COMMON, Kin, Mending, Sheet, Spec};
use crate::zonefile;

pub(in crate::render) const SPEC: Spec = Spec {
    word: "terraform-google",
    aliases: &["terraform-gcloud"],
    kin: Kin::Terraform,
    headline: "Terraform resources for Google Cloud DNS",
    extension: "tf",
    opening: "\
# Keep this file as a module of its own and give it the name of each managed
# zone:
#   terraform apply -var='managed_zones={\"example.com\"=\"example-com\"}'
# An RRset that exists already is an error and not overwritten; `terraform
# import` adopts it.
variable \"managed_zones\" {
  description = \"What each managed zone is called, by the name of the zone\"
  type        = map(string)
}

",
    separator: "\n",
    mending: Mending { whole: true, ..Mending::with_comment("#") },
    write,
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
