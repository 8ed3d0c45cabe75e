//! A mail domain or a host name as typed: what is accepted reads back as itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailsrv::name::{HostName, MAX_MAIL_DOMAIN_OCTETS, MailDomain, NameError, unicode};
use mailsrv::service::{AUTODISCOVER_LABEL, ConfigName, Label, MISNOMERS, PROTO};

fuzz_target!(|typed: &str| {
    match typed.parse::<MailDomain>() {
        Ok(domain) => check_domain(&domain),
        Err(error) => check_error(&error),
    }
    match typed.parse::<HostName>() {
        Ok(host) => {
            assert_eq!(host.to_string().parse(), Ok(host.clone()));
            if let Some(shown) = unicode(host.name()) {
                assert_eq!(shown.parse(), Ok(host));
            }
        }
        Err(error) => check_error(&error),
    }
});

fn check_domain(domain: &MailDomain) {
    assert_eq!(domain.to_string().parse(), Ok(domain.clone()));
    assert!(domain.name().len() < MAX_MAIL_DOMAIN_OCTETS);
    if let Some(shown) = unicode(domain.name()) {
        assert_eq!(shown.parse(), Ok(domain.clone()));
    }
    for label in Label::ALL {
        domain.prefixed(&label.prefix());
    }
    for misnomer in MISNOMERS {
        domain.prefixed(&[misnomer.text, PROTO]);
    }
    for name in ConfigName::ALL {
        domain.prefixed(&[name.text()]);
    }
    domain.prefixed(&[AUTODISCOVER_LABEL, PROTO]);
}

fn check_error(error: &NameError) {
    assert!(!error.to_string().is_empty());
}
