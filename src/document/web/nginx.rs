//! For nginx.

use std::fmt::{self, Write};

use super::{AUTODISCOVER_PATH, POSTED, Root, Site, TARGET};
use crate::document::Kind;

/// HTTPS stands in comments: nginx does not start without the certificates.
pub(super) fn write(site: &Site, root: &Root, out: &mut String) -> fmt::Result {
    let name = &site.name;
    out.push('\n');
    if site.is_host {
        writeln!(out, "# {TARGET}")?;
    }
    out.push_str("server {\n    listen 80;\n    listen [::]:80;\n");
    writeln!(out, "    server_name {name};")?;
    let bucket = (name.len() + NGINX_BUCKET_OVERHEAD).next_power_of_two();
    if bucket > NGINX_BUCKET {
        writeln!(
            out,
            "    # Long names need `server_names_hash_bucket_size {bucket};` in `http`."
        )?;
    }
    out.push_str("    # Once there is a certificate for this name:\n");
    out.push_str("    #listen 443 ssl;\n    #listen [::]:443 ssl;\n");
    writeln!(out, "    #ssl_certificate     /etc/letsencrypt/live/{name}/fullchain.pem;")?;
    writeln!(out, "    #ssl_certificate_key /etc/letsencrypt/live/{name}/privkey.pem;")?;
    if !site.autoconfig {
        out.push_str("    if ($scheme = http) { return 302 https://$host$request_uri; }\n");
    }
    writeln!(out, "\n    root {root};")?;
    let xml = Kind::Autoconfig.media_type();
    let (apple, json) = (Kind::Apple.media_type(), Kind::Pacc.media_type());
    writeln!(out, "    types {{ {xml} xml; {json} json; {apple} mobileconfig; }}")?;
    out.push_str("    location / { return 404; }\n");
    if site.autoconfig {
        out.push_str("    location /mail/ { }\n");
    }
    if site.autoconfig || site.pacc {
        out.push_str("    location /.well-known/ { }\n");
    }
    if site.autodiscover {
        let pattern = AUTODISCOVER_PATH.replace('.', "\\.");
        writeln!(out, "    location ~* ^/{pattern}$ {{")?;
        writeln!(out, "        # {POSTED}")?;
        writeln!(out, "        error_page 405 =200 /{AUTODISCOVER_PATH};")?;
        writeln!(out, "        try_files /{AUTODISCOVER_PATH} =404;")?;
        out.push_str("    }\n");
    }
    out.push_str("}\n");
    Ok(())
}

/// The default of nginx's `server_names_hash_bucket_size`, a cache line.
const NGINX_BUCKET: usize = 64;

/// What nginx's hash table takes beside a name: two pointers and a length of two octets.
const NGINX_BUCKET_OVERHEAD: usize = 18;
