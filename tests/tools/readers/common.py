"""What readers share: lines in one form, tools run to their end, servers on loopback.

A reader has a function `read(path, apex)`: the path of the generated file and the apex as an
absolute name with its final dot. It gives back lines made by `line`, `rdataset_lines`, `transfer`
or `answers`, and raises `Refused` with the words of the tool where the tool is not content.
"""

import contextlib
import ctypes
import os
import pathlib
import random
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.zone

LOOPBACK = "127.0.0.1"

# Seconds that a tool may take, and that a server may take until it answers.
PATIENCE = 120

# Where ports are looked for: below those that the system gives to whoever asks for any, and apart
# from those of tests/it/servers.
PORTS = range(5_000, 15_000)

# Between finding a port free and using it, it may be taken.
ATTEMPTS = 5


class Refused(Exception):
    """The tool refused the file, or warned of it; the text is what it said."""


def absolute(name):
    """The name in lower-case A-labels with its final dot."""
    return dns.name.from_text(name).canonicalize().to_text()


# Records as lines.


def line(owner, ttl, rtype, data):
    """The line of a record from its parts as text; a name without a final dot is taken as whole."""
    rtype = dns.rdatatype.from_text(rtype)
    try:
        rdata = dns.rdata.from_text(
            dns.rdataclass.IN, rtype, data, origin=dns.name.root, relativize=False
        )
    except dns.exception.DNSException as error:
        raise Refused(f"{owner} {dns.rdatatype.to_text(rtype)} {data}: {error}") from error
    return _line(dns.name.from_text(owner), int(ttl), rdata)


def rdataset_lines(owner, rdataset, apex):
    """The lines of an RRset, none of the SOA record and of NS records at the apex."""
    scaffold = rdataset.rdtype == dns.rdatatype.SOA or (
        rdataset.rdtype == dns.rdatatype.NS and owner == dns.name.from_text(apex)
    )
    return [] if scaffold else [_line(owner, rdataset.ttl, rdata) for rdata in rdataset]


def _line(owner, ttl, rdata):
    # The canonical form (RFC 4034 section 6.2) has its names in lower case.
    wire = rdata.to_digestable()
    rdata = dns.rdata.from_wire(rdata.rdclass, rdata.rdtype, wire, 0, len(wire))
    rtype = dns.rdatatype.to_text(rdata.rdtype)
    return f"{owner.canonicalize()} {ttl} IN {rtype} {rdata.to_text(chunksize=0)}"


# Zones that hold nothing yet.


def scaffold(apex):
    """The text of a zone with nothing but its SOA and NS records."""
    return (
        f"$ORIGIN {apex}\n$TTL 3600\n"
        "@ IN SOA ns.scaffold.example. hostmaster.scaffold.example. 1 7200 3600 1209600 300\n"
        "@ IN NS ns.scaffold.example.\n"
    )


# Tools.


def tool(name):
    """The path of a program, also where system administrators keep theirs."""
    places = [os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise Refused(f"{name} is missing")
    return found


def run(argv, *, silent=False, **options):
    """Runs a tool to its end and gives back its standard output.

    A failure is a refusal; with `silent`, so is any word on standard error.
    """
    done = attempt(argv, **options)
    if done.returncode != 0 or (silent and done.stderr.strip()):
        raise Refused(said(argv, done))
    return done.stdout


def attempt(argv, **options):
    """Runs a tool to its end, whatever its exit code."""
    argv = [str(argument) for argument in argv]
    try:
        return subprocess.run(
            argv,
            stdin=options.pop("stdin", None if "input" in options else subprocess.DEVNULL),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            **options,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(f"{argv[0]} did not end within {PATIENCE} seconds") from error


def said(argv, done):
    """What a tool said, for a refusal."""
    command = " ".join(str(argument) for argument in argv)
    return f"`{command}` exits with {done.returncode}\n{done.stdout}{done.stderr}"


def stand_in(directory, name, argv):
    """Options for `run`: in a script, the program of that name is `argv`."""
    place = directory / "bin"
    place.mkdir(exist_ok=True)
    program = place / name
    program.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, argv))} "$@"\n')
    program.chmod(0o755)
    path = os.pathsep.join([str(place), os.environ.get("PATH", "")])
    return {"env": {**os.environ, "PATH": path}}


def unchanged(first, second):
    """What a file makes of a zone, which must be the same when it is applied again."""
    if sorted(first) != sorted(second):
        before, after = "\n".join(sorted(first)), "\n".join(sorted(second))
        raise Refused(f"applied twice, it made of\n{before}\nwhat is now\n{after}")
    return second


@contextlib.contextmanager
def folder():
    """A directory that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mailsrv-") as path:
        yield pathlib.Path(path)


# Servers.


class Server:
    """A server that runs: its directory, its ports (the first answers questions) and its log."""

    def __init__(self, directory, ports, process):
        self.directory = directory
        self.ports = ports
        self.port = ports[0]
        self.process = process

    def log(self):
        return (self.directory / "log").read_text(errors="replace")


@contextlib.contextmanager
def server(prepare, ready, ports=1):
    """Starts what `prepare(directory, port, ...)` gives as argv; ends it by its process id.

    It waits until `ready(server)` is true. `ports` says how many free ports `prepare` is given; the
    first is the one that answers questions.
    """
    log = ""
    for _ in range(ATTEMPTS):
        with folder() as directory:
            chosen = [free_port() for _ in range(ports)]
            argv = [str(argument) for argument in prepare(directory, *chosen)]
            with (directory / "log").open("wb") as out:
                process = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    cwd=directory,
                    preexec_fn=_end_with_parent,
                )
            try:
                running = Server(directory, chosen, process)
                if _wait(running, ready):
                    yield running
                    return
                log = running.log()
            finally:
                process.kill()
                process.wait()
    raise Refused(f"{argv[0]} did not start, after {ATTEMPTS} attempts; it said:\n{log}")


def _end_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _wait(running, ready):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and running.process.poll() is None:
        if ready(running):
            return True
        time.sleep(0.02)
    return False


def free_port():
    """A port of loopback that is free for UDP and TCP alike."""
    while True:
        port = random.choice(PORTS)
        try:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_INET, kind) as bound:
                    bound.bind((LOOPBACK, port))
        except OSError:
            continue
        return port


# Questions.


def serves(apex):
    """Whether a server answers for a zone with authority, for use as `ready`."""

    def ready(running):
        try:
            response = ask(running, apex, dns.rdatatype.SOA, timeout=2)
        except (OSError, dns.exception.DNSException):
            return False
        return bool(response.flags & dns.flags.AA and response.answer)

    return ready


def answering(running):
    """Whether a server answers at all, for use as `ready`."""
    try:
        ask(running, "scaffold.example.", dns.rdatatype.A, timeout=2)
    except (OSError, dns.exception.DNSException):
        return False
    return True


def ask(running, owner, rtype, timeout=PATIENCE):
    """One question and its answer, over TCP: RRsets may be large, and a closed port says so."""
    question = dns.message.make_query(owner, rtype)
    return dns.query.tcp(question, LOOPBACK, port=running.port, timeout=timeout)


def answers(running, questions, apex):
    """The lines of the answers to pairs of an owner and a type; nothing but the RRset asked for."""
    lines = []
    for owner, rtype in questions:
        owner, rtype = dns.name.from_text(owner), dns.rdatatype.from_text(rtype)
        response = ask(running, owner, rtype)
        found = [
            rrset for rrset in response.answer if rrset.name == owner and rrset.rdtype == rtype
        ]
        if response.rcode() != dns.rcode.NOERROR or not found:
            raise Refused(f"no {dns.rdatatype.to_text(rtype)} at {owner} in the answer:\n{response}")
        for rrset in found:
            lines.extend(rdataset_lines(owner, rrset, apex))
    return lines


def transfer(running, apex):
    """The lines of a zone by zone transfer (RFC 5936)."""
    try:
        messages = dns.query.xfr(
            LOOPBACK, apex, port=running.port, relativize=False, timeout=PATIENCE, lifetime=PATIENCE
        )
        zone = dns.zone.from_xfr(messages, relativize=False, check_origin=False)
    except (OSError, dns.exception.DNSException) as error:
        raise Refused(f"transfer of {apex}: {error}\n{running.log()}") from error
    return [
        text
        for owner, node in zone.items()
        for rdataset in node
        for text in rdataset_lines(owner, rdataset, apex)
    ]
