"""Backups are made while others write, hold every row, prove themselves, and fill either engine again."""
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from judge import Judge

judge = Judge()
HEADER = "channel,order_id,customer,country,ordered_on,currency,sku,description,quantity,unit_price\n"


def orders(name, first, count):
    path = judge.folder / name
    path.write_text(HEADER + "".join(f"web,O{n},C{n % 30},GB,2026-01-05,GBP,SKU,Article № {n} “x”,1,10.00\n" for n in range(first, first + count)))
    return path


def trade(engine, name):
    books = judge.books(engine, name)
    judge.run("init", "--name", "Kept Ltd", "--country", "GB", "--currency", "GBP", "--database", books)
    # Letters leave without a bank's statement, to customers who have an address.
    (judge.folder / "florin.toml").write_text("[dunning]\nfeed_required = false\n")
    customers = judge.folder / "customers.csv"
    customers.write_text("number,name,email,country,currency\n" + "".join(f"C{n},Customer {n},c{n}@example.com,GB,GBP\n" for n in range(30)))
    judge.run("import", "customers", customers, "--database", books)
    judge.run("import", "orders", orders(f"{name}-{engine}.csv", 0, 700), "--database", books)
    for day in ("2026-01-05", "2026-03-01"):
        judge.run("run", "day", "--on", day, "--database", books)
    return books


def rows(path):
    """Every row of every table."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as copy:
        names = [name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
        return {name: sorted(copy.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}


def restored(source, target):
    books, name = trade(source, f"from_{source}_to_{target}"), f"{source}-{target}"
    first, second = judge.folder / f"{name}-1.backup", judge.folder / f"{name}-2.backup"
    made = judge.run("backup", first, "--database", books)
    if "proof ✔" not in made.stdout:
        return f"no proof: {made.stdout}"
    copy = judge.books(target, f"restored_from_{source}")
    judge.run("restore", first, "--database", copy)
    judge.run("check", "--database", copy)
    judge.run("backup", second, "--database", copy)
    before, after = rows(first), rows(second)
    if len(before["invoice"]) != 700 or len(before) < 30 or not before["outbox"]:
        return f"the backup is not whole: {len(before)} tables, {len(before['invoice'])} invoices"
    different = [table for table in before if before[table] != after.get(table)]
    if different or before.keys() != after.keys():
        return f"rows differ in {different}"
    judge.run("run", "day", "--on", "2026-03-20", "--database", copy)
    judge.run("check", "--database", first)


def online(engine):
    """Orders keep coming: each backup is one moment, whose books are proven, and the later ones know more."""
    books, seen = trade(engine, "online"), []
    files = [orders(f"online-{engine}-{at}.csv", 1000 + at * 3000, 3000) for at in range(6)]
    writer = subprocess.Popen(
        [judge.florin, "import", "orders", *map(str, files), "--database", books], cwd=judge.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while writer.poll() is None and len(seen) < 20:
        path = judge.folder / f"online-{engine}-{len(seen)}.backup"
        judge.run("backup", path, "--database", books)
        seen.append(len(rows(path)["sales_order"]))
    if writer.wait() != 0:
        return writer.stderr.read().decode()[-500:]
    judge.run("check", "--database", books)
    if seen != sorted(seen) or len(set(seen)) < 2:
        return f"orders in the backups: {seen}"


def nothing_overwritten(engine):
    books, path = trade(engine, "twice"), judge.folder / f"twice-{engine}.backup"
    judge.run("backup", path, "--database", books)
    bytes_before = path.read_bytes()
    for words, wanted in ((("backup", path, "--database", books), "exists already"), (("restore", path, "--database", books), "holds books already")):
        done = judge.run(*words, check=False)
        if done.returncode == 0 or wanted not in done.stderr:
            return f"{words[0]}: {done.stderr}"
    if path.read_bytes() != bytes_before:
        return "the backup changed"


def damaged(engine):
    """A backup whose bytes were changed is refused when it is restored, and so is what is no backup; a good one can follow into the same database."""
    books, good, path = trade("sqlite", f"damaged_{engine}"), judge.folder / f"good-{engine}.backup", judge.folder / f"damaged-{engine}.backup"
    judge.run("backup", good, "--database", books)
    shutil.copyfile(good, path)
    with sqlite3.connect(path) as copy:
        copy.execute("DROP TRIGGER posting_no_update")
        copy.execute("UPDATE posting SET amount_minor = amount_minor + 1 WHERE line = 1 AND entry_id = (SELECT MIN(entry_id) FROM posting)")
    target = judge.books(engine, "from_damaged")
    if engine == "sqlite":
        Path(target).touch()  # a file that was there before is not removed
    done = judge.run("restore", path, "--database", target, check=False)
    if done.returncode == 0 or "✘" not in done.stderr:
        return f"a changed row was not named: {done.stdout}{done.stderr}"
    (judge.folder / "none.backup").write_text("no database at all, but long enough to be looked at\n" * 100)
    for name in ("none.backup", "absent.backup"):
        done = judge.run("restore", judge.folder / name, "--database", target, check=False)
        if done.returncode == 0 or name not in done.stderr or "database error" in done.stderr:
            return f"{name}: {done.stderr}"
    judge.run("restore", good, "--database", target)
    judge.run("check", "--database", target)


def left_alone():
    """What reads a backup leaves its bytes and its folder as they are; what writes refuses it."""
    books, path = trade("sqlite", "alone"), judge.folder / "alone" / "books.backup"
    path.parent.mkdir()
    judge.run("backup", path, "--database", books)
    before = path.read_bytes()
    for words in (("check",), ("verify-matches",), ("report", "aging"), ("orders", "held")):
        judge.run(*words, "--database", path)
    for words in (("serve", "--port", "0"), ("run", "day"), ("import", "orders", orders("alone.csv", 0, 1)), ("backup", "again.backup")):
        done = judge.run(*words, "--database", path, check=False, timeout=30)
        if done.returncode == 0 or "is a backup" not in done.stderr:
            return f"{words[0]}: {done.stdout}{done.stderr}"
    if path.read_bytes() != before or [file.name for file in path.parent.iterdir()] != ["books.backup"]:
        return "the backup or its folder changed"


def nothing_left():
    """A restore that fails leaves no database behind."""
    for name in ("none.backup", "absent.backup", "damaged-sqlite.backup"):
        target = judge.folder / f"new-{name}.sqlite"
        if judge.run("restore", judge.folder / name, "--database", target, check=False).returncode == 0:
            return f"{name} was restored"
        left = [file.name for file in judge.folder.glob(f"{target.name}*")]
        if left:
            return f"{name} left {left}"


def named():
    """A place that holds no books is named in words, never with its password."""
    for words, wanted in (
        (("--database", ""), "--database is empty"), (("--database", "mysql://root:S3cretPw@db/x"), "mysql://root@db/x is no database"),
        (("--database", "postgres://florin:S3cretPw%zz@localhost/x"), "cannot read this address"),
        (("--entity", "0"), "--entity 0: write a number from 1"), (("--entity", "99999999999999999"), "write a number from 1"),
        (("--config", str(judge.folder)), "is a folder"),
    ):
        done = judge.run("check", *words, check=False)
        if done.returncode == 0 or wanted not in done.stderr or "S3cretPw" in done.stdout + done.stderr:
            return f"{words}: {done.stderr}"


for source in judge.engines:
    for target in judge.engines:
        judge.case(f"a backup of {source} restored into {target} is the same to the last row", lambda: restored(source, target))
    judge.case(f"backups on {source} while orders come in are each one proven moment", lambda: online(source))
    judge.case(f"backup and restore overwrite nothing on {source}", lambda: nothing_overwritten(source))
    judge.case(f"a damaged backup and what is no backup are refused and leave {source} to a good one", lambda: damaged(source))
judge.case("a restore that fails leaves nothing behind", nothing_left)
judge.case("a backup is read where it lies and never written", left_alone)
judge.case("what is no place of books is named, without its password", named)
judge.end()
