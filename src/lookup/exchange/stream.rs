//! Messages with their length in front, many in flight by one connection (RFC 1035 §4.2.2, RFC 7766
//! §6.2.1.1): TCP, and TLS over it (RFC 7858 §3.3).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{mpsc, oneshot};

use super::{Fault, Received, Request, Task};
use crate::answer::Question;
use crate::message::Response;

/// The requests that wait to be written at most; who has another waits for room.
const QUEUE: usize = 64;

/// A connection that carries many requests at one time.
#[derive(Debug)]
pub(super) struct Connection {
    asked: Arc<Asked>,
    outgoing: mpsc::Sender<Vec<u8>>,
    _task: Task,
}

impl Connection {
    /// Begins to read and write; both end when the connection breaks or is dropped.
    pub(super) fn new(stream: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        let asked = Arc::default();
        let (outgoing, queue) = mpsc::channel(QUEUE);
        let task = Task::spawn(run(stream, Arc::clone(&asked), queue));
        Self { asked, outgoing, _task: task }
    }

    /// Whether nothing more will come.
    pub(super) fn is_broken(&self) -> bool {
        self.outgoing.is_closed()
    }

    /// Sends a request and waits for the response, for ever if none comes.
    pub(super) async fn ask(&self, request: &Request<'_>) -> Result<Response, Fault> {
        let (place, response) = self.asked.enter(request).ok_or(Fault::BROKEN)?;
        let message = request.framed(place.id);
        self.outgoing.send(message).await.map_err(|_closed| Fault::BROKEN)?;
        let response = response.await.map_err(|_closed| Fault::BROKEN)?;
        Ok(*response)
    }
}

/// The requests in flight, by their IDs.
#[derive(Debug, Default)]
struct Asked(Mutex<HashMap<u16, Waiting>>);

/// Who waits for a response.
#[derive(Debug)]
struct Waiting {
    question: Question,
    garbage: Arc<AtomicBool>,
    response: oneshot::Sender<Box<Response>>,
}

/// A request among those in flight, as long as somebody waits for its response.
struct Place<'a> {
    asked: &'a Asked,
    id: u16,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.asked.lock().remove(&self.id);
    }
}

impl Asked {
    fn lock(&self) -> MutexGuard<'_, HashMap<u16, Waiting>> {
        // Every change is one step, so there is none half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a request an ID that no other has (RFC 7766 §6.2.1); None where all are taken.
    fn enter(
        &self,
        request: &Request<'_>,
    ) -> Option<(Place<'_>, oneshot::Receiver<Box<Response>>)> {
        let (sender, receiver) = oneshot::channel();
        let waiting = Waiting {
            question: request.question.clone(),
            garbage: Arc::clone(&request.garbage),
            response: sender,
        };
        let mut asked = self.lock();
        let drawn = rand::random::<u16>();
        let mut ids = (0..=u16::MAX).map(|step| drawn.wrapping_add(step));
        let id = ids.find(|id| !asked.contains_key(id))?;
        asked.insert(id, waiting);
        Some((Place { asked: self, id }, receiver))
    }

    /// Gives a message to whoever waits for it.
    fn take(&self, message: &[u8]) {
        let mut asked = self.lock();
        let is_garbage = |waiting: &Waiting| waiting.garbage.store(true, Ordering::Relaxed);
        let Some(id) = message.first_chunk().map(|id| u16::from_be_bytes(*id)) else {
            // It may have been meant for anybody.
            return asked.values().for_each(is_garbage);
        };
        let Entry::Occupied(waiting) = asked.entry(id) else { return };
        let is_about = |response: &Response| response.is_about(&waiting.get().question);
        match Received::sort(id, message, is_about) {
            // Whoever gave up meanwhile does not miss it.
            Received::Response(response) => drop(waiting.remove().response.send(response)),
            Received::Stray => {}
            Received::Garbage => is_garbage(waiting.get()),
        }
    }
}

/// Reads and writes until one of both fails.
async fn run(
    stream: impl AsyncRead + AsyncWrite,
    asked: Arc<Asked>,
    mut queue: mpsc::Receiver<Vec<u8>>,
) {
    let (read, write) = tokio::io::split(stream);
    let (read, write) = (std::pin::pin!(read), std::pin::pin!(write));
    tokio::select! {
        _ended = receive(read, &asked) => {}
        _ended = send(write, &mut queue) => {}
    }
    // Nobody enters who would not be told: first the queue, then those who wait.
    drop(queue);
    asked.lock().clear();
}

/// Reads messages; each is 65,535 octets at most.
async fn receive(stream: impl AsyncRead + Unpin, asked: &Asked) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut message = Vec::new();
    loop {
        let length = stream.read_u16().await?;
        message.resize(length.into(), 0);
        stream.read_exact(&mut message).await?;
        asked.take(&message);
    }
}

/// Writes messages, each with its length in one piece (RFC 7766 §8).
async fn send(
    mut stream: impl AsyncWrite + Unpin,
    queue: &mut mpsc::Receiver<Vec<u8>>,
) -> io::Result<()> {
    while let Some(message) = queue.recv().await {
        stream.write_all(&message).await?;
        // TLS keeps octets back.
        stream.flush().await?;
    }
    Ok(())
}
