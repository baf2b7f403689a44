"""Where each setting comes from, which one wins, and that a wrong one is named."""

from dataclasses import fields
from pathlib import Path

import pytest

from zegel_relay.settings import Settings, SettingsError, load


def wrong(options=None, **environ):
    with pytest.raises(SettingsError) as caught:
        load(options, environ)
    return caught.value.name


def test_a_folder_is_enough(tmp_path):
    settings = load({"folder": tmp_path}, {})
    assert settings == Settings(
        folder=tmp_path,
        database_url=f"sqlite:///{tmp_path}/relay.sqlite3",
        blob_folder=tmp_path / "blobs",
        keys_file=tmp_path / "keys.json",
        contact_key_file=tmp_path / "contact-key.json",
    )
    assert (settings.host, settings.port, settings.public_url, settings.trace) == ("127.0.0.1", 8470, "", False)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path):
    file = tmp_path / "relay.toml"
    file.write_text(f'folder = "{tmp_path}"\nhost = "file"\nport = 1\ntrace = true\nmax_blob_bytes = 70000\n', "utf-8")
    environ = {"ZEGEL_CONFIG": str(file), "ZEGEL_HOST": "environ", "ZEGEL_PORT": "2", "OTHER": "x"}
    settings = load({"port": 3, "host": None}, environ)
    assert (settings.port, settings.host, settings.trace, settings.max_blob_bytes) == (3, "environ", True, 70000)
    assert settings.folder == tmp_path


def test_every_setting_has_its_variable(tmp_path):
    given = {
        "folder": str(tmp_path),
        "database_url": "postgresql://u:canary@host:5432/zegel?sslmode=verify-full",
        "blob_folder": "/elsewhere/blobs",
        "keys_file": "/elsewhere/keys.json",
        "contact_key_file": "/elsewhere/contact-key.json",
        "host": "::1",
        "port": "0",
        "public_url": "https://relay.example:8443",
        "max_blob_bytes": "1000000",
        "drain_seconds": "3",
        "pool_size": "20",
        "redis_url": "rediss://u:canary@redis.example:6380/1",
        "work": "outside",
        "requests_per_minute": "600",
        "smtp_url": "smtp+starttls://u:canary@mail.example:587",
        "mail_from": "noreply@mail.example",
        "unready_seconds": "4",
        "min_free_bytes": "1000",
        "metrics_host": "::1",
        "metrics_port": "9100",
        "shell_folder": "/elsewhere/shell",
        "leave_url": "https://news.example/nl",
        "trace": "true",
    }
    assert set(given) == {field.name for field in fields(Settings)}
    settings = load({}, {f"ZEGEL_{name.upper()}": value for name, value in given.items()})
    assert settings == Settings(
        folder=tmp_path,
        database_url="postgresql://u:canary@host:5432/zegel?sslmode=verify-full",
        blob_folder=Path("/elsewhere/blobs"),
        keys_file=Path("/elsewhere/keys.json"),
        contact_key_file=Path("/elsewhere/contact-key.json"),
        host="::1",
        port=0,
        public_url="https://relay.example:8443",
        max_blob_bytes=1_000_000,
        drain_seconds=3,
        pool_size=20,
        redis_url="rediss://u:canary@redis.example:6380/1",
        work="outside",
        requests_per_minute=600,
        smtp_url="smtp+starttls://u:canary@mail.example:587",
        mail_from="noreply@mail.example",
        unready_seconds=4,
        min_free_bytes=1000,
        metrics_host="::1",
        metrics_port=9100,
        shell_folder=Path("/elsewhere/shell"),
        leave_url="https://news.example/nl",
        trace=True,
    )
    # Addresses with passwords are in no text of them.
    assert "canary" not in repr(settings)


def test_every_setting_is_described():
    assert [field.name for field in fields(Settings) if f"`{field.name}`" not in (Settings.__doc__ or "")] == []


def test_a_relative_folder_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load({"folder": Path("data")}, {}).keys_file == tmp_path / "data" / "keys.json"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "eighty"),
        ("port", "65536"),
        ("port", "-1"),
        ("host", ""),
        ("trace", "yes"),
        ("public_url", "relay.example"),
        ("public_url", "https://Relay.example"),
        ("public_url", "https://relay.example/"),
        ("public_url", "https://relay.example/path"),
        ("database_url", "sqlite://"),
        ("database_url", "mysql://host/db"),
        ("database_url", "postgresql://host"),
        ("pool_size", "1"),
        ("redis_url", "http://host"),
        ("requests_per_minute", "1000001"),
        ("max_blob_bytes", "10"),
        ("drain_seconds", "99999"),
        ("keys_file", ""),
    ],
)
def test_a_wrong_value_is_named(tmp_path, name, value):
    assert wrong({"folder": tmp_path}, **{f"ZEGEL_{name.upper()}": value}) == name


def test_what_is_missing_or_unknown_is_named(tmp_path):
    assert wrong() == "folder"
    file = tmp_path / "relay.toml"
    assert wrong(ZEGEL_CONFIG=str(file)) == "config"
    file.write_text("port = ", "utf-8")
    assert wrong(ZEGEL_CONFIG=str(file)) == "config"
    file.write_text(f'folder = "{tmp_path}"\npublc_url = "https://relay.example"\n', "utf-8")
    assert wrong(ZEGEL_CONFIG=str(file)) == "publc_url"
    file.write_text(f'folder = "{tmp_path}"\nport = true\n', "utf-8")
    assert wrong(ZEGEL_CONFIG=str(file)) == "port"
