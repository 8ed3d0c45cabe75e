//! What a run gave up, because the time for a mail domain was over.

use std::net::IpAddr;

use crate::answer::{Question, Vantage};
use crate::endpoint::Endpoint;
use crate::page::Request;

/// What was done for a mail domain when its time was over: each has a time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Its records were looked up.
    Inquiry,
    /// Its servers were visited, and the documents for its clients fetched.
    Visits,
    /// Its clients were foretold.
    Forecast,
}

/// What was given up: not waited for to its end, or not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unfinished<'a> {
    /// A question, to this vantage where each of several is asked.
    Question(&'a Question, Option<&'a Vantage>),
    /// A request to these addresses.
    Page(&'a Request, &'a [IpAddr]),
    /// A visit to a server.
    Server(&'a Endpoint),
}
