"""A shell script of pdnsutil commands: run twice, then served by PowerDNS."""

import dns.name
import dns.rcode
import dns.rdatatype

from . import common, pdns


def read(path, apex):
    with common.folder() as directory:
        pdns.database(directory, apex)
        pdnsutil = pdns.pdnsutil(directory)
        options = common.stand_in(directory, "pdnsutil", pdnsutil)
        understood = []
        for _ in range(2):
            _apply(path, options)
            understood.append(common.run([*pdnsutil, "list-zone", apex]).splitlines())
        common.unchanged(*understood)
        argv = [*pdnsutil, "check-zone", apex]
        said = common.run(argv, silent=True)
        # The hosts that records lead to are in nobody's snippet.
        if any("No record for '" not in warning for warning in said.splitlines()[:-1]):
            raise common.Refused(said)
        with pdns.serve(directory, apex) as running:
            lines = common.transfer(running, apex)
            _every_name_exists(lines, running, apex)
            return lines


def _apply(path, options):
    argv = ["sh", path]
    done = common.attempt(argv, **options)
    # What puts the zone in order says how much it had to do.
    faults = [text for text in done.stderr.splitlines() if text and not text.startswith("Adding ")]
    if done.returncode != 0 or faults:
        raise common.Refused(common.said(argv, done))


def _every_name_exists(lines, running, apex):
    """Refuses a zone in which a name above records does not exist (RFC 8020)."""
    apex = dns.name.from_text(apex)
    names = {dns.name.from_text(line.split()[0]) for line in lines}
    above = {name.split(depth)[1] for name in names for depth in range(len(apex), len(name))}
    for name in above - names:
        response = common.ask(running, name, dns.rdatatype.SRV)
        if response.rcode() != dns.rcode.NOERROR:
            raise common.Refused(f"{name} has names below it and does not exist:\n{response}")
