//! A file that the configuration of Unbound includes.
//!
//! Unbound reads nothing but a backslash and what follows it in another way within single quotation
//! marks, and leaves both as they are, so that presentation form may stand there; only a single
//! quotation mark itself takes an escape, that of RFC 1035 §5.1.

use std::fmt::{self, Write};

use super::{COMMON, Kin, Mending, Sheet, Spec};
use crate::name::text;
use crate::zonefile;

pub(super) const SPEC: Spec = Spec {
    word: "unbound",
    kin: Kin::Server,
    headline: "file for the configuration of Unbound to include",
    extension: "conf",
    opening: OPENING,
    separator: "\n",
    write,
    mending: Mending::with_comment("#"),
    ..COMMON
};

/// With `typetransparent`, records of other types at the same names are still looked up.
const OPENING: &str = "\
# Put into /etc/unbound/unbound.conf.d/, test with `unbound-checkconf` and
# reload Unbound. The target of a CNAME below is not looked up: a client that
# asks for the address of an alias gets the alias alone, and many take that for
# no address.
server:
";

/// A single quotation mark as RFC 1035 §5.1 escapes it: by its decimal number.
const ESCAPED_QUOTE: &str = "\\039";

fn write(sheet: &Sheet<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "  # {}.", sheet.heading())?;
    writeln!(out, "  local-zone: \"{}\" typetransparent", text(sheet.name()))?;
    for (_, set) in sheet.sets() {
        for record in set.records() {
            let record = zonefile::record(&record).replace('\'', ESCAPED_QUOTE);
            writeln!(out, "  local-data: '{record}'")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::render::Format;
    use crate::render::samples::printed;

    #[test]
    fn every_record_is_local_data() {
        assert_eq!(
            printed(Format::UNBOUND),
            r#"  # Mail client settings for example.com.
  local-zone: "example.com." typetransparent
  local-data: 'example.com. 3600 IN MX 10 mx.example.net.'
  local-data: '_imap._tcp.example.com. 3600 IN SRV 0 1 143 imap.example.net.'
  local-data: '_imap._tcp.example.com. 3600 IN SRV 10 20 993 imap2.example.net.'
  local-data: '_pop3._tcp.example.com. 60 IN SRV 0 0 0 .'
  local-data: '_caldavs._tcp.example.com. 3600 IN SRV 0 1 443 dav.example.net.'
  local-data: '_caldavs._tcp.example.com. 3600 IN TXT "path=/a;b?c=\039\"$d${e}\\%{f}"'
  local-data: 'autoconfig.example.com. 3600 IN A 192.0.2.1'
  local-data: 'autoconfig.example.com. 3600 IN AAAA 2001:db8::1'
  local-data: 'autodiscover.example.com. 3600 IN CNAME www.example.net.'
  local-data: '_143._tcp.imap.example.com. 3600 IN TLSA 3 1 1 8CB0FC6C527506A053F4F14C8464BEBBD6DEDE2738D11468DD953D7D6A3021F1'
"#
        );
    }
}
