//! Transfers with signatures.

use super::super::tsig::{TSIG, testing};
use super::*;

fn key(text: &str) -> Key {
    Key::read(text).unwrap()
}

const KEY: &str = "key k.test { algorithm hmac-sha256; secret c2VjcmV0; };";

/// What the server does that it should not.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    None,
    /// It signs every so many messages.
    Every(usize),
    NeverSigns,
    LastUnsigned,
    Changed,
    LeftOut,
    Late,
    OtherKey,
    OtherSecret,
    /// An error of the record, without a signature or with one.
    Error(u16),
    SignatureInFront,
    Refuses,
}

/// Answers with so many messages of one host each, the SOA record around them.
fn serve(request: &Message, octets: &[u8], hosts: u16, slip: Slip) -> Vec<Vec<u8>> {
    let secret = if slip == Slip::OtherSecret { "b3RoZXI=" } else { "c2VjcmV0" };
    let owner = if slip == Slip::OtherKey { "l.test" } else { "k.test" };
    let key = key(&KEY.replace("c2VjcmV0", secret).replace("k.test", owner));
    let mut messages = vec![response(request, &[soa(1)])];
    messages.extend((0..hosts).map(|number| response(request, &[host(number)])));
    messages.push(response(request, &[soa(1)]));
    let mut signer = testing::Signer::new(&key, octets);
    let last = messages.len() - 1;
    let time = if slip == Slip::Late { NOW - 301 } else { NOW - 299 };
    let mut sent = Vec::new();
    for (at, message) in messages.iter_mut().enumerate() {
        message.additionals.clear();
        let (error, other) = match slip {
            Slip::Error(error) => (error, &(NOW + 4000).to_be_bytes()[2..]),
            _ => (0, &[][..]),
        };
        if slip == Slip::Refuses || error != 0 {
            message.metadata.response_code = ResponseCode::NotAuth;
            message.answers.clear();
        }
        let octets = message.to_vec().unwrap();
        let is_signed = match slip {
            Slip::NeverSigns | Slip::Refuses => false,
            Slip::LastUnsigned => at < last,
            Slip::Every(step) => at % step == 0 || at == last,
            _ => true,
        };
        let mut octets = match is_signed {
            true => signer.sign(&octets, time, error, other),
            false => signer.pass(&octets),
        };
        if slip == Slip::Changed && at == 2 {
            // The TTL of the host.
            let ttl = octets.windows(4).position(|window| window == [0, 0, 0, 60]).unwrap();
            octets[ttl + 3] = 61;
        }
        if slip == Slip::SignatureInFront {
            octets[11] += 1;
            octets.extend([0, 0, 41, 0, 0, 0, 0, 0, 0, 0, 0]);
        }
        if slip != Slip::LeftOut || at != 2 {
            sent.push(octets);
        }
    }
    sent
}

#[track_caller]
fn check(hosts: u16, slip: Slip, expected: Result<usize, &str>) {
    let key = key(KEY);
    let script = |request: &Message, octets: &[u8]| serve(request, octets, hosts, slip);
    let got = block(run(options(Some(&key)), script, Then::Silence)).map(|(records, _)| records);
    assert_eq!(got.map_err(|error| error.to_string()), expected.map_err(str::to_owned));
}

#[test]
fn every_message_may_be_signed_or_every_hundredth() {
    check(20, Slip::None, Ok(21));
    check(500, Slip::Every(3), Ok(501));
    check(500, Slip::Every(100), Ok(501));
    check(500, Slip::Every(101), Err("message 101 has no signature where it needs one"));
    check(2, Slip::LastUnsigned, Err("message 4 has no signature where it needs one"));
    check(2, Slip::NeverSigns, Err("message 1 has no signature where it needs one"));
}

#[test]
fn what_was_changed_on_the_way_is_not_believed() {
    let said = |message: u64| {
        format!(
            "the signature of message {message} is wrong: what came was changed, or the secret is another one"
        )
    };
    check(5, Slip::Changed, Err(&said(3)));
    check(5, Slip::LeftOut, Err(&said(3)));
    check(5, Slip::OtherSecret, Err(&said(1)));
    check(5, Slip::OtherKey, Err("message 1 is signed with another key or algorithm"));
    check(5, Slip::SignatureInFront, Err("message 1 has a signature before its end"));
    let clock = "the clock of the server is 301 seconds behind that of this machine (BADTIME)";
    check(5, Slip::Late, Err(clock));
}

#[test]
fn what_the_server_has_against_the_key_is_told() {
    let other = "the server has another secret for the key k.test. (BADSIG)";
    check(0, Slip::Error(16), Err(other));
    let unknown =
        "the server does not know the key k.test. with the algorithm hmac-sha256 (BADKEY)";
    check(0, Slip::Error(17), Err(unknown));
    let clock = "the clock of the server is 4000 seconds ahead of that of this machine (BADTIME)";
    check(0, Slip::Error(18), Err(clock));
    check(0, Slip::Error(22), Err("the server refuses the signature with TSIG error 22"));
    check(0, Slip::Refuses, Err("the server answers NOTAUTH"));
}

#[test]
fn a_signature_that_nobody_asked_for_is_refused() {
    let script = |request: &Message, _: &[u8]| {
        let rdata = NULL::with(vec![0; 17]);
        let mut message = response(request, &[soa(1), soa(1)]);
        let code = RecordType::from(TSIG);
        message.additionals.push(record("k.test.", 0, RData::Unknown { code, rdata }));
        vec![message.to_vec().unwrap()]
    };
    let error = block(run(options(None), script, Then::Silence)).unwrap_err();
    assert_eq!(error.to_string(), "message 1 is signed, which nobody asked for");
}
