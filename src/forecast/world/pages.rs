//! What a client can see of the web: pages, and what it reads in them.

use super::{Met, Stop, Told, Unknown, Want, World};
use crate::forecast::facts::Held;
use crate::page::{Content, MAX_REDIRECTS, Request, Unfetched};
use crate::reading::{Config, Entry, Kind, Pacc, Pox, is_well_formed};

/// How a client takes what servers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It goes where they point to, and looks for whom certificates are.
    Strict,
    /// It does not look for whom certificates are.
    Credulous,
    /// It looks for whom they are, and goes nowhere else.
    Rooted,
}

impl<'a> World<'a> {
    /// What a request comes to, where its host has an address.
    fn held(&self, request: &Request) -> Told<Option<&'a Held>> {
        let url = &request.url;
        if self.is_settled {
            self.touched.borrow_mut().pages.push(url.clone());
        }
        let addresses = self.addresses_of(url.host())?;
        if addresses.is_empty() {
            return Ok(None);
        }
        if let Some(planned) = self.change.document
            && (url.host(), url.path()) == (&planned.host, &planned.path)
        {
            return Ok(Some(&planned.held));
        }
        match self.facts.page(request, &addresses) {
            Some(held) => Ok(Some(held)),
            None => self.want(Want::Page(request.clone(), addresses.to_vec())),
        }
    }

    /// Wants all of these together, so that who tries one after the other does not wait for each.
    pub(in crate::forecast) fn expect(&self, requests: &[Request]) {
        for request in requests.iter().filter(|_| self.is_settled) {
            let _in_time = self.held(request);
        }
    }

    /// The same, wherever servers point to.
    fn followed(&self, request: &Request, manner: Manner) -> Told<Option<&'a Held>> {
        let mut next = request.clone();
        for _ in 0..MAX_REDIRECTS {
            let Some(held) = self.held(&next)? else { return Ok(None) };
            if let Ok(Content { fault: Some(fault), .. }) = &held.page.content
                && (manner != Manner::Credulous || *fault != Unfetched::Certificate)
            {
                self.met.borrow_mut().push(Met::Unfetched(request.url.clone(), *fault));
                return Ok(None);
            }
            match held.page.leads_to(&next) {
                Some(to) if manner == Manner::Rooted => {
                    let met = Met::Elsewhere(request.url.clone(), to.url);
                    self.met.borrow_mut().push(met);
                    return Ok(None);
                }
                Some(to) => next = to,
                None => return Ok(Some(held)),
            }
        }
        self.met.borrow_mut().push(Met::Unfetched(request.url.clone(), Unfetched::Redirects));
        Ok(None)
    }

    /// What is served with the status 200; None where nothing is.
    fn served(&self, request: &Request, manner: Manner) -> Told<Option<(&'a Held, &'a Content)>> {
        let Some(held) = self.followed(request, manner)? else { return Ok(None) };
        let url = || request.url.clone();
        match &held.page.content {
            Ok(content) if content.status == 200 => Ok(Some((held, content))),
            Ok(content) => {
                self.met.borrow_mut().push(Met::Status(url(), content.status));
                Ok(None)
            }
            Err(why) if why.is_known() => {
                self.met.borrow_mut().push(Met::Unfetched(url(), *why));
                Ok(None)
            }
            Err(why) => Err(Stop::Unknown(Unknown::Page(url(), *why))),
        }
    }

    /// The same, read in some way; None where it cannot be read.
    fn read<T>(
        &self,
        request: &Request,
        manner: Manner,
        read: impl FnOnce(&'a Held, &'a [u8]) -> Option<&'a T>,
    ) -> Told<Option<&'a T>> {
        let Some((held, content)) = self.served(request, manner)? else { return Ok(None) };
        let read = read(held, &content.body);
        if read.is_none() {
            self.met.borrow_mut().push(Met::Unread(request.url.clone()));
        }
        Ok(read)
    }

    /// What is served with the status 200, whatever it is, and whether that is XML with whatever root.
    pub(in crate::forecast) fn content(
        &self,
        request: &Request,
    ) -> Told<Option<(&'a Content, bool)>> {
        let Some((held, content)) = self.served(request, Manner::Strict)? else { return Ok(None) };
        // What is read all the same need not be read once more.
        let body = &content.body;
        let is_read = match Kind::of(request) {
            Kind::Config => held.config.get_or_init(|| Config::read(body)).is_some(),
            Kind::Pox => held.pox.get_or_init(|| Pox::read(body)).is_some(),
            Kind::Pacc => false,
        };
        let is_xml = is_read || *held.is_xml.get_or_init(|| is_well_formed(body));
        Ok(Some((content, is_xml)))
    }

    /// A configuration document for Thunderbird.
    pub(in crate::forecast) fn config(&self, request: &Request) -> Told<Option<&'a Config>> {
        self.config_in(request, Manner::Strict)
    }

    /// The same of a client that does not look for whom the certificate is.
    pub(in crate::forecast) fn config_of_anyone(
        &self,
        request: &Request,
    ) -> Told<Option<&'a Config>> {
        self.config_in(request, Manner::Credulous)
    }

    /// The same of a strict reader, which goes nowhere else for it, looks at no root, and takes all of it
    /// or nothing.
    pub(in crate::forecast) fn strict_config(&self, request: &Request) -> Told<Option<&'a Config>> {
        let config = self.read(request, Manner::Rooted, |held, body| {
            let other = || held.any_root.get_or_init(|| Config::of_any_root(body).map(Box::new));
            held.config.get_or_init(|| Config::read(body)).as_ref().or_else(|| other().as_deref())
        })?;
        if let Some(slip) = config.and_then(Config::slip) {
            self.refuses(&request.url, &slip.to_string());
            return Ok(None);
        }
        Ok(config)
    }

    fn config_in(&self, request: &Request, manner: Manner) -> Told<Option<&'a Config>> {
        self.read(request, manner, |held, body| {
            held.config.get_or_init(|| Config::read(body)).as_ref()
        })
    }

    /// The servers that a page names for Thunderbird, whatever its root; None where it is no XML.
    pub(in crate::forecast) fn entries(&self, request: &Request) -> Told<Option<&'a [Entry]>> {
        let Some((held, content)) = self.served(request, Manner::Strict)? else { return Ok(None) };
        let body = &content.body;
        let entries = match held.config.get_or_init(|| Config::read(body)) {
            Some(config) => Some(config.entries.as_slice()),
            None => held.entries.get_or_init(|| Entry::anywhere(body)).as_deref(),
        };
        if entries.is_none_or(<[_]>::is_empty) {
            self.met.borrow_mut().push(Met::Unread(request.url.clone()));
        }
        Ok(entries)
    }

    /// An answer of Autodiscover.
    pub(in crate::forecast) fn pox(&self, request: &Request) -> Told<Option<&'a Pox>> {
        self.read(request, Manner::Strict, |held, body| {
            held.pox.get_or_init(|| Pox::read(body)).as_ref()
        })
    }

    /// A PACC document, by those who read them: they go nowhere else for it.
    pub(in crate::forecast) fn pacc(&self, request: &Request) -> Told<Option<&'a Pacc>> {
        let pacc = self.read(request, Manner::Rooted, |held, body| {
            held.pacc.get_or_init(|| Pacc::read(body)).as_ref()
        })?;
        if let Some(gap) = pacc.and_then(Pacc::gap) {
            self.refuses(&request.url, &gap.to_string());
            return Ok(None);
        }
        Ok(pacc)
    }
}
