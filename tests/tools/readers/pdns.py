"""PowerDNS with a database of its own, for the readers that need it."""

import contextlib
import pathlib
import socket
import sqlite3

from . import common

# The key of the HTTP API of a server that lives for one file on loopback.
KEY = "mailsrv"

SCHEMAS = [
    pathlib.Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"),
    pathlib.Path("/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql"),
]


def database(directory, apex):
    """Makes a zone with nothing but its SOA and NS records, and the configuration for pdnsutil."""
    schema = next((path for path in SCHEMAS if path.is_file()), None)
    if schema is None:
        raise common.Refused("the SQLite backend of PowerDNS is missing")
    with contextlib.closing(sqlite3.connect(directory / "database")) as connection:
        connection.executescript(schema.read_text())
    _configure(directory, directory)
    common.run([*pdnsutil(directory), "create-zone", apex, "ns.scaffold.example"])


def pdnsutil(directory):
    """The command line of pdnsutil for a database."""
    return [common.tool("pdnsutil"), f"--config-dir={directory}"]


def serve(directory, apex):
    """PowerDNS on the database; the second port is that of its HTTP API."""

    def prepare(place, port, api):
        _configure(
            place,
            directory,
            f"local-address={common.LOOPBACK}\nlocal-port={port}\n"
            f"allow-axfr-ips={common.LOOPBACK}\nsecurity-poll-suffix=\n"
            f"webserver=yes\nwebserver-address={common.LOOPBACK}\nwebserver-port={api}\n"
            f"webserver-allow-from={common.LOOPBACK}\napi=yes\napi-key={KEY}\n",
        )
        options = [f"--config-dir={place}", "--daemon=no", "--guardian=no"]
        return [common.tool("pdns_server"), *options]

    answers = common.serves(apex)
    return common.server(prepare, lambda running: answers(running) and _listens(running), ports=2)


def _configure(place, directory, more=""):
    (place / "pdns.conf").write_text(
        f"launch=gsqlite3\ngsqlite3-database={directory}/database\nsocket-dir={place}\n"
        f"setuid=\nsetgid=\n{more}"
    )


def _listens(running):
    try:
        socket.create_connection((common.LOOPBACK, running.ports[1]), timeout=1).close()
    except OSError:
        return False
    return True
