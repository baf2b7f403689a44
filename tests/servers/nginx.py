"""A real nginx for tests, with the configuration of `deploy/nginx`: TLS by an authority of its own, on a free port."""

import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from servers.process import ServerProcess
from zegel_demo.ports import free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx" / "zegel.conf"
START_SECONDS = 15.0
NAME = "localhost"


class Nginx:
    """One server in front of `relays` (each `host:port`). `close` ends it and removes its folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="zegel-nginx-"))
        self.port = free_port()
        self._process = ServerProcess(self.folder / "server.log")
        make_certificates(self.folder)

    @property
    def url(self) -> str:
        """Its origin."""
        return f"https://{NAME}:{self.port}"

    @property
    def authority(self) -> Path:
        """The certificate authority that signed for it."""
        return self.folder / "ca.pem"

    @property
    def log(self) -> Path:
        """What it printed: the access log and errors."""
        return self._process.log

    def command(self) -> list[str]:
        """Return how it is called; raises `RuntimeError` where it is not installed."""
        program = shutil.which("nginx")
        if program is None:
            raise RuntimeError("nginx is not installed: `make test` says how")
        return [program, "-p", f"{self.folder}/", "-c", str(self.folder / "nginx.conf"), "-e", "/dev/stderr"]

    def configure(self, relays: Sequence[str]) -> None:
        """Write the configuration that is deployed, with this machine's names in place of the example's."""
        text = CONFIGURATION.read_text("utf-8")
        for old, new in {
            "listen 443 ssl default_server;": f"listen 127.0.0.1:{self.port} ssl default_server;",
            "listen [::]:443 ssl default_server;": "",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            "listen [::]:443 ssl;": "",
            "server_name relay.example;": f"server_name {NAME};",
            "/etc/zegel/tls/": f"{self.folder}/",
            "server relay-1:8470": f"server {relays[0]}",
            "server relay-2:8470": f"server {relays[-1]}",
        }.items():
            if old not in text:
                raise RuntimeError(f"the deployed configuration holds no {old}")
            text = text.replace(old, new)
        (self.folder / "zegel.conf").write_text(text, "utf-8")
        places = " ".join(
            f"{kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(
            f"daemon off; pid {self.folder}/nginx.pid; worker_processes 1;\n"
            f"events {{ worker_connections 512; }}\nhttp {{ {places}\ninclude {self.folder}/zegel.conf; }}\n",
            "utf-8",
        )

    def start(self, relays: Sequence[str]) -> None:
        """Start it in front of one or two relays, and return once it listens."""
        self.configure(relays)
        # A directory of its own user's; as root its children become another user.
        self.folder.chmod(0o711)
        self._process.start(self.command())
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError as error:
                if not self._process.running or time.monotonic() > deadline:
                    raise RuntimeError(self._process.last_words()) from error
                time.sleep(0.05)

    def close(self) -> None:
        """Stop it, and remove all that it had."""
        self._process.end(signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)


def make_certificates(folder: Path) -> None:
    """Write an authority (`ca.pem`), and a certificate of it for loopback with its key, as nginx reads them."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Zegel test authority")])
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    ca = _certificate(issuer, issuer, authority.public_key(), authority, [(constraints, True)])
    names = x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    leaf = _certificate(subject, issuer, key.public_key(), authority, [(names, False)])
    (folder / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    (folder / "fullchain.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    extensions: Sequence[tuple[x509.ExtensionType, bool]],
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )  # fmt: skip
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256())
