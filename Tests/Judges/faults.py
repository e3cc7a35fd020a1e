"""The process is killed again and again in the middle of its work: nothing acknowledged is lost, nothing happens twice, no number is missing."""
import email
import gzip
import json
import os
import random
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from judge import Judge

judge = Judge()
KILLS = 200
# Odd, so that each of them has an invoice that the statement leaves open.
CUSTOMERS = 201
random.seed(2026)


def customers(path):
    """Everybody can be written to."""
    rows = "".join(f"C{number:03},Customer {number},c{number}@example.com,GB,GBP\n" for number in range(CUSTOMERS))
    path.write_text("number,name,email,country,currency\n" + rows)
    return path


def orders(path, count):
    with open(path, "w") as file:
        file.write("channel,order_id,customer,country,ordered_on,currency,sku,description,quantity,unit_price\n")
        for number in range(count):
            for line in range(2):
                price = f"{random.randint(100, 90000) / 100:.2f}"
                file.write(f"web,O{number:05},C{number % CUSTOMERS:03},GB,2026-01-{1 + number * 27 // count:02},GBP,SKU-{line},Article,{1 + line},{price}\n")
    return path


def statement(path, invoices):
    """A camt.053 that pays three invoices in four, by number, a day before the customers are written to."""
    entries = "".join(
        f"<Ntry><Amt Ccy='GBP'>{int(gross) / 100:.2f}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-04-29</Dt></BookgDt><ValDt><Dt>2026-04-29</Dt></ValDt>"
        f"<AcctSvcrRef>B{at}</AcctSvcrRef><NtryDtls><TxDtls><RmtInf><Ustrd>{number}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        for at, (number, gross) in enumerate(invoices) if at % 4)
    path.write_text(
        "<?xml version='1.0' encoding='UTF-8'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId>"
        "<CreDtTm>2026-04-29T20:00:00</CreDtTm></GrpHdr><Stmt><Id>1</Id><CreDtTm>2026-04-29T20:00:00</CreDtTm><Acct><Id><IBAN>GB33BUKB20201555555555</IBAN></Id>"
        f"<Ccy>GBP</Ccy></Acct>{entries}</Stmt></BkToCstmrStmt></Document>")
    return path


def report(books, name, *words):
    return json.loads(judge.run("report", name, "--database", books, "--format", "json", *words).stdout)["rows"]


def state(books):
    """What the work leaves, without what depends on when it ran."""
    return [report(books, name, "--as-of", "2026-12-31") for name in ("trial-balance", "aging", "open-items")]


COUNTED = {
    "sales_order": r"orders new ([\d,]+)", "statement_entry": r"entries new (\d+)", "invoice": r"billing +([\d,]+) invoice", "application": r"cash +([\d,]+) receipt",
    "dunning_notice": r"dunning +([\d,]+) notice",
}


def ask(books, query):
    """The answer's rows, read past the program."""
    if books.startswith("postgres"):
        lines = subprocess.run(["psql", "-At", "-d", books, "-c", query], check=True, capture_output=True, text=True).stdout.splitlines()
        return [line.split("|") for line in lines]
    with sqlite3.connect(books) as file:
        return [[str(value) for value in row] for row in file.execute(query)]


def counts(books):
    (found,) = ask(books, "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in COUNTED))
    return dict(zip(COUNTED, map(int, found)))


def mailing(name):
    """Books of that name send their letters into a folder of their own."""
    (judge.folder / "florin.toml").write_text(f'[mail]\nfolder = "mail-{name}"\n')
    return judge.folder / f"mail-{name}"


def posted(folder):
    """The letters that left; half a file, under another name, is none."""
    return list(folder.glob("*.eml"))


def letters(books, folder):
    """Every notice has left, once, under its own key, to its own customer; nothing else has left."""
    rows = ask(books, "SELECT message_key, state, recipient FROM outbox ORDER BY recipient")
    if any(state != "sent" for _, state, _ in rows) or len(rows) != counts(books)["dunning_notice"]:
        return f"{len(rows)} letters, of them not sent {sum(state != 'sent' for _, state, _ in rows)}"
    if [recipient for _, _, recipient in rows] != sorted(f"c{number}@example.com" for number in range(CUSTOMERS)):
        return f"{len(rows)} letters went to {len({recipient for _, _, recipient in rows})} of {CUSTOMERS} customers"
    if sorted(path.stem for path in posted(folder)) != sorted(key for key, _, _ in rows):
        return f"{len(posted(folder))} files for {len(rows)} letters"
    for key, _, recipient in rows:
        if email.message_from_bytes((folder / f"{key}.eml").read_bytes())["To"] != recipient:
            return f"{key}.eml does not go to {recipient}"


class Killer:
    """Runs a command and kills it at a random moment; in the end lets it finish. What it said before a kill must be there after it."""

    def __init__(self, books, folder):
        self.books, self.folder, self.kills, self.halfway = books, folder, 0, False

    def acknowledged(self, before, said):
        after = counts(self.books)
        for table, pattern in COUNTED.items():
            told = re.search(pattern, said)
            if after[table] < before[table] + (int(told.group(1).replace(",", "")) if told else 0):
                raise RuntimeError(f"{table}: {before[table]} rows, then {told and told.group(0)}, now {after[table]}")
        if self.kills % 5 == 0:
            judge.run("check", "--database", self.books)

    def begun(self, words):
        return subprocess.Popen(["stdbuf", "-oL", judge.florin, *map(str, words)], cwd=judge.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def kill(self, child, before):
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        self.kills += 1
        self.acknowledged(before, child.stdout.read())
        # What the killed one was about to send is sent by another when its lease is over: the judge does not wait two minutes for that.
        ask(self.books, "UPDATE outbox SET leased_until = 0")

    def post(self, *words):
        """Kills the command as soon as some of its letters have left."""
        before, some, child = counts(self.books), random.randint(1, CUSTOMERS - 50), self.begun(words)
        while child.poll() is None and len(posted(self.folder)) < some:
            time.sleep(0.0005)
        if child.poll() is None:
            self.kill(child, before)
        self.halfway = 0 < len(posted(self.folder)) < CUSTOMERS

    def work(self, most, *words):
        # How long the command takes undisturbed is not known beforehand: the span grows until it lives to its end.
        span = 0.15
        for _ in range(most):
            before = counts(self.books)
            child = self.begun(words)
            time.sleep(random.uniform(0.005, span))
            if child.poll() is not None:
                if child.returncode != 0:
                    raise RuntimeError(child.stderr.read()[-500:])
                return
            self.kill(child, before)
            span *= 1.02
        judge.run(*words)


def whole(books, number, bank, killer=None, posting=False):
    def work(*words):
        if killer:
            killer.work(60, *words)
        else:
            judge.run(*words)

    work("import", "customers", customers(judge.folder / "customers.csv"), "--database", books)
    work("import", "orders", number, "--database", books)
    work("run", "billing", "--on", "2026-01-31", "--database", books)
    invoices = [(row["number"], row["open"]["minor"]) for row in report(books, "open-items", "--as-of", "2026-12-31") if row["open"]["minor"] > 0]
    work("import", "bank", statement(bank, invoices), "--database", books)
    if posting:
        killer.post("run", "day", "--on", "2026-04-30", "--database", books)
    work("run", "day", "--on", "2026-04-30", "--database", books)
    return len(invoices)


def survives(engine):
    number = orders(judge.folder / f"orders-{engine}.csv", 1200)
    calm, folder = judge.books(engine, "calm"), mailing(f"{engine}-calm")
    judge.run("init", "--name", "Calm Ltd", "--country", "GB", "--currency", "GBP", "--database", calm)
    invoices = whole(calm, number, judge.folder / f"calm-{engine}.xml")
    if fault := letters(calm, folder):
        return fault
    wanted, kills, round_number, halfway = state(calm), 0, 0, 0
    while kills < KILLS:
        round_number += 1
        books, folder = judge.books(engine, f"killed{round_number}"), mailing(f"{engine}-killed{round_number}")
        judge.run("init", "--name", "Killed Ltd", "--country", "GB", "--currency", "GBP", "--database", books)
        killer = Killer(books, folder)
        whole(books, number, judge.folder / f"killed-{engine}.xml", killer, posting=round_number % 2 == 1)
        kills += killer.kills
        halfway += killer.halfway
        judge.run("check", "--database", books)
        judge.run("verify-matches", "--database", books)
        if fault := letters(books, folder):
            return fault
        found = state(books)
        if found != wanted:
            at = next(at for at in range(3) if found[at] != wanted[at])
            return f"after {killer.kills} kills {('the trial balance', 'the aging', 'the open items')[at]} differ from the undisturbed run"
        if round_number > 40:
            return f"only {kills} kills in {round_number} rounds: the commands are over too soon"
    if halfway == 0:
        return "no kill came between two letters"
    print(
        f"  {kills} kills in {round_number} rounds on {engine}, {invoices} invoices and {CUSTOMERS} letters each, "
        f"{halfway} times between two letters", flush=True)


def full_disk():
    """A file may not grow beyond a limit, as on a full disk: a clear error, and the same command succeeds afterwards."""
    number = orders(judge.folder / "orders-full.csv", 3000)
    books = judge.books("sqlite", "full")
    judge.run("init", "--name", "Full Ltd", "--country", "GB", "--currency", "GBP", "--database", books)

    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000))

    done = judge.run("import", "orders", number, "--database", books, check=False, preexec_fn=limited)
    if done.returncode == 0:
        return "the disk was not full"
    if "disk" not in done.stderr or "repeat the command" not in done.stderr:
        return f"the error does not name the disk: {done.stderr[:300]}"
    judge.run("import", "orders", number, "--database", books)
    judge.run("check", "--database", books)
    backup = judge.run("backup", judge.folder / "full.backup", "--database", books, check=False, preexec_fn=limited)
    if backup.returncode == 0 or "disk" not in backup.stderr or list(judge.folder.glob("full.backup*")):
        return f"the backup: {backup.stderr[:300]} {list(judge.folder.glob('full.backup*'))}"
    judge.run("backup", judge.folder / "full.backup", "--database", books)


def device():
    """A device stays one, and what cannot be written is said."""
    books = judge.books("sqlite", "unreadable")
    for place, code in [("/dev/null", 0), ("/dev/full", 1)]:
        done = judge.run("export", "csv", "--output", place, "--database", books, check=False)
        if done.returncode != code or not Path(place).is_char_device() or Path(f"{place}.part").exists():
            return f"{place}: it ended with {done.returncode}: {done.stderr[:300]}"
    judge.run("export", "csv", "--output", judge.folder, "--database", books, check=False)
    if list(judge.folder.parent.glob(f"{judge.folder.name}*.part")):
        return "a half file is left"


def missing():
    """Neither a file nor a legal entity is made by asking for it."""
    for words in [("report", "aging"), ("check",), ("run", "day"), ("backup", judge.folder / "missing.backup")]:
        done = judge.run(*words, "--database", "missing.sqlite", check=False)
        if done.returncode == 0 or "missing.sqlite does not exist" not in done.stderr or list(judge.folder.glob("missing*")):
            return f"{words}: {done.stderr[:300]} {list(judge.folder.glob('missing*'))}"
    for words in [("report", "aging"), ("check",), ("orders", "held")]:
        done = judge.run(*words, "--database", judge.books("sqlite", "unreadable"), "--entity", "9", check=False)
        if done.returncode == 0 or "legal entity 9 does not exist" not in done.stderr:
            return f"{words}: {done.stderr[:300]}"


def unpacked():
    """Little that unpacks to much is refused by its name, and nothing of it stays."""
    books, temporary, much = judge.books("sqlite", "unreadable"), judge.folder / "temporary", 128 << 20
    temporary.mkdir()
    (judge.folder / "bomb.csv.gz").write_bytes(gzip.compress(b"\n" * much))
    (judge.folder / "bomb.sta.gz").write_bytes(gzip.compress(b":20:1\n" + b"\n" * much))
    (judge.folder / "bomb.pdf.gz").write_bytes(gzip.compress(b"%PDF-1.4\n" + b"\n" * much))
    # A hundred times its size, yet more than is copied whole.
    (judge.folder / "large.pdf.gz").write_bytes(gzip.compress((b"%PDF-1.4\n" + random.randbytes(9_000) + b"\n" * (1 << 20)) * 300))
    with zipfile.ZipFile(judge.folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.sta", "b.sta"):
            archive.writestr(name, b":20:1\n" + b"\n" * (much // 2))
    for kind, name in [("orders", "bomb.csv.gz"), ("bank", "bomb.sta.gz"), ("remittance", "bomb.pdf.gz"), ("remittance", "large.pdf.gz"), ("bank", "bomb.zip")]:
        done = judge.run("import", kind, judge.folder / name, "--database", books, check=False, env=os.environ | {"TMPDIR": str(temporary)})
        if done.returncode == 0 or name not in done.stderr or "unpacks to more than" not in done.stderr:
            return f"{name} ended with {done.returncode}: {done.stderr[:300]}"
        if left := list(temporary.iterdir()):
            return f"{name} left {left}"


def nowhere(location):
    done = judge.run("check", "--database", location, check=False)
    if done.returncode == 0 or "Fatal" in done.stderr or "database error" in done.stderr or not done.stderr:
        return f"the error is not clear: {done.stderr[:300]}"


def unreadable(path, word):
    done = judge.run("import", "orders", path, "--database", judge.books("sqlite", "unreadable"), check=False)
    if done.returncode == 0:
        return "it was read"
    if word not in done.stderr or "Fatal" in done.stderr:
        return f"the error is not clear: {done.stderr[:300]}"


def unreachable(server):
    done = judge.run("check", "--database", server, check=False)
    if done.returncode != 1 or "connect" not in done.stderr or "crashed" in done.stderr:
        return f"it ended with {done.returncode}: {done.stderr[:300]}"


for engine in judge.engines:
    judge.case(f"{KILLS} kills of import and run day on {engine} lose nothing and do nothing twice", lambda: survives(engine))
judge.case("a full disk gives a clear error, and the same command succeeds afterwards", full_disk)
judge.run("init", "--name", "U Ltd", "--country", "GB", "--currency", "GBP", "--database", judge.books("sqlite", "unreadable"))
judge.case("a file that is not there is named", lambda: unreadable(judge.folder / "nothing.csv", "nothing.csv"))
judge.case("a device is written to as it stands", device)
judge.case("books and legal entities that are missing are named and not made", missing)
judge.case("a folder is no file", lambda: unreadable(judge.folder, str(judge.folder)))
(judge.folder / "torn.csv.gz").write_bytes(b"\x1f\x8b\x08\x00torn")
judge.case("a torn gzip file is named", lambda: unreadable(judge.folder / "torn.csv.gz", "torn.csv.gz"))
judge.case("a packed file that unpacks to too much is refused, and nothing of it stays", unpacked)
for server in ["postgres://nobody@127.0.0.1:1/none", "postgres:///none?host=/nowhere"]:
    judge.case(f"a server that is not there is named: {server}", lambda: unreachable(server))
for location in ("/proc/books.sqlite", "absent/books.sqlite", ".", str(judge.folder / "orders-full.csv"), "postgres:///nothing?host=/absent"):
    judge.case(f"{location.replace(str(judge.folder) + '/', '')} is no place for books, and it says why", lambda: nowhere(location))
judge.end()
