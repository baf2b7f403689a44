"""What is deployed holds together: units that systemd accepts, a compose file and an image with nothing left open."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from integration.compose_schema import SCHEMA
from zegel_relay.cli import main
from zegel_relay.settings import Settings

pytestmark = pytest.mark.own_database

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
OURS = ("migrate", "relay-1", "relay-2", "worker", "beat")
CONTAINER = (DEPLOY / "container" / "Containerfile").read_text("utf-8")


class AsWritten(configparser.RawConfigParser):
    """Keeps the names of a unit's settings as they are."""

    def optionxform(self, optionstr):
        return optionstr


def unit(path):
    parser = AsWritten(strict=False)
    parser.read(path, "utf-8")
    return parser


@pytest.fixture
def units(tmp_path):
    """The units as they would be installed, with the programs of this environment in place of those of /opt."""
    for path in [*UNITS, DEPLOY / "systemd" / "zegel-backup.timer"]:
        text = path.read_text("utf-8").replace("/opt/zegel/bin", str(Path(sys.executable).parent))
        (tmp_path / path.name).write_text(text.replace("/opt/zegel/deploy", str(DEPLOY)), "utf-8")
    return tmp_path


def systemd_analyze(*words):
    program = shutil.which("systemd-analyze")
    assert program is not None, "systemd-analyze is not installed: `make test` says how"
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False, timeout=60)


def test_systemd_finds_nothing_wrong_with_the_units(units):
    done = systemd_analyze("verify", "--man=no", *sorted(units.glob("zegel-*")))
    own = [line for line in done.stderr.splitlines() if "zegel" in line]
    assert (done.returncode, own) == (0, []), done.stderr


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_may_reach_little(units, path):
    done = systemd_analyze("security", "--offline=yes", "--threshold=25", units / path.name)
    assert done.returncode == 0, done.stdout[-1500:]
    service = dict(unit(path)["Service"])
    assert (service["User"], service["UMask"], service["ProtectSystem"]) == ("zegel", "0077", "strict")


def test_a_unit_waits_longer_than_a_relay_drains():
    for path in UNITS:
        service = dict(unit(path)["Service"])
        if "zegel-relay serve" in service["ExecStart"]:
            assert int(service["TimeoutStopSec"]) > Settings.drain_seconds + 10


@pytest.mark.parametrize("words", [["serve"], ["worker"], ["beat"], ["migrate"]])
def test_what_units_and_containers_call_is_there(words):
    assert CliRunner().invoke(main, [*words, "--help"]).exit_code == 0
    called = {tuple(service["command"]) for name, service in SERVICES.items() if name in OURS}
    called |= {
        tuple(dict(unit(path)["Service"])["ExecStart"].split()[1:])
        for path in UNITS
        if "zegel-relay " in path.read_text("utf-8")
    }
    assert called <= {("serve",), ("worker",), ("beat",), ("migrate",)}
    assert tuple(words) in called


def test_the_compose_file_is_one():
    jsonschema.validate(COMPOSE, SCHEMA)


def test_each_image_has_a_version_and_each_service_a_health():
    for name, service in SERVICES.items():
        tag = service["image"].rpartition(":")[2]
        assert re.fullmatch(r"\d+(\.\d+)*(-[a-z]+)?", tag), name
        if name not in ("migrate", "beat"):
            assert service["healthcheck"]["test"], name
        assert "no-new-privileges:true" in service["security_opt"], name


def test_our_containers_write_nothing_but_their_folder_and_have_no_powers():
    for name in OURS:
        service = SERVICES[name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
        assert {mount.partition(":")[2] for mount in service.get("volumes", ())} <= {"/var/lib/zegel"}, name
        assert not service.get("privileged"), name


def test_only_tls_is_open_to_the_world_and_relays_have_no_way_out():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "nginx": ["443:443"]
    }
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == {"nginx", "worker"}


def test_secrets_are_files_and_each_service_gets_its_own_only():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search(r"PASSWORD|SECRET|TOKEN", name) or name.endswith("_FILE")
            assert "@" not in str(value)
    named = {name: set(map(source, service.get("secrets", ()))) for name, service in SERVICES.items()}
    assert named["relay-1"] == named["relay-2"] == {"relay_config", "relay_keys"}
    assert named["worker"] == {"relay_config", "contact_key"}
    assert named["beat"] == named["migrate"] == {"relay_config"}
    assert named["nginx"] == {"tls_chain", "tls_key"}
    assert set().union(*named.values()) == set(COMPOSE["secrets"])


def source(secret):
    return secret if isinstance(secret, str) else secret["source"]


def test_no_path_of_a_machine_stands_in_the_compose_file():
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", ())]
    sources = {mount.partition(":")[0] for mount in mounts} - set(COMPOSE["volumes"])
    assert sources == {"../nginx/zegel.conf"}
    assert (DEPLOY / "compose" / "../nginx/zegel.conf").is_file()
    files = [secret["file"] for secret in COMPOSE["secrets"].values()]
    assert all(file.startswith("secrets/") for file in files)
    build = SERVICES["relay-1"]["build"]
    assert (DEPLOY / "compose" / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()


def test_every_setting_that_is_named_exists():
    known = {f"ZEGEL_{name.upper()}" for name in Settings.__dataclass_fields__} | {"ZEGEL_CONFIG"}
    texts = [CONTAINER, *(path.read_text("utf-8") for path in UNITS)]
    named = {name for text in texts for name in re.findall(r"ZEGEL_[A-Z_]+", text)}
    named |= {name for service in SERVICES.values() for name in service.get("environment", {}) if "ZEGEL" in name}
    assert len(named) > 4
    assert named <= known


def test_the_image_is_made_of_what_is_there_by_hash_and_runs_as_nobody_in_particular():
    assert len(re.findall(r"--require-hashes", CONTAINER)) == len(re.findall(r"pip install.* -r ", CONTAINER)) == 3
    copied = [line.split()[1:-1] for line in re.findall(r"^COPY (?!--from).*$", CONTAINER, re.MULTILINE)]
    names = [name for words in copied for name in words]
    assert len(names) > 5
    assert [name for name in names if not (ROOT / name).exists()] == []
    allowed = (DEPLOY / "container" / "Containerfile.dockerignore").read_text("utf-8").splitlines()
    within = {name: [f"!{folder}" for folder in (name, *map(str, Path(name).parents))] for name in names}
    assert [name for name in names if not set(within[name]) & set(allowed)] == []
    last = CONTAINER.rpartition("\nFROM ")[2]
    for wanted in ("USER 10001:10001", "HEALTHCHECK", "STOPSIGNAL SIGTERM", 'ENTRYPOINT ["zegel-relay"]'):
        assert wanted in last
    assert "pip install" not in last
    assert "--hash=sha256:" in (ROOT / "requirements" / "relay.txt").read_text("utf-8")


def test_the_image_builds_the_family_s_page_itself_and_takes_none_from_a_machine():
    page = CONTAINER.partition(" AS page\n")[2].partition("\nFROM ")[0]
    assert "npm ci" in page
    assert "node build.mjs" in page
    folder = Settings.shell_folder.relative_to(ROOT).as_posix()
    assert f"COPY --from=page /page/{folder} {folder}" in CONTAINER
    allowed = (DEPLOY / "container" / "Containerfile.dockerignore").read_text("utf-8").splitlines()
    for made in (folder, "portal/node_modules"):
        assert allowed.index(made) > max(allowed.index("!relay"), allowed.index("!portal"))


def test_scripts_are_sound_shell():
    for path in sorted((DEPLOY / "backup").glob("*.sh")):
        done = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False, timeout=20)
        assert (done.returncode, done.stderr) == (0, "")
        assert path.stat().st_mode & 0o111
        assert "set -euo pipefail\numask 077" in path.read_text("utf-8")
