"""A file that the configuration of Unbound includes: tested, then asked of a running Unbound."""

import re

from . import common

DIRECTIVE = re.compile(r"""([a-z-]+):\s*(?:"([^"]*)"|'([^']*)'|(\S*))\s*(\S*)\s*(?:#.*)?""")


def read(path, apex):
    questions = sorted(set(_questions(path.read_text())))
    with common.folder() as directory:
        configuration = _configure(path, directory, 53)
        argv = [common.tool("unbound-checkconf"), configuration]
        expected = f"unbound-checkconf: no errors in {configuration}\n"
        done = common.attempt(argv)
        if done.returncode != 0 or done.stdout + done.stderr != expected:
            raise common.Refused(common.said(argv, done))
    with common.server(lambda *place: _prepare(path, *place), common.answering) as running:
        return common.answers(running, questions, apex)


def _prepare(path, directory, port):
    return [common.tool("unbound"), "-d", "-c", _configure(path, directory, port)]


def _configure(path, directory, port):
    configuration = directory / "unbound.conf"
    # What is not in the file is not asked of anybody.
    configuration.write_text(
        f'include: "{path}"\n'
        f'server:\n  directory: "{directory}"\n  chroot: ""\n  username: ""\n  pidfile: ""\n'
        f"  interface: {common.LOOPBACK}\n  port: {port}\n  do-ip6: no\n"
        "  do-not-query-localhost: no\n"
        '  use-syslog: no\n  module-config: "iterator"\n'
        '  local-zone: "scaffold.example." refuse\n'
        "remote-control:\n  control-enable: no\n"
        f'forward-zone:\n  name: "."\n  forward-addr: {common.LOOPBACK}@1\n'
    )
    return configuration


def _questions(text):
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = DIRECTIVE.fullmatch(line)
        directive = match[1] if match else None
        if directive == "local-data":
            owner, *rest = (match[2] or match[3] or match[4]).split()
            rtype = next(word for word in rest if not word.isdigit() and word.upper() != "IN")
            yield owner, rtype.upper()
        elif directive not in ("server", "local-zone"):
            raise common.Refused(f"{line}: the reader of Unbound does not know this line")
