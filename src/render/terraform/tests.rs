use hcl_edit::structure::Body;
use hickory_proto::rr::Name;

use super::write::quoted;
use crate::render::Format;
use crate::render::samples::{RECORDS, left_out, printed, printed_records};

const FORMATS: [Format; 5] = [
    Format::TERRAFORM_AWS,
    Format::TERRAFORM_AZURE,
    Format::TERRAFORM_CLOUDFLARE,
    Format::TERRAFORM_DNS,
    Format::TERRAFORM_GOOGLE,
];

#[test]
fn the_head_of_a_file_declares_what_its_resources_refer_to() {
    for format in FORMATS {
        let body: Body = (format.opening().to_owned() + &printed(format)).parse().expect("HCL");
        let declared: Vec<_> = body
            .get_blocks("variable")
            .map(|block| block.labels.first().map(|label| label.as_str().to_owned()))
            .collect();
        let referred = printed(format).split("var.").nth(1).map(|rest| {
            let end = rest.find(['[', '\n']).unwrap_or(rest.len());
            rest[..end].to_owned()
        });
        assert_eq!(declared, referred.into_iter().map(Some).collect::<Vec<_>>(), "{format:?}");
    }
}

/// The resources whose names hold this text, without the blank lines between them.
fn resources(format: Format, part: &str) -> String {
    let text = printed(format);
    let blocks = text.split("\n\nresource ").skip(1);
    let blocks =
        blocks.filter(|block| block.lines().next().is_some_and(|head| head.contains(part)));
    blocks.map(|block| format!("resource {}\n", block.trim_end())).collect()
}

#[track_caller]
fn check(format: Format, part: &str, expected: &str) {
    assert_eq!(format!("\n{}", resources(format, part)), expected);
}

#[test]
fn route_53_has_presentation_form() {
    let format = Format::TERRAFORM_AWS;
    check(
        format,
        "srv__imap_",
        r#"
resource "aws_route53_record" "srv__imap__tcp_example_com" {
  zone_id = var.zone_ids["example.com"]
  name    = "_imap._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  records = ["0 1 143 imap.example.net.", "10 20 993 imap2.example.net."]
}
"#,
    );
    check(
        format,
        "txt_",
        r#"
resource "aws_route53_record" "txt__caldavs__tcp_example_com" {
  zone_id = var.zone_ids["example.com"]
  name    = "_caldavs._tcp.example.com"
  type    = "TXT"
  ttl     = 3600
  records = ["path=/a;b?c='\\\"$d$${e}\\\\%%{f}"]
}
"#,
    );
}

#[test]
fn cloudflare_has_a_resource_per_record() {
    let format = Format::TERRAFORM_CLOUDFLARE;
    check(
        format,
        "srv__imap_",
        r#"
resource "cloudflare_dns_record" "srv__imap__tcp_example_com" {
  zone_id = var.zone_ids["example.com"]
  name    = "_imap._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  data = {
    priority = 0
    weight   = 1
    port     = 143
    target   = "imap.example.net"
  }
}
resource "cloudflare_dns_record" "srv__imap__tcp_example_com_2" {
  zone_id = var.zone_ids["example.com"]
  name    = "_imap._tcp.example.com"
  type    = "SRV"
  ttl     = 3600
  data = {
    priority = 10
    weight   = 20
    port     = 993
    target   = "imap2.example.net"
  }
}
"#,
    );
    check(
        format,
        "mx_",
        r#"
resource "cloudflare_dns_record" "mx_example_com" {
  zone_id  = var.zone_ids["example.com"]
  name     = "example.com"
  type     = "MX"
  ttl      = 3600
  content  = "mx.example.net"
  priority = 10
}
"#,
    );
    check(
        format,
        "tlsa_",
        r#"
resource "cloudflare_dns_record" "tlsa__143__tcp_imap_example_com" {
  zone_id = var.zone_ids["example.com"]
  name    = "_143._tcp.imap.example.com"
  type    = "TLSA"
  ttl     = 3600
  data = {
    usage         = 3
    selector      = 1
    matching_type = 1
    certificate   = "8CB0FC6C527506A053F4F14C8464BEBBD6DEDE2738D11468DD953D7D6A3021F1"
  }
}
"#,
    );
    check(
        format,
        "txt_",
        r#"
resource "cloudflare_dns_record" "txt__caldavs__tcp_example_com" {
  zone_id = var.zone_ids["example.com"]
  name    = "_caldavs._tcp.example.com"
  type    = "TXT"
  ttl     = 3600
  content = "\"path=/a;b?c='\\\"$d$${e}\\\\%%{f}\""
}
"#,
    );
    check(
        format,
        "\"a_",
        r#"
resource "cloudflare_dns_record" "a_autoconfig_example_com" {
  zone_id = var.zone_ids["example.com"]
  name    = "autoconfig.example.com"
  type    = "A"
  ttl     = 3600
  content = "192.0.2.1"
  proxied = false
}
"#,
    );
}

#[test]
fn google_has_names_with_a_final_dot() {
    check(
        Format::TERRAFORM_GOOGLE,
        "cname_",
        r#"
resource "google_dns_record_set" "cname_autodiscover_example_com" {
  managed_zone = var.managed_zones["example.com"]
  name         = "autodiscover.example.com."
  type         = "CNAME"
  ttl          = 3600
  rrdatas      = ["www.example.net."]
}
"#,
    );
    check(
        Format::TERRAFORM_GOOGLE,
        "txt_",
        r#"
resource "google_dns_record_set" "txt__caldavs__tcp_example_com" {
  managed_zone = var.managed_zones["example.com"]
  name         = "_caldavs._tcp.example.com."
  type         = "TXT"
  ttl          = 3600
  rrdatas      = ["\"path=/a;b?c='\\\"$d$${e}\\\\%%{f}\""]
}
"#,
    );
}

#[test]
fn azure_has_a_resource_per_type_and_plain_text() {
    let format = Format::TERRAFORM_AZURE;
    check(
        format,
        "mx_",
        r#"
resource "azurerm_dns_mx_record" "mx_example_com" {
  name                = "@"
  zone_name           = "example.com"
  resource_group_name = var.resource_group_name
  ttl                 = 3600

  record {
    preference = 10
    exchange   = "mx.example.net"
  }
}
"#,
    );
    check(
        format,
        "srv__pop3_",
        r#"
resource "azurerm_dns_srv_record" "srv__pop3__tcp_example_com" {
  name                = "_pop3._tcp"
  zone_name           = "example.com"
  resource_group_name = var.resource_group_name
  ttl                 = 60

  record {
    priority = 0
    weight   = 0
    port     = 0
    target   = "."
  }
}
"#,
    );
    check(
        format,
        "txt_",
        r#"
resource "azurerm_dns_txt_record" "txt__caldavs__tcp_example_com" {
  name                = "_caldavs._tcp"
  zone_name           = "example.com"
  resource_group_name = var.resource_group_name
  ttl                 = 3600

  record {
    value = "path=/a;b?c='\"$d$${e}\\%%{f}"
  }
}
"#,
    );
    check(
        format,
        "aaaa_",
        r#"
resource "azurerm_dns_aaaa_record" "aaaa_autoconfig_example_com" {
  name                = "autoconfig"
  zone_name           = "example.com"
  resource_group_name = var.resource_group_name
  ttl                 = 3600
  records             = ["2001:db8::1"]
}
"#,
    );
    check(format, "tlsa_", "\n");
}

#[test]
fn dynamic_updates_leave_the_apex_without_a_name() {
    let format = Format::TERRAFORM_DNS;
    check(
        format,
        "mx_",
        r#"
resource "dns_mx_record_set" "mx_example_com" {
  zone = "example.com."
  ttl  = 3600

  mx {
    preference = 10
    exchange   = "mx.example.net."
  }
}
"#,
    );
    check(
        format,
        "srv__imap_",
        r#"
resource "dns_srv_record_set" "srv__imap__tcp_example_com" {
  zone = "example.com."
  name = "_imap._tcp"
  ttl  = 3600

  srv {
    priority = 0
    weight   = 1
    port     = 143
    target   = "imap.example.net."
  }

  srv {
    priority = 10
    weight   = 20
    port     = 993
    target   = "imap2.example.net."
  }
}
"#,
    );
    check(
        format,
        "txt_",
        r#"
resource "dns_txt_record_set" "txt__caldavs__tcp_example_com" {
  zone = "example.com."
  name = "_caldavs._tcp"
  ttl  = 3600
  txt  = ["path=/a;b?c='\\\"$d$${e}\\\\%%{f}"]
}
"#,
    );
    check(
        format,
        "cname_",
        r#"
resource "dns_cname_record" "cname_autodiscover_example_com" {
  zone  = "example.com."
  name  = "autodiscover"
  ttl   = 3600
  cname = "www.example.net."
}
"#,
    );
    check(format, "tlsa_", "\n");
}

#[test]
fn every_name_is_a_name_in_terraform() {
    let records = RECORDS.replace("example.com.", "1and1.example.com.").replace("3600", "60");
    for format in FORMATS {
        let text = printed_records(format, &records);
        assert!(text.contains("\"srv__imap__tcp_1and1_example_com\""), "{text}");
        assert!(text.contains("\"mx_1and1_example_com\""), "{text}");
    }
}

#[test]
fn strings_hold_any_octets_where_the_provider_does() {
    let long = "a".repeat(255);
    let records = format!(
        "example.com. 60 IN TXT \"a\\195\\188\\010\\255\" \"b\"\n\
         x.example.com. 60 IN TXT \"{long}\" \"b\"\n"
    );
    let text = |format| printed_records(format, &records);
    let aws = text(Format::TERRAFORM_AWS);
    assert!(aws.contains(r#"["a\\303\\274\\012\\377\"\"b"]"#), "{aws}");
    let google = text(Format::TERRAFORM_GOOGLE);
    assert!(google.contains(r#"["\"a\\195\\188\\010\\255\" \"b\""]"#), "{google}");
    // The joint of the first is not where a string is full.
    for format in [Format::TERRAFORM_AZURE, Format::TERRAFORM_DNS] {
        let text = text(format);
        assert!(!text.contains("\"txt_example_com\""), "{text}");
        assert!(text.contains(&format!("{long}b")), "{text}");
    }
    assert_eq!(
        left_out(Format::TERRAFORM_AZURE, &records),
        ["@ TXT holds a text that Azure's provider would write otherwise"]
    );
    assert_eq!(
        left_out(Format::TERRAFORM_DNS, &records),
        ["@ TXT holds strings that the provider would cut otherwise"]
    );
}

#[test]
fn quoted_strings_say_what_they_were_made_of() {
    for text in ["", "a\"b\\c", "${x}", "$${x}", "%{x}", "$$", "a$", "\n\t\r\u{7}", "\u{fc}"] {
        let body: Body = format!("x = {}\n", quoted(text)).parse().expect(text);
        let value = body.get_attribute("x").and_then(|attribute| attribute.value.as_str());
        assert_eq!(value, Some(text));
    }
}

#[test]
fn the_zone_is_that_of_the_user() {
    let apex = Name::from_ascii("example.com.").expect("a name");
    let hosting = crate::hosting::Hosting::documented();
    let plan = crate::plan::plan(
        &"sales.example.com".parse().expect("a domain"),
        &hosting,
        &crate::hosting::Columns::default(),
    )
    .expect("a plan");
    let sheet = crate::render::Sheet::new(&plan, Some(&apex)).expect("it lies in the zone");
    for (format, part) in [
        (
            Format::TERRAFORM_AWS,
            "zone_id = var.zone_ids[\"example.com\"]\n  name    = \"_imaps._tcp.sales.example.com\"",
        ),
        (
            Format::TERRAFORM_AZURE,
            "name                = \"_imaps._tcp.sales\"\n  zone_name           = \"example.com\"",
        ),
        (Format::TERRAFORM_DNS, "zone = \"example.com.\"\n  name = \"_imaps._tcp.sales\""),
    ] {
        let mut text = String::new();
        sheet.print(format, &mut text);
        assert!(text.contains(part), "{text}");
    }
}
