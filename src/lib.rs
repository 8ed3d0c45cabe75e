//! mailsrv publishes and audits the DNS records by which mail clients find their servers.
pub mod answer;
pub mod audit;
pub mod hosting;
pub mod inquiry;
pub mod name;
pub mod plan;
pub mod rrset;
pub mod service;
