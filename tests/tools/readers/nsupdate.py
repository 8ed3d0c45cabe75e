"""A script for nsupdate: applied twice to a running BIND, which must not mind."""

from . import common

# The TSIG key (RFC 8945) of a server that lives for one file on loopback.
KEY = (
    'key "update.test" { algorithm hmac-sha256;'
    ' secret "bWFpbHNydi1tYWlsc3J2LW1haWxzcnYtbWFpbHNydi0="; };\n'
)


def read(path, apex):
    nsupdate = common.tool("nsupdate")
    with common.server(lambda *place: _prepare(apex, *place), common.serves(apex)) as running:
        script = f"server {common.LOOPBACK} {running.port}\n{path.read_text()}"
        # A loaded machine may need longer than the three seconds of a first try.
        argv = [nsupdate, "-t", "120", "-u", "30", "-k", running.directory / "key"]
        understood = []
        for _ in range(2):
            common.run(argv, input=script, silent=True)
            understood.append(common.transfer(running, apex))
        return common.unchanged(*understood)


def _prepare(apex, directory, port):
    (directory / "key").write_text(KEY)
    (directory / "zone").write_text(common.scaffold(apex))
    configuration = directory / "named.conf"
    configuration.write_text(
        f'include "{directory}/key";\n'
        f'options {{ directory "{directory}"; pid-file none; session-keyfile none;'
        f" listen-on port {port} {{ {common.LOOPBACK}; }}; listen-on-v6 {{ none; }};"
        " recursion no; dnssec-validation no; notify no; allow-transfer { any; }; };\n"
        "controls {};\n"
        f'zone "{apex}" {{ type primary; file "zone"; allow-update {{ key update.test; }}; }};\n'
    )
    return [common.tool("named"), "-g", "-n", "1", "-c", configuration]
