//! What the boxes of DNS hosts' forms are called, and what goes into them.
//!
//! Where a box holds the target, it is the last of the row, wherever the form has it: its width
//! depends on the mail domain.

use hickory_proto::rr::RecordType;

use super::style::Content::{
    Bits, Certificate, Matching, Name, Owner, Port, Priority, Protocol, Quoted, Selector, Service,
    Target, Text, Ttl, Usage, Weight, WeightPortTarget, Whole,
};
use super::style::Spelling::{Bare, Capital, Underscored};
use super::style::{Column, EMPTY, LEAVE_EMPTY, Style};
use crate::dns_host::DnsHost;

/// Said of forms that complete targets as they complete hosts.
const END_WITH_DOT: &str = "Targets end with a dot: without it the form completes them, too.";

/// Said of forms that want the dot for another reason, or for none.
const DOT: &str = "Targets end with a dot.";

/// Said of forms that have one box for all numbers and the target.
const ONE_BOX: &str = "Numbers and target of a record go into one box, with a blank between.";

impl Style {
    /// The boxes for a type: those of the form, else those that most forms have.
    pub(super) fn columns(&self, rtype: RecordType) -> &'static [Column] {
        let own = self.tables.iter().chain(GENERAL.tables).find(|(known, _)| *known == rtype);
        own.map_or(&[], |(_, columns)| columns)
    }
}

/// The forms that are known, by the words of the DNS hosts.
pub(super) const FORMS: [(&str, &Style); 17] = [
    ("123-reg", &REG_123),
    ("bunny", &BUNNY),
    ("cloudflare", &CLOUDFLARE),
    ("cpanel", &CPANEL),
    ("dnsmadeeasy", &DNS_MADE_EASY),
    ("godaddy", &GODADDY),
    ("hover", &HOVER),
    ("ionos", &IONOS),
    ("linode", &LINODE),
    ("name.com", &NAME_COM),
    ("namecheap", &NAMECHEAP),
    ("networksolutions", &NETWORK_SOLUTIONS),
    ("ovh", &OVH),
    ("plesk", &PLESK),
    ("route53", &ROUTE53),
    ("squarespace", &SQUARESPACE),
    ("wix", &WIX),
];

/// The form of a DNS host, where it is known.
pub(super) fn of(host: DnsHost) -> Option<&'static Style> {
    FORMS.iter().find(|(word, _)| *word == host.text()).map(|(_, style)| *style)
}

/// A form of which nothing is known.
pub(super) const GENERAL: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Service", Service(Underscored)),
                ("Protocol", Protocol(Underscored)),
                ("Host", Name),
                ("TTL", Ttl),
                ("Priority", Priority),
                ("Weight", Weight),
                ("Port", Port),
                ("Target", Target),
            ],
        ),
        (RecordType::CNAME, &[("Host", Owner), ("TTL", Ttl), ("Target", Target)]),
        (RecordType::TXT, &[("Host", Owner), ("TTL", Ttl), ("Text", Text)]),
        (
            RecordType::MX,
            &[("Host", Owner), ("TTL", Ttl), ("Priority", Priority), ("Mail server", Target)],
        ),
        (RecordType::A, &[("Host", Owner), ("TTL", Ttl), ("Address", Bits)]),
        (RecordType::AAAA, &[("Host", Owner), ("TTL", Ttl), ("Address", Bits)]),
        (
            RecordType::TLSA,
            &[
                ("Host", Owner),
                ("TTL", Ttl),
                ("Usage", Usage),
                ("Selector", Selector),
                ("Matching type", Matching),
                ("Certificate", Certificate),
            ],
        ),
    ],
    apex: "@",
    absolute: false,
    dot: false,
    notes: &[
        "A form completes the host with the zone: type it as it stands here.",
        "@ is the zone itself.",
        "Where service and protocol have no boxes, they go before the host: _imaps._tcp",
        "Without boxes for priority, weight and port, these go before the target: 0 1 993",
        "Where the form completes targets, too, end them with a dot.",
    ],
};

const REG_123: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Hostname", Owner),
                ("Priority", Priority),
                ("TTL", Ttl),
                ("Destination SRV", WeightPortTarget),
            ],
        ),
        (RecordType::CNAME, &[("Hostname", Owner), ("Destination CNAME", Target)]),
        (RecordType::TXT, &[("Hostname", Owner), ("Destination TXT/SPF", Text)]),
        (
            RecordType::MX,
            &[("Hostname", Owner), ("Priority", Priority), ("Destination MX", Target)],
        ),
    ],
    apex: "@",
    absolute: false,
    dot: true,
    notes: &[END_WITH_DOT],
};

const BUNNY: Style = Style {
    tables: &[
        (RecordType::SRV, &[("Hostname", Owner), ("TTL", Ttl), ("Value", Whole)]),
        (RecordType::CNAME, &[("Hostname", Owner), ("TTL", Ttl), ("Value", Target)]),
        (RecordType::TXT, &[("Hostname", Owner), ("TTL", Ttl), ("Value", Text)]),
        (RecordType::MX, &[("Hostname", Owner), ("TTL", Ttl), ("Value", Whole)]),
    ],
    apex: EMPTY,
    absolute: false,
    dot: false,
    notes: &[LEAVE_EMPTY, ONE_BOX],
};

const CLOUDFLARE: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Service", Service(Underscored)),
                ("Protocol", Protocol(Capital)),
                ("Name", Name),
                ("TTL", Ttl),
                ("Priority", Priority),
                ("Weight", Weight),
                ("Port", Port),
                ("Target", Target),
            ],
        ),
        (RecordType::CNAME, &[("Name", Owner), ("TTL", Ttl), ("Target", Target)]),
        (RecordType::TXT, &[("Name", Owner), ("TTL", Ttl), ("Content", Text)]),
        (
            RecordType::MX,
            &[("Name", Owner), ("Priority", Priority), ("TTL", Ttl), ("Mail server", Target)],
        ),
    ],
    apex: "@",
    absolute: false,
    dot: false,
    notes: &[
        "Set what can be proxied to \"DNS only\": a proxied name does not lead to the mail host.",
    ],
};

const CPANEL: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Name", Owner),
                ("TTL", Ttl),
                ("Priority", Priority),
                ("Weight", Weight),
                ("Port", Port),
                ("Target", Target),
            ],
        ),
        (RecordType::CNAME, &[("Name", Owner), ("TTL", Ttl), ("Record", Target)]),
        (RecordType::TXT, &[("Name", Owner), ("TTL", Ttl), ("TXT Data", Text)]),
        (
            RecordType::MX,
            // These are made on a page of the mail domain, which has no box for its name.
            &[("(domain)", Owner), ("Priority", Priority), ("Destination", Target)],
        ),
        (RecordType::A, &[("Name", Owner), ("TTL", Ttl), ("Record", Bits)]),
        (RecordType::AAAA, &[("Name", Owner), ("TTL", Ttl), ("Record", Bits)]),
    ],
    apex: "@",
    absolute: true,
    dot: false,
    notes: &["Names are typed whole, with a dot at their end; targets are typed without it."],
};

const DNS_MADE_EASY: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Name", Owner),
                ("Priority", Priority),
                ("Weight", Weight),
                ("Port", Port),
                ("TTL", Ttl),
                ("Host", Target),
            ],
        ),
        (RecordType::CNAME, &[("Name", Owner), ("TTL", Ttl), ("Alias to", Target)]),
        (RecordType::TXT, &[("Name", Owner), ("TTL", Ttl), ("Value", Text)]),
        (
            RecordType::MX,
            &[("Name", Owner), ("MX Level", Priority), ("TTL", Ttl), ("Server", Target)],
        ),
    ],
    apex: EMPTY,
    absolute: false,
    dot: true,
    notes: &[END_WITH_DOT, LEAVE_EMPTY],
};

const GODADDY: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Name", Name),
                ("Protocol", Protocol(Underscored)),
                ("Service", Service(Underscored)),
                ("Priority", Priority),
                ("Weight", Weight),
                ("Port", Port),
                ("TTL", Ttl),
                ("Target", Target),
            ],
        ),
        (RecordType::CNAME, &[("Host", Owner), ("TTL", Ttl), ("Points to", Target)]),
        (RecordType::TXT, &[("Host", Owner), ("TTL", Ttl), ("TXT Value", Text)]),
        (
            RecordType::MX,
            &[("Host", Owner), ("Priority", Priority), ("TTL", Ttl), ("Points to", Target)],
        ),
    ],
    apex: "@",
    absolute: false,
    dot: false,
    notes: &[],
};

const HOVER: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Hostname", Owner),
                ("Priority", Priority),
                ("Weight", Weight),
                ("Port", Port),
                ("Target", Target),
            ],
        ),
        (RecordType::CNAME, &[("Hostname", Owner), ("Target Host", Target)]),
        (RecordType::TXT, &[("Hostname", Owner), ("Value", Text)]),
        (
            RecordType::MX,
            &[("Hostname", Owner), ("Priority", Priority), ("Hostname of the mail server", Target)],
        ),
    ],
    apex: "@",
    absolute: false,
    dot: false,
    notes: &[],
};

const IONOS: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Service", Service(Underscored)),
                ("Protocol", Protocol(Bare)),
                ("Host name", Name),
                ("Priority", Priority),
                ("Weight", Weight),
                ("Port", Port),
                ("TTL", Ttl),
                ("Points to", Target),
            ],
        ),
        (RecordType::CNAME, &[("Subdomain", Owner), ("Alias", Target)]),
        (RecordType::TXT, &[("Host name", Owner), ("TTL", Ttl), ("Value", Text)]),
        (
            RecordType::MX,
            &[("Host name", Owner), ("Priority", Priority), ("TTL", Ttl), ("Points to", Target)],
        ),
    ],
    apex: EMPTY,
    absolute: false,
    dot: false,
    notes: &[LEAVE_EMPTY, "Make the subdomain first, and then the CNAME in its DNS settings."],
};

const LINODE: Style = Style {
    tables: &[(
        RecordType::SRV,
        &[
            ("Service", Service(Bare)),
            ("Protocol", Protocol(Bare)),
            ("Priority", Priority),
            ("Weight", Weight),
            ("Port", Port),
            ("TTL", Ttl),
            ("Target", Target),
        ],
    )],
    apex: "@",
    absolute: false,
    dot: false,
    notes: &["Service and protocol go without underscores: the form adds them."],
};

const NAME_COM: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Service", Service(Bare)),
                ("Weight", Weight),
                ("TTL", Ttl),
                ("Prio", Priority),
                ("Protocol", Protocol(Bare)),
                ("Port", Port),
                ("Target", Target),
            ],
        ),
        (RecordType::CNAME, &[("Host", Owner), ("TTL", Ttl), ("Answer", Target)]),
        (RecordType::TXT, &[("Host", Owner), ("TTL", Ttl), ("Answer", Text)]),
        (RecordType::MX, &[("Host", Owner), ("TTL", Ttl), ("Prio", Priority), ("Answer", Target)]),
    ],
    apex: EMPTY,
    absolute: false,
    dot: false,
    notes: &[LEAVE_EMPTY, "Weight comes before priority, which is called Prio."],
};

const NAMECHEAP: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Service", Service(Underscored)),
                ("Protocol", Protocol(Underscored)),
                ("Priority", Priority),
                ("Weight", Weight),
                ("Port", Port),
                ("TTL", Ttl),
                ("Target", Target),
            ],
        ),
        (RecordType::CNAME, &[("Host", Owner), ("TTL", Ttl), ("Value", Target)]),
        (RecordType::TXT, &[("Host", Owner), ("TTL", Ttl), ("Value", Text)]),
        (
            RecordType::MX,
            // The form has no title over the box right of the value.
            &[("Host", Owner), ("(right of Value)", Priority), ("TTL", Ttl), ("Value", Target)],
        ),
    ],
    apex: "@",
    absolute: false,
    dot: true,
    notes: &[END_WITH_DOT],
};

const NETWORK_SOLUTIONS: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Service", Service(Underscored)),
                ("Protocol", Protocol(Underscored)),
                ("TTL", Ttl),
                ("Priority", Priority),
                ("Weight", Weight),
                ("Port", Port),
                ("Target", Target),
            ],
        ),
        (RecordType::CNAME, &[("Alias", Owner), ("TTL", Ttl), ("Other Host", Target)]),
        (RecordType::TXT, &[("Host", Owner), ("TTL", Ttl), ("Text", Text)]),
        (
            RecordType::MX,
            &[("Host", Owner), ("Priority", Priority), ("TTL", Ttl), ("Mail Server", Target)],
        ),
    ],
    apex: "@",
    absolute: false,
    dot: true,
    notes: &[END_WITH_DOT],
};

const OVH: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Sub-domain", Owner),
                ("Priority", Priority),
                ("Weight", Weight),
                ("Port", Port),
                ("TTL", Ttl),
                ("Target", Target),
            ],
        ),
        (RecordType::CNAME, &[("Sub-domain", Owner), ("TTL", Ttl), ("Target", Target)]),
        (RecordType::TXT, &[("Sub-domain", Owner), ("TTL", Ttl), ("Value", Text)]),
        (
            RecordType::MX,
            &[("Sub-domain", Owner), ("TTL", Ttl), ("Priority", Priority), ("Target", Target)],
        ),
    ],
    apex: EMPTY,
    absolute: false,
    dot: true,
    notes: &[END_WITH_DOT, LEAVE_EMPTY],
};

const PLESK: Style = Style {
    tables: &[(
        RecordType::SRV,
        &[
            ("Service name", Service(Bare)),
            ("Protocol name", Protocol(Bare)),
            ("Priority", Priority),
            ("Domain", Name),
            ("Weight", Weight),
            ("Target Port", Port),
            ("Target host", Target),
        ],
    )],
    apex: EMPTY,
    absolute: false,
    dot: false,
    notes: &[LEAVE_EMPTY, "Service and protocol go without underscores."],
};

const ROUTE53: Style = Style {
    tables: &[
        (RecordType::SRV, &[("Record name", Owner), ("TTL (seconds)", Ttl), ("Value", Whole)]),
        (RecordType::CNAME, &[("Record name", Owner), ("TTL (seconds)", Ttl), ("Value", Target)]),
        (RecordType::TXT, &[("Record name", Owner), ("TTL (seconds)", Ttl), ("Value", Quoted)]),
        (RecordType::MX, &[("Record name", Owner), ("TTL (seconds)", Ttl), ("Value", Whole)]),
        (RecordType::A, &[("Record name", Owner), ("TTL (seconds)", Ttl), ("Value", Bits)]),
        (RecordType::AAAA, &[("Record name", Owner), ("TTL (seconds)", Ttl), ("Value", Bits)]),
    ],
    apex: EMPTY,
    absolute: false,
    dot: true,
    notes: &[
        DOT,
        LEAVE_EMPTY,
        ONE_BOX,
        "Records of one name and type are one record here, with a line of Value for each.",
    ],
};

const SQUARESPACE: Style = Style {
    tables: &[
        (RecordType::SRV, &[("Name", Owner), ("Priority", Priority), ("Data", WeightPortTarget)]),
        (RecordType::CNAME, &[("Name", Owner), ("Data", Target)]),
        (RecordType::TXT, &[("Name", Owner), ("Data", Text)]),
        (RecordType::MX, &[("Name", Owner), ("Priority", Priority), ("Data", Target)]),
        (RecordType::A, &[("Host", Owner), ("Data", Bits)]),
        (RecordType::AAAA, &[("Host", Owner), ("Data", Bits)]),
    ],
    apex: "@",
    absolute: false,
    dot: false,
    notes: &["Data of an SRV record is weight, port and target, with a blank between."],
};

const WIX: Style = Style {
    tables: &[
        (
            RecordType::SRV,
            &[
                ("Service", Service(Bare)),
                ("Protocol", Protocol(Bare)),
                ("Name", Name),
                ("Weight", Weight),
                ("Port", Port),
                ("Priority", Priority),
                ("TTL", Ttl),
                ("Target", Target),
            ],
        ),
        (RecordType::CNAME, &[("Host Name", Owner), ("TTL", Ttl), ("Points to", Target)]),
        (RecordType::TXT, &[("Host Name", Owner), ("TTL", Ttl), ("TXT Value", Text)]),
        (
            RecordType::MX,
            &[("Host Name", Owner), ("Priority", Priority), ("TTL", Ttl), ("Points to", Target)],
        ),
    ],
    apex: EMPTY,
    absolute: false,
    dot: false,
    notes: &[LEAVE_EMPTY, "Service and protocol go without underscores."],
};
