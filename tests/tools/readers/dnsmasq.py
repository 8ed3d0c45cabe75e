"""Lines for the configuration of dnsmasq: tested, then asked of a running dnsmasq.

dnsmasq keeps the TTL of aliases and hosts alone; all else has the TTL of `--local-ttl`.
"""

import ipaddress

import dns.rdatatype

from . import common

LOCAL_TTL = 3600

# The types of the directives whose first value is the owner.
TYPES = {"srv-host": "SRV", "mx-host": "MX", "txt-record": "TXT"}


def read(path, apex):
    argv = [common.tool("dnsmasq"), "--test", f"--conf-file={path}"]
    done = common.attempt(argv)
    if done.returncode != 0 or done.stdout + done.stderr != "dnsmasq: syntax check OK.\n":
        raise common.Refused(common.said(argv, done))
    questions = sorted(set(_questions(path.read_text())))
    with common.server(lambda *place: _prepare(path, *place), common.answering) as running:
        return common.answers(running, questions, apex)


def _prepare(path, _directory, port):
    return [
        common.tool("dnsmasq"),
        "--keep-in-foreground",
        "--log-facility=-",
        "--pid-file=",
        "--user=root",
        "--no-resolv",
        "--no-hosts",
        "--bind-interfaces",
        f"--listen-address={common.LOOPBACK}",
        f"--port={port}",
        f"--local-ttl={LOCAL_TTL}",
        f"--conf-file={path}",
    ]


def _questions(text):
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        directive, _, values = line.partition("=")
        values = values.split(",")
        if directive in TYPES:
            yield values[0], TYPES[directive]
        elif directive == "dns-rr":
            yield values[0], dns.rdatatype.to_text(dns.rdatatype.RdataType.make(int(values[1])))
        elif directive == "cname":
            # Several aliases, then their target and a TTL if any.
            last = -2 if values[-1].isdigit() else -1
            yield from ((alias, "CNAME") for alias in values[:last])
        elif directive == "host-record":
            addresses = [address for address in map(_address, values) if address]
            names = [value for value in values if not _address(value) and not value.isdigit()]
            yield from ((name, _type(address)) for name in names for address in addresses)
        elif directive == "address":
            *names, address = values[0].strip("/").split("/")
            yield from ((name, _type(ipaddress.ip_address(address))) for name in names)
        else:
            raise common.Refused(f"{line}: the reader of dnsmasq does not know this directive")


def _address(text):
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _type(address):
    return "A" if address.version == 4 else "AAAA"
