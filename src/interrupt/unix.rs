//! Signals where there are some.

use std::fs::{self, File};
use std::future::pending;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use signal_hook::consts::SIGXFSZ;
use signal_hook::{flag, low_level::pipe};

use super::Signal;

/// Whether a signal has asked the run to stop; clones know of the same signals.
///
/// The default one is never raised.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Option<Arc<Bell>>);

/// How often it is looked whether a pipe has a reader.
const READER_INTERVAL: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

/// What a signal leaves behind.
#[derive(Debug)]
struct Bell {
    /// The number of the signal, 0 before it.
    number: Arc<AtomicUsize>,
    /// Readable from the signal on, and never read: whoever waits for anything waits for this, too.
    rung: UnixStream,
    ring: UnixStream,
}

impl Interrupt {
    /// Listens to the signals of this process, but to none that it was told to ignore, as by `nohup`
    /// or for a job in the background of a script.
    ///
    /// # Errors
    ///
    /// The system has no more file descriptors, or does not let us listen.
    pub fn of_process() -> io::Result<Self> {
        let interrupt = Self::by_hand()?;
        let Some(bell) = &interrupt.0 else { return Ok(interrupt) };
        let ignored = ignored();
        let second = Arc::new(AtomicBool::new(false));
        for signal in Signal::ALL {
            // Where nobody says what is ignored, a hang-up may be.
            let is_ignored = ignored
                .map_or(signal == Signal::HangUp, |mask| mask >> (signal.number() - 1) & 1 == 1);
            if is_ignored {
                continue;
            }
            let number = i32::from(signal.number());
            // In this order: from the first line on no signal is lost, and the first one finds the flag
            // of the last two down, and raises it.
            flag::register_usize(number, Arc::clone(&bell.number), signal.number().into())?;
            pipe::register(number, bell.ring.try_clone()?)?;
            flag::register_conditional_default(number, Arc::clone(&second))?;
            flag::register(number, Arc::clone(&second))?;
        }
        // A file that may not grow is a failed write, and no end without a word (`ulimit -f`).
        flag::register(SIGXFSZ, Arc::default())?;
        Ok(interrupt)
    }

    /// Listens to [`Interrupt::raise`] alone.
    ///
    /// # Errors
    ///
    /// The system has no more file descriptors.
    pub fn by_hand() -> io::Result<Self> {
        let (rung, ring) = UnixStream::pair()?;
        Ok(Self(Some(Arc::new(Bell { number: Arc::default(), rung, ring }))))
    }

    /// Does what a signal does.
    pub fn raise(&self, signal: Signal) {
        if let Some(bell) = &self.0 {
            bell.number.store(signal.number().into(), Ordering::SeqCst);
            // A pipe that is full has rung.
            let _rung = (&bell.ring).write(&[1]);
        }
    }

    /// The signal that has asked the run to stop.
    pub fn signal(&self) -> Option<Signal> {
        let number = self.0.as_ref()?.number.load(Ordering::SeqCst);
        Signal::ALL.into_iter().find(|signal| usize::from(signal.number()) == number)
    }

    /// Waits for a signal, within a tokio runtime that has I/O.
    pub async fn raised(&self) -> Signal {
        let Some(bell) = &self.0 else { return pending().await };
        // One that came before the bell was hung up has not rung it.
        if let Some(signal) = self.signal() {
            return signal;
        }
        let rung = bell.rung.try_clone().and_then(|rung| {
            rung.set_nonblocking(true)?;
            tokio::net::UnixStream::from_std(rung)
        });
        if let Ok(rung) = rung
            && rung.readable().await.is_ok()
            && let Some(signal) = self.signal()
        {
            return signal;
        }
        // Without a descriptor to wait for, who looks at the flag still sees the signal.
        pending().await
    }

    /// Opens a device, or a pipe that it waits for a reader of, to write to it.
    ///
    /// # Errors
    ///
    /// It cannot be opened, is a regular file, or a signal came.
    pub fn open_device(&self, path: &Path) -> io::Result<PatientWriter> {
        let flags = OFlags::NONBLOCK.bits().cast_signed();
        loop {
            self.check()?;
            match File::options().write(true).custom_flags(flags).open(path) {
                Err(error) if error.raw_os_error() == Some(Errno::NXIO.raw_os_error()) => {}
                Err(error) => return Err(error),
                Ok(device) if device.metadata()?.is_file() => {
                    return Err(io::Error::other("it is no device any more"));
                }
                Ok(device) => {
                    // From here on a reader that is slow is waited for.
                    fcntl_setfl(&device, fcntl_getfl(&device)?.difference(OFlags::NONBLOCK))?;
                    return PatientWriter::new(device, self);
                }
            }
            let mut rung: Vec<_> =
                self.0.iter().map(|bell| PollFd::new(&bell.rung, PollFlags::IN)).collect();
            match poll(&mut rung, Some(&READER_INTERVAL)) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits until something can be read or written.
    fn wait_for(&self, fd: BorrowedFd<'_>, what: PollFlags) -> io::Result<()> {
        loop {
            self.check()?;
            let mut fds = vec![PollFd::new(&fd, what)];
            fds.extend(self.0.as_ref().map(|bell| PollFd::new(&bell.rung, PollFlags::IN)));
            match poll(&mut fds, None) {
                Ok(_) if fds[0].revents().is_empty() => {}
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// How long a reader is waited for, behind a signal, that takes nothing.
const GRACE: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// The most that is written at one time: as much as a pipe takes at once that takes anything (POSIX
/// has it for `PIPE_BUF`, which is 512 octets at least, and 4,096 on Linux).
const PART: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// Writes to what may take nothing for long, such as a pipe whose reader has stopped.
///
/// Until a signal comes, it waits; from then on a reader that takes nothing for a second is given up.
#[derive(Debug)]
pub struct PatientWriter {
    sink: File,
    /// A regular file takes all at once.
    is_file: bool,
    interrupt: Interrupt,
}

impl PatientWriter {
    /// Writes to standard output.
    ///
    /// # Errors
    ///
    /// The system has no more file descriptors.
    pub fn stdout(interrupt: &Interrupt) -> io::Result<Self> {
        Self::new(File::from(io::stdout().as_fd().try_clone_to_owned()?), interrupt)
    }

    fn new(sink: File, interrupt: &Interrupt) -> io::Result<Self> {
        let is_file = sink.metadata()?.is_file();
        Ok(Self { sink, is_file, interrupt: interrupt.clone() })
    }

    /// Waits until something can be written.
    fn wait(&self) -> io::Result<()> {
        let Err(interrupted) = self.interrupt.wait_for(self.sink.as_fd(), PollFlags::OUT) else {
            return Ok(());
        };
        if self.interrupt.signal().is_none() {
            return Err(interrupted);
        }
        let mut fds = [PollFd::new(&self.sink, PollFlags::OUT)];
        match poll(&mut fds, Some(&GRACE)) {
            Ok(0) | Err(Errno::INTR) => Err(interrupted),
            Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Write for PatientWriter {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if self.is_file {
            return self.sink.write(octets);
        }
        loop {
            self.wait()?;
            match self.sink.write(&octets[..octets.len().min(PART)]) {
                // Whoever shares it may have it so.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

/// The signals that this process was told to ignore, a bit each from the lowest on; None where
/// nobody says so.
fn ignored() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// Reads from what may have nothing to read for long, until a signal comes.
#[derive(Debug)]
pub struct Waiting {
    source: File,
    interrupt: Interrupt,
}

impl Waiting {
    /// Opens a file, or a pipe that nobody writes to yet.
    ///
    /// # Errors
    ///
    /// It cannot be opened.
    pub fn open(path: &Path, interrupt: &Interrupt) -> io::Result<Self> {
        // A pipe is waited for with its first octet.
        let flags = OFlags::NONBLOCK.bits().cast_signed();
        let source = File::options().read(true).custom_flags(flags).open(path)?;
        Ok(Self { source, interrupt: interrupt.clone() })
    }

    /// Reads standard input.
    ///
    /// # Errors
    ///
    /// The system has no more file descriptors.
    pub fn stdin(interrupt: &Interrupt) -> io::Result<Self> {
        let source = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        Ok(Self { source, interrupt: interrupt.clone() })
    }
}

impl Read for Waiting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.interrupt.wait_for(self.source.as_fd(), PollFlags::IN)?;
            match self.source.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
        }
    }
}
