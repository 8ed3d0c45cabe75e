//! The documents of the documented profile, letter for letter, and what other profiles change.

use super::{Documents, Kind, Options, Reason, WebServer, documents};
use crate::hosting::{Columns, Hosting, file};
use crate::plan::{RecordPlan, plan};
use crate::service::Service;

fn planned(profile: &str, domain: &str) -> (RecordPlan, Hosting) {
    let hosting = file::parse(profile, "profile").unwrap();
    let plan = plan(&domain.parse().unwrap(), &hosting, &Columns::default()).unwrap();
    (plan, hosting)
}

fn made(profile: &str, domain: &str, user: Option<&str>, alternatives: bool) -> Documents {
    let (plan, hosting) = planned(profile, domain);
    let user = user.map(|user| user.parse().unwrap());
    documents(&plan, &hosting, &Options { user, alternatives })
}

fn text(documents: &Documents, kind: Kind) -> &str {
    let document = documents.made.iter().find(|document| document.kind == kind);
    &document.unwrap_or_else(|| panic!("no {kind:?}: {:?}", documents.left_out)).text
}

/// The texts of the elements of a name, in order.
fn texts<'a>(document: &'a str, element: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let parts = document.split(open.as_str()).skip(1);
    parts.filter_map(|part| part.split_once(close.as_str()).map(|(text, _)| text)).collect()
}

#[test]
fn the_autoconfig_document_of_the_documented_profile() {
    let documents = made(file::DOCUMENTED, "example.com", None, false);
    assert_eq!(
        text(&documents, Kind::Autoconfig),
        r#"<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="example.com">
    <domain>example.com</domain>
    <displayName>example.com</displayName>
    <displayShortName>example.com</displayShortName>
    <incomingServer type="imap">
      <hostname>mail.example.com</hostname>
      <port>993</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <incomingServer type="pop3">
      <hostname>mail.example.com</hostname>
      <port>995</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>mail.example.com</hostname>
      <port>465</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </outgoingServer>
  </emailProvider>
</clientConfig>
"#
    );
}

#[test]
fn the_autodiscover_document_of_the_documented_profile() {
    let documents = made(file::DOCUMENTED, "example.com", None, false);
    assert_eq!(
        text(&documents, Kind::Autodiscover),
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
      <Protocol>
        <Type>IMAP</Type>
        <Server>mail.example.com</Server>
        <Port>993</Port>
        <DomainRequired>off</DomainRequired>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <AuthRequired>on</AuthRequired>
      </Protocol>
      <Protocol>
        <Type>POP3</Type>
        <Server>mail.example.com</Server>
        <Port>995</Port>
        <DomainRequired>off</DomainRequired>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <AuthRequired>on</AuthRequired>
      </Protocol>
      <Protocol>
        <Type>SMTP</Type>
        <Server>mail.example.com</Server>
        <Port>465</Port>
        <DomainRequired>off</DomainRequired>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <AuthRequired>on</AuthRequired>
        <UsePOPAuth>off</UsePOPAuth>
        <SMTPLast>off</SMTPLast>
      </Protocol>
    </Account>
  </Response>
</Autodiscover>
"#
    );
}

#[test]
fn the_apple_profile_of_the_documented_profile() {
    let documents = made(file::DOCUMENTED, "example.com", None, false);
    assert_eq!(
        text(&documents, Kind::Apple),
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
  <dict>
    <key>PayloadContent</key>
    <array>
      <dict>
        <key>EmailAccountDescription</key>
        <string>example.com</string>
        <key>EmailAccountType</key>
        <string>EmailTypeIMAP</string>
        <key>IncomingMailServerAuthentication</key>
        <string>EmailAuthPassword</string>
        <key>IncomingMailServerHostName</key>
        <string>mail.example.com</string>
        <key>IncomingMailServerPortNumber</key>
        <integer>993</integer>
        <key>IncomingMailServerUseSSL</key>
        <true/>
        <key>OutgoingMailServerAuthentication</key>
        <string>EmailAuthPassword</string>
        <key>OutgoingMailServerHostName</key>
        <string>mail.example.com</string>
        <key>OutgoingMailServerPortNumber</key>
        <integer>465</integer>
        <key>OutgoingMailServerUseSSL</key>
        <true/>
        <key>OutgoingPasswordSameAsIncomingPassword</key>
        <true/>
        <key>PayloadDisplayName</key>
        <string>example.com</string>
        <key>PayloadIdentifier</key>
        <string>com.example.mailsrv.mail</string>
        <key>PayloadType</key>
        <string>com.apple.mail.managed</string>
        <key>PayloadUUID</key>
        <string>BD62058C-63A0-8EB4-91F0-5560DF6A28AD</string>
        <key>PayloadVersion</key>
        <integer>1</integer>
      </dict>
    </array>
    <key>PayloadDescription</key>
    <string>Sets up mail for example.com</string>
    <key>PayloadDisplayName</key>
    <string>example.com</string>
    <key>PayloadIdentifier</key>
    <string>com.example.mailsrv</string>
    <key>PayloadOrganization</key>
    <string>example.com</string>
    <key>PayloadRemovalDisallowed</key>
    <false/>
    <key>PayloadType</key>
    <string>Configuration</string>
    <key>PayloadUUID</key>
    <string>B2AD92DF-94DE-897B-849A-8E6D3DE4EF1F</string>
    <key>PayloadVersion</key>
    <integer>1</integer>
  </dict>
</plist>
"#
    );
}

const BUSY: &str = "
host: mail.provider.example
imap: { tls: 1993, starttls: 143, servers: [{ host: b.provider.example }, { host: a.provider.example, weight: 9 }] }
pop3: { starttls: 110, login: full-address }
submission: { tls: 465, starttls: 587 }
login: local-part
prefer: [pop3, imap]
autoconfig: true
autodiscover: true
pacc: true
jmap: true
sieve: true
caldav: { host: dav.provider.example, path: /dav/ }
carddav: { host: dav.provider.example, port: 8443 }
provider:
  name: \"Müller & Söhne <Hosting>\"
  short-name: M&S
  documentation: https://provider.example/mail?a=1&b=2
";

#[test]
fn alternatives_name_every_server_in_every_mode() {
    let endpoints = |alternatives| {
        let documents = made(BUSY, "example.com", None, alternatives);
        let document = text(&documents, Kind::Autoconfig);
        let hosts = texts(document, "hostname").into_iter();
        let ports = texts(document, "port").into_iter().zip(texts(document, "socketType"));
        let lines = hosts.zip(ports).map(|(host, (port, mode))| format!("{host} {port} {mode}"));
        lines.collect::<Vec<_>>()
    };
    let best = [
        "a.provider.example 1993 SSL",
        "mail.provider.example 110 STARTTLS",
        "mail.provider.example 465 SSL",
        "mail.provider.example 4190 STARTTLS",
    ];
    assert_eq!(endpoints(false), best);
    let all = [
        "a.provider.example 1993 SSL",
        "b.provider.example 1993 SSL",
        "a.provider.example 143 STARTTLS",
        "b.provider.example 143 STARTTLS",
        "mail.provider.example 110 STARTTLS",
        "mail.provider.example 465 SSL",
        "mail.provider.example 587 STARTTLS",
        "mail.provider.example 4190 STARTTLS",
    ];
    assert_eq!(endpoints(true), all);
}

#[test]
fn the_login_of_each_service_is_told() {
    let documents = made(BUSY, "example.com", None, false);
    let names = texts(text(&documents, Kind::Autoconfig), "username");
    let (address, local) = ("%EMAILADDRESS%", "%EMAILLOCALPART%");
    assert_eq!(names, [local, address, local, local, local, local]);
    assert!(!text(&documents, Kind::Autodiscover).contains("LoginName"));

    let documents = made(BUSY, "example.com", Some("joe"), false);
    let names = texts(text(&documents, Kind::Autodiscover), "LoginName");
    assert_eq!(names, ["joe", "joe@example.com", "joe"]);
    let plist = text(&documents, Kind::Apple);
    for (key, name) in [
        ("EmailAddress", "joe@example.com"),
        ("IncomingMailServerUsername", "joe"),
        ("OutgoingMailServerUsername", "joe"),
        ("CalDAVUsername", "joe"),
        ("CardDAVUsername", "joe"),
    ] {
        let at = plist.find(&format!("<key>{key}</key>")).unwrap_or_else(|| panic!("no {key}"));
        assert_eq!(texts(&plist[at..], "string")[0], name, "{key}");
    }
}

#[test]
fn services_beside_mail_stand_behind_the_provider() {
    let documents = made(BUSY, "example.com", None, false);
    let document = text(&documents, Kind::Autoconfig);
    let (provider, rest) = document.split_once("</emailProvider>").unwrap();
    assert_eq!(
        rest,
        r#"
  <setupServer type="managesieve">
    <hostname>mail.provider.example</hostname>
    <port>4190</port>
    <socketType>STARTTLS</socketType>
    <authentication>password-cleartext</authentication>
    <username>%EMAILLOCALPART%</username>
  </setupServer>
  <calendar type="caldav">
    <url>https://dav.provider.example/dav/</url>
    <authentication>basic</authentication>
    <username>%EMAILLOCALPART%</username>
  </calendar>
  <addressbook type="carddav">
    <url>https://dav.provider.example:8443/.well-known/carddav</url>
    <authentication>basic</authentication>
    <username>%EMAILLOCALPART%</username>
  </addressbook>
</clientConfig>
"#
    );
    let about = r#"
    <displayName>Müller &amp; Söhne &lt;Hosting&gt;</displayName>
    <displayShortName>M&amp;S</displayShortName>
"#;
    assert!(provider.contains(about), "{provider}");
    let help = r#"
    <documentation url="https://provider.example/mail?a=1&amp;b=2">
      <descr lang="en">How to set up a mail client</descr>
    </documentation>
"#;
    assert!(provider.contains(help), "{provider}");

    let plist = text(&documents, Kind::Apple);
    let urls: Vec<_> = texts(plist, "string").into_iter().filter(|t| t.contains("//")).collect();
    assert_eq!(urls, ["https://dav.provider.example/dav/"]);
    let numbers = texts(plist, "integer");
    assert_eq!(numbers, ["1993", "465", "1", "443", "1", "8443", "1", "1"]);
}

#[test]
fn autodiscover_names_the_server_whose_port_is_understood() {
    let documents = made(BUSY, "example.com", None, false);
    let document = text(&documents, Kind::Autodiscover);
    assert_eq!(texts(document, "Port"), ["1993", "110", "465"]);
    assert_eq!(texts(document, "SSL"), ["on"; 3]);
    assert_eq!(texts(document, "Encryption"), ["TLS"]);

    let imap = "imap: { starttls: 1143 }\nsubmission: true\n";
    let reason = Reason::Ports { service: Service::Imap };
    assert_eq!(left_out(imap)[0], (Kind::Autodiscover, reason));
    let documents = made(&format!("{imap}pop3: true\n"), "example.com", None, false);
    assert_eq!(texts(text(&documents, Kind::Autodiscover), "Type"), ["POP3", "SMTP"]);
    let submission = "imap: true\nsubmission: { starttls: 2525 }\n";
    let reason = Reason::Ports { service: Service::Submission };
    assert_eq!(left_out(submission)[0], (Kind::Autodiscover, reason));
}

fn left_out(profile: &str) -> Vec<(Kind, Reason)> {
    made(profile, "example.com", None, false).left_out
}

#[test]
fn what_lacks_something_is_left_out() {
    let pacc = (Kind::Pacc, Reason::NoPacc);
    let mail = |reason| {
        vec![(Kind::Autoconfig, reason), (Kind::Autodiscover, reason), (Kind::Apple, reason), pacc]
    };
    assert_eq!(left_out(file::DOCUMENTED), [pacc]);
    assert_eq!(left_out("submission: true\n"), mail(Reason::NoRetrieval));
    assert_eq!(left_out("imap: true\npop3: true\n"), mail(Reason::NoSubmission));
    assert_eq!(left_out("pop3: true\nsubmission: true\n"), [pacc]);
    let pop3 = made("pop3: true\nsubmission: true\n", "example.com", None, false);
    assert!(text(&pop3, Kind::Apple).contains("EmailTypePOP"));
}

#[test]
fn the_pacc_document_is_that_of_the_plan() {
    let (plan, _) = planned(BUSY, "example.com");
    let documents = made(BUSY, "example.com", Some("joe"), true);
    assert_eq!(text(&documents, Kind::Pacc), plan.pacc().unwrap().document());
}

#[test]
fn names_in_documents_are_a_labels_but_for_what_people_read() {
    let documents = made(file::DOCUMENTED, "bücher.example", Some("jürgen"), false);
    for document in &documents.made {
        assert!(document.text.contains("xn--bcher-kva.example"), "{}", document.text);
        assert!(!document.text.contains(".bücher"), "{}", document.text);
        assert!(!document.text.contains("@bücher"), "{}", document.text);
    }
    // With a user, the name is filled in; without, the domain that servers know is spelled out.
    let config = text(&documents, Kind::Autoconfig);
    assert_eq!(texts(config, "username"), ["jürgen@xn--bcher-kva.example"; 3]);
    let open = made(file::DOCUMENTED, "bücher.example", None, false);
    let users = texts(text(&open, Kind::Autoconfig), "username");
    assert_eq!(users, ["%EMAILLOCALPART%@xn--bcher-kva.example"; 3]);
    assert!(config.contains("<emailProvider id=\"xn--bcher-kva.example\">"), "{config}");
    assert!(config.contains("<domain>xn--bcher-kva.example</domain>"), "{config}");
    assert!(config.contains("<displayName>bücher.example</displayName>"), "{config}");
    let plist = text(&documents, Kind::Apple);
    assert!(plist.contains("<string>Sets up mail for bücher.example</string>"), "{plist}");
    assert!(plist.contains("<string>jürgen@xn--bcher-kva.example</string>"), "{plist}");
    assert!(plist.contains("<string>example.xn--bcher-kva.mailsrv."), "{plist}");
}

#[test]
fn every_payload_has_a_name_of_its_own() {
    let uuids = |domain: &str, user: Option<&str>| {
        let documents = made(BUSY, domain, user, false);
        let plist = text(&documents, Kind::Apple).to_owned();
        let is_uuid = |text: &&str| text.len() == 36 && text.matches('-').count() == 4;
        texts(&plist, "string").into_iter().filter(is_uuid).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut all: Vec<_> =
        [("example.com", None), ("example.com", Some("joe")), ("a.example", None)]
            .into_iter()
            .flat_map(|(domain, user)| uuids(domain, user))
            .collect();
    assert_eq!(all.len(), 12);
    for uuid in &all {
        // Version and variant (RFC 9562 §4).
        assert!(uuid[14..15] == *"8" && "89AB".contains(&uuid[19..20]), "{uuid}");
    }
    assert_eq!(uuids("example.com", None), all[..4]);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 12);
}

#[test]
fn nginx_serves_each_name_that_is_published() {
    let (plan, _) = planned(file::DOCUMENTED, "example.com");
    assert_eq!(
        WebServer::Nginx.snippet(&plan, &"/var/www/mailsrv".parse().unwrap()).unwrap(),
        r"# The documents of example.com, as `mailsrv documents` writes them.

server {
    listen 80;
    listen [::]:80;
    server_name autoconfig.example.com;
    # Once there is a certificate for this name:
    #listen 443 ssl;
    #listen [::]:443 ssl;
    #ssl_certificate     /etc/letsencrypt/live/autoconfig.example.com/fullchain.pem;
    #ssl_certificate_key /etc/letsencrypt/live/autoconfig.example.com/privkey.pem;

    root /var/www/mailsrv;
    types { text/xml xml; application/json json; application/x-apple-aspen-config mobileconfig; }
    location / { return 404; }
    location /mail/ { }
    location /.well-known/ { }
}

server {
    listen 80;
    listen [::]:80;
    server_name autodiscover.example.com;
    # Once there is a certificate for this name:
    #listen 443 ssl;
    #listen [::]:443 ssl;
    #ssl_certificate     /etc/letsencrypt/live/autodiscover.example.com/fullchain.pem;
    #ssl_certificate_key /etc/letsencrypt/live/autodiscover.example.com/privkey.pem;
    if ($scheme = http) { return 302 https://$host$request_uri; }

    root /var/www/mailsrv;
    types { text/xml xml; application/json json; application/x-apple-aspen-config mobileconfig; }
    location / { return 404; }
    location ~* ^/autodiscover/autodiscover\.xml$ {
        # Outlook posts its question in any case of letters; the answer is one file.
        error_page 405 =200 /autodiscover/autodiscover.xml;
        try_files /autodiscover/autodiscover.xml =404;
    }
}

# The target of _autodiscover._tcp; where this host has a site, add to that one.
server {
    listen 80;
    listen [::]:80;
    server_name mail.example.com;
    # Once there is a certificate for this name:
    #listen 443 ssl;
    #listen [::]:443 ssl;
    #ssl_certificate     /etc/letsencrypt/live/mail.example.com/fullchain.pem;
    #ssl_certificate_key /etc/letsencrypt/live/mail.example.com/privkey.pem;
    if ($scheme = http) { return 302 https://$host$request_uri; }

    root /var/www/mailsrv;
    types { text/xml xml; application/json json; application/x-apple-aspen-config mobileconfig; }
    location / { return 404; }
    location ~* ^/autodiscover/autodiscover\.xml$ {
        # Outlook posts its question in any case of letters; the answer is one file.
        error_page 405 =200 /autodiscover/autodiscover.xml;
        try_files /autodiscover/autodiscover.xml =404;
    }
}
"
    );
}

#[test]
fn caddy_serves_each_name_that_is_published() {
    let (plan, _) = planned(BUSY, "example.com");
    assert_eq!(
        WebServer::Caddy.snippet(&plan, &"/var/www/mailsrv".parse().unwrap()).unwrap(),
        "\
# The documents of example.com, as `mailsrv documents` writes them.

http://autoconfig.example.com, https://autoconfig.example.com {
	root * /var/www/mailsrv
	@xml path *.xml
	header @xml Content-Type text/xml
	@mobileconfig path *.mobileconfig
	header @mobileconfig Content-Type application/x-apple-aspen-config
	handle /mail/* {
		file_server
	}
	handle /.well-known/* {
		file_server
	}
	handle {
		respond 404
	}
}

http://autodiscover.example.com {
	redir https://{host}{uri} 302
}

https://autodiscover.example.com {
	root * /var/www/mailsrv
	# Outlook posts its question in any case of letters; the answer is one file.
	handle /autodiscover/autodiscover.xml {
		method GET
		rewrite * /autodiscover/autodiscover.xml
		header Content-Type text/xml
		file_server
	}
	handle {
		respond 404
	}
}

https://ua-auto-config.example.com {
	root * /var/www/mailsrv
	@json path *.json
	header @json Content-Type application/json
	handle /.well-known/* {
		file_server
	}
	handle {
		respond 404
	}
}
"
    );
}

#[test]
fn names_too_long_for_the_tables_of_nginx_are_pointed_at() {
    // 46 octets fit, as nginx 1.22 says itself.
    for (octets, size) in [(46, None), (47, Some("128")), (110, Some("128")), (111, Some("256"))] {
        let label = "a".repeat((octets - 20) / 2);
        let rest = "b".repeat(octets - 20 - label.len());
        let domain = format!("{label}.{rest}.example");
        let profile = "imap: true\nsubmission: true\nautoconfig: true\n";
        let (plan, _) = planned(profile, &domain);
        let snippet = WebServer::Nginx.snippet(&plan, &"/srv".parse().unwrap()).unwrap();
        let name = snippet.split_once("server_name ").unwrap().1.split_once(';').unwrap().0;
        assert_eq!(name.len(), octets);
        let said = snippet.split_once("server_names_hash_bucket_size ");
        assert_eq!(said.and_then(|(_, rest)| rest.split_once(';')).map(|(size, _)| size), size);
    }
}

#[test]
fn a_domain_without_such_names_has_no_snippet() {
    let (plan, _) = planned("imap: true\nsubmission: true\n", "example.com");
    for server in WebServer::ALL {
        assert_eq!(server.snippet(&plan, &"/srv".parse().unwrap()), None);
    }
}

#[test]
fn login_names_of_a_form_of_their_own_are_in_every_document() {
    let profile = "imap: true\nsubmission: true\nautoconfig: true\nlogin: '{local-part}-al'\n";
    let open = made(profile, "example.com", None, false);
    assert_eq!(texts(text(&open, Kind::Autoconfig), "username"), ["%EMAILLOCALPART%-al"; 2]);
    let joe = made(profile, "example.com", Some("joe"), false);
    assert_eq!(texts(text(&joe, Kind::Autoconfig), "username"), ["joe-al"; 2]);
    assert_eq!(texts(text(&joe, Kind::Autodiscover), "LoginName"), ["joe-al"; 2]);
    assert!(text(&joe, Kind::Apple).contains("<string>joe-al</string>"));
    assert!(text(&joe, Kind::Apple).contains("<string>joe@example.com</string>"));
}

#[test]
fn the_provider_serves_what_is_the_same_for_all_customers() {
    let names = |profile: &str| {
        let hosting = file::parse(profile, "profile").unwrap();
        let site = super::shared_site(&hosting);
        let snippet = site.map(|it| WebServer::Nginx.shared_snippet(&it, &"/srv".parse().unwrap()));
        let snippet = snippet.ok().flatten().unwrap_or_default();
        let names = snippet.lines().filter_map(|line| line.trim().strip_prefix("server_name "));
        names.map(|name| name.trim_end_matches(';').to_owned()).collect::<Vec<_>>()
    };
    const MAIL: &str = "host: mail.provider.example\nimap: true\nsubmission: true\n";
    assert_eq!(
        names(&format!(
            "{MAIL}autoconfig: true\nautodiscover: true\nmx: {{ host: mx.in.provider.example }}"
        )),
        ["autoconfig.in.provider.example", "autoconfig.provider.example", "mail.provider.example"]
    );
    assert_eq!(
        names(&format!("{MAIL}autodiscover: {{ srv: ad.provider.example }}")),
        ["ad.provider.example"]
    );
    assert_eq!(names(MAIL), [""; 0]);
    // A name that serves both documents has one site.
    let both = format!(
        "{MAIL}autoconfig: true\nmx: true\nautodiscover: {{ srv: autoconfig.provider.example }}"
    );
    assert_eq!(names(&both), ["autoconfig.provider.example"]);
}
