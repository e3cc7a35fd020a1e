"""Servers as an operator runs them: two share one database, one is killed and the other goes on, one is told to stop and drains what it has."""
import datetime
import email.utils
import http.cookiejar
import io
import json
import os
import random
import re
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from judge import Judge

judge = Judge()
random.seed(2026)
TODAY = datetime.datetime.now(datetime.timezone.utc).date()
SETTINGS = judge.folder / "serve.toml"
SETTINGS.write_text('[schedule]\nday_at = "00:00"\nlease_seconds = 5\n[mail]\nfolder = "mail"\n[dunning]\nfeed_required = false\n')


def day(back):
    return (TODAY - datetime.timedelta(days=back)).isoformat()


def ask(books, query):
    """The answer's rows, read past the program."""
    if books.startswith("postgres"):
        lines = subprocess.run(["psql", "-At", "-d", books, "-c", query], check=True, capture_output=True, text=True).stdout.splitlines()
        return [line.split("|") for line in lines if not line.startswith(("INSERT", "UPDATE"))]
    with sqlite3.connect(books) as file:
        return [[str(value) for value in row] for row in file.execute(query)]


def until(seconds, what, found):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.01)
    raise RuntimeError(f"after {seconds} seconds still not: {what}")


class Server:
    count = 0

    def __init__(self, books, *words):
        Server.count += 1
        self.out, self.err = (judge.folder / f"serve{Server.count}.{end}" for end in ("out", "err"))
        self.process = subprocess.Popen(
            [judge.florin, *(words or ("serve", "--database", books, "--config", SETTINGS, "--port", "0"))],
            cwd=judge.folder, stdout=self.out.open("w"), stderr=self.err.open("w"))

    def address(self, seconds=30):
        def found():
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}: {self.err.read_text()[-800:]}")
            return re.search(r"serves .* at http://localhost:(\d+)", self.out.read_text(errors="replace"))

        return int(until(seconds, "the server listens", found).group(1))

    def jobs(self, stage):
        """(entity, business date) of each day that its log says came to that stage."""
        lines = [json.loads(line) for line in self.err.read_text().splitlines() if '"job":"day"' in line]
        return [(line["entity"], line["on"]) for line in lines if line.get("stage") == stage]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=30):
        """Told to stop as systemd does; how long that took."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=seconds) != 0:
            raise RuntimeError(f"SIGTERM ended it with {self.process.returncode}: {self.err.read_text()[-800:]}")
        return time.monotonic() - start


def orders(name, count, first, last):
    """Orders of the days from `first` to `last` days ago."""
    path = judge.folder / f"{name}.csv"
    with path.open("w") as file:
        file.write("channel,order_id,customer,country,ordered_on,currency,sku,description,quantity,unit_price\n")
        for number in range(count):
            on = day(first - number * (first - last + 1) // count)
            file.write(f"web,{name}{number:05},C{number % 40:03},GB,{on},GBP,SKU,Article,1,{random.randint(100, 90000) / 100:.2f}\n")
    return path


def opened(engine, name, entities=(1,)):
    books = judge.books(engine, name)
    for entity in entities:
        judge.run("init", "--name", f"{name} {entity} Ltd", "--country", "GB", "--currency", "GBP", "--database", books, "--entity", entity)
    return books


def left(books, entities=(1,)):
    """What would be wrong however the servers shared the work."""
    for entity in entities:
        judge.run("check", "--database", books, "--entity", entity)
    twice = ask(books, "SELECT order_number, count(*) FROM invoice GROUP BY entity_id, order_number HAVING count(*) > 1")
    if twice:
        return f"billed twice: {twice[:3]}"
    waiting = ask(books, "SELECT count(*) FROM sales_order WHERE document_id IS NULL")
    if waiting != [["0"]]:
        return f"{waiting} orders are not billed"


def shared():
    """Four missed days of two legal entities, letters among them; two servers that start at once."""
    entities = (1, 2)
    books = opened("postgres", "shared", entities)
    customers = judge.folder / "shared-customers.csv"
    customers.write_text("number,name,email,country,currency\n" + "".join(f"C{n:03},Customer {n},c{n}@example.com,GB,GBP\n" for n in range(40)))
    for entity in entities:
        place = ("--database", books, "--entity", entity)
        judge.run("import", "customers", customers, *place)
        judge.run("import", "orders", orders(f"OLD{entity}", 60, 50, 50), *place)
        judge.run("run", "billing", "--on", day(50), *place)
        judge.run("import", "orders", orders(f"NEW{entity}", 800, 3, 0), *place)
        ask(books, f"INSERT INTO job (entity_id, name, business_on, state, fence, leased_until) VALUES ({entity}, 'day', '{day(4)}', 'done', 1, 0)")
    servers = [Server(books), Server(books)]
    try:
        wanted = [[str(entity), day(back), "done", "1"] for entity in entities for back in (4, 3, 2, 1, 0)]
        query = "SELECT entity_id, business_on, state, fence FROM job ORDER BY entity_id, business_on"
        until(120, "each missed day is done", lambda: ask(books, query) == wanted)
        until(60, "each letter has left", lambda: ask(books, "SELECT count(*) FROM outbox WHERE state <> 'sent'") == [["0"]])
        for server in servers:
            server.stop()
    finally:
        for server in servers:
            server.kill()
    done = sorted(job for server in servers for job in server.jobs("done"))
    if done != sorted((entity, on) for entity, on, _, _ in wanted if on != day(4)):
        return f"the servers did {done}"
    letters = ask(books, "SELECT count(*), min(attempts), max(attempts) FROM outbox")
    if letters[0][1:] != ["1", "1"] or int(letters[0][0]) < 40:
        return f"letters, fewest and most attempts: {letters}"
    return left(books, entities)


def taken_over():
    """The server that holds the day dies in the middle of it."""
    books = opened("postgres", "taken")
    judge.run("import", "orders", orders("T", 12_000, 0, 0), "--database", books)
    servers = [Server(books), Server(books)]
    try:
        holder = until(60, "a server takes the day", lambda: next((server for server in servers if server.jobs("taken")), None))
        holder.kill()
        before = ask(books, "SELECT state, fence FROM job")
        if before != [["running", "1"]]:
            return f"the day was over before the kill: {before}"
        other = next(server for server in servers if server is not holder)
        until(120, "the other server ends the day", lambda: ask(books, "SELECT state, fence FROM job") == [["done", "2"]])
        other.stop()
    finally:
        for server in servers:
            server.kill()
    return left(books)


def drained(engine):
    """A request that is half sent is still answered, nothing new is taken, a day under way stops between two commits, and that ends with 0."""
    books = opened(engine, f"drained_{engine}")
    key = judge.run("key", "create", "--name", "shop", "--role", "clerk", "--database", books).stdout.strip()
    judge.run("import", "orders", orders("D", 12_000, 0, 0), "--database", books)
    server = Server(books)
    try:
        port = server.address()
        until(60, "the server takes the day", lambda: server.jobs("taken"))
        order = {
            "channel": "web", "number": "LAST", "customer_number": "C1", "country": "GB", "ordered_on": day(0), "currency": "GBP",
            "lines": [{"sku": "A", "description": "A", "quantity_milli": 1000, "price_micro": 1000000}]}
        body = json.dumps({"orders": [order]}).encode()
        head = (f"POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
                f"Idempotency-Key: {secrets.token_hex(16)}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        with socket.create_connection(("localhost", port)) as late, socket.create_connection(("localhost", port)):
            late.sendall(head + body[:40])
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            try:
                socket.create_connection(("localhost", port), timeout=2).close()
                return "a new connection is taken after SIGTERM"
            except OSError:
                pass
            late.sendall(body[40:])
            late.settimeout(15)
            answer = late.recv(65536).decode()
        took = server.stop()
        if not answer.startswith("HTTP/1.1 200") or "placed" not in answer:
            return f"the request under way was answered {answer[:200]}"
        if took > 15:
            return f"it took {took:.0f} seconds to stop"
    finally:
        server.kill()
    stands = ask(books, "SELECT state FROM job")
    if stands not in ([["waiting"]], [["done"]]):
        return f"the day was left {stands}"
    judge.run("check", "--database", books)
    again = Server(books)
    try:
        until(120, "the day is ended after the restart", lambda: ask(books, "SELECT state FROM job") == [["done"]])
        again.stop()
    finally:
        again.kill()
    return left(books)


def port_taken():
    """A server that cannot listen says so and ends: the books keep their schema, the administrator's link and the day that waits."""
    books = opened("sqlite", "taken_port")
    first = Server(books, "serve", "--database", books, "--config", SETTINGS, "--port", "0", "--no-schedule")
    try:
        first.address()
        first.stop()
    finally:
        first.kill()
    # As a release before this one would have left them.
    ask(books, "DELETE FROM schema_version WHERE version = (SELECT max(version) FROM schema_version)")

    def kept():
        return ask(books, "SELECT hex(token_digest), expires_at, used_at FROM invitation"), ask(books, "SELECT max(version) FROM schema_version")

    before = kept()
    if len(before[0]) != 1:
        return f"the first start made {before[0]}"
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for words, wanted in ((("--port", port), f"port {port} is taken"), (("--host", "192.0.2.1", "--port", 0), "192.0.2.1 is no address of this machine")):
            done = judge.run("serve", "--database", books, "--config", SETTINGS, *words, check=False, timeout=20)
            if done.returncode == 0 or wanted not in done.stderr:
                return f"it ended with {done.returncode}: {done.stderr[-300:]}"
    if kept() != before:
        return f"of {before} became {kept()}"
    jobs = ask(books, "SELECT state FROM job")
    return None if jobs == [] else f"a day was begun without listening: {jobs}"


def held_up():
    """A request that never ends does not hold the end up for ever."""
    books = opened("sqlite", "held")
    server = Server(books)
    try:
        with socket.create_connection(("localhost", server.address())) as stuck:
            stuck.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\na")
            time.sleep(0.3)
            took = server.stop(60)
    finally:
        server.kill()
    return None if took < 25 else f"it took {took:.0f} seconds"


class StallingMail:
    """A mail server that takes one letter, and says nothing more once the next one names its sender."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.taken, self.stalls = 0, threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            peer, _ = self.listener.accept()
            with peer:
                try:
                    self.talk(peer)
                except OSError:
                    pass  # the other side broke it off

    def talk(self, peer):
        peer.sendall(b"220 slow\r\n")
        in_letter = False
        for line in peer.makefile("rb"):
            word = line.strip().upper()
            if in_letter:
                if line == b".\r\n":
                    in_letter = False
                    self.taken += 1
                    peer.sendall(b"250 taken\r\n")
            elif word.startswith(b"MAIL") and self.taken:
                self.stalls.set()
            elif word == b"DATA":
                in_letter = True
                peer.sendall(b"354 go on\r\n")
            else:
                peer.sendall(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")


def slow_mail():
    """A mail server that hangs does not hold the end up: what left counts as sent, and the letter that was broken off as not tried."""
    books = opened("sqlite", "slow_mail")
    for number in (1, 2):
        ask(books, "INSERT INTO outbox (entity_id, id, topic, message_key, recipient, payload, state, attempts, next_at, leased_until) "
            f"VALUES (1, {9000 + number}, 'mail', 'letter-{number}', 'c{number}@example.com', 'Reminder\n\nPlease pay.', 'waiting', 0, 0, 0)")
    mail = StallingMail()
    settings = judge.folder / "slow_mail.toml"
    settings.write_text(SETTINGS.read_text().replace('folder = "mail"', f'from = "billing@example.com"\nsmtp = "smtp://127.0.0.1:{mail.port}"\ntls = false'))
    server = Server(books, "serve", "--database", books, "--config", settings, "--port", "0")
    try:
        server.address()
        if not mail.stalls.wait(60):
            return f"the second letter was not begun: {server.err.read_text()[-800:]}"
        took = server.stop(60)
    finally:
        server.kill()
    letters = ask(books, "SELECT state || ' ' || attempts || CASE state WHEN 'waiting' THEN ' ' || leased_until ELSE '' END FROM outbox ORDER BY id")
    if letters != [["sent 1"], ["waiting 0 0"]]:
        return f"the letters were left {letters}"
    return None if took < 20 else f"it took {took:.0f} seconds"


def demonstration():
    """`florin demo` as a visitor meets it: it ends by serving its books, and its link opens the administrator's account."""
    server = Server("", "demo", "--port", "0", "--days-after", "3", "--folder", str(judge.folder / "demo"), "--orders",
                    str(Path(__file__).resolve().parents[2] / "Examples/online-retail-2011-02.csv.gz"))
    try:
        port = server.address(seconds=300)
        link = until(10, "the link is printed", lambda: re.search(r"http://localhost:\d+/welcome\?token=\S+", server.out.read_text(errors="replace"))).group(0)

        class Cookies(http.cookiejar.DefaultCookiePolicy):
            """As browsers do: localhost is trustworthy without TLS."""
            def return_ok_secure(self, cookie, request):
                return True

        visit = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar(Cookies())))
        page = visit.open(link).read().decode()
        token = re.search(r'name="token" value="([^"]+)"', page)
        if not token:
            return f"the link shows {page[:300]}"
        form = {"token": token.group(1), "name": "Ann", "email": "ann@example.com", "password": "correct-horse-battery"}
        today = visit.open(f"http://localhost:{port}/welcome", urllib.parse.urlencode(form).encode()).read().decode()
        if "<h1>Today" not in today or "Florin Demo Wholesale" not in today:
            return f"behind the link is {today[:300]}"
        invoices = visit.open(f"http://localhost:{port}/invoices").read().decode()
        if invoices.count("<tr") < 20:
            return "the desk has no invoices"
        server.stop()
    finally:
        server.kill()


def first_links(engine):
    """Of the links of two starts the later one opens the administrator's account, the earlier nothing; the audit log has what commands did."""
    books = opened(engine, f"first_{engine}", (1, 2))
    links = []
    for _ in range(2):
        server = Server(books)
        try:
            port = server.address()
            links.append(until(10, "the link is printed", lambda: re.search(r"welcome\?token=(\S+)", server.out.read_text(errors="replace"))).group(1))
            if len(links) == 2:
                for link, name in zip(links, ["mallory", "ann"]):
                    form = {"token": link, "name": name, "email": f"{name}@example.com", "password": "correct-horse-battery"}
                    try:
                        urllib.request.urlopen(f"http://localhost:{port}/welcome", urllib.parse.urlencode(form).encode()).read()
                    except urllib.error.HTTPError as error:
                        error.close()
            server.stop()
        finally:
            server.kill()
    people = ask(books, "SELECT name FROM person")
    if people != [["ann"]]:
        return f"accounts were opened by {people}"
    judge.run("key", "create", "--name", "shop", "--role", "clerk", "--database", books)
    judge.run("people", "access", "--email", "ann@example.com", "--to", "2", "--role", "administrator", "--database", books)
    noted = ask(books, "SELECT entity_id, act FROM audit_entry WHERE actor LIKE 'command line %' ORDER BY entity_id, id")
    if noted != [["1", "florin key create"], ["1", "florin people access"], ["2", "florin people access"]]:
        return f"the audit log has {noted}"
    last = judge.run("people", "access", "--email", "ann@example.com", "--to", "2", "--role", "clerk", "--database", books, check=False)
    if last.returncode == 0 or "last_administrator" not in last.stderr:
        return f"the last administrator was made a clerk: {last.stdout}{last.stderr}"


def files_by_api():
    """A former system's open items, an advice by mail and a bank statement in an archive, each as the body of a request: the cash finds its invoices."""
    books = opened("sqlite", "files")
    key = judge.run("key", "create", "--database", books, "--name", "erp", "--role", "controller").stdout.strip()
    server = Server(books)
    try:
        port = server.address()

        def post(path, body, kind="application/octet-stream"):
            request = urllib.request.Request(f"http://localhost:{port}{path}", body, {
                "Authorization": f"Bearer {key}", "Content-Type": kind, "Idempotency-Key": secrets.token_hex(16)})
            with urllib.request.urlopen(request) as reply:
                return json.load(reply)

        customer = {"number": "C1", "name": "Alpha Corp", "country": "GB", "currency": "GBP", "ibans": ["GB29NWBK60161331926819"]}
        post("/v1/customers", json.dumps({"customers": [customer]}).encode(), "application/json")
        items = "number,customer,issued_on,due_on,currency,open,delivery_number\n" + "".join(
            f"A-{number},C1,{day(30)},{day(0)},GBP,{amount},LS-{number}77\n" for number, amount in [(4711, "100.00"), (4712, "60.50"), (4713, "33.00")])
        taken = post("/v1/open-items", items.encode())
        mail = f"From: Alpha Corp <ap@alpha.example>\nDate: {email.utils.formatdate()}\nSubject: Remittance\n\nInvoice  Amount Paid\nA-4711  100.00 GBP\nA-4712  60.50 GBP\nTotal 160.50 GBP\n"
        advised = post("/v1/remittances", mail.encode(), "text/plain")
        on = TODAY.strftime("%y%m%d")
        statement = (f":20:S1\n:25:GB33BUKB20201555555555\n:28C:1/1\n:60F:C{on}GBP0,00\n:61:{on}{on[2:]}C160,50NTRFNONREF//B1\n:86:166?00CREDIT?20thank you"
                     f"?31GB29NWBK60161331926819?32ALPHA CORP\n:61:{on}{on[2:]}C33,00NTRFNONREF//B2\n:86:166?00CREDIT?20delivery LS-471377?32SOMEBODY\n:62F:C{on}GBP193,50\n-\n")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as members:
            members.writestr("statement.sta", statement)
        entered = post("/v1/statements", archive.getvalue())
        judge.run("run", "cash", "--database", books)
        open_items = ask(books, "SELECT count(*) FROM open_item WHERE kind = 'opening' AND open_minor <> 0")
        if open_items != [["0"]]:
            queue = ask(books, "SELECT reason FROM cash_queue")
            return f"{open_items} are open; {queue}; {taken}; {advised}; {entered}"
        verified = judge.run("verify-matches", "--database", books).stdout
        if "2 certificates verified" not in verified:
            return verified
        server.stop()
    finally:
        server.kill()


if judge.postgres:
    judge.case("two servers on one PostgreSQL share the days and letters of two legal entities, each once", shared)
    judge.case("a server killed in the middle of a day loses it to the other one, which ends it", taken_over)
for engine in judge.engines:
    judge.case(f"a server that is told to stop drains: requests are answered, the day stops between two commits ({engine})", lambda: drained(engine))
for engine in judge.engines:
    judge.case(f"the link of the latest start opens the first account, and commands are in the audit log ({engine})", lambda: first_links(engine))
judge.case("open items, an advice by mail and a zipped statement come by the API, and the cash finds its invoices", files_by_api)
judge.case("a server that cannot listen says why and does nothing", port_taken)
judge.case("a request that never ends does not keep a server from stopping", held_up)
judge.case("a mail server that hangs does not keep a server from stopping, and no letter is lost or counted twice", slow_mail)
judge.case("the demonstration ends by serving the desk, and its one-time link opens it", demonstration)
judge.end()
