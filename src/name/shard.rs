//! A part of all mail domains, so that several machines share a list without a word to each other.

use std::fmt;
use std::str::FromStr;

use super::MailDomain;

/// One of so many parts of all mail domains: 10/16 is the tenth of 16.
///
/// Every mail domain belongs to exactly one of them, whatever the order, case or spelling of a list:
/// to number `crc32(domain) mod N + 1`. The hash is the CRC-32 of gzip and zlib (RFC 1952 §8), which
/// every language has, over the octets of the mail domain in A-labels, in lower case and without the
/// final dot. What is no mail domain belongs to one by its text.
///
/// ```
/// use mailsrv::name::Shard;
///
/// let shard: Shard = "10/16".parse()?;
/// assert!(shard.holds(&"Example.COM.".parse()?));
/// // What counts from 0 writes a sum.
/// assert_eq!("9+1/16".parse(), Ok(shard));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    number: u32,
    count: u32,
}

/// Says why a text names no shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShardError {
    /// It is no number of so many.
    #[error("write NUMBER/COUNT, as in 3/16 for the third of 16 shards")]
    Form,
    /// It counts from 0.
    #[error(
        "shards are counted from 1 to {count}; of an index that begins at 0 write a sum, 0+1/{count}, as in --shard \"$SLURM_ARRAY_TASK_ID+1/{count}\""
    )]
    Zero {
        /// How many there are.
        count: u32,
    },
    /// There are not so many.
    #[error("shards are counted from 1 to {count}, and {number} is beyond them")]
    Beyond {
        /// The number as read.
        number: u64,
        /// How many there are.
        count: u32,
    },
}

impl Shard {
    /// The shard with a number, from 1, of so many.
    ///
    /// # Errors
    ///
    /// There is none of that number.
    pub fn new(number: u32, count: u32) -> Result<Self, ShardError> {
        match number {
            _ if count == 0 => Err(ShardError::Form),
            0 => Err(ShardError::Zero { count }),
            number if number > count => Err(ShardError::Beyond { number: number.into(), count }),
            number => Ok(Self { number, count }),
        }
    }

    /// Its number, from 1.
    pub fn number(self) -> u32 {
        self.number
    }

    /// How many there are.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Whether a mail domain belongs to it.
    pub fn holds(self, domain: &MailDomain) -> bool {
        self.holds_text(domain.as_str())
    }

    /// Whether what was typed belongs to it: a mail domain by its name, however it is written.
    pub fn holds_typed(self, typed: &str) -> bool {
        typed.parse().map_or_else(|_no_domain| self.holds_text(typed), |domain| self.holds(&domain))
    }

    /// Whether what is no mail domain belongs to it, by the octets of its text.
    pub fn holds_text(self, text: &str) -> bool {
        crc32fast::hash(text.as_bytes()) % self.count == self.number - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.count)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let digits = |text: &str| {
            let text = text.trim();
            text.bytes().all(|it| it.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten()
        };
        let (number, count) = text.split_once('/').ok_or(ShardError::Form)?;
        let count = digits(count).ok_or(ShardError::Form)?;
        let number =
            number.split('+').try_fold(0, |sum, term| Some(sum + u64::from(digits(term)?)));
        let number = number.ok_or(ShardError::Form)?;
        match u32::try_from(number) {
            Ok(number) => Self::new(number, count),
            Err(_beyond) if count == 0 => Err(ShardError::Form),
            Err(_beyond) => Err(ShardError::Beyond { number, count }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(u32, u32), &str>) {
        let read = text.parse::<Shard>().map(|it| (it.number(), it.count()));
        assert_eq!(read.map_err(|it| it.to_string()), expected.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn a_shard_is_a_number_of_so_many_from_1() {
        check("3/16", Ok((3, 16)));
        check("1/1", Ok((1, 1)));
        check("0+1/16", Ok((1, 16)));
        check("15+1/16", Ok((16, 16)));
        let form = "write NUMBER/COUNT, as in 3/16 for the third of 16 shards";
        for text in ["", "3", "/", "3/", "/16", "a/16", "-1/16", "+/16", "1/0", "3/16/2", "1+/2"] {
            check(text, Err(form));
        }
        let zero = "shards are counted from 1 to 16; of an index that begins at 0 write a sum, 0+1/16, as in --shard \"$SLURM_ARRAY_TASK_ID+1/16\"";
        check("0/16", Err(zero));
        check("17/16", Err("shards are counted from 1 to 16, and 17 is beyond them"));
        check(
            "4294967295+1/16",
            Err("shards are counted from 1 to 16, and 4294967296 is beyond them"),
        );
    }

    /// Computed by `zlib.crc32` of Python 3.11.
    #[test]
    fn the_hash_is_that_of_zlib() {
        for (domain, number) in [
            ("example.com", 10),
            ("EXAMPLE.com.", 10),
            ("Bücher.example", 7),
            ("xn--bcher-kva.example", 7),
        ] {
            let domain: MailDomain = domain.parse().unwrap();
            let held: Vec<u32> =
                (1..=16).filter(|it| Shard::new(*it, 16).unwrap().holds(&domain)).collect();
            assert_eq!(held, [number], "{domain}");
        }
        assert!(Shard::new(4, 7).unwrap().holds_text("b_d.example"));
    }

    #[test]
    fn shards_are_alike_in_size() {
        const DOMAINS: u32 = 64_000;
        for count in [3, 16] {
            let mut sizes = vec![0; count as usize];
            for at in 0..DOMAINS {
                let text = format!("customer{at:07}.example");
                let held = |it: &u32| Shard::new(*it, count).unwrap().holds_text(&text);
                sizes[(1..=count).find(held).unwrap() as usize - 1] += 1;
            }
            let fair = DOMAINS / count;
            assert!(sizes.iter().all(|it| fair.abs_diff(*it) < fair / 20), "{sizes:?}");
        }
    }
}
