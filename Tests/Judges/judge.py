"""What every judge shares: the program under judgement, books to work on, and one line for each verdict."""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


class Judge:
    def __init__(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("--florin", required=True, help="the program")
        parser.add_argument("--postgres", help="a server on which databases may be made: libpq URL")
        options = parser.parse_args()
        self.florin, self.postgres = str(Path(options.florin).resolve()), options.postgres
        self.folder = Path(tempfile.mkdtemp(prefix="florin-judge-"))
        self.failed = 0

    @property
    def engines(self):
        return ["sqlite"] + (["postgres"] if self.postgres else [])

    def books(self, engine, name):
        """A new database; its location as the program takes it."""
        if engine == "sqlite":
            return str(self.folder / f"{name}.sqlite")
        database = f"judge_{os.getpid()}_{name}"
        subprocess.run(
            ["psql", "-q", "-d", self.postgres, "-c", f"CREATE DATABASE {database} TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'"], check=True)
        return self.postgres.replace("/postgres?", f"/{database}?")

    def run(self, *words, check=True, **options):
        done = subprocess.run([self.florin, *map(str, words)], capture_output=True, text=True, cwd=self.folder, **options)
        if check and done.returncode != 0:
            raise RuntimeError(f"florin {' '.join(map(str, words))} ended with {done.returncode}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
        return done

    def verdict(self, name, fault=None):
        """`fault` is None for a pass, or what is wrong."""
        if fault is None:
            print(f"✔ {name}", flush=True)
        else:
            self.failed += 1
            print(f"✘ {name}: {fault}", flush=True)

    def case(self, name, body):
        try:
            self.verdict(name, body())
        except Exception as error:  # a judge that stumbles has not passed
            self.verdict(name, f"{type(error).__name__}: {error}")

    def end(self):
        sys.exit(1 if self.failed else 0)
