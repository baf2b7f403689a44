"""A terminal for tests of the `zegel` command: it runs commands in one folder, where a Huis was founded."""

import json

from click.testing import CliRunner

from zegel.cli import main
from zegel_keys.signing import SigningKey
from zegel_keys.trust import establish

ORIGIN = "https://relay.example"
QUICK = ("--cost", "interactive")
STEWARD = ("--folder", "@steward", "--relay", ORIGIN)
ROOT = ("--root", "@ocmw/partner-root.zk", "--huis", "@steward/huis.json", "--partner", "ocmw-gent", "--relay", ORIGIN)
FIRST = ("--relay-keys", "@relay.json", "--origin", "https://portal.example")


class Terminal:
    """Runs commands in one folder, where `pass.txt` is everybody's passphrase."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "pass.txt").write_text("zeven zachte zeehonden\r\nsecond line\n", "utf-8")
        (folder / "code.txt").write_text("The code of ethics.", "utf-8")

    def run(self, *words, given=None, passphrase="pass.txt", exit_code=0):
        variables = {"ZEGEL_PASSPHRASE_FILE": str(self.folder / passphrase) if passphrase else None}
        arguments = [str(self.folder / word[1:]) if word.startswith("@") else word for word in words]
        result = CliRunner(env=variables).invoke(main, arguments, input=given)
        assert result.exit_code == exit_code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    def json(self, *words, **how):
        return json.loads(self.run(*words, "--json", **how).stdout)

    def fail(self, code, *words, **how):
        """Run a command that must fail with this code, say so on standard error, and nothing on standard output."""
        result = self.run(*words, "--json", exit_code=1, **how)
        assert result.stdout == ""
        # What is asked comes before it on standard error.
        problem = json.loads(result.stderr.splitlines()[-1])
        assert problem["code"] == code
        return problem["detail"]


def found_huis(folder):
    """Return a terminal whose Huis is founded, and a partner of which asked to join and has a device; and the id."""
    terminal = Terminal(folder)
    huis = terminal.json("steward", "found", "--folder", "@steward", "--name", "Huis", *QUICK)["huis"]
    terminal.run("partner", "root", "@ocmw", "--name", "OCMW Gent", *QUICK)
    about = ("--huis", "@steward/huis.json", "--partner", "ocmw-gent", "--name", "OCMW Gent")
    join = ("--root", "@ocmw/partner-root.zk", "--sector", "ocmw", "--secrecy", "penal", "--out", "@join.json")
    terminal.run("partner", "join", *about, *join)
    terminal.run("partner", "device", "@desk", *about, "--relay", ORIGIN, "--function", "nurse", *QUICK)
    keys = {"huis": huis, "relay_key": SigningKey.generate().public, "log_key": SigningKey.generate().public}
    (terminal.folder / "relay.json").write_text(json.dumps(keys), "utf-8")
    return terminal, huis


def copy_of(source, folder):
    """Return a terminal in a copy of its folder, so that each test goes on from there."""
    for path in source.folder.rglob("*"):
        target = folder / path.relative_to(source.folder)
        if path.is_dir():
            target.mkdir(path.stat().st_mode & 0o777)
        else:
            target.write_bytes(path.read_bytes())
            target.chmod(path.stat().st_mode & 0o777)
    return Terminal(folder)


def opened(terminal):
    """Admit the partner, list its device, sign the rules, publish."""
    terminal.run("steward", "admit", "@join.json", *STEWARD, "--yes")
    terminal.run("partner", "devices", *ROOT, "--add", "@desk/device.json")
    terminal.run("steward", "rulebook", "--folder", "@steward", "--code", "@code.txt")
    return terminal.json("steward", "publish", *STEWARD, *FIRST)


def trust(relay):
    return establish(relay.huis, relay.held, lambda _trust, _item: None)
