use hickory_proto::rr::Name;

use super::super::{Format, Sheet};
use super::forms::FORMS;
use crate::dns_host::DnsHost;
use crate::hosting::{Columns, file};
use crate::name::HostName;
use crate::plan::{Purpose, RecordPlan, plan};
use crate::rrset::RrSet;
use crate::zonefile::Scanner;

const PROFILE: &str = "imap: { tls: true }\nsubmission: true\nautoconfig: true\nmx: true\npacc: true\nprovider: { name: Example }\ncaldav: { path: /dav/ }";

fn planned(profile: &str, domain: &str) -> RecordPlan {
    let hosting = file::parse(profile, "profile").unwrap();
    plan(&domain.parse().unwrap(), &hosting, &Columns::default()).unwrap()
}

fn named(word: &str) -> DnsHost {
    word.parse().unwrap()
}

fn printed(sheet: &Sheet<'_>) -> String {
    let mut out = String::new();
    sheet.print(Format::FORM, &mut out);
    out
}

/// The lines of a table below its title.
fn table(text: &str, title: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|line| *line != title).skip(1);
    lines.take_while(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn every_host_wants_its_own_boxes() {
    #[track_caller]
    fn check(word: &str, notes: &[&str], srv: [&str; 3], cname: [&str; 2], mx: [&str; 2]) {
        let plan = planned(PROFILE, "example.com");
        let mut sheet = Sheet::new(&plan, None).unwrap();
        if !word.is_empty() {
            sheet = sheet.for_host(named(word));
        }
        let text = printed(&sheet);
        let head: Vec<_> = text.lines().skip(2).take_while(|line| !line.is_empty()).collect();
        assert_eq!(head, notes, "{word}");
        let rows = table(&text, "SRV records");
        for line in srv {
            assert!(rows.iter().any(|row| row == line), "{word}: no `{line}` in\n{text}");
        }
        assert_eq!(table(&text, "CNAME records").get(..2).unwrap(), cname, "{word}");
        assert_eq!(table(&text, "MX records"), mx, "{word}");
    }
    let dot = "Targets end with a dot: without it the form completes them, too.";
    let empty = "(empty): leave the box empty.";
    check(
        "",
        &[
            "A form completes the host with the zone: type it as it stands here.",
            "@ is the zone itself.",
            "Where service and protocol have no boxes, they go before the host: _imaps._tcp",
            "Without boxes for priority, weight and port, these go before the target: 0 1 993",
            "Where the form completes targets, too, end them with a dot.",
        ],
        [
            "  Service       Protocol  Host  TTL   Priority  Weight  Port  Target",
            "  _submission   _tcp      @     3600  10        1       587   mail.example.com",
            "  _pop3         _tcp      @     3600  0         0       0     .",
        ],
        ["  Host            TTL   Target", "  autoconfig      3600  mail.example.com"],
        ["  Host  TTL   Priority  Mail server", "  @     3600  10        mail.example.com"],
    );
    check(
        "namecheap",
        &[dot],
        [
            "  Service       Protocol  Priority  Weight  Port  TTL   Target",
            "  _submission   _tcp      10        1       587   3600  mail.example.com.",
            "  _pop3         _tcp      0         0       0     3600  .",
        ],
        ["  Host            TTL   Value", "  autoconfig      3600  mail.example.com."],
        [
            "  Host  (right of Value)  TTL   Value",
            "  @     10                3600  mail.example.com.",
        ],
    );
    check(
        "ionos",
        &[empty, "Make the subdomain first, and then the CNAME in its DNS settings."],
        [
            "  Service       Protocol  Host name  Priority  Weight  Port  TTL   Points to",
            "  _submission   tcp       (empty)    10        1       587   3600  mail.example.com",
            "  _pop3         tcp       (empty)    0         0       0     3600  .",
        ],
        ["  Subdomain       Alias", "  autoconfig      mail.example.com"],
        ["  Host name  Priority  TTL   Points to", "  (empty)    10        3600  mail.example.com"],
    );
    check(
        "123-reg",
        &[dot],
        [
            "  Hostname           Priority  TTL   Destination SRV",
            "  _submission._tcp   10        3600  1 587 mail.example.com.",
            "  _pop3._tcp         0         3600  0 0 .",
        ],
        ["  Hostname        Destination CNAME", "  autoconfig      mail.example.com."],
        ["  Hostname  Priority  Destination MX", "  @         10        mail.example.com."],
    );
    check(
        "cloudflare",
        &[
            "Set what can be proxied to \"DNS only\": a proxied name does not lead to the mail host.",
        ],
        [
            "  Service       Protocol  Name  TTL   Priority  Weight  Port  Target",
            "  _submission   TCP       @     3600  10        1       587   mail.example.com",
            "  _pop3         TCP       @     3600  0         0       0     .",
        ],
        ["  Name            TTL   Target", "  autoconfig      3600  mail.example.com"],
        ["  Name  Priority  TTL   Mail server", "  @     10        3600  mail.example.com"],
    );
    let one_box = "Numbers and target of a record go into one box, with a blank between.";
    check(
        "bunny",
        &[empty, one_box],
        [
            "  Hostname           TTL   Value",
            "  _submission._tcp   3600  10 1 587 mail.example.com",
            "  _pop3._tcp         3600  0 0 0 .",
        ],
        ["  Hostname        TTL   Value", "  autoconfig      3600  mail.example.com"],
        ["  Hostname  TTL   Value", "  (empty)   3600  10 mail.example.com"],
    );
    check(
        "route53",
        &[
            "Targets end with a dot.",
            empty,
            one_box,
            "Records of one name and type are one record here, with a line of Value for each.",
        ],
        [
            "  Record name        TTL (seconds)  Value",
            "  _submission._tcp   3600           10 1 587 mail.example.com.",
            "  _pop3._tcp         3600           0 0 0 .",
        ],
        [
            "  Record name     TTL (seconds)  Value",
            "  autoconfig      3600           mail.example.com.",
        ],
        [
            "  Record name  TTL (seconds)  Value",
            "  (empty)      3600           10 mail.example.com.",
        ],
    );
    check(
        "squarespace",
        &["Data of an SRV record is weight, port and target, with a blank between."],
        [
            "  Name               Priority  Data",
            "  _submission._tcp   10        1 587 mail.example.com",
            "  _pop3._tcp         0         0 0 .",
        ],
        ["  Name            Data", "  autoconfig      mail.example.com"],
        ["  Name  Priority  Data", "  @     10        mail.example.com"],
    );
    check(
        "cpanel",
        &["Names are typed whole, with a dot at their end; targets are typed without it."],
        [
            "  Name                            TTL   Priority  Weight  Port  Target",
            "  _submission._tcp.example.com.   3600  10        1       587   mail.example.com",
            "  _pop3._tcp.example.com.         3600  0         0       0     .",
        ],
        [
            "  Name                         TTL   Record",
            "  autoconfig.example.com.      3600  mail.example.com",
        ],
        ["  (domain)      Priority  Destination", "  example.com.  10        mail.example.com"],
    );
    check(
        "wix",
        &[empty, "Service and protocol go without underscores."],
        [
            "  Service      Protocol  Name     Weight  Port  Priority  TTL   Target",
            "  submission   tcp       (empty)  1       587   10        3600  mail.example.com",
            "  pop3         tcp       (empty)  0       0     0         3600  .",
        ],
        ["  Host Name       TTL   Points to", "  autoconfig      3600  mail.example.com"],
        ["  Host Name  Priority  TTL   Points to", "  (empty)    10        3600  mail.example.com"],
    );
}

#[test]
fn a_domain_below_its_apex_goes_into_the_box_that_takes_it() {
    #[track_caller]
    fn check(word: &str, row: &str) {
        let plan = planned("imap: { tls: true }\nsubmission: true", "sales.example.com");
        let apex: HostName = "example.com".parse().unwrap();
        let sheet = Sheet::new(&plan, Some(apex.name())).unwrap().for_host(named(word));
        let rows = table(&printed(&sheet), "SRV records");
        assert!(rows.iter().any(|it| it == row), "{word}: {rows:#?}");
    }
    check(
        "namecheap",
        "  _imaps        _tcp.sales  0         1       993   3600  mail.sales.example.com.",
    );
    check(
        "godaddy",
        "  sales  _tcp      _imaps        0         1       993   3600  mail.sales.example.com",
    );
    check(
        "cpanel",
        "  _imaps._tcp.sales.example.com.        3600  0         1       993   mail.sales.example.com",
    );
    check("hover", "  _imaps._tcp.sales        0         1       993   mail.sales.example.com");
    check(
        "linode",
        "  imaps        tcp.sales  0         1       993   3600  mail.sales.example.com",
    );
}

#[test]
fn it_says_which_address_to_type_where_people_write_the_domain_otherwise() {
    let text = |domain: &str| {
        let plan = planned("imap: true", domain);
        printed(&Sheet::new(&plan, None).unwrap().for_host(named("hover")))
    };
    let head = "Mail client settings for b\u{fc}cher.example (xn--bcher-kva.example)\n\
                To type into the form of Hover, in the zone xn--bcher-kva.example.\n\
                Users type their address as name@xn--bcher-kva.example: clients do not take\n\
                b\u{fc}cher.example.\n\nSRV records\n";
    let said = text("b\u{fc}cher.example");
    assert!(said.starts_with(head), "{said}");
    assert!(!text("example.com").contains("Users type"));
}

#[test]
fn no_line_ends_with_a_blank_whatever_the_host_and_the_domain() {
    for domain in
        ["example.com", "b\u{fc}cher.example", "sales.example.com", "m\u{fc}n.sub.example"]
    {
        for profile in
            [PROFILE, "imap: true\nautoconfig: { addresses: [192.0.2.1, \"2001:db8::1\"] }"]
        {
            let plan = planned(profile, domain);
            let apexes: [Option<Name>; 2] = [None, Some(plan.domain().name().base_name())];
            for apex in &apexes {
                let sheet = Sheet::new(&plan, apex.as_ref()).unwrap();
                let mut texts = vec![printed(&sheet)];
                for host in DnsHost::ALL {
                    texts.push(printed(&sheet.clone().for_host(*host)));
                }
                for text in texts {
                    assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
                    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text}");
                }
            }
        }
    }
}

#[test]
fn the_form_of_a_dns_host_is_known_where_it_says_so() {
    let words = DnsHost::ALL.iter().filter(|host| host.has_form()).map(|host| host.text());
    assert!(words.eq(FORMS.map(|(word, _)| word)));
}

/// RRsets in presentation form, as no profile of today gives them.
fn made_up(lines: &str) -> Vec<(Purpose, RrSet)> {
    Scanner::new(lines.as_bytes(), "test", Some("example.com.".parse().unwrap()))
        .map(|entry| entry.unwrap().record)
        .map(|record| {
            let set = RrSet::of(record.owner, record.ttl, vec![record.data]).unwrap();
            (Purpose::Host, set)
        })
        .collect()
}

#[test]
fn an_empty_box_is_explained_where_there_is_one() {
    let (note, box_of_the_zone) = ("(empty): leave the box empty.\n", "  (empty) ");
    for (word, domain, expected) in [
        ("ionos", "example.com", true),
        ("ionos", "sales.example.com", false),
        ("ovh", "example.com", false),
        ("hover", "example.com", false),
    ] {
        let plan = planned("imap: { tls: true }\nautoconfig: true", domain);
        let apex = "example.com.".parse().unwrap();
        let sheet = Sheet::new(&plan, Some(&apex)).unwrap().for_host(named(word));
        let text = printed(&sheet);
        assert_eq!(text.contains(note), expected, "{text}");
        assert_eq!(text.contains(box_of_the_zone), expected, "{text}");
    }
}

#[test]
fn texts_stand_as_they_are_typed_and_quoted_where_they_have_to_be() {
    #[track_caller]
    fn check(rdata: &str, title: &str, row: &str) {
        let plan = planned(PROFILE, "example.com");
        let sets = made_up(&format!("x 60 IN {rdata}\n"));
        let sheet = Sheet::new(&plan, None).unwrap().with_sets(&sets);
        assert_eq!(table(&printed(&sheet), title).last().unwrap(), row, "{rdata}");
    }
    let text = "TXT records";
    check(r#"TXT "v=x; a=1""#, text, "  x     60   v=x; a=1");
    check(r#"TXT "a  $b \"c\" \\ d""#, text, r#"  x     60   a  $b "c" \ d"#);
    check(r#"TXT "a" "b""#, text, r#"  x     60   "a" "b""#);
    check(r#"TXT "\"a""#, text, r#"  x     60   "\"a""#);
    check(r#"TXT " a;""#, text, r#"  x     60   " a;""#);
    check(r#"TXT """#, text, r#"  x     60   """#);
    check(r#"TXT "\195\188""#, text, r#"  x     60   "\195\188""#);
    check("A 192.0.2.1", "A records", "  x     60   192.0.2.1");
    check("AAAA 2001:db8::1", "AAAA records", "  x     60   2001:db8::1");
    check("TLSA 3 1 1 00AB", "TLSA records", "  x     60   3      1         1              00ab");
}
