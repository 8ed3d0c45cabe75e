//! Terraform configuration, a file per provider; what we do not write is refused.

pub(super) mod aws;
pub(super) mod azure;
pub(super) mod cloudflare;
pub(super) mod dns;
pub(super) mod google;

use std::collections::HashSet;

use hcl_edit::Ident;
use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};
use hcl_edit::structure::{Block, BlockLabel, Body, Structure};
use hickory_proto::rr::{Name, RData};
use mailsrv::name;

use super::Reading;
use super::parts::srv;

/// Mistakes that every reader of resources notices, beside those of its own.
pub(super) const MISTAKES: &[(&str, &str)] = &[
    ("3600", "3601"),
    ("= 3600", "= \"3600\""),
    ("= 3600", "= 3.5"),
    ("= 3600", "= 4294967296"),
    ("  ttl", "  # ttl"),
    ("imap.example.net", "imaq.example.net"),
    ("resource", "data"),
    ("}\n", "}}\n"),
    ("  ttl ", "  extra = 1\n  ttl "),
    ("}\n", "  other {\n  }\n}\n"),
    ("192.0.2.1", "192.0.2.01"),
    ("$d", "$${d}"),
    ("%7B", "%{7B"),
];

/// Texts that hold no resource of ours, whatever the provider.
const REFUSED: &[(&str, &str)] = &[
    ("x = 1\n", "outside a resource"),
    ("resource \"aws_route53_record\" {\n}\n", "other labels"),
    ("resource \"aws_route53_record\" \"1x\" {\n}\n", "no resource"),
    ("resource \"x\" \"y\" {\n}\nresource \"x\" \"y\" {\n}\n", "there twice"),
    ("resource \"x\" \"y\" {\n", "HCL"),
];

/// A resource and its arguments.
#[derive(Debug)]
struct Resource {
    rtype: String,
    fields: Fields,
    /// The nested blocks.
    blocks: Vec<(String, Fields)>,
}

/// Arguments that are not read yet.
#[derive(Debug)]
struct Fields(Vec<(String, Value)>);

/// The values that we write.
#[derive(Debug, PartialEq)]
enum Value {
    Text(String),
    Number(u64),
    Flag(bool),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
    /// A variable, and which of its elements.
    Variable(String, Option<String>),
}

/// Reads a configuration that has resources alone, no two of one name.
fn resources(text: &str) -> Result<Vec<Resource>, String> {
    let body: Body = text.parse().map_err(|error: hcl_edit::parser::Error| error.to_string())?;
    let mut names = HashSet::new();
    let mut resources = Vec::new();
    for structure in &body {
        let Structure::Block(block) = structure else {
            return Err("an argument stands outside a resource".to_owned());
        };
        let [BlockLabel::String(rtype), BlockLabel::String(name)] = block.labels.as_slice() else {
            return Err(format!("`{}` has other labels than a resource", block.ident.as_str()));
        };
        if block.ident.as_str() != "resource" || !is_identifier(name) {
            return Err(format!("`{} \"{}\"` is no resource", block.ident.as_str(), name.as_str()));
        }
        let label = (rtype.as_str().to_owned(), name.as_str().to_owned());
        resources.push(resource(&label.0, block)?);
        if !names.insert(label) {
            return Err(format!(
                "the resource {}.{} is there twice",
                rtype.as_str(),
                name.as_str()
            ));
        }
    }
    Ok(resources)
}

/// Reads a configuration, resource by resource.
fn each(
    text: &str,
    read_one: impl Fn(Resource) -> Result<Vec<Reading>, String>,
) -> Result<Vec<Reading>, String> {
    let mut readings = Vec::new();
    for resource in resources(text)? {
        readings.extend(read_one(resource)?);
    }
    Ok(readings)
}

/// Whether a text is a name in HCL as it is in Terraform.
fn is_identifier(text: &str) -> bool {
    let inner = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'_' || octet == b'-';
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(inner)
}

fn resource(rtype: &str, block: &Block) -> Result<Resource, String> {
    let (fields, blocks) = arguments(&block.body)?;
    let blocks = blocks
        .into_iter()
        .map(|nested| match arguments(&nested.body)? {
            (fields, inner) if inner.is_empty() && nested.labels.is_empty() => {
                Ok((nested.ident.as_str().to_owned(), fields))
            }
            _ => Err(format!("`{}` has labels or blocks", nested.ident.as_str())),
        })
        .collect::<Result<_, String>>()?;
    Ok(Resource { rtype: rtype.to_owned(), fields, blocks })
}

fn arguments(body: &Body) -> Result<(Fields, Vec<&Block>), String> {
    let fields = body
        .attributes()
        .map(|attribute| Ok((attribute.key.as_str().to_owned(), value(&attribute.value)?)));
    Ok((Fields(fields.collect::<Result<_, String>>()?), body.blocks().collect()))
}

fn value(expression: &Expression) -> Result<Value, String> {
    let unknown = || "a value is neither text, number, list, object nor variable".to_owned();
    match expression {
        Expression::String(text) => Ok(Value::Text(text.as_str().to_owned())),
        Expression::Number(number) => number.as_u64().map(Value::Number).ok_or_else(unknown),
        Expression::Bool(flag) => Ok(Value::Flag(*flag.value())),
        Expression::Array(array) => {
            Ok(Value::List(array.iter().map(value).collect::<Result<_, _>>()?))
        }
        Expression::Object(object) => {
            let members = object.iter().map(|(key, member)| match key {
                ObjectKey::Ident(key) => Ok((key.as_str().to_owned(), value(member.expr())?)),
                ObjectKey::Expression(_) => Err(unknown()),
            });
            Ok(Value::Object(members.collect::<Result<_, _>>()?))
        }
        Expression::Traversal(traversal) => {
            let root = traversal.expr.as_variable().map(Ident::as_str);
            let steps: Vec<&TraversalOperator> =
                traversal.operators.iter().map(|operator| operator.value()).collect();
            match (root, steps.as_slice()) {
                (Some("var"), [TraversalOperator::GetAttr(name)]) => {
                    Ok(Value::Variable(name.as_str().to_owned(), None))
                }
                (
                    Some("var"),
                    [
                        TraversalOperator::GetAttr(name),
                        TraversalOperator::Index(Expression::String(key)),
                    ],
                ) => Ok(Value::Variable(name.as_str().to_owned(), Some(key.as_str().to_owned()))),
                _ => Err(unknown()),
            }
        }
        _ => Err(unknown()),
    }
}

impl Resource {
    /// Reads the last of its arguments.
    fn done(self) -> Result<(), String> {
        self.fields.done()?;
        match self.blocks.first() {
            Some((word, _)) => Err(format!("the block `{word}` is not ours")),
            None => Ok(()),
        }
    }

    /// Refuses a resource of another type.
    fn is(&self, rtype: &str) -> Result<(), String> {
        match self.rtype == rtype {
            true => Ok(()),
            false => Err(format!("`{}` is no resource of ours", self.rtype)),
        }
    }

    /// Takes all its blocks, which have this name.
    fn each_block(
        &mut self,
        word: &str,
        read_one: impl Fn(&mut Fields) -> Result<RData, String>,
    ) -> Result<Vec<RData>, String> {
        let blocks = std::mem::take(&mut self.blocks);
        if blocks.is_empty() {
            return Err(format!("a block `{word}` is missing"));
        }
        let mut rdatas = Vec::new();
        for (found, mut fields) in blocks {
            if found != word {
                return Err(format!("the block `{found}` stands where `{word}` should"));
            }
            rdatas.push(read_one(&mut fields)?);
            fields.done()?;
        }
        Ok(rdatas)
    }
}

impl Fields {
    fn take(&mut self, key: &str) -> Result<Value, String> {
        let at = self.0.iter().position(|(found, _)| found == key);
        at.map(|at| self.0.swap_remove(at).1).ok_or_else(|| format!("`{key}` is missing"))
    }

    /// Whether an argument is there.
    fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(found, _)| found == key)
    }

    /// Takes a text.
    fn text(&mut self, key: &str) -> Result<String, String> {
        match self.take(key)? {
            Value::Text(text) => Ok(text),
            _ => Err(format!("`{key}` is no text")),
        }
    }

    /// Takes a number.
    fn number<N: TryFrom<u64>>(&mut self, key: &str) -> Result<N, String> {
        let number = match self.take(key)? {
            Value::Number(number) => N::try_from(number).ok(),
            _ => None,
        };
        number.ok_or_else(|| format!("`{key}` is no number that fits"))
    }

    /// Takes a list of texts.
    fn texts(&mut self, key: &str) -> Result<Vec<String>, String> {
        let wrong = || format!("`{key}` is no list of texts");
        let Value::List(values) = self.take(key)? else { return Err(wrong()) };
        values
            .into_iter()
            .map(|value| match value {
                Value::Text(text) => Ok(text),
                _ => Err(wrong()),
            })
            .collect()
    }

    /// Takes an object.
    fn object(&mut self, key: &str) -> Result<Self, String> {
        match self.take(key)? {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(format!("`{key}` is no object")),
        }
    }

    /// Takes an argument that is `false`.
    fn is_false(&mut self, key: &str) -> Result<(), String> {
        match self.take(key)? {
            Value::Flag(false) => Ok(()),
            _ => Err(format!("`{key}` is not false")),
        }
    }

    /// Takes a variable.
    fn variable(&mut self, key: &str, variable: &str) -> Result<(), String> {
        match self.take(key)? {
            Value::Variable(name, None) if name == variable => Ok(()),
            _ => Err(format!("`{key}` is not `var.{variable}`")),
        }
    }

    /// Takes what a variable holds for a zone.
    fn per_zone(&mut self, key: &str, variable: &str, zone: &Name) -> Result<(), String> {
        let zone = name::plain_text(zone);
        match self.take(key)? {
            Value::Variable(name, Some(found)) if name == variable && found == zone => Ok(()),
            _ => Err(format!("`{key}` is not `var.{variable}[\"{zone}\"]`")),
        }
    }

    /// Takes priority, weight, port and target; `name` reads the target.
    fn srv(&mut self, name: fn(&str) -> Result<Name, String>) -> Result<RData, String> {
        let (priority, weight) = (self.number("priority")?, self.number("weight")?);
        let (port, target) = (self.number("port")?, name(&self.text("target")?)?);
        Ok(srv(priority, weight, port, target))
    }

    /// Everything is taken.
    fn done(self) -> Result<(), String> {
        match self.0.first() {
            Some((key, _)) => Err(format!("`{key}` is not ours")),
            None => Ok(()),
        }
    }
}

/// The readings of one resource.
fn readings(owner: &Name, ttl: u32, rdatas: Vec<RData>) -> Vec<Reading> {
    let reading = |data| Reading { owner: owner.clone(), ttl: Some(ttl), data };
    rdatas.into_iter().map(reading).collect()
}
