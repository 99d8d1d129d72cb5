#!/usr/bin/env python3
"""The store of identities on a real PostgreSQL: what tests/unit/identity asks of every engine, and what only a server can
do: be restarted, break connections, speak TLS, be written to by others."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support.story import Story, tell

BUILD = pathlib.Path(os.environ.get("GATEHOUSE_BUILD", pathlib.Path(__file__).parents[2] / "build/dev"))
# Debian's tools turn TLS on with a certificate of theirs or not at all: it is turned on behind them.
SCRIPT = """
psql -qc "ALTER SYSTEM SET ssl = on" && pg_ctlcluster "$PGVERSION" regress restart || exit 1
export GATEHOUSE_TEST_POSTGRESQL="host=localhost port=$PGPORT user=$PGUSER password=$PGPASSWORD dbname=$PGDATABASE"
export GATEHOUSE_TEST_POSTGRESQL_CONTROL="pg_ctlcluster $PGVERSION regress"
exec "$@"
"""


def certificate(folder):
    """A self-signed one for localhost: its own authority."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem",
                    "-out", folder / "cert.pem"], check=True, capture_output=True)
    folder.chmod(0o755)
    (folder / "key.pem").chmod(0o600)
    if os.geteuid() == 0:
        shutil.chown(folder / "key.pem", "postgres", "postgres")


def told(run):
    """What went wrong, without the tests that passed and the server's own log."""
    lines = [line for line in (run.stdout + run.stderr).splitlines() if "[ RUN" not in line and " UTC [" not in line]
    return "\n".join(line for line in lines if "[       OK" not in line)


class IdentityPostgresql(Story):
    @classmethod
    def setUpClass(cls):
        for program in ("pg_virtualenv", "openssl"):
            if shutil.which(program) is None:
                raise unittest.SkipTest(f"{program} is not installed (packages postgresql and openssl)")

    def test_the_store_on_a_server(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            certificate(folder)
            environment = {**os.environ, "GATEHOUSE_TEST_POSTGRESQL_CA": str(folder / "cert.pem")}
            options = []
            for setting in (f"ssl_cert_file={folder}/cert.pem", f"ssl_key_file={folder}/key.pem"):
                options += ["-o", setting]
            run = subprocess.run(["pg_virtualenv", "-t", *options, "bash", "-c", SCRIPT, "story", BUILD / "tests/identity_test",
                                  "--gtest_filter=*Postgresql*", f"--gtest_output=json:{folder}/out.json"],
                                 env=environment, text=True, capture_output=True, timeout=300)
            self.assertEqual(run.returncode, 0, told(run))
            self.assertNotIn("[  SKIPPED ]", run.stdout)
            self.assertIn("StoreTables.KeepsAllOfAUser/Postgresql", run.stdout)


if __name__ == "__main__":
    tell(__name__)
