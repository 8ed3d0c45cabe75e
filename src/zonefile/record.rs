//! One record: owner name, TTL, class, type and RDATA, and what it takes over from those before.
//!
//! A record may leave out its owner name, TTL and class, and takes them from above (RFC 1035 §5.1).
//! Where what stands above could not be read, the record is an error too: a zone with one bad line
//! must not be read as another zone.

use hickory_proto::rr::{Name, RData};

use super::cursor::Cursor;
use super::error::ScanErrorKind;
use super::lex::{Fault, Lines, Spot};
use super::presentation::{Origin, period, push_name, shown, wire_name};
use super::rdata;
use super::types::{class_code, is_meta, type_code};
use crate::name;
use crate::rrset::ResourceRecord;

/// The largest TTL (RFC 2181 §8).
const MAX_TTL: u32 = (1 << 31) - 1;

/// The number of the type.
const SOA: u16 = 6;

/// What entries hand on to the next.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) origin: Origin,
    pub(super) apex: Option<Name>,
    owner: Owner,
    default_ttl: DefaultTtl,
    /// The TTL of the record above, which holds where no `$TTL` does (RFC 1035 §5.1).
    previous_ttl: Option<u32>,
    /// Room to make names and RDATA in, used again for every record.
    wire: Vec<u8>,
}

/// The owner name that an entry beginning with a blank takes over.
#[derive(Debug, Clone)]
enum Owner {
    /// No record stands above.
    None,
    /// The one above could not be read.
    Lost,
    Known(Name),
}

/// What `$TTL` says, or the SOA record in its place (RFC 2308 §4).
#[derive(Debug, Clone, Copy)]
enum DefaultTtl {
    None,
    /// The `$TTL` above could not be read.
    Lost,
    Known(u32),
}

/// What stands between owner name and RDATA.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) ttl: Option<u32>,
    /// The type, by its number.
    pub(super) code: u16,
    /// Where the type stands, to which errors about a missing TTL point.
    pub(super) at: Spot,
    /// The token behind the type.
    pub(super) next: usize,
}

impl Context {
    /// Begins a file: nothing is known but the origin.
    pub(super) fn new(origin: Origin) -> Self {
        Self {
            origin,
            apex: None,
            owner: Owner::None,
            default_ttl: DefaultTtl::None,
            previous_ttl: None,
            wire: Vec::new(),
        }
    }

    /// Goes back to the origin and the owner name of the including file (RFC 1035 §5.1).
    pub(super) fn leave(&mut self, parent: Self) {
        self.origin = parent.origin;
        self.owner = parent.owner;
    }

    /// Takes a `$TTL` in seconds.
    pub(super) fn set_default_ttl(&mut self, ttl: u32) {
        self.default_ttl = DefaultTtl::Known(ttl);
    }

    /// Takes note of a `$TTL` that could not be read.
    pub(super) fn lose_ttl(&mut self) {
        self.default_ttl = DefaultTtl::Lost;
    }

    /// Takes note that the entry above could not be read at all.
    pub(super) fn lose_owner(&mut self) {
        self.owner = Owner::Lost;
    }

    /// Takes the owner name of an entry that is refused for another reason.
    pub(super) fn keep_owner(&mut self, lines: &Lines) {
        if lines.blank_owner {
            return;
        }
        self.owner = match lines.tokens.first().map(|token| self.name(token.text(&lines.text))) {
            Some(Ok(name)) => Owner::Known(name),
            Some(Err(_)) | None => Owner::Lost,
        };
    }

    /// Reads a name on its own.
    pub(super) fn name(&mut self, text: &[u8]) -> Result<Name, ScanErrorKind> {
        self.wire.clear();
        push_name(text, &self.origin, &mut self.wire)?;
        let name = wire_name(&self.wire).map(|(name, _)| name);
        name.ok_or_else(|| ScanErrorKind::NameTooLong { typed: shown(text) })
    }

    /// Reads a record.
    pub(super) fn record(&mut self, lines: &Lines) -> Result<ResourceRecord, Fault> {
        let start = lines.spot(0);
        let fail = |kind| Fault { at: start, kind };
        let mut next = 0;
        if !lines.blank_owner
            && let Some(token) = lines.tokens.first()
        {
            next = 1;
            self.owner = Owner::Lost;
            self.owner = Owner::Known(self.name(token.text(&lines.text)).map_err(fail)?);
        }
        let header = self.header(lines, next)?;
        let owner = match &self.owner {
            Owner::Known(owner) => owner.clone(),
            Owner::Lost => return Err(fail(ScanErrorKind::OwnerUnknown)),
            Owner::None => return Err(fail(ScanErrorKind::NoOwner)),
        };
        let data = self.rdata(lines, header.code, header.next)?;
        let ttl =
            self.ttl(header.ttl, Some(&data)).map_err(|kind| Fault { at: header.at, kind })?;
        self.check_soa(&owner, header.code).map_err(fail)?;
        Ok(ResourceRecord { owner, ttl, data })
    }

    /// Makes a record of `$GENERATE`; the owner name above holds on.
    pub(super) fn generated(
        &mut self,
        owner: &[u8],
        ttl: u32,
        code: u16,
        lines: &mut Lines,
    ) -> Result<ResourceRecord, ScanErrorKind> {
        if let Some(fault) = lines.fault.take() {
            return Err(fault.kind);
        }
        let owner = self.name(owner)?;
        let data = self.rdata(lines, code, 0).map_err(|fault| fault.kind)?;
        self.check_soa(&owner, code)?;
        Ok(ResourceRecord { owner, ttl, data })
    }

    /// How many octets the RDATA of the last record takes on the wire.
    pub(super) fn octets(&self) -> u64 {
        self.wire.len() as u64
    }

    /// Reads class, TTL and type: the first two in any order, and neither needed.
    pub(super) fn header(&mut self, lines: &Lines, first: usize) -> Result<Header, Fault> {
        let (mut ttl, mut class) = (None, None);
        for (index, token) in lines.tokens.iter().enumerate().skip(first) {
            let (at, text) = (token.at, token.text(&lines.text));
            let typed = || shown(text);
            let fail = |kind| Err(Fault { at, kind });
            if token.quoted {
                return fail(ScanErrorKind::UnknownType { typed: typed() });
            }
            if class.is_none()
                && let Some(code) = class_code(text)
            {
                if code != 1 {
                    return fail(ScanErrorKind::Class { typed: typed() });
                }
                class = Some(code);
            } else if ttl.is_none()
                && let Some(value) = period(text)
            {
                let value = limited_ttl(value, text).map_err(|kind| Fault { at, kind })?;
                ttl = Some(value);
                self.previous_ttl = ttl;
            } else {
                return match type_code(text) {
                    None => fail(ScanErrorKind::UnknownType { typed: typed() }),
                    Some(code) if is_meta(code) => fail(ScanErrorKind::MetaType { typed: typed() }),
                    Some(code) => Ok(Header { ttl, code, at, next: index + 1 }),
                };
            }
        }
        Err(Fault { at: lines.past(), kind: ScanErrorKind::MissingType })
    }

    /// Finds the TTL: its own, of `$TTL`, of the record before, of the SOA record (RFC 2308 §4).
    pub(super) fn ttl(
        &mut self,
        own: Option<u32>,
        data: Option<&RData>,
    ) -> Result<u32, ScanErrorKind> {
        match (own, self.default_ttl, self.previous_ttl) {
            (Some(ttl), _, _) | (None, DefaultTtl::Known(ttl), _) => {
                self.previous_ttl = Some(ttl);
                Ok(ttl)
            }
            (None, DefaultTtl::Lost, _) => Err(ScanErrorKind::TtlUnknown),
            (None, DefaultTtl::None, Some(ttl)) => Ok(ttl),
            (None, DefaultTtl::None, None) => {
                let Some(RData::SOA(soa)) = data else { return Err(ScanErrorKind::NoTtl) };
                let minimum = soa.minimum;
                let ttl = limited_ttl(minimum.into(), minimum.to_string().as_bytes())?;
                self.default_ttl = DefaultTtl::Known(ttl);
                Ok(ttl)
            }
        }
    }

    /// Reads the tokens from `next` on as RDATA of a type.
    fn rdata(&mut self, lines: &Lines, code: u16, next: usize) -> Result<RData, Fault> {
        let (text, tokens) = (&lines.text, &lines.tokens);
        let mut cursor = Cursor { text, tokens, next, code, origin: &self.origin };
        rdata::read(&mut cursor, &mut self.wire)
    }

    /// Records outside the zone are left to the caller, as servers load the zone without them; so
    /// is an SOA record among them.
    fn check_soa(&mut self, owner: &Name, code: u16) -> Result<(), ScanErrorKind> {
        let Some(apex) = &self.apex else {
            if code == SOA {
                self.apex = Some(owner.clone());
            }
            return Ok(());
        };
        if code == SOA && owner != apex && apex.zone_of(owner) {
            let (owner, apex) = (name::text(owner), name::text(apex));
            return Err(ScanErrorKind::SoaNotAtApex { owner, apex });
        }
        Ok(())
    }
}

/// Refuses a TTL over 2^31-1 (RFC 2181 §8).
pub(super) fn limited_ttl(value: u64, typed: &[u8]) -> Result<u32, ScanErrorKind> {
    u32::try_from(value)
        .ok()
        .filter(|value| *value <= MAX_TTL)
        .ok_or_else(|| ScanErrorKind::TtlTooLarge { typed: shown(typed) })
}
