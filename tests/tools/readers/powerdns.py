"""The body of a PATCH request to the HTTP API of PowerDNS: sent twice with curl."""

from . import common, pdns


def read(path, apex):
    with common.folder() as directory:
        pdns.database(directory, apex)
        with pdns.serve(directory, apex) as running:
            understood = []
            for _ in range(2):
                _send(path, apex, running)
                understood.append(common.transfer(running, apex))
            return common.unchanged(*understood)


def _send(path, apex, running):
    zone = f"http://{common.LOOPBACK}:{running.ports[1]}/api/v1/servers/localhost/zones/{apex}"
    argv = [common.tool("curl"), "--silent", "--show-error", "--noproxy", "*", "-X", "PATCH"]
    argv += ["--header", f"X-API-Key: {pdns.KEY}", "--data", f"@{path}"]
    done = common.attempt([*argv, "--write-out", "%{http_code}", zone])
    # No content, and nothing said (RFC 9110 section 15.3.5).
    if done.returncode != 0 or done.stdout != "204":
        raise common.Refused(common.said(argv, done))
