//! The body of a batch request to Cloudflare.

use hickory_proto::rr::{Name, RData};
use serde::Deserialize;

use super::parts::{cname, dotless, mx, rdata, srv};
use super::{Reader, Reading};

pub(super) const READER: Reader = Reader {
    word: "cloudflare",
    read,
    mistakes: &[
        ("\"ttl\": 3600", "\"ttl\": 3601"),
        ("$d", "d"),
        ("\"name\": \"_imaps.", "\"name\": \"_imap."),
        ("\"posts\"", "\"puts\""),
        ("\"proxied\": false", "\"proxied\": true"),
        (", \"proxied\": false", ""),
        (", \"priority\": 10}", "}"),
        ("\"weight\": 1, ", ""),
        ("\"weight\": 1, ", "\"weight\": 1, \"proto\": \"_tcp\", "),
        ("\"content\": \"192", "\"data\": {}, \"content\": \"192"),
        ("\"type\": \"MX\"", "\"type\": \"SRV\""),
        ("www.example.net", "www.example.net."),
        ("example\"", "example.\""),
        ("\\\"path", "path"),
        ("\"ttl\": 3600", "\"ttl\": -3600"),
        ("\"ttl\": 3600", "\"ttl\": 3600, \"ttl\": 3600"),
    ],
    refused: &[(
        r#"{"posts": [{"type": "TLSA", "name": "a", "ttl": 60, "data":
            {"usage": 3, "selector": 1, "matching_type": 1, "certificate": "0"}}]}"#,
        "hexadecimal digits",
    )],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    posts: Vec<Post>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "UPPERCASE", deny_unknown_fields)]
enum Post {
    A { name: String, ttl: u32, content: String, proxied: bool },
    Aaaa { name: String, ttl: u32, content: String, proxied: bool },
    Cname { name: String, ttl: u32, content: String, proxied: bool },
    Mx { name: String, ttl: u32, content: String, priority: u16 },
    Srv { name: String, ttl: u32, data: Srv },
    Tlsa { name: String, ttl: u32, data: Tlsa },
    Txt { name: String, ttl: u32, content: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Srv {
    priority: u16,
    weight: u16,
    port: u16,
    target: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tlsa {
    usage: u8,
    selector: u8,
    matching_type: u8,
    certificate: String,
}

fn read(text: &str, _origin: &Name) -> Result<Vec<Reading>, String> {
    let batch: Batch = serde_json::from_str(text).map_err(|error| error.to_string())?;
    batch.posts.into_iter().map(reading).collect()
}

fn reading(post: Post) -> Result<Reading, String> {
    let (name, ttl, data) = match post {
        Post::A { name, ttl, content, proxied } => (name, ttl, direct("A", &content, proxied)?),
        Post::Aaaa { name, ttl, content, proxied } => {
            (name, ttl, direct("AAAA", &content, proxied)?)
        }
        Post::Cname { name, ttl, content, proxied } => {
            (name, ttl, direct("CNAME", &content, proxied)?)
        }
        Post::Mx { name, ttl, content, priority } => (name, ttl, mx(priority, dotless(&content)?)),
        Post::Srv { name, ttl, data: Srv { priority, weight, port, target } } => {
            (name, ttl, srv(priority, weight, port, dotless(&target)?))
        }
        Post::Tlsa { name, ttl, data: Tlsa { usage, selector, matching_type, certificate } } => {
            let data = format!("{usage} {selector} {matching_type} {certificate}");
            (name, ttl, rdata("TLSA", &data)?)
        }
        Post::Txt { name, ttl, content } => (name, ttl, rdata("TXT", &content)?),
    };
    Ok(Reading { owner: dotless(&name)?, ttl: Some(ttl), data })
}

/// An address or alias, which is answered as it stands here.
fn direct(rtype: &str, content: &str, proxied: bool) -> Result<RData, String> {
    match rtype {
        _ if proxied => Err(format!("{rtype} {content} is proxied")),
        "CNAME" => Ok(cname(dotless(content)?)),
        _ => rdata(rtype, content),
    }
}
