//! The YAML shape of a hosting profile.

/// The documented default profile.
pub const DOCUMENTED: &str = include_str!("../../zones/hosting.yaml");

/// Reads a profile.
pub fn parse(_text: &str, _file: &str) -> Result<super::Hosting, String> {
    Err(String::new())
}
