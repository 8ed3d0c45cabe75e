//! One record: owner name, TTL, class, type and RDATA, and what it takes over from those before.
//!
//! A record may leave out its owner name, TTL and class, and takes them from above (RFC 1035 §5.1).
//! Where what stands above could not be read, the record is an error too: a zone with one bad line
//! must not be read as another zone.

use hickory_proto::rr::Name;

use super::cursor::Cursor;
use super::error::ScanErrorKind;
use super::lex::{Fault, Lines, Spot};
use super::plain::{self, Plain, Recent};
use super::presentation::{Origin, period, push_name, shown, wire_name};
use super::rdata;
use super::types::{class_code, is_meta, type_code};
use crate::name;

/// The largest TTL (RFC 2181 §8).
const MAX_TTL: u32 = (1 << 31) - 1;

/// The number of the type.
const SOA: u16 = 6;

/// What entries hand on to the next.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) origin: Origin,
    /// The owner name of the first SOA record, in wire form.
    apex: Option<Vec<u8>>,
    owner: Owner,
    /// The owner name, in wire form, where it is known.
    owner_wire: Vec<u8>,
    default_ttl: DefaultTtl,
    /// The TTL of the record above, which holds where no `$TTL` does (RFC 1035 §5.1).
    previous_ttl: Option<u32>,
    /// The RDATA of the last record, in wire form; room for the next.
    wire: Vec<u8>,
    /// Room for the next owner name.
    room: Vec<u8>,
    recent: Recent,
}

/// The owner name that an entry beginning with a blank takes over.
#[derive(Debug, Clone, Copy)]
enum Owner {
    /// No record stands above.
    None,
    /// The one above could not be read.
    Lost,
    Known,
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
            owner_wire: Vec::new(),
            default_ttl: DefaultTtl::None,
            previous_ttl: None,
            wire: Vec::new(),
            room: Vec::new(),
            recent: Recent::default(),
        }
    }

    /// Goes back to the origin and the owner name of the including file (RFC 1035 §5.1).
    pub(super) fn leave(&mut self, parent: Self) {
        self.origin = parent.origin;
        self.owner = parent.owner;
        self.owner_wire = parent.owner_wire;
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
        self.owner = Owner::Lost;
        if let Some(token) = lines.tokens.first() {
            // What is wrong with it is told by the entry that leans on it.
            let _lost = self.set_owner(token.text(&lines.text));
        }
    }

    /// Takes an owner name; where it cannot be read, none is known.
    fn set_owner(&mut self, text: &[u8]) -> Result<(), ScanErrorKind> {
        self.owner = Owner::Lost;
        self.owner_wire.clear();
        push_name(text, &self.origin, &mut self.owner_wire)?;
        self.owner = Owner::Known;
        Ok(())
    }

    /// Reads a name on its own.
    pub(super) fn name(&mut self, text: &[u8]) -> Result<Name, ScanErrorKind> {
        self.wire.clear();
        push_name(text, &self.origin, &mut self.wire)?;
        let name = wire_name(&self.wire).map(|(name, _)| name);
        name.ok_or_else(|| ScanErrorKind::NameTooLong { typed: shown(text) })
    }

    /// Reads a record: its type and TTL; its names and data are kept here.
    pub(super) fn record(&mut self, lines: &Lines) -> Result<(u16, u32), Fault> {
        let start = lines.spot(0);
        let fail = |kind| Fault { at: start, kind };
        let mut next = 0;
        if !lines.blank_owner
            && let Some(token) = lines.tokens.first()
        {
            next = 1;
            self.set_owner(token.text(&lines.text)).map_err(fail)?;
        }
        let header = self.header(lines, next)?;
        match self.owner {
            Owner::Known => {}
            Owner::Lost => return Err(fail(ScanErrorKind::OwnerUnknown)),
            Owner::None => return Err(fail(ScanErrorKind::NoOwner)),
        }
        self.read_rdata(lines, header.code, header.next)?;
        let minimum = if header.code == SOA { self.wire.last_chunk().copied() } else { None };
        let minimum = minimum.map(u32::from_be_bytes);
        let ttl = self.ttl(header.ttl, minimum).map_err(|kind| Fault { at: header.at, kind })?;
        check_soa(&mut self.apex, &self.owner_wire, header.code).map_err(fail)?;
        Ok((header.code, ttl))
    }

    /// Reads a record off the front of some octets, where a plain line stands there: its type, its TTL
    /// and the octets of the line. Where none does, everything is left as it was.
    pub(super) fn plain(&mut self, text: &[u8]) -> Option<(u16, u32, usize)> {
        let Plain { has_owner, ttl, code, octets } =
            plain::read(text, &self.origin, &mut self.recent, &mut self.room, &mut self.wire)?;
        if !has_owner && !matches!(self.owner, Owner::Known) {
            return None;
        }
        let ttl = match ttl {
            Some(ttl) => *self.previous_ttl.insert(ttl),
            None => self.ttl(None, None).ok()?,
        };
        if has_owner {
            std::mem::swap(&mut self.owner_wire, &mut self.room);
            self.owner = Owner::Known;
        }
        Some((code, ttl, octets))
    }

    /// Makes a record of `$GENERATE`, its owner name in wire form; the owner name above holds on.
    pub(super) fn generated(
        &mut self,
        text: &[u8],
        code: u16,
        lines: &mut Lines,
        owner: &mut Vec<u8>,
    ) -> Result<(), ScanErrorKind> {
        if let Some(fault) = lines.fault.take() {
            return Err(fault.kind);
        }
        owner.clear();
        push_name(text, &self.origin, owner)?;
        self.read_rdata(lines, code, 0).map_err(|fault| fault.kind)?;
        check_soa(&mut self.apex, owner, code)
    }

    /// The owner name that was read last, in wire form.
    pub(super) fn owner(&self) -> &[u8] {
        &self.owner_wire
    }

    /// The RDATA of the last record, in wire form.
    pub(super) fn rdata(&self) -> &[u8] {
        &self.wire
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
        minimum: Option<u32>,
    ) -> Result<u32, ScanErrorKind> {
        match (own, self.default_ttl, self.previous_ttl) {
            (Some(ttl), _, _) | (None, DefaultTtl::Known(ttl), _) => {
                self.previous_ttl = Some(ttl);
                Ok(ttl)
            }
            (None, DefaultTtl::Lost, _) => Err(ScanErrorKind::TtlUnknown),
            (None, DefaultTtl::None, Some(ttl)) => Ok(ttl),
            (None, DefaultTtl::None, None) => {
                let Some(minimum) = minimum else { return Err(ScanErrorKind::NoTtl) };
                let ttl = limited_ttl(minimum.into(), minimum.to_string().as_bytes())?;
                self.default_ttl = DefaultTtl::Known(ttl);
                Ok(ttl)
            }
        }
    }

    /// Reads the tokens from `next` on as RDATA of a type.
    fn read_rdata(&mut self, lines: &Lines, code: u16, next: usize) -> Result<(), Fault> {
        let (text, tokens) = (&lines.text, &lines.tokens);
        let mut cursor = Cursor { text, tokens, next, code, origin: &self.origin };
        rdata::read(&mut cursor, &mut self.wire)
    }
}

/// Takes the apex of the zone from its first SOA record, and refuses one below it.
///
/// Records outside the zone are left to the caller, as servers load the zone without them; so is an
/// SOA record among them.
fn check_soa(apex: &mut Option<Vec<u8>>, owner: &[u8], code: u16) -> Result<(), ScanErrorKind> {
    if code != SOA {
        return Ok(());
    }
    let Some(apex) = apex else {
        *apex = Some(owner.to_vec());
        return Ok(());
    };
    let name = |wire| wire_name(wire).map(|(name, _)| name);
    match (name(owner), name(apex)) {
        (Some(owner), Some(apex)) if owner != apex && apex.zone_of(&owner) => {
            let (owner, apex) = (name::text(&owner), name::text(&apex));
            Err(ScanErrorKind::SoaNotAtApex { owner, apex })
        }
        _ => Ok(()),
    }
}

/// Refuses a TTL over 2^31-1 (RFC 2181 §8).
pub(super) fn limited_ttl(value: u64, typed: &[u8]) -> Result<u32, ScanErrorKind> {
    u32::try_from(value)
        .ok()
        .filter(|value| *value <= MAX_TTL)
        .ok_or_else(|| ScanErrorKind::TtlTooLarge { typed: shown(typed) })
}
