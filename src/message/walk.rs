//! Names in a message, label by label.

/// The high bits of a pointer in a name (RFC 1035 §4.1.4).
pub(super) const POINTER: u8 = 0xc0;

/// Where a pointer at a place leads to.
pub(super) fn pointer(octets: &[u8], at: usize) -> Option<usize> {
    let pointer = octets.get(at..)?.first_chunk()?;
    Some(usize::from(u16::from_be_bytes(*pointer) & 0x3fff))
}

/// The labels of a name; pointers lead to what stands before (RFC 1035 §4.1.4).
pub(super) struct Walk {
    at: usize,
    /// Where the present part of the name begins, and where what it points to must have ended.
    begin: usize,
    end: usize,
}

impl Walk {
    pub(super) fn from(at: usize) -> Self {
        Self { at, begin: at, end: usize::MAX }
    }

    /// The next label, an empty one at the end; None where there is none.
    pub(super) fn next<'a>(&mut self, octets: &'a [u8]) -> Option<&'a [u8]> {
        loop {
            if self.at >= self.end {
                return None;
            }
            match *octets.get(self.at)? {
                length @ 0..=63 => {
                    let label = self.at + 1..self.at + 1 + usize::from(length);
                    self.at = label.end;
                    return octets.get(label);
                }
                POINTER.. => {
                    let to = pointer(octets, self.at)?;
                    if to >= self.begin {
                        return None;
                    }
                    *self = Self { at: to, begin: to, end: self.begin };
                }
                _ => return None,
            }
        }
    }
}
