//! Hexadecimal, base64 and base32hex digits (RFC 4648), as RDATA holds them.

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32HEX: &[u8; 32] = b"0123456789ABCDEFGHIJKLMNOPQRSTUV";

/// Collects digits over several tokens, because RDATA may break them anywhere.
#[derive(Debug, Default)]
pub(super) struct Digits {
    bits: u32,
    held: u32,
    count: usize,
    padding: usize,
}

impl Digits {
    /// Adds hexadecimal digits; false at the first octet that is none.
    pub(super) fn hex(&mut self, digits: &[u8], out: &mut Vec<u8>) -> bool {
        digits.iter().all(|&digit| {
            char::from(digit).to_digit(16).is_some_and(|value| {
                self.add(value, 4, out);
                true
            })
        })
    }

    /// Adds base64 digits with their padding; false at the first octet that is neither.
    pub(super) fn base64(&mut self, digits: &[u8], out: &mut Vec<u8>) -> bool {
        digits.iter().all(|&digit| {
            let value = match digit {
                b'A'..=b'Z' => digit - b'A',
                b'a'..=b'z' => digit - b'a' + 26,
                b'0'..=b'9' => digit - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'=' => {
                    self.padding += 1;
                    return true;
                }
                _ => return false,
            };
            self.add(u32::from(value), 6, out);
            self.padding == 0
        })
    }

    /// Adds base32hex digits without padding (RFC 5155 §3.3).
    pub(super) fn base32hex(&mut self, digits: &[u8], out: &mut Vec<u8>) -> bool {
        digits.iter().all(|&digit| {
            char::from(digit).to_digit(32).is_some_and(|value| {
                self.add(value, 5, out);
                true
            })
        })
    }

    /// Says whether the digits stop at an octet boundary with nothing left over.
    pub(super) fn is_whole(&self) -> bool {
        self.held == 0
    }

    /// Says whether base64 is padded to a multiple of four digits, with zero bits left over.
    pub(super) fn is_whole_base64(&self) -> bool {
        self.padding <= 2
            && (self.count + self.padding).is_multiple_of(4)
            && self.count % 4 != 1
            && self.rest_is_zero()
    }

    /// Says whether unpadded digits leave less than a digit of zero bits over.
    pub(super) fn is_whole_base32(&self) -> bool {
        self.held < 5 && self.rest_is_zero()
    }

    fn rest_is_zero(&self) -> bool {
        self.bits & ((1 << self.held) - 1) == 0
    }

    fn add(&mut self, value: u32, width: u32, out: &mut Vec<u8>) {
        self.bits = (self.bits << width) | value;
        self.held += width;
        self.count += 1;
        if self.held >= 8 {
            self.held -= 8;
            out.push((self.bits >> self.held).to_le_bytes()[0]);
            self.bits &= (1 << self.held) - 1;
        }
    }
}

/// Appends upper-case hexadecimal digits.
pub(super) fn push_hex(octets: &[u8], out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for octet in octets {
        out.push(char::from(HEX[usize::from(octet >> 4)]));
        out.push(char::from(HEX[usize::from(octet & 15)]));
    }
}

/// Writes octets in upper-case hexadecimal digits.
pub fn hexadecimal(octets: &[u8]) -> String {
    let mut out = String::with_capacity(2 * octets.len());
    push_hex(octets, &mut out);
    out
}

/// Reads base64 digits with their padding (RFC 4648 §4); None for anything else.
pub fn read_base64(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let mut digits = Digits::default();
    (digits.base64(text.as_bytes(), &mut octets) && digits.is_whole_base64()).then_some(octets)
}

/// Writes octets in base64 with padding (RFC 4648 §4).
pub fn base64(octets: &[u8]) -> String {
    let mut out = String::new();
    push_base64(octets, &mut out);
    out
}

/// Appends padded base64 digits.
pub(super) fn push_base64(octets: &[u8], out: &mut String) {
    push_digits(octets, 6, BASE64, out);
    for _ in 0..(3 - octets.len() % 3) % 3 {
        out.push('=');
    }
}

/// Appends base32hex digits without padding.
pub(super) fn push_base32hex(octets: &[u8], out: &mut String) {
    push_digits(octets, 5, BASE32HEX, out);
}

fn push_digits(octets: &[u8], width: u32, alphabet: &[u8], out: &mut String) {
    let mask = (1u32 << width) - 1;
    let (mut bits, mut held) = (0u32, 0u32);
    let mut push = |index: u32| out.push(char::from(alphabet[(index & mask) as usize]));
    for &octet in octets {
        bits = (bits << 8 | u32::from(octet)) & 0xffff;
        held += 8;
        while held >= width {
            held -= width;
            push(bits >> held);
        }
    }
    if held > 0 {
        push(bits << (width - held));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(octets: &[u8], base64: &str, base32: &str, hex: &str) {
        let (mut a, mut b, mut c) = (String::new(), String::new(), String::new());
        push_base64(octets, &mut a);
        push_base32hex(octets, &mut b);
        push_hex(octets, &mut c);
        assert_eq!((a.as_str(), b.as_str(), c.as_str()), (base64, base32, hex));
        let (mut x, mut y, mut z) = (Vec::new(), Vec::new(), Vec::new());
        let mut digits = Digits::default();
        assert!(digits.base64(base64.as_bytes(), &mut x) && digits.is_whole_base64());
        let mut digits = Digits::default();
        assert!(digits.base32hex(base32.as_bytes(), &mut y) && digits.is_whole_base32());
        let mut digits = Digits::default();
        assert!(digits.hex(hex.as_bytes(), &mut z) && digits.is_whole());
        assert_eq!((x.as_slice(), y.as_slice(), z.as_slice()), (octets, octets, octets));
    }

    #[test]
    fn the_vectors_of_rfc_4648_read_and_write() {
        check(b"", "", "", "");
        check(b"f", "Zg==", "CO", "66");
        check(b"fo", "Zm8=", "CPNG", "666F");
        check(b"foo", "Zm9v", "CPNMU", "666F6F");
        check(b"foob", "Zm9vYg==", "CPNMUOG", "666F6F62");
        check(b"fooba", "Zm9vYmE=", "CPNMUOJ1", "666F6F6261");
        check(b"foobar", "Zm9vYmFy", "CPNMUOJ1E8", "666F6F626172");
        check(&[0xff, 0xfe], "//4=", "VVV0", "FFFE");
    }

    #[test]
    fn broken_base64_is_refused() {
        for text in ["Zg", "Zg=", "Zg===", "Z", "Zg==Zg==", "Zh==", "Z!=="] {
            let mut digits = Digits::default();
            let whole = digits.base64(text.as_bytes(), &mut Vec::new()) && digits.is_whole_base64();
            assert!(!whole, "{text}");
        }
    }
}
