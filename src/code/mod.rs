//! The finding codes: a promise to scripts, with everything `explain` says of them. Profiles set
//! their severities, so they stand below the rooms that find anything.
//!
//! One table has it all, a row a code; a code that is not in the table cannot be found.
//!
//! ```
//! use mailsrv::code::{Code, Severity};
//!
//! let code: Code = "target-alias".parse()?;
//! assert_eq!(code.severity(), Severity::Error);
//! assert_eq!(code.reference(), "RFC 2782");
//!
//! let error = "target-alais".parse::<Code>().unwrap_err();
//! assert_eq!(error.nearest, Some("target-alias"));
//! # Ok::<(), mailsrv::code::UnknownCode>(())
//! ```

mod severity;

pub use self::severity::{OFF, Severity, UnknownLevel, parse_setting};

use std::fmt;
use std::str::FromStr;

use crate::words::{did_you_mean, nearest};

/// Makes the enum and its tables of rows: variant, word, severity, reference, and the three texts
/// of `explain`: when it is found, why anybody cares, what to do.
macro_rules! codes {
    ($($variant:ident $text:literal $severity:ident $reference:literal
        $headline:literal
        $why:literal
        $remedy:literal;)*) => {
        /// A kind of finding. Codes never change meaning; new ones may come.
        #[non_exhaustive]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $headline] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable kebab-case word.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The severity where no rule and no policy says otherwise.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// Where the rule comes from.
            pub const fn reference(self) -> &'static str {
                match self { $(Self::$variant => $reference,)* }
            }

            /// When it is found, in one sentence.
            pub const fn headline(self) -> &'static str {
                match self { $(Self::$variant => $headline,)* }
            }

            /// Why a mail client or its user cares.
            pub const fn why(self) -> &'static str {
                match self { $(Self::$variant => $why,)* }
            }

            /// What to do about it.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

codes! {
    NoSrvPublished "no-srv-published" Warning "RFC 8314 section 4, RFC 6186 section 3"
        "None of the offered services has an SRV record."
        "Clients that read nothing but SRV records (Claws Mail, Balsa) ask the user to type host names and ports; the others are left to the documents, or to guesses."
        "Publish the records that `mailsrv generate` prints.";
    SrvMissing "srv-missing" Warning "RFC 8314 section 4, RFC 6186 section 3"
        "An offered service has no SRV record while others do."
        "Clients ask for the labels they know and for no others (Claws Mail and aerc never for _submissions, say), so each missing one leaves some of them without that server."
        "Publish the record shown.";
    NothingPublished "nothing-published" Error "RFC 8314 section 4, draft-ietf-mailmaint-autoconfig section 4.1"
        "Neither an SRV record nor a configuration name of the profile stands."
        "No mail client finds anything: each asks its user to type host names and ports."
        "Publish the records that `mailsrv generate` prints.";
    NoSubmission "no-submission" Error "RFC 6186 section 3.1, RFC 8314 section 3.3"
        "Submission is offered and none of its labels is published, while others are."
        "Clients that read SRV records find where to read mail and nowhere to send it; FairEmail then discards all that it found."
        "Publish the records shown.";
    SrvIncomplete "srv-incomplete" Warning "RFC 2782"
        "A server of the profile is missing from an RRset in which others stand."
        "The remaining servers take all of the load, and there is nothing to fall back to."
        "Publish the record shown.";
    ServiceDenied "service-denied" Error "RFC 6186 section 3.4"
        "The target is \".\" for a service the profile offers."
        "The target \".\" says that the service is decidedly not available; every client tested obeys and falls back to another service or gives up."
        "Replace the record with the one shown, or take the service out of the profile.";
    UnofferedPublished "unoffered-published" Error "RFC 6186 section 3.4"
        "A real target stands under the label of a service the profile does not offer."
        "Clients are sent to a service that nobody runs, or that the provider no longer wants used, and fail only at login."
        "Delete the record, or publish the target \".\" in its place.";
    DenialMissing "denial-missing" Info "RFC 6186 section 3.4"
        "A service that is not offered has no record with the target \".\"."
        "Without the denial a client may guess host names and ports for the service before it gives up."
        "Publish the record shown.";
    DenialNotAlone "denial-not-alone" Error "RFC 2782"
        "The target \".\" stands beside other records in one RRset."
        "The two contradict each other, and what a client makes of it is undefined: GLib-based clients try to connect to the root."
        "Keep one of the two: the denial, or the real records.";
    DenialPort "denial-port" Info "RFC 2782"
        "A record with the target \".\" has a port other than 0."
        "No client cares, but it usually is a half-edited record, and some DNS tools refuse it."
        "Publish it as `0 0 0 .`.";
    TargetAlias "target-alias" Error "RFC 2782"
        "The target is an alias (CNAME, or below a DNAME)."
        "RFC 2782 forbids it. Most resolvers follow the alias, so it often works by luck; nothing obliges a client or its resolver to."
        "Publish addresses at the target, or name the canonical host in the SRV record.";
    TargetNonexistent "target-nonexistent" Error "RFC 2782"
        "The target does not exist."
        "Every client that reads the record tries to connect to a host that is not there."
        "Publish addresses for the target, or correct the target.";
    TargetNoAddress "target-no-address" Error "RFC 2782"
        "The target exists, with neither an A nor an AAAA record."
        "Every client that reads the record finds no address to connect to."
        "Publish addresses for the target, or correct the target.";
    TargetOneFamily "target-one-family" Info "RFC 6540"
        "The target has IPv4 addresses only."
        "Clients in networks with IPv6 only reach it through translation, or not at all."
        "Publish an AAAA record when the server speaks IPv6.";
    TargetIpv6Only "target-ipv6-only" Warning "RFC 2782"
        "The target has IPv6 addresses only."
        "Clients in networks with IPv4 only, still many, cannot reach it."
        "Publish an A record for the target.";
    TargetDoubledSuffix "target-doubled-suffix" Error "RFC 1035 section 5.1"
        "The target ends in the domain twice: the trailing dot was missing."
        "A name without a trailing dot is relative, so the zone was appended to a name that was already complete. Such a host hardly ever exists."
        "Write the target with a trailing dot, or without the zone where the control panel appends it.";
    TargetAddressLiteral "target-address-literal" Error "RFC 2782"
        "The target spells an IP address."
        "A target is a name: clients look the digits up as a host name, which does not exist."
        "Name the host in the target, and publish the address at the host.";
    TargetEncoding "target-encoding" Error "RFC 5890 section 2.3.2.1"
        "The target has octets outside ASCII where an A-label belongs."
        "Clients look up the A-label of an internationalised name and never the octets that were typed; several refuse the record."
        "Write the target with its A-labels, as shown.";
    TargetShort "target-short" Error "RFC 1035 section 5.1"
        "The target is a single label with a final dot."
        "The final dot says that the name is complete, so clients look for a host below the root."
        "Leave out the final dot, or write the whole name in front of it.";
    TargetBadHostname "target-bad-hostname" Warning "RFC 1123 section 2.1"
        "The target is no host name: it has other characters than letters, digits and hyphens."
        "Some clients and most certificate authorities refuse such a name."
        "Give the host a name of letters, digits and hyphens.";
    TargetOutsideDomain "target-outside-domain" Warning "RFC 6186 section 6, RFC 8314 section 5.1"
        "The target lies outside the mail domain, which is not signed with DNSSEC."
        "A client that follows the RFC asks its user to confirm the server. That is ordinary for a hosting provider."
        "Sign the domain with DNSSEC, or leave it as it is.";
    TargetUnexpected "target-unexpected" Error "RFC 6186 section 3"
        "No record of the RRset has the expected target."
        "Clients are set up with another server than the one that holds the mailbox: often the previous provider's."
        "Replace the records with the one shown, or correct the profile.";
    ExtraPreferred "extra-preferred" Error "RFC 2782"
        "A record that is not ours has a better priority than ours."
        "Clients try the lowest priority number first, so they all go to the other server."
        "Delete the record shown.";
    ExtraRecord "extra-record" Warning "RFC 2782"
        "A record that is not ours stands beside ours at the same or a worse priority."
        "Part of the clients land on the other server, and no client tested moves on from a dead one."
        "Delete the record shown.";
    PortZero "port-zero" Error "RFC 2782"
        "The port is 0 with a real target."
        "Nothing can listen on port 0: Claws Mail, Balsa and aerc skip the record, others fail to connect."
        "Replace the record with the one shown.";
    FieldsSwapped "fields-swapped" Error "RFC 2782"
        "Priority, weight and port stand in each other's place."
        "Clients take the third number for the port, where nothing listens."
        "Replace the record with the one shown: priority, weight, port, target.";
    PortContradictsLabel "port-contradicts-label" Error "RFC 6186 section 3, RFC 8314 section 3"
        "The port is registered for another service or TLS mode than the label's."
        "The label, not the port, tells a client when TLS begins. It speaks TLS to a port that waits for a plain greeting, or waits for a greeting that never comes, and hangs."
        "Replace the record with the one shown.";
    PortUnexpected "port-unexpected" Error "RFC 6186 section 3"
        "The port is not the profile's."
        "Every client tested takes the port as it is, and connects to something else or to nothing."
        "Replace the record with the one shown, or correct the profile.";
    PriorityPrefersStarttls "priority-prefers-starttls" Warning "RFC 8314 section 4"
        "A STARTTLS label has a lower priority number than its TLS sibling."
        "Clients that compare priorities across labels (FairEmail, Horde) choose STARTTLS, which an attacker on the path can strip."
        "Replace the records with those shown.";
    PriorityTie "priority-tie" Warning "RFC 8314 section 4"
        "A STARTTLS label has the same priority as its TLS sibling."
        "Clients break the tie each in their own way: FairEmail takes 587 over 465, Horde picks at random."
        "Replace the records with those shown.";
    PriorityPrefersPop3 "priority-prefers-pop3" Warning "RFC 6186 section 3.4"
        "POP3 comes before IMAP, where the profile prefers IMAP."
        "Clients that follow RFC 6186 set the account up with POP3, which takes the mail off the server."
        "Replace the records with those shown.";
    WeightDiffers "weight-differs" Warning "RFC 6186 section 3.4"
        "Weights differ between the labels of one service at equal priority."
        "FairEmail compares weights across the two labels and takes the heavier one, whatever its TLS mode."
        "Replace the records with those shown.";
    WeightZeroMixed "weight-zero-mixed" Info "RFC 2782"
        "Weight 0 stands beside a positive weight at one priority."
        "The server with weight 0 is almost never chosen, which is seldom what was meant."
        "Give every server of one priority a positive weight.";
    DuplicateRecord "duplicate-record" Info "RFC 2181 section 5"
        "Two records are equal but for the case of a name."
        "They are one record to DNS, and two to the next person who edits the zone."
        "Delete one of the two.";
    RecordDiffers "record-differs" Info "RFC 2782"
        "An RRset is not as the profile has it, and no other finding says so."
        "No client is known to mind. Whoever compares or edits the records later may."
        "Replace the record with the one shown, or correct the profile.";
    LabelMisnomer "label-misnomer" Warning "RFC 6335 section 5.1, RFC 8314 section 7.3"
        "A record stands under a label that no client of RFC 6186 asks for."
        "The assigned service name is the only one that is legal for SRV lookups (RFC 2782), so the record is never found."
        "Publish the record under the right label, and delete this one.";
    OwnerMisplaced "owner-misplaced" Warning "RFC 2782"
        "A record of a service stands under a wrong owner name."
        "Clients ask for `_service._tcp` in front of the mail domain and for nothing else, so the record is never found."
        "Publish the record under the right owner name, and delete this one.";
    OwnerAlias "owner-alias" Info "RFC 2782, RFC 7673 section 3.1"
        "The SRV owner name is an alias."
        "This is legal, and a good way to let the provider keep the records; the RRset at the end of the chain is the one judged."
        "Nothing to do.";
    WildcardAnswer "wildcard-answer" Warning "RFC 4592 section 2.2"
        "A wildcard answers for the service, and does not deny it."
        "A wildcard answers for every name that does not exist, so that clients are sent to a host and a port that were meant for something else."
        "Publish the record itself, which hides the wildcard.";
    EmptyNonTerminal "empty-non-terminal" Error "RFC 8020 section 2, RFC 9156"
        "The server says that `_tcp` does not exist, while a name below it does."
        "Resolvers that minimise the query name, or cache that nothing exists below a missing name, never find the records."
        "Have the DNS server mended: a name with children exists.";
    TtlZero "ttl-zero" Warning "RFC 1123 section 6.1.2.1"
        "The TTL is 0."
        "No resolver keeps the record, so every client waits for the domain's own servers each time."
        "Publish the record with the TTL of the profile.";
    TtlLong "ttl-long" Info "RFC 1035 section 3.2.1"
        "The TTL is longer than a day, and longer than the profile's."
        "A change of servers reaches clients only when the old record has run out everywhere."
        "Publish the record with the TTL of the profile, a day or more before a move.";
    TtlUnequal "ttl-unequal" Error "RFC 2181 section 5.2"
        "The records of one RRset have different TTLs."
        "Resolvers may keep a part of the servers and forget the others; DNS servers rewrite such a set or refuse it."
        "Publish all of them with one TTL.";
    NegativeTtlLong "negative-ttl-long" Warning "RFC 2308 section 5"
        "Resolvers remember for more than a day that a record is missing."
        "Whoever asked before a record was published does not see it until then."
        "Lower the last number of the SOA record, or its TTL; one to three hours are usual.";
    AnswerLarge "answer-large" Info "RFC 2782, RFC 9715 section 3.2"
        "The answer is larger than 512 octets; above 1232 that is a warning."
        "Large answers are truncated and asked for again over TCP, which some networks drop; Thunderbird reads no more than 1024 octets."
        "Publish fewer records at the name.";
    AliasMissing "alias-missing" Warning "draft-ietf-mailmaint-autoconfig section 4.1, MS-OXDISCO section 3.1.5"
        "`autoconfig` or `autodiscover` is not published though the profile has it."
        "Thunderbird, Delta Chat, Geary and KMail read no SRV records; without `autoconfig` they guess. For `autodiscover` this is worth knowing only, as current Outlook versions seldom use it for IMAP."
        "Publish an alias of the expected host, once nothing else stands at the name.";
    AliasOtherData "alias-other-data" Error "RFC 1034 section 3.6.2, RFC 2181 section 10.1"
        "An alias stands beside other data at one name."
        "What a client gets depends on what it, or somebody before it, asked for."
        "Delete everything beside the alias.";
    AliasWildcard "alias-wildcard" Warning "RFC 4592 section 2.2"
        "The name resolves only because of a wildcard, and leads elsewhere."
        "Clients ask a web server that knows nothing of mail for their settings, and may be handed a page in their place."
        "Publish the name itself, which hides the wildcard.";
    AliasWrong "alias-wrong" Warning "draft-ietf-mailmaint-autoconfig section 4.1, MS-OXDISCO section 3.1.5"
        "`autoconfig` or `autodiscover` leads somewhere else than the profile's host."
        "Clients fetch their settings there, from another provider or from a web host that knows nothing of mail."
        "Replace the record with the one shown.";
    AliasDangling "alias-dangling" Error "RFC 1034 section 3.6.2"
        "The alias chain of `autoconfig` or `autodiscover` ends in a name that does not exist."
        "Whoever registers the missing name serves settings to the users of this domain, and with autodiscover receives their passwords."
        "Replace the record with the one shown, or delete it.";
    AliasLoop "alias-loop" Error "RFC 1034 section 3.6.2"
        "The alias chain loops, or is longer than 8."
        "A loop resolves for nobody, and some resolvers give up on a long chain."
        "Replace the record with the one shown.";
    AliasFlattened "alias-flattened" Info "RFC 1034 section 3.6.2"
        "Addresses equal to the expected host's stand in place of the alias."
        "It works now, and goes stale when the host's addresses change. DNS hosts that flatten aliases show them so."
        "Publish an alias where the DNS host allows it.";
    AliasByAnotherName "alias-by-another-name" Info "RFC 1034 section 3.6.2"
        "The alias leads to another name, with the addresses of the expected host."
        "It works as long as the two names share their addresses."
        "Lead the alias to the host of the profile, or leave it.";
    AddressDiffers "address-differs" Warning "draft-ietf-mailmaint-autoconfig section 4.1"
        "A name that the profile publishes with addresses leads to others."
        "Clients fetch their settings from another server."
        "Replace the records with those shown.";
    AutodiscoverPort "autodiscover-port" Warning "MS-OXDISCO section 3.1.5"
        "`_autodiscover._tcp` has a port other than 443."
        "Clients build an https URL from the host and drop the port, so they look for the document at 443."
        "Replace the record with the one shown.";
    AutodiscoverSplit "autodiscover-split" Warning "MS-OXDISCO section 3.1.5"
        "`autodiscover` and `_autodiscover._tcp` lead to different providers."
        "Which of the two a client asks first depends on the client, so users of one domain end up at two providers."
        "Delete the record that the profile does not have.";
    ProviderLeftover "provider-leftover" Warning "RFC 6186 section 3"
        "A record of another known provider still stands."
        "A part of the clients, or the mail itself, still goes to the provider that the domain left."
        "Delete the record, once nothing needs it.";
    DomainNonexistent "domain-nonexistent" Error "RFC 1034 section 4.3.2"
        "The mail domain does not exist."
        "No mail reaches it and no client finds anything. Nothing more was judged."
        "Register or delegate the domain, or correct its spelling.";
    NullMx "null-mx" Warning "RFC 7505 section 3"
        "The domain has a null MX and mail services."
        "The null MX says that the domain takes no mail, while the SRV records offer mailboxes; clients that derive their settings from the MX find nothing."
        "Publish the domain's real MX, or delete the mail services.";
    MxMissing "mx-missing" Warning "RFC 5321 section 5.1"
        "The profile has mail exchanges and the domain has none."
        "Mail goes to the address of the domain, often that of a web server, and clients that derive their settings from the MX find nothing."
        "Publish the records shown.";
    MxUnexpected "mx-unexpected" Warning "RFC 5321 section 5.1"
        "The MX names no mail exchange of the profile, or another one before it."
        "Mail arrives at another server than the one that clients read."
        "Replace the records with those shown, or correct the profile.";
    MxAlias "mx-alias" Warning "RFC 2181 section 10.3, RFC 5321 section 5.1"
        "The target of an MX record is an alias."
        "Some senders refuse to deliver to it."
        "Name the canonical host in the MX record.";
    NoMailRoute "no-mail-route" Warning "RFC 5321 section 5.1"
        "The domain has neither an MX nor an address."
        "No mail can be delivered to the mailboxes that clients are led to."
        "Publish an MX record.";
    CaaForbids "caa-forbids" Warning "RFC 8659 section 3"
        "CAA forbids the issuer that the profile names for `autoconfig`."
        "The provider gets no certificate for `autoconfig`, so clients that ask with HTTPS find no settings."
        "Publish a CAA record that names the issuer beside those that stand, or correct the profile.";
    DavPathMissing "dav-path-missing" Warning "RFC 6764 section 4"
        "The profile has a path of calendars or address books, and none is published."
        "Clients try `/.well-known`, and find nothing where the server does not redirect from there."
        "Publish the TXT record shown, beside the SRV record.";
    DavPathInvalid "dav-path-invalid" Error "RFC 6764 section 4"
        "The path of calendars or address books does not begin with \"/\"."
        "Clients must use the path, and build no address from this one."
        "Replace the record with the one shown.";
    DavPathDiffers "dav-path-differs" Error "RFC 6764 section 4"
        "The path of calendars or address books is not the profile's."
        "Clients must use the path, and ask for something that the server does not have."
        "Replace the record with the one shown, or correct the profile.";
    DavPathMisplaced "dav-path-misplaced" Warning "RFC 6764 section 4"
        "The path stands at the name of the server instead of that of the service."
        "Clients ask for it beside the SRV record; GNOME Online Accounts alone looks at the server."
        "Publish the TXT record shown.";
    PaccDigestMalformed "pacc-digest-malformed" Error "draft-ietf-mailmaint-pacc"
        "The record with the digest of the PACC document cannot be read."
        "Clients discard it and the document with it. A \";\" outside quotes cuts the text in a zone file."
        "Replace the record with the one shown, in quotes.";
    PaccDigestMismatch "pacc-digest-mismatch" Error "draft-ietf-mailmaint-pacc"
        "The digest is not that of the profile's document."
        "Clients compare it with the document that they fetch, and refuse what does not fit."
        "Replace the record with the one shown.";
    PaccIncomplete "pacc-incomplete" Warning "draft-ietf-mailmaint-pacc"
        "One of `ua-auto-config` and its digest stands without the other, or the two names are swapped."
        "Clients need both: the name to fetch the document, and the digest to trust it."
        "Publish the records shown.";
    PaccObsolete "pacc-obsolete" Info "draft-ietf-mailmaint-pacc"
        "The SRV record of the abandoned first draft of PACC stands."
        "No client asks for it."
        "Delete the record shown.";
    TlsaMissing "tlsa-missing" Warning "RFC 7673 section 3.3, RFC 8314 section 4.5.4"
        "A TLSA record of the profile's certificate is missing."
        "Clients that verify with DANE fall back to the certificate authorities."
        "Publish the record shown.";
    TlsaDiffers "tlsa-differs" Error "RFC 7673 section 3.4"
        "The TLSA record has other data than the profile's certificate gives."
        "Clients that verify with DANE refuse to connect."
        "Replace the record with the one shown.";
    TlsaMismatch "tlsa-mismatch" Error "RFC 7671 section 5, RFC 7673 section 3.4"
        "No TLSA record of a server matches the certificate that it sends, by digest of certificate or key."
        "Clients that verify with DANE refuse to connect."
        "Publish a record of the certificate that the server sends, and wait for the old one to leave the caches before the certificate is changed.";
    TlsaUnsigned "tlsa-unsigned" Error "RFC 8314 section 4.5.4"
        "A TLSA record stands in a zone that is not signed."
        "It must not be advertised there: it proves nothing, and goes stale unnoticed."
        "Sign the zone, or delete the record.";
    DomainUnsigned "domain-unsigned" Info "RFC 8314 section 4.5.3"
        "The domain is not signed with DNSSEC."
        "Clients cannot tell a forged record from a real one, and ask their users about servers outside the domain."
        "Sign the domain where its DNS host offers it.";
    DnssecBogus "dnssec-bogus" Error "RFC 4035 section 5, RFC 7673 section 3.1"
        "DNSSEC validation fails."
        "Behind a validating resolver the name does not resolve at all."
        "Sign the zone anew, or correct the DS record at its parent.";
    DnssecDisputed "dnssec-disputed" Info "RFC 4035 section 5"
        "The experimental validator of this program says otherwise of an answer than the resolver."
        "One of the two is wrong, or they were told different things. The resolver is believed."
        "Look at the answer with another validator, such as `delv`; where that is bogus too, sign the zone anew.";
    ZoneCut "zone-cut" Info "RFC 1034 section 4.2.1"
        "A delegation inside the zone hides records that stand below it in the file."
        "Other servers are asked for everything below the delegation, so the records are never seen."
        "Move the records into the delegated zone, or delete the delegation.";
    ServersDisagree "servers-disagree" Warning "RFC 1034 section 4.3.5, RFC 1912 section 2.8"
        "The authoritative servers of the zone hold different records."
        "Which of them a client's resolver asks is chance, so that one client finds what another does not, and the same client finds it at one time and not at another."
        "Have the servers that lag behind transfer the zone (their log says why they did not), or correct the one that is edited apart from the others.";
    ServerLame "server-lame" Warning "RFC 1912 section 2.8, RFC 9499 section 7"
        "A name server of the zone does not answer for it."
        "Resolvers ask it in its turn and in vain, so that lookups of the domain are slow now and then, and fail where the other servers do not answer either."
        "Have the server serve the zone, or take its NS record out of the zone and of the delegation.";
    DelegationDiffers "delegation-differs" Warning "RFC 1034 section 4.2.2"
        "The delegation names other servers than the zone itself."
        "Resolvers ask the servers of either list. A server that one of them has kept from earlier answers with what it held then, or no more one day."
        "Tell the registrar, or the zone above, the servers that the NS records of the zone name; or correct these.";
    ResolversDisagree "resolvers-disagree" Info "RFC 2181 section 5, RFC 2308 section 5"
        "The resolvers that were compared say different things, or one of them says nothing, which is a warning."
        "Each remembers what it heard for as long as the TTL says, so that after a change clients are told the old for a while. A resolver that filters or validates may say another thing for ever."
        "Wait for the TTL and ask again; ask the servers of the zone (--authoritative) for what holds now.";
    EndpointUnreachable "endpoint-unreachable" Error "RFC 6186 section 3, RFC 8314 section 3"
        "Nothing answers at a host and port where clients look for a service, or it sends them away."
        "Clients wait, and then tell their users that the server is not there; some try the next one, most do not."
        "Start the service, open the port, or name the host and the port where it is.";
    EndpointWrongProtocol "endpoint-wrong-protocol" Error "RFC 6186 section 3, RFC 8314 section 3"
        "Another protocol, or the other TLS mode, is spoken at a port than the one it is published for."
        "Clients wait for a greeting that never comes, or take the greeting for broken TLS, and give up without a word that would help."
        "Swap the ports in the records, or have the server listen as they say: TLS at once on 993, 995 and 465, a greeting in the clear and STARTTLS on 143, 110 and 587.";
    EndpointNoTls "endpoint-no-tls" Error "RFC 8314 section 4.1, RFC 9325 section 3.1"
        "No TLS of today begins at an endpoint: STARTTLS is not offered, or the handshake fails."
        "Clients that are set up for TLS refuse the connection; those that are not send the password in the clear."
        "Give the server a certificate and have it offer TLS 1.2 and 1.3.";
    EndpointPlaintextLogin "endpoint-plaintext-login" Critical "RFC 8314 section 4.1, RFC 9051 section 6.2.3"
        "A server takes passwords before TLS has begun."
        "A client that is misled or set up badly sends the password so that everybody on the way can read it."
        "Forbid logins without TLS: `ssl = required` in Dovecot, `smtpd_tls_auth_only = yes` in Postfix.";
    StarttlsInjection "starttls-injection" Critical "RFC 3207 section 4.2, RFC 9051 section 6.2.1"
        "A server obeys within TLS what was sent in the clear behind STARTTLS."
        "Somebody on the way can put commands in front of those of the user, and so have mail or a password delivered to himself."
        "Update the server: what it has read before the handshake must be thrown away (CVE-2011-0411 and its kin).";
    EndpointLoginForm "endpoint-login-form" Warning "RFC 9051 section 6.2.2, RFC 4954 section 4"
        "A server takes no password by any mechanism that clients use within TLS."
        "Clients that are set up with a password cannot log in, whatever their users type."
        "Offer PLAIN within TLS, or say in the documents that OAuth is needed.";
    CertificateName "certificate-name" Error "RFC 7817 section 3, RFC 9525 section 6"
        "The certificate of a server is for other names than the one that clients connect to."
        "Clients warn their users of a stranger, or refuse to connect."
        "Have the certificate issued for the host that the records name, or name a host that it is for.";
    CertificateExpired "certificate-expired" Error "RFC 5280 section 4.1.2.5"
        "The certificate of a server is no longer valid, or not yet."
        "Clients refuse to connect, or ask their users to trust it for ever."
        "Renew it, and have the server load it; a server that was not restarted may still send the old one.";
    CertificateUntrusted "certificate-untrusted" Error "RFC 5280 section 6, RFC 9325 section 4.5"
        "Nobody whom clients believe stands behind the certificate of a server."
        "Clients refuse to connect, or ask their users whether they know the server."
        "Have it issued by a public authority, and have the server send the certificates between it and that one, too (fullchain.pem).";
    CertificateExpires "certificate-expires" Warning "RFC 5280 section 4.1.2.5"
        "The certificate of a server ends soon."
        "From that moment on clients refuse to connect, all of them at once."
        "Renew it; where that is done by itself, find out why it was not.";
    DocumentUnreachable "document-unreachable" Warning "draft-ietf-mailmaint-autoconfig section 4, MS-OXDISCO section 3.1.5"
        "Clients cannot fetch a document where the records lead them for it."
        "They go on to other sources, or ask their users for servers, ports and names; a certificate that is refused is the most common cause, and is not told to the user."
        "Have the web server serve the document there, with a certificate for that very name; or delete the records that lead there.";
    DocumentInvalid "document-invalid" Warning "draft-ietf-mailmaint-autoconfig section 3, MS-OXDSCLI section 2.2.4"
        "What is served where clients look for a document is none that all of them take."
        "One client takes what another refuses as a whole, and none of them says why. A page for people with the status 200 is taken for the answer by some."
        "Serve the document that `mailsrv documents` writes, as it is, and 404 where there is none.";
    DocumentDisagrees "document-disagrees" Warning "draft-ietf-mailmaint-autoconfig section 3, RFC 6186 section 4"
        "A document names another server, port, TLS mode or login name than the profile."
        "Which of the two a user gets depends on the client; that support cannot follow."
        "Correct the document, or the profile where the document is right.";
    DocumentPlaintext "document-plaintext" Critical "RFC 8314 section 4.1"
        "A document sets clients up without TLS."
        "They send the password so that everybody on the way can read it."
        "Say `SSL` or `STARTTLS` in socketType, and `on` in SSL.";
}

impl Code {
    /// Whether it takes a connection to a server to find it.
    pub const fn is_probed(self) -> bool {
        matches!(
            self,
            Self::EndpointUnreachable
                | Self::EndpointWrongProtocol
                | Self::EndpointNoTls
                | Self::EndpointPlaintextLogin
                | Self::StarttlsInjection
                | Self::EndpointLoginForm
                | Self::CertificateName
                | Self::CertificateExpired
                | Self::CertificateUntrusted
                | Self::CertificateExpires
                | Self::TlsaMismatch
                | Self::DocumentUnreachable
                | Self::DocumentInvalid
                | Self::DocumentDisagrees
                | Self::DocumentPlaintext
        )
    }

    /// Where it is explained: a section of the documentation, whose address stays.
    pub fn address(self) -> String {
        format!("{}/blob/main/docs/findings.md#{self}", env!("CARGO_PKG_REPOSITORY"))
    }

    /// That section, in Markdown (`CommonMark`).
    pub fn section(self) -> String {
        format!(
            "## {self}\n\n{}\n\n- Severity: {}\n- Why it matters: {}\n- What to do: {}\n- Reference: {}\n",
            self.headline(),
            self.severity(),
            self.why(),
            self.remedy(),
            self.reference(),
        )
    }
}

/// Says that a text is no finding code.
///
/// The text is kept up to 80 characters: it may come from a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{typed}` is no finding code; {}", self.hint())]
pub struct UnknownCode {
    /// The text as typed.
    pub typed: String,
    /// The code it resembles most.
    pub nearest: Option<&'static str>,
}

impl UnknownCode {
    /// What to write instead.
    ///
    /// It follows the message: a code that it resembles, and how to list them all.
    pub fn hint(&self) -> String {
        const LIST: &str = "`mailsrv explain --list` shows them all";
        let nearest = |code| format!("{} ({LIST})", did_you_mean(code));
        self.nearest.map_or_else(|| LIST.to_owned(), nearest)
    }
}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL.iter().copied().find(|code| code.text() == text).ok_or_else(|| {
            let nearest = nearest(text, Self::ALL.iter().map(|code| code.text()), 0.75);
            UnknownCode { typed: text.chars().take(80).collect(), nearest }
        })
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_read_back() {
        let mut words: Vec<_> = Code::ALL.iter().map(|code| code.text()).collect();
        for code in Code::ALL {
            assert_eq!(code.text().parse(), Ok(*code));
        }
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
    }

    #[test]
    fn a_misspelt_code_gets_a_hint() {
        let hint = "target-allias".parse::<Code>().unwrap_err().to_string();
        assert!(hint.contains("did you mean `target-alias`?"), "{hint}");
        let none = "zzz".parse::<Code>().unwrap_err().to_string();
        assert!(none.contains("explain --list") && !none.contains("did you mean"), "{none}");
    }
}
