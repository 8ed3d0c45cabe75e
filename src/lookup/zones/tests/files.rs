//! Zones of files, with and without an apex.

use proptest::prelude::*;

use super::*;
use crate::name::text;
use crate::zonefile::Scanner;

/// Files named `1`, `2` and so on.
fn read(files: &[&str], origin: Option<&str>) -> Zones {
    let origin = origin.map(name);
    let files = files.iter().enumerate().map(|(at, text)| {
        let mut file = ZoneFile::new();
        let scanner = Scanner::new(text.as_bytes(), &(at + 1).to_string(), origin.clone());
        scanner.for_each(|entry| file.insert(entry.unwrap()));
        file
    });
    Zones::of(files.collect(), origin.as_ref())
}

fn ask(zones: &Zones, domain: &str, owner: &str, rtype: RecordType) -> String {
    let question = Question { name: name(owner), rtype };
    shown(zones.ask_about(&domain.parse().unwrap(), &question).now_or_never().unwrap())
}

/// Lines `OWNER TYPE ANSWER`, asked in the audit of a domain.
#[track_caller]
fn check(zones: &Zones, domain: &str, lines: &[&str]) {
    for line in lines {
        let mut words = line.splitn(3, ' ');
        let (owner, rtype) = (words.next().unwrap(), words.next().unwrap());
        let answer = ask(zones, domain, owner, rtype.parse().unwrap());
        assert_eq!(Some(answer.as_str()), words.next(), "{domain}: {owner} {rtype}");
    }
}

const SECTIONS: [&str; 4] = [
    "$ORIGIN a.test.\n$TTL 60\n_imaps._tcp SRV 0 1 993 mail.host.test.\nmail A 192.0.2.1\n",
    "$ORIGIN _tcp.a.test.\n$TTL 60\n_pop3s SRV 0 1 995 mail.a.test.\n",
    "$ORIGIN b.test.\n$TTL 60\n_imaps._tcp SRV 0 1 993 mail.host.test.\n*.web A 192.0.2.2\n",
    "$ORIGIN host.test.\n$TTL 60\nmail A 192.0.2.3\nauto CNAME mail\n*.web A 192.0.2.4\n",
];

/// What every order of the sections, in one file or in several, answers.
#[track_caller]
fn check_sections(zones: &Zones) {
    check(
        zones,
        "a.test",
        &[
            "_imaps._tcp.a.test. SRV 1 SRV",
            "_pop3s._tcp.a.test. SRV 1 SRV",
            "_imap._tcp.a.test. SRV NXDOMAIN",
            "_tcp.a.test. SRV NODATA",
            "a.test. MX NODATA",
            "mail.a.test. AAAA NODATA",
            "smtp.a.test. A NXDOMAIN",
            "mail.host.test. A 1 A",
            "mail.host.test. AAAA NODATA",
            "mail.host.test. MX outside-zone",
            "auto.host.test. A > mail.host.test. 1 A",
            "imap.host.test. A outside-zone",
            "x.web.host.test. A outside-zone",
            "host.test. A outside-zone",
            "mail.b.test. A outside-zone",
            "_tcp.b.test. SRV outside-zone",
        ],
    );
    check(
        zones,
        "b.test",
        &["mail.b.test. A NXDOMAIN", "x.web.b.test. A 1 A", "smtp.a.test. A outside-zone"],
    );
    check(zones, "c.test", &["_imaps._tcp.c.test. SRV outside-zone", "mail.a.test. A 1 A"]);
}

proptest! {
    #[test]
    fn sections_without_soa_answer_alike_in_any_order_and_number_of_files(
        order in Just([0, 1, 2, 3]).prop_shuffle(),
        breaks in any::<[bool; 4]>(),
    ) {
        let mut files = vec![String::new()];
        for (section, ends) in order.into_iter().zip(breaks) {
            files.last_mut().unwrap().push_str(SECTIONS[section]);
            if ends {
                files.push(String::new());
            }
        }
        let files: Vec<_> = files.iter().map(String::as_str).collect();
        check_sections(&read(&files, None));
    }
}

const SOA: &str = "$ORIGIN d.test.\n$TTL 60\n@ SOA ns h 1 2 3 4 5\n";

#[test]
fn a_snippet_joins_the_zone_around_it_but_not_below_a_cut() {
    let zone = format!("{SOA}@ NS ns\nns A 192.0.2.1\nsub NS ns\n");
    let snippet = "$ORIGIN d.test.\n_imaps._tcp 60 SRV 0 1 993 mail\n\
                   $ORIGIN sub.d.test.\n_imaps._tcp 60 SRV 0 1 993 mail\n";
    for files in [[zone.as_str(), snippet], [snippet, zone.as_str()]] {
        let zones = read(&files, None);
        let lines = ["_imaps._tcp.d.test. SRV 1 SRV", "mail.d.test. A NXDOMAIN"];
        check(&zones, "d.test", &lines);
        check(&zones, "e.test", &lines);
        check(&zones, "d.test", &["x.sub.d.test. A outside-zone"]);
        let lines = ["_imaps._tcp.sub.d.test. SRV 1 SRV", "mail.sub.d.test. A NXDOMAIN"];
        check(&zones, "sub.d.test", &lines);
        assert_eq!(owners(&zones, "sub.d.test."), ["_imaps._tcp.sub.d.test."]);
        assert_eq!(owners(&zones, "d.test."), ["_imaps._tcp.d.test."]);
    }
}

#[test]
fn the_origin_is_the_apex_of_files_without_soa() {
    let zones =
        read(&["_imaps._tcp 60 SRV 0 1 993 mail\ne.test. 60 A 192.0.2.1\n"], Some("d.test."));
    check(&zones, "x.d.test", &["_imaps._tcp.x.d.test. SRV NXDOMAIN", "d.test. A NODATA"]);
    check(&zones, "e.test", &["e.test. A outside-zone"]);
    check(&read(&[""], Some("d.test.")), "d.test", &["d.test. A NODATA"]);
    assert!(zones.hold(&name("x.d.test.")) && !zones.hold(&name("e.test.")));
    assert!(read(&["$ORIGIN d.test.\n_imaps._tcp 60 A 192.0.2.1"], None).hold(&name("d.test.")));
}

#[test]
fn records_outside_the_zone_are_counted_wherever_they_stand() {
    let text = format!("e.test. 60 A 192.0.2.1\n{SOA}a A 192.0.2.1\nf.test. A 192.0.2.1\n");
    let mut file = ZoneFile::new();
    Scanner::new(text.as_bytes(), "f", None).for_each(|entry| file.insert(entry.unwrap()));
    let (apex, position) = file.soa().unwrap();
    assert_eq!((text_of(apex).as_str(), position.line), ("d.test.", 4));
    let outside = file.outside(apex).unwrap();
    assert_eq!((outside.records, outside.first.unwrap().line), (2, 1));
    assert_eq!(file.outside(&name("test.")), None);
    let zones = Zones::of(vec![file], None);
    check(&zones, "d.test", &["e.test. A outside-zone", "a.d.test. A 1 A"]);
}

fn text_of(name: &Name) -> String {
    text(name)
}

fn owners(zones: &Zones, domain: &str) -> Vec<String> {
    zones.srv_owners(&name(domain), 3).iter().map(text).collect()
}

#[test]
fn srv_owners_are_those_that_are_answered_for() {
    let zone = format!(
        "{SOA}_pop3._tcp SRV 0 0 0 .\n_imaps SRV 0 0 0 .\n*._tcp SRV 0 0 0 .\n* SRV 0 0 0 .\n\
         z SRV 0 0 0 .\nz TXT x\nsub NS ns\n_imaps._tcp.sub SRV 0 0 0 .\nmail A 192.0.2.1\n"
    );
    let zones = read(&[&zone], None);
    let expected = ["_imaps.d.test.", "_pop3._tcp.d.test.", "z.d.test."];
    assert_eq!(owners(&zones, "d.test."), expected);
    assert_eq!(owners(&zones, "_tcp.d.test."), expected[1..2]);
    for none in ["sub.d.test.", "test.", "e.test."] {
        assert_eq!(owners(&zones, none), [""; 0], "{none}");
    }
    assert_eq!(zones.srv_owners(&name("d.test."), 1).len(), 1);
    let loose = read(&SECTIONS, None);
    assert_eq!(owners(&loose, "a.test."), ["_imaps._tcp.a.test.", "_pop3s._tcp.a.test."]);
    assert_eq!(owners(&loose, "test.").len(), 3);
}

#[test]
fn a_file_has_authority_over_its_zone_and_may_give_an_rrset_two_ttls() {
    let zone = format!("{SOA}a 60 A 192.0.2.1\na 61 A 192.0.2.2\na 62 TXT x\nb 60 A 192.0.2.1\n");
    let loose = "c.test. 60 A 192.0.2.1\nc.test. 61 A 192.0.2.2\n";
    let zones = read(&[&zone, loose], None);
    for (owner, authoritative, uneven) in [
        ("a.d.test.", true, true),
        ("b.d.test.", true, false),
        ("gone.d.test.", true, false),
        ("c.test.", true, true),
        ("e.test.", false, false),
    ] {
        let question = Question { name: name(owner), rtype: RecordType::A };
        let answer = zones.ask(&question).now_or_never().unwrap();
        assert_eq!((answer.authoritative, answer.uneven_ttls), (authoritative, uneven), "{owner}");
    }
}

#[test]
fn the_first_record_of_an_rrset_has_its_place_in_its_file() {
    let place = |zones: &Zones, owner: &str, rtype| {
        let position = zones.position(&name(owner), rtype)?;
        Some(format!("{}:{}", position.file, position.line))
    };
    let zone = format!("{SOA}a TXT x\n  A (\n 192.0.2.1 )\n  A 192.0.2.2\n");
    let zones =
        read(&[SECTIONS[0], &zone, "a.d.test. 60 A 192.0.2.2\ne.test. 60 A 192.0.2.1\n"], None);
    for (owner, rtype, expected) in [
        ("a.d.test.", RecordType::A, Some("2:5")),
        ("A.D.test.", RecordType::TXT, Some("2:4")),
        ("a.d.test.", RecordType::SRV, None),
        ("mail.a.test.", RecordType::A, Some("1:4")),
        ("e.test.", RecordType::A, Some("3:2")),
        ("f.test.", RecordType::A, None),
    ] {
        assert_eq!(place(&zones, owner, rtype).as_deref(), expected, "{owner} {rtype}");
    }
    let mut written = Zones::new();
    written.add_zone(&name("d.test."), [resource_record("d.test. A 192.0.2.1")]);
    assert_eq!(place(&written, "d.test.", RecordType::A), None);
}

#[test]
fn records_below_a_cut_are_hidden_unless_they_are_glue() {
    let hidden = |zones: &Zones, domain: &str| -> Vec<String> {
        let told = zones.hidden(&name(domain)).map(|hidden| {
            let owners: Vec<_> = hidden.owners.iter().map(text).collect();
            format!("{} {}: {}", text(&hidden.cut), hidden.records, owners.join(" "))
        });
        told.collect()
    };
    let zone = format!(
        "{SOA}@ NS ns\n_tcp NS ns\n_imaps._tcp SRV 0 0 0 .\n_imap._tcp SRV 0 0 0 .\n\
         glue NS ns.glue\nns.glue A 192.0.2.1\nz.b TXT x\nb TXT x\nb NS ns\nb MX 1 m\na.b NS ns\n\
         a.b TXT x\n"
    );
    let zones = read(&[&zone], None);
    let tcp = "_tcp.d.test. 2: _imap._tcp.d.test. _imaps._tcp.d.test.";
    let b = "b.d.test. 4: b.d.test. a.b.d.test. z.b.d.test.";
    assert_eq!(hidden(&zones, "d.test."), [tcp, b]);
    assert_eq!(hidden(&zones, "_tcp.d.test."), [tcp]);
    assert_eq!(hidden(&zones, "a.b.d.test."), ["b.d.test. 1: a.b.d.test."]);
    assert_eq!(hidden(&zones, "e.test."), [""; 0]);
    let many: String = (0..20).map(|at| format!("h{at:02}.sub TXT x\n")).collect();
    let many = read(&[&format!("$ORIGIN d.test.\n$TTL 60\nsub NS ns\n{many}")], None);
    let told = many.hidden(&name("d.test.")).next().unwrap();
    assert_eq!((told.owners.len(), told.records), (8, 20));
}

#[test]
fn records_that_exclude_each_other_are_found_across_files() {
    let clashes = |files: &[&str]| -> Vec<String> {
        let clashes = read(files, None).clashes();
        let shown = clashes.into_iter().map(|Clash { position, problem, .. }| {
            let position = position.unwrap();
            format!("{}:{}: {problem}", position.file, position.line)
        });
        shown.collect()
    };
    let zone = format!(
        "{SOA}a CNAME b\na RRSIG CNAME 8 3 60 20300101000000 20200101000000 1 d.test. AQ==\n"
    );
    assert_eq!(clashes(&[&zone, "a.d.test. 60 CNAME b.d.test.\n"]), [""; 0]);
    assert_eq!(
        clashes(&[
            &zone,
            "a.d.test. 60 CNAME c.d.test.\n",
            "e.test. 60 CNAME f.test.\ne.test. 60 TXT x"
        ]),
        [
            "2:1: a.d.test is an alias of two names; keep one of them",
            "3:2: e.test is an alias and holds TXT data beside it; remove one of the two",
        ]
    );
    let other = SOA.replace("h 1", "h 2");
    assert_eq!(clashes(&[SOA, &other]), ["2:3: d.test has a second SOA record; keep one of them"]);
}

/// Lines of so many mail domains, each on a line and some longer than one, in one of three orders.
fn lines(domains: u64, order: u64) -> Vec<String> {
    let mut lines = vec!["@ 60 SOA ns hm 1 2 3 4 5\n@ 60 NS ns\n".to_owned()];
    for number in 0..domains {
        // A power of a prime is met by every number once.
        let number = match order {
            0 => number,
            1 => domains - number,
            _ => number * 7919 % domains,
        };
        let name = format!("d{number}");
        lines.push(format!("_imaps._tcp.{name} 60 IN SRV 0 1 993 mail.{name}.test.\n"));
        lines.push(format!("_imap._tcp.{name} IN 60 SRV (0 1\n 143 mail.{name})\n"));
        lines.push(format!("mail.{name} 60 IN A 192.0.2.{}\n", number % 256));
        lines.push(format!("{name} 60 TXT \"v=spf1 -all\"\n 60 MX 10 mail.{name}\n"));
    }
    lines
}

#[test]
fn what_is_sorted_beside_the_reading_is_what_is_sorted_as_it_comes() {
    for (order, block) in [(0, 1 << 18), (1, 1000), (2, 77)] {
        let text = lines(4001, order).concat();
        let scanner = |block| {
            let reader = std::io::BufReader::with_capacity(block, text.as_bytes());
            Scanner::new(reader, "z", Some(name("test.")))
        };
        let mut alone = ZoneFile::new();
        scanner(1 << 10).for_each(|entry| alone.insert(entry.unwrap()));
        let beside = ZoneFile::read(&mut scanner(block)).unwrap();
        assert_eq!((beside.records(), beside.soa()), (alone.records(), alone.soa()));
        assert!(beside.iter().eq(alone.iter()), "{order}");
        let [beside, alone] = [beside, alone].map(|file| Zones::of(vec![file], None));
        for number in [0, 1, 2000, 4000] {
            let owner = name(&format!("_imap._tcp.d{number}.test."));
            let place = |zones: &Zones| zones.files.position(zones.place(&owner, RecordType::SRV)?);
            assert_eq!(place(&beside), place(&alone));
            assert!(place(&beside).is_some() || number == 0 && order == 1);
        }
    }
}

#[test]
fn errors_of_a_large_file_are_those_of_its_lines_in_whatever_blocks_it_is_read() {
    let mut lines = lines(3001, 0);
    for at in [0, 5000, 9000, 12_004] {
        lines.insert(at, "bad 60 A 1.2.3\n".to_owned());
    }
    let text = lines.concat();
    let errors = |block| {
        let reader = std::io::BufReader::with_capacity(block, text.as_bytes());
        let mut scanner = Scanner::new(reader, "z", Some(name("test.")));
        let Err(Unread { errors, rest }) = ZoneFile::read(&mut scanner) else { panic!("{block}") };
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        (errors, rest.records(), rest.iter().count())
    };
    let each = errors(1);
    assert_eq!((each.0.len(), each.1), (4, 15_007));
    for block in [64, 5000, 1 << 16] {
        assert_eq!(errors(block), each, "{block}");
    }
}
