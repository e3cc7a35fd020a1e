"""The migrated schema before the rules of a sharded PostgreSQL, kept beside the shared data; no row of the answer means no fault."""
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from judge import SHARED, Judge

judge = Judge()
RULES = SHARED / "checks/shardlint.sql"


def distributes(books):
    found = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", books, "-f", RULES], check=True, capture_output=True, text=True).stdout
    return found.strip() or None


if "postgres" not in judge.engines or not RULES.exists():
    print(f"SKIPPED: no PostgreSQL or no {RULES}, so the schema was not judged as one to be sharded", flush=True)
else:
    books = judge.books("postgres", "schema")
    judge.run("init", "--name", "Schema Ltd", "--country", "GB", "--currency", "GBP", "--database", books)
    judge.case("the migrated schema could be sharded", lambda: distributes(books))
judge.end()
