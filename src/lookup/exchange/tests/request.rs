//! What a request looks like, and what an error of a socket says.

use hickory_proto::op::{Edns, Message, Query};
use hickory_proto::rr::{Name, RecordType};
use proptest::collection::vec;
use proptest::prelude::{any, proptest};
#[cfg(target_os = "linux")]
use rustix::io::Errno;

use super::super::{Flags, Request, failure_of};
use crate::answer::{Failure, Question};
use crate::lookup::responder::name;

#[test]
fn a_request_sets_the_flags_that_are_wanted_and_no_others() {
    let question = Question { name: name("a.test."), rtype: RecordType::A };
    let none = Flags {
        recursion_desired: false,
        authentic_data: false,
        checking_disabled: false,
        dnssec_ok: false,
    };
    for (flags, header, dnssec_ok) in [
        (none, [0, 0], false),
        (Flags { recursion_desired: true, ..none }, [1, 0], false),
        (Flags { authentic_data: true, ..none }, [0, 0x20], false),
        (Flags { checking_disabled: true, ..none }, [0, 0x10], false),
        (Flags { dnssec_ok: true, ..none }, [0, 0], true),
        (Flags::STUB, [1, 0x20], true),
        (Flags::UNCHECKED, [1, 0x30], true),
    ] {
        let octets = Request::new(&question, flags).message(0);
        assert_eq!(octets[2..4], header, "{flags:?}");
        let asked = Message::from_vec(&octets).unwrap();
        assert_eq!(asked.edns.unwrap().flags().dnssec_ok, dnssec_ok, "{flags:?}");
    }
}

proptest! {
    #[test]
    fn a_request_is_what_the_codec_writes(
        labels in vec(vec(any::<u8>(), 1..64), 0..4),
        rtype in any::<u16>(),
        id in any::<u16>(),
        [recursion_desired, authentic_data, checking_disabled, dnssec_ok, edns] in any::<[bool; 5]>(),
    ) {
        let mut name = Name::from_labels(labels).unwrap();
        name.set_fqdn(true);
        let question = Question { name, rtype: rtype.into() };
        let flags = Flags { recursion_desired, authentic_data, checking_disabled, dnssec_ok };
        let mut message = Message::query();
        message.metadata.id = id;
        message.metadata.recursion_desired = recursion_desired;
        message.metadata.authentic_data = authentic_data;
        message.metadata.checking_disabled = checking_disabled;
        message.add_query(Query::query(question.name.clone(), question.rtype));
        if edns {
            let mut edns = Edns::new();
            edns.set_max_payload(1232);
            edns.set_dnssec_ok(dnssec_ok);
            message.set_edns(edns);
        }
        let mut request = Request::new(&question, flags);
        request.edns = edns;
        let written = message.to_vec().unwrap();
        assert_eq!(request.message(id), written);
        let length = u16::try_from(written.len()).unwrap().to_be_bytes();
        assert_eq!(request.framed(id), [&length[..], &written].concat());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn causes_on_this_machine_are_told_from_those_elsewhere() {
    for (errno, failure) in [
        (Errno::MFILE, Failure::NoDescriptor),
        (Errno::NFILE, Failure::NoDescriptor),
        (Errno::NETUNREACH, Failure::NoRoute),
        (Errno::HOSTUNREACH, Failure::NoRoute),
        (Errno::PERM, Failure::Forbidden),
        (Errno::ACCESS, Failure::Forbidden),
        (Errno::CONNREFUSED, Failure::Unreachable),
        (Errno::TIMEDOUT, Failure::Timeout),
    ] {
        assert_eq!(failure_of(&errno.into()), failure, "{errno}");
    }
}
