"""A shell script of pdnsutil commands: run twice, then served by PowerDNS."""

from . import common, pdns


def read(path, apex):
    with common.folder() as directory:
        pdns.database(directory, apex)
        pdnsutil = pdns.pdnsutil(directory)
        options = common.stand_in(directory, "pdnsutil", pdnsutil)
        understood = []
        for _ in range(2):
            common.run(["sh", path], silent=True, **options)
            understood.append(common.run([*pdnsutil, "list-zone", apex]).splitlines())
        common.unchanged(*understood)
        argv = [*pdnsutil, "check-zone", apex]
        said = common.run(argv, silent=True)
        # The hosts that records lead to are in nobody's snippet.
        if any("No record for '" not in warning for warning in said.splitlines()[:-1]):
            raise common.Refused(said)
        with pdns.serve(directory, apex) as running:
            return common.transfer(running, apex)
