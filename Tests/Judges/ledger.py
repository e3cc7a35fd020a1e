"""The exported journal before foreign checkers: hledger and beancount accept it, and their trial balance is ours."""
import csv
import io
import json
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from judge import ROOT, SHARED, Judge

judge = Judge()
FULL = SHARED / "data/orders-uci-retail/online-retail-2010-12_2011-05.csv.gz"
EXCERPT = ROOT / "Examples/online-retail-2011-02.csv.gz"
BEAN_CHECK = shutil.which("bean-check") or str(Path(sys.executable).parent / "bean-check")


def ours(books, last):
    rows = json.loads(judge.run("report", "trial-balance", "--database", books, "--as-of", last, "--format", "json").stdout)["rows"]
    return {(row["account"], row["currency"]): Decimal(row["balance"]["minor"]) / 100 for row in rows if row["balance"]["minor"]}


def hledger(journal):
    subprocess.run(["hledger", "check", "-f", journal], check=True, capture_output=True, text=True)
    text = subprocess.run(["hledger", "bal", "-f", journal, "--flat", "-N", "-O", "csv"], check=True, capture_output=True, text=True).stdout
    found = {}
    for name, amounts in list(csv.reader(io.StringIO(text)))[1:]:
        for amount in amounts.split(", "):
            quantity, currency = amount.split() if amount[0] in "-0123456789" else reversed(amount.split())
            found[name.split(":")[1].split(" ")[0], currency] = Decimal(quantity.replace(",", ""))
    return found


def beancount(journal):
    done = subprocess.run([BEAN_CHECK, journal], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[:500])
    from beancount import loader
    from beancount.core import data, inventory

    entries, errors, _ = loader.load_file(journal)
    if errors:
        raise RuntimeError(str(errors[0]))
    sums = {}
    for entry in entries:
        for posting in getattr(entry, "postings", None) or []:
            key = posting.account.split(":")[1].split("-")[0], posting.units.currency
            sums[key] = sums.get(key, Decimal(0)) + posting.units.number
    return {key: value for key, value in sums.items() if value}


def export(books, shape):
    path = str(judge.folder / f"books.{shape}")
    judge.run("export", shape, "--database", books, "--output", path)
    return path


def opened(engine, name):
    books = judge.books(engine, name)
    judge.run("init", "--name", "Judged Ltd", "--country", "GB", "--currency", "GBP", "--database", books)
    return books


def billed(books, days):
    for day in days:
        judge.run("run", "billing", "--on", day, "--database", books)
    return books


def trade(engine, name, orders, days):
    """Books with orders, invoices and credit notes."""
    books = opened(engine, name)
    judge.run("import", "orders", orders, "--database", books)
    return billed(books, days)


def taken(books):
    """The figures of the data's own description: 651 negative rows are no cancellations and are refused, each with its reason."""
    for known in (False, True):
        told = judge.run("import", "orders", FULL, "--database", books).stdout
        placed, before = (0, 10_132) if known else (10_132, 0)
        for figure in [
            "209,029 rows, 10,783 order numbers", "rows imported 208,378, refused 651", f"orders new {placed:,} ", f"known before {before:,},",
            "sales 4064726.591, cancellations -357898.95", "net 3706827.641 GBP",
        ]:
            if figure not in told:
                return f"{figure!r} is not in {told}"


def agrees(books, shape, reader, last):
    wanted, found = ours(books, last), reader(export(books, shape))
    if wanted != found:
        return f"ours {sorted(wanted.items())}, theirs {sorted(found.items())}"
    if not wanted:
        return "the trial balance is empty"


for engine in judge.engines:
    books = trade(engine, "excerpt", EXCERPT, ["2011-02-28", "2011-03-31"])
    for shape, reader in [("hledger", hledger), ("beancount", beancount)]:
        judge.case(f"{shape} accepts the books of {EXCERPT.name} on {engine} and adds them up as we do", lambda: agrees(books, shape, reader, "2011-12-31"))
if FULL.exists():
    full = {engine: opened(engine, "full") for engine in judge.engines}
    for engine, books in full.items():
        judge.case(f"all 209,029 rows are taken in on {engine} to the last unit, and change nothing the second time", lambda: taken(books))
    books = billed(full["sqlite"], ["2011-05-31", "2011-06-30"])
    for shape, reader in [("hledger", hledger), ("beancount", beancount)]:
        judge.case(f"{shape} accepts the books of all 209,029 rows and adds them up as we do", lambda: agrees(books, shape, reader, "2011-12-31"))
else:
    print(f"SKIPPED: {FULL} is not there, so the full data were not judged", flush=True)
judge.end()
