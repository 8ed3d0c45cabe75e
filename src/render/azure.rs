//! A zone file for `az network dns zone import`.
//!
//! The Azure CLI demands an SOA record at the head. It takes texts as they stand between their
//! quotation marks, and cuts their joined strings anew at 255 octets: a text that needs an escape
//! cannot be imported as it is meant (azure-cli, `parse_zone_file.py`). Each RRset takes the place of
//! the one that stands at the same name and type (azure-cli, `import_zone`).

use std::fmt::{self, Write};

use super::{COMMON, Kin, Mending, Scope, Sheet, Spec, txt};
use crate::name::{plain_text, text};
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "azure",
    aliases: &["azure-dns"],
    kin: Kin::Host,
    headline: "zone file to import into Azure DNS; it replaces RRsets",
    extension: "zone",
    scope: Scope::OneEach,
    unfit: |_, _, set| {
        let is_plain = |text: &[u8]| text.iter().all(is_plain);
        txt::unfit(set, is_plain, "holds a text that the import of Azure would change")
    },
    mending: Mending { whole: true, ..Mending::with_comment(";") },
    write,
    ..COMMON
};

/// Printable ASCII that the import leaves as it is.
fn is_plain(octet: &u8) -> bool {
    matches!(octet, b' '..=b'~') && !REFUSED.contains(octet)
}

/// What the import takes for something else, even between quotation marks.
const REFUSED: [u8; 4] = *b"\"\\()";

/// What Azure gives to a new zone; the import keeps the name of the primary server as it is.
const START_OF_AUTHORITY: &str = "3600 IN SOA ns1-01.azure-dns.com. \
     azuredns-hostmaster.microsoft.com. 1 3600 300 2419200 300";

/// What the import does to a zone, for the person who runs it.
const HEADER: &str = "\
; The import merges: RRsets of other names and types stay as they are. An RRset
; below takes the place of the one that stands at its name and type, with every
; foreign record in it. The SOA record has to be here; it is that of a new zone,
; and its times become those of the zone.
";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    let origin = sheet.origin();
    let zone = plain_text(origin);
    writeln!(out, "; {}.", sheet.heading())?;
    writeln!(out, "; az network dns zone import -g RESOURCE-GROUP -n {zone} -f FILE")?;
    out.push_str(HEADER);
    writeln!(out, "{} {START_OF_AUTHORITY}", text(origin))?;
    for (_, set) in sheet.sets() {
        for record in set.records() {
            zonefile::push_record(&record, out);
            out.push('\n');
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::{left_out, printed_records};

    #[test]
    fn every_record_follows_the_start_of_authority() {
        let records = "\
example.com. 3600 IN MX 10 mx.example.net.
_imaps._tcp.example.com. 3600 IN SRV 0 1 993 imap.example.net.
_pop3._tcp.example.com. 60 IN SRV 0 0 0 .
_caldavs._tcp.example.com. 3600 IN TXT \"path=/a;b?c='$d${e}%{f}\"
autoconfig.example.com. 3600 IN A 192.0.2.1
autoconfig.example.com. 3600 IN AAAA 2001:db8::1
autodiscover.example.com. 3600 IN CNAME www.example.net.
_143._tcp.imap.example.com. 3600 IN TLSA 3 1 1 8CB0FC6C527506A053F4F14C8464BEBBD6DEDE2738D11468DD953D7D6A3021F1
";
        let text = printed_records(Format::AZURE, records);
        let (comment, zone) = text.split_at(text.find("\nexample.com.").unwrap() + 1);
        assert!(comment.starts_with(
            "; Mail client settings for example.com.\n\
             ; az network dns zone import -g RESOURCE-GROUP -n example.com -f FILE\n"
        ));
        assert_eq!(
            zone,
            "example.com. 3600 IN SOA ns1-01.azure-dns.com. azuredns-hostmaster.microsoft.com. \
             1 3600 300 2419200 300\n"
                .to_owned()
                + records
        );
    }

    #[test]
    fn what_azure_would_change_is_left_out() {
        for data in [r#""a\"b""#, r#""a\\b""#, r#""\200""#, r#""a" "b""#, r#""(""#] {
            assert_eq!(
                left_out(Format::AZURE, &format!("a.example.com. 60 IN TXT {data}\n")),
                ["a TXT holds a text that the import of Azure would change"]
            );
        }
        let full = "x".repeat(255);
        let text = printed_records(Format::AZURE, &format!("example.com. 60 IN TXT {full} b\n"));
        assert!(text.contains("TXT"));
    }
}
