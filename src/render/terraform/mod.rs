//! Terraform configuration, a file per provider.
//!
//! Every RRset is a resource, at Cloudflare every record. What differs between zones and cannot be
//! known here, such as the ID of a hosted zone, is a variable that the head of a file declares once
//! and that holds a value per zone, so that any number of mail domains and zones share a file.

mod aws;
mod azure;
mod cloudflare;
mod dns;
mod google;
mod write;

#[cfg(test)]
mod tests;

pub(super) use self::aws::SPEC as AWS;
pub(super) use self::azure::SPEC as AZURE;
pub(super) use self::cloudflare::SPEC as CLOUDFLARE;
pub(super) use self::dns::SPEC as DNS;
pub(super) use self::google::SPEC as GOOGLE;
