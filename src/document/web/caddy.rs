//! For Caddy.

use std::fmt::{self, Write};

use super::{AUTODISCOVER_PATH, POSTED, Root, Site, TARGET};
use crate::document::Kind;

/// Caddy gets the certificates by itself, for every name that is written with `https`.
pub(super) fn write(site: &Site, root: &Root, out: &mut String) -> fmt::Result {
    let name = &site.name;
    out.push('\n');
    if site.is_host {
        writeln!(out, "# {TARGET}")?;
    }
    if site.autoconfig {
        writeln!(out, "http://{name}, https://{name} {{")?;
    } else {
        if site.autodiscover {
            writeln!(out, "http://{name} {{\n\tredir https://{{host}}{{uri}} 302\n}}\n")?;
        }
        writeln!(out, "https://{name} {{")?;
    }
    writeln!(out, "\troot * {root}")?;
    if site.autoconfig {
        write_type("xml", Kind::Autoconfig, out)?;
        write_type("mobileconfig", Kind::Apple, out)?;
    }
    if site.pacc {
        write_type("json", Kind::Pacc, out)?;
    }
    if site.autoconfig {
        out.push_str("\thandle /mail/* {\n\t\tfile_server\n\t}\n");
    }
    if site.autoconfig || site.pacc {
        out.push_str("\thandle /.well-known/* {\n\t\tfile_server\n\t}\n");
    }
    if site.autodiscover {
        write_autodiscover(out)?;
    }
    out.push_str("\thandle {\n\t\trespond 404\n\t}\n}\n");
    Ok(())
}

/// The one path that is asked for with POST and in several cases.
fn write_autodiscover(out: &mut String) -> fmt::Result {
    writeln!(out, "\t# {POSTED}")?;
    writeln!(out, "\thandle /{AUTODISCOVER_PATH} {{")?;
    writeln!(out, "\t\tmethod GET\n\t\trewrite * /{AUTODISCOVER_PATH}")?;
    writeln!(out, "\t\theader Content-Type {}", Kind::Autodiscover.media_type())?;
    out.push_str("\t\tfile_server\n\t}\n");
    Ok(())
}

/// Without it, Caddy goes by what the machine knows of endings.
fn write_type(ending: &str, kind: Kind, out: &mut String) -> fmt::Result {
    writeln!(out, "\t@{ending} path *.{ending}")?;
    writeln!(out, "\theader @{ending} Content-Type {}", kind.media_type())
}

/// Where Caddy asks whether it may get a certificate; Caddy itself answers there.
const ASK: &str = "http://127.0.0.1:9180";

/// Serves every mail domain that has a folder below the root, under names whose group by one of the
/// patterns is the folder; `varies` where the patterns depend on more than the profile.
///
/// The folder is looked for as Caddy runs, so that nothing changes here when customers come and go.
pub(super) fn fleet(patterns: &[String], varies: bool, root: &Root) -> String {
    let mut out = String::new();
    write_fleet(patterns, varies, root, &mut out).expect("a text takes whatever is written to it");
    out
}

fn write_fleet(patterns: &[String], varies: bool, root: &Root, out: &mut String) -> fmt::Result {
    let customer = |source: &str, out: &mut String| {
        writeln!(out, "\tmap {source} {{customer}} {{")?;
        for pattern in patterns {
            writeln!(out, "\t\t~{pattern} ${{1}}")?;
        }
        out.push_str("\t\tdefault none\n\t}\n");
        Ok(())
    };
    writeln!(out, "# The documents of every mail domain that has a folder in {root}, as")?;
    out.push_str("# `mailsrv documents` writes them. This first block begins the Caddyfile.\n");
    if varies {
        out.push_str(
            "# The servers are those of the list: print this again when there is another.\n",
        );
    }
    out.push_str("{\n\ton_demand_tls {\n");
    out.push_str(
        "\t\t# 200 there lets Caddy get a certificate; a service of yours may answer, too.\n",
    );
    writeln!(out, "\t\task {ASK}/ask\n\t}}\n}}\n")?;
    out.push_str("# Says yes to the names of mail domains that have a folder.\n");
    writeln!(out, "{ASK} {{\n\tbind 127.0.0.1")?;
    customer("{query.domain}", out)?;
    writeln!(out, "\troot * {root}\n\t@known file /{{customer}}/")?;
    out.push_str("\thandle @known {\n\t\trespond 200\n\t}\n");
    out.push_str("\thandle {\n\t\trespond 404\n\t}\n}\n\n");

    out.push_str("(documents) {\n");
    customer("{host}", out)?;
    writeln!(out, "\troot * {}/{{customer}}", root.0.trim_end_matches('/'))?;
    write_type("xml", Kind::Autoconfig, out)?;
    write_type("mobileconfig", Kind::Apple, out)?;
    write_type("json", Kind::Pacc, out)?;
    out.push_str("\thandle /mail/* {\n\t\tfile_server\n\t}\n");
    out.push_str("\thandle /.well-known/* {\n\t\tfile_server\n\t}\n}\n\n");

    out.push_str("http:// {\n\timport documents\n");
    out.push_str("\thandle {\n\t\tredir https://{host}{uri} 302\n\t}\n}\n\n");

    out.push_str("https:// {\n\ttls {\n\t\ton_demand\n\t}\n\timport documents\n");
    write_autodiscover(out)?;
    out.push_str("\thandle {\n\t\trespond 404\n\t}\n}\n");
    Ok(())
}
