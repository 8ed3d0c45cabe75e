//! What a run prints of a list is what it prints of each mail domain alone.

use hickory_proto::rr::Name;
use mailsrv::dns_host::DnsHost;
use mailsrv::hosting::{Columns, Hosting, file};
use mailsrv::name::MailDomain;
use mailsrv::plan::plan;
use mailsrv::render::{Format, LeftOut, Press, Sheet};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;

use super::given::{domain, hosting_of, profile};

/// Values of the column `server`; the second of each pair goes before the mail domain.
const SERVERS: [(&str, bool); 9] = [
    ("s1.provider.example", false),
    ("s22.other-provider.example", false),
    ("S1.Provider.example", false),
    (" s1.provider.example", false),
    ("bücher.example", false),
    ("192.0.2.1", false),
    ("", false),
    ("", true),
    ("imap.", true),
];

fn row() -> impl Strategy<Value = (MailDomain, String)> {
    let server = prop_oneof![
        2 => select(&SERVERS[..]).prop_map(|(server, own)| (server.to_owned(), own)),
        1 => "[a-z0-9-]{0,3}(\\.[a-z0-9-]{1,6}){1,3}".prop_map(|server| (server, false)),
    ];
    (domain(), server).prop_map(|(domain, (server, own))| {
        let server = if own { format!("{server}{domain}") } else { server };
        (domain, server)
    })
}

fn alone(
    hosting: &Hosting,
    format: Format,
    host: Option<DnsHost>,
    domain: &MailDomain,
    columns: &Columns,
) -> Option<(String, Vec<LeftOut>)> {
    let plan = plan(domain, hosting, columns).ok()?;
    let no_apex: Option<&Name> = None;
    let mut sheet = Sheet::new(&plan, no_apex).expect("a domain lies in itself");
    if let Some(host) = host {
        sheet = sheet.for_host(host);
    }
    let sheet = sheet.fitted(format);
    let mut text = String::new();
    sheet.print(format, &mut text);
    Some((text, sheet.left_out().to_vec()))
}

proptest! {
    #[test]
    fn a_list_prints_what_each_domain_prints_alone(
        profile in profile(),
        certified in any::<bool>(),
        rows in vec(row(), 1..6),
        format in select(Format::ALL),
        host in option::of(select(DnsHost::ALL)),
    ) {
        let hosting = match certified {
            true => hosting_of(&profile),
            false => file::parse(&profile, "profile").expect("the profile is sound"),
        };
        let mut press = Press::new(&hosting, format, None).for_host(host);
        for (domain, server) in rows {
            let columns = Columns::new([("server".to_owned(), server)]);
            let mut text = String::new();
            let printed = press.print(&domain, &columns, &mut text);
            let alone = alone(&hosting, format, host, &domain, &columns);
            let printed = printed.ok().map(|()| (text, press.left_out().to_vec()));
            prop_assert_eq!(printed, alone, "{} {:?}", domain, columns);
        }
    }
}
