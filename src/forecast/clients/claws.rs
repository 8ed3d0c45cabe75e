//! Claws Mail 4.1.1, measured: the wizard's "Auto-configure", for IMAP and for POP3. So says the source
//! of 4.3.1 (`src/gtk/gtkutils.c`, `wizard.c`).
//!
//! It asks for the label with TLS, and for that of STARTTLS where the first has nothing. For sending it
//! asks `_submission` alone, never `_submissions`, and takes port 465 there for TLS. It enters the full
//! address. It passes over records with port 0.

use crate::forecast::client::{Basis, Client, RUN};
use crate::forecast::conclusion::Conclusion;
use crate::forecast::srv;
use crate::forecast::world::{Told, World};
use crate::reading::{Mode, Server};
use crate::service::{Direction, Label, TlsMode};

pub(super) const CLIENT: Client = Client {
    name: "claws",
    title: "Claws Mail",
    version: "4.1.1",
    basis: Basis::Measured,
    source: RUN,
    directions: &Direction::ALL,
    reads: "the SRV records of _imaps, _imap and _submission",
    conclude: |world| conclude(world, &[Label::Imaps, Label::Imap]),
};

pub(super) const CLIENT_POP3: Client = Client {
    name: "claws+pop3",
    title: "Claws Mail (POP3)",
    reads: "the SRV records of _pop3s, _pop3 and _submission",
    conclude: |world| conclude(world, &[Label::Pop3s, Label::Pop3]),
    ..CLIENT
};

fn conclude(world: &World<'_>, labels: &[Label]) -> Told<Conclusion> {
    let login = Some(world.address());
    let incoming = srv::first_with_port(world, labels, login)?;
    let outgoing = srv::first_with_port(world, &[Label::Submission], login)?;
    Ok(Conclusion { incoming, outgoing: outgoing.map(by_port) })
}

/// Port 465 is TLS, whatever the label says.
fn by_port(server: Server) -> Server {
    match server.port == Label::Submissions.default_port() {
        true => Server { mode: Mode::Tls(TlsMode::Implicit), ..server },
        false => server,
    }
}
