"""Notices leave through a real SMTP server: each once, to its customer alone, whatever the customer's name says."""
import contextlib
import email
import email.policy
import socket
import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from aiosmtpd.controller import Controller
from judge import Judge

judge = Judge()
CUSTOMERS = [
    ("C1", "Plain Ltd", "plain@example.com"), ("C2", "Evil\r\nBcc: other@example.com", "evil@example.com"), ("C3", ".\r\n.\r\nQUIT", "dots@example.com"),
    ("C4", "Müller & Söhne „GmbH“ 株式会社", "mueller@example.com"), ("C5", "<script>alert(1)</script> {{secret}} ${x}", "markup@example.com"),
    ("C6", "Lone\r.\rQUIT\r", "lone@example.com"), ("C7", "\n.\nMAIL FROM:<evil@example.com>\n", "feed@example.com"), ("C8", "Long " + "x" * 5000, "long@example.com"),
    ("C9", "Line\u2028.\u2028\u0085.\u0085 \x0b\x0c\x1b[2J", "odd@example.com"),
]
# What SMTP could read as another command, another recipient or nothing is never sent.
NO_ADDRESSES = [
    ("N1", "One", "one@example.com>\r\nRCPT TO:<all@example.com"), ("N2", "Two", "two@example.com\nDATA"), ("N3", "Three", "three@example.com,all@example.com"),
    ("N4", "Four", "four"), ("N5", "Five", "fi ve@example.com"), ("N6", "Six", "<six@example.com>"), ("N7", "Seven", "müller@example.com"),
]


class Box:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def delivered():
    box = Box()
    everybody = CUSTOMERS + NO_ADDRESSES
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        (judge.folder / "florin.toml").write_text(f"[mail]\nfrom = 'billing@example.com'\nsmtp = 'smtp://127.0.0.1:{port}'\ntls = false\n[dunning]\nfeed_required = false\n")
        books = judge.books("sqlite", "mail")
        judge.run("init", "--name", "Judged Ltd", "--country", "GB", "--currency", "GBP", "--database", books)
        customers = "number,name,email,country,currency\n" + "".join(f"{n},Name of {n},{quoted(mail)},GB,GBP\n" for n, _, mail in everybody)
        (judge.folder / "customers.csv").write_bytes(customers.encode())
        judge.run("import", "customers", judge.folder / "customers.csv", "--database", books)
        # Former releases took names of several lines and of any length; the proof, which ends each day, tells that these did not come so.
        with contextlib.closing(sqlite3.connect(books)) as former, former:
            former.executemany("UPDATE customer SET name = ? WHERE entity_id = 1 AND number = ?", [(name, n) for n, name, _ in everybody])
        rows = "".join(f"O{at},{number},GB,2026-01-05,GBP,SKU,{quoted('Line' + chr(13) + chr(10) + '.')},1,50.00\n" for at, (number, _, _) in enumerate(everybody))
        (judge.folder / "orders.csv").write_bytes(("order_id,customer,country,ordered_on,currency,sku,description,quantity,unit_price\n" + rows).encode())
        judge.run("import", "orders", judge.folder / "orders.csv", "--database", books)
        outputs = []
        for day in ["2026-01-05", "2026-03-31", "2026-03-31"]:
            done = judge.run("run", "day", "--on", day, "--database", books, check=False)
            outputs.append(done.stdout)
        return box.mails, outputs
    finally:
        server.stop()


def right(mails, outputs):
    if f"{len(CUSTOMERS)} sent, {len(NO_ADDRESSES)} to be tried again" not in outputs[1] or "is no mail address" not in outputs[1]:
        return f"it says {outputs[1]}"
    reached = sorted(recipient for _, recipients, _ in mails for recipient in recipients)
    wanted = sorted(mail for _, _, mail in CUSTOMERS)
    if reached != wanted:
        return f"reached {reached}, wanted {wanted}"
    for sender, _, content in mails:
        if b"\0" in content or b"\r" in content.replace(b"\r\n", b"") or b"\n" in content.replace(b"\r\n", b""):
            return f"a line end of another kind: {content[:300]}"
        if any(len(line) > 998 for line in content.split(b"\r\n")):
            return "a line is longer than a server must take"
        message = email.message_from_bytes(content, policy=email.policy.default)
        if sender != "billing@example.com" or message["Bcc"] or message.defects:
            return f"from {sender}, Bcc {message['Bcc']}, defects {message.defects}"
        if "50.00" not in message.get_body().get_content() and "60.00" not in message.get_body().get_content():
            return f"the amount is missing: {message.get_body().get_content()[:300]}"


mails, outputs = delivered()
judge.case(f"{len(CUSTOMERS)} notices reach a real SMTP server once each, hostile names among them, and none goes to what is no address", lambda: right(mails, outputs))
judge.end()
