//! What an inquiry costs: bytes while it is in flight, and processor time.
//!
//! Linux only: memory and processor time are read from `/proc`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, SRV};
use hickory_proto::rr::{Name, RData};
use mailsrv::audit::inquire;
use mailsrv::hosting::{Columns, Hosting};
use mailsrv::inquiry::Inquiry;
use mailsrv::lookup::Lookup;
use mailsrv::lookup::resolver::{Options, Resolver};
use mailsrv::lookup::zones::Zones;
use mailsrv::name::MailDomain;
use mailsrv::plan::{RecordPlan, plan};
use mailsrv::rrset::ResourceRecord;
use mailsrv::service::{AUTODISCOVER_LABEL, AUTODISCOVER_PORT, ConfigName, Label, PROTO};
use mailsrv::survey::{self, Bounds};

const INQUIRIES: usize = 100_000;
const ZONES: usize = 1_000;
const ON_THE_WIRE: usize = 4_000;
const AT_A_TIME: usize = 64;

/// What is planned for each domain: an inquiry is begun from it, and does not keep it.
static PLANS: LazyLock<Vec<RecordPlan>> = LazyLock::new(|| {
    let hosting = Hosting::documented();
    let planned = |number| plan(&domain(number), &hosting, &Columns::default());
    (0..ZONES).map(|number| planned(number).expect("the profile is planned")).collect()
});

fn main() {
    LazyLock::force(&PLANS);
    let before = resident();
    let mut zones = Zones::new();
    let mut records = 0;
    for number in 0..ZONES {
        let domain = domain(number);
        let healthy = healthy(&domain);
        records += healthy.len();
        zones.add_zone(domain.name(), healthy);
    }
    println!("{:>9} bytes resident a record of zones in memory", (resident() - before) / records);
    measure_size(&zones);
    measure_memory(&zones);
    measure_zones(&zones);
    measure_wire();
}

fn measure_size(zones: &Zones) {
    let mut inquiry = begin(&0);
    println!("{:>9} bytes an inquiry, begun", inquiry.size_in_memory());
    let questions = finish(&mut inquiry, zones);
    println!("{:>9} bytes an inquiry, answered ({questions} questions)", inquiry.size_in_memory());
}

fn measure_memory(zones: &Zones) {
    let before = resident();
    let mut inquiries: Vec<_> = (0..INQUIRIES).map(|number| begin(&number)).collect();
    println!("{:>9} bytes resident an inquiry, begun", (resident() - before) / INQUIRIES);
    for inquiry in &mut inquiries {
        finish(inquiry, zones);
    }
    println!("{:>9} bytes resident an inquiry, answered", (resident() - before) / INQUIRIES);
}

fn measure_zones(zones: &Zones) {
    let start = Instant::now();
    conduct_all(INQUIRIES, zones);
    let rate = INQUIRIES as f64 / start.elapsed().as_secs_f64();
    println!("{rate:>9.0} inquiries a second against zones in memory");
}

/// Counts the processor time of this thread alone; the server has another.
fn measure_wire() {
    let (server, queries) = serve();
    let options = Options { timeout: Duration::from_secs(5), tries: 2 };
    let resolver = Resolver::new(vec![server], options);
    let (start, before) = (Instant::now(), processor_time());
    conduct_all(ON_THE_WIRE, &resolver);
    let (spent, elapsed) = (processor_time() - before, start.elapsed());
    let queries = queries.load(Ordering::Relaxed) as f64;
    let each = spent.as_secs_f64() * 1e6 / queries;
    let rate = queries / elapsed.as_secs_f64();
    println!("{each:>9.1} µs of processor time a query over UDP ({rate:.0} queries a second)");
}

fn conduct_all<L: Lookup>(inquiries: usize, lookup: &L) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the system gives a runtime");
    let mut done = 0;
    let begin = |number: &usize| Some(begin(number));
    let run =
        survey::run(0..inquiries, Bounds::concurrency(AT_A_TIME), begin, lookup, |_, observed| {
            done += usize::from(observed.is_some());
            ControlFlow::<()>::Continue(())
        });
    assert!(runtime.block_on(run).is_continue());
    assert_eq!(done, inquiries);
}

/// A domain of 24 octets in presentation form.
fn domain(number: usize) -> MailDomain {
    format!("customer-{:07}.example", number % ZONES).parse().expect("a mail domain")
}

fn begin(number: &usize) -> Inquiry {
    inquire(&PLANS[*number % ZONES])
}

fn finish(inquiry: &mut Inquiry, zones: &Zones) -> usize {
    let mut questions = 0;
    while let Some(ticket) = inquiry.poll() {
        let answer = zones.ask(&inquiry.question(ticket)).now_or_never();
        inquiry.answer(ticket, answer.expect("zones in memory answer at once"));
        questions += 1;
    }
    questions
}

fn healthy(domain: &MailDomain) -> Vec<ResourceRecord> {
    let host = domain.prefixed(&["mail"]);
    let record = |owner: Name, data| ResourceRecord { owner, ttl: 3600, data };
    let srv = |port| RData::SRV(SRV::new(0, 1, port, host.clone()));
    let mut records: Vec<_> = Label::ALL
        .into_iter()
        .map(|label| record(domain.prefixed(&label.prefix()), srv(label.default_port())))
        .collect();
    records.push(record(domain.prefixed(&[AUTODISCOVER_LABEL, PROTO]), srv(AUTODISCOVER_PORT)));
    for name in ConfigName::ALL {
        let alias = RData::CNAME(CNAME(host.clone()));
        records.push(record(domain.prefixed(&[name.text()]), alias));
    }
    records.push(record(domain.name().clone(), RData::MX(MX::new(10, host.clone()))));
    records.push(record(host.clone(), RData::A(A::new(192, 0, 2, 1))));
    records.push(record(host, RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))));
    records
}

/// Answers NODATA to everything, from a thread of its own, and counts.
fn serve() -> (SocketAddr, Arc<AtomicU64>) {
    const QR: u8 = 0x80;
    const RA: u8 = 0x80;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has ports");
    let address = socket.local_addr().expect("the socket is bound");
    let count = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&count);
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut buffer) {
            counter.fetch_add(1, Ordering::Relaxed);
            buffer[2] |= QR;
            buffer[3] |= RA;
            if socket.send_to(&buffer[..length], client).is_err() {
                break;
            }
        }
    });
    (address, count)
}

fn resident() -> usize {
    const PAGE: usize = 4096;
    let statm = fs::read_to_string("/proc/self/statm").expect("Linux has /proc");
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    PAGE * pages.expect("the second field is the resident set")
}

fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux has /proc");
    let spent = stat.split(' ').next().and_then(|spent| spent.parse().ok());
    Duration::from_nanos(spent.expect("the first field is nanoseconds on the processor"))
}
