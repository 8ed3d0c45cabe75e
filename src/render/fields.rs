//! Fields of RDATA that several formats have places for.

use data_encoding::HEXUPPER;
use hickory_proto::rr::rdata::TLSA;

/// Usage, selector, matching type, and the digest in hexadecimal digits.
pub(super) fn tlsa_fields(tlsa: &TLSA) -> (u8, u8, u8, String) {
    let digest = HEXUPPER.encode(&tlsa.cert_data);
    (tlsa.cert_usage.into(), tlsa.selector.into(), tlsa.matching.into(), digest)
}
