//! Amazon Route 53: `aws_route53_record` of the provider `hashicorp/aws`.
//!
//! The provider puts the outer quotation marks around the text of TXT records itself, so that two
//! of them stand between strings, and Route 53 has octal escapes where master files have decimal
//! ones.

use std::fmt;

use hickory_proto::rr::RData;

use super::write::{self, Item};
use crate::name::plain_text;
use crate::render::txt::{self, Digits};
use crate::render::{COMMON, Kin, Mending, Sheet, Spec};
use crate::zonefile;

pub(in crate::render) const SPEC: Spec = Spec {
    word: "terraform-aws",
    aliases: &["terraform-route53"],
    kin: Kin::Terraform,
    headline: "Terraform resources for Amazon Route 53",
    extension: "tf",
    opening: "\
# Keep this file as a module of its own and give it the ID of each hosted zone:
#   terraform apply -var='zone_ids={\"example.com\"=\"Z0123456789ABCDEFGHIJ\"}'
# An RRset that exists already is an error and not overwritten; `terraform
# import` adopts it.
variable \"zone_ids\" {
  description = \"The ID of each hosted zone, by the name of the zone\"
  type        = map(string)
}

",
    separator: "\n",
    mending: Mending { whole: true, ..Mending::with_comment("#") },
    write,
    ..COMMON
};

const RESOURCE: &str = "aws_route53_record";

/// What ends a string and begins the next.
const JOINT: &str = "\"\"";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    write::heading(sheet, out)?;
    for (_, set) in sheet.sets() {
        let body = [
            Item::Argument("zone_id", write::per_zone("zone_ids", sheet)),
            Item::Argument("name", write::quoted(&plain_text(set.owner()))),
            Item::Argument("type", write::quoted(&zonefile::type_name(set.record_type()))),
            Item::Argument("ttl", write::number(set.ttl())),
            Item::Argument("records", write::list(set.rdatas().iter().map(rdata))),
        ];
        write::resource(RESOURCE, &write::identifier(set), &body, out)?;
    }
    Ok(())
}

/// Presentation form, but for the text of TXT.
fn rdata(data: &RData) -> String {
    let RData::TXT(txt) = data else { return zonefile::rdata(data) };
    txt::escaped(txt, Digits::Octal, JOINT)
}
