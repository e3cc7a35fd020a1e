"""Notices leave through a real SMTP server: each once, to its customer alone, whatever the customer's name says."""
import email
import email.policy
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from aiosmtpd.controller import Controller
from judge import Judge

judge = Judge()
CUSTOMERS = [
    ("C1", "Plain Ltd", "plain@example.com"), ("C2", "Evil\r\nBcc: other@example.com", "evil@example.com"), ("C3", ".\r\n.\r\nQUIT", "dots@example.com"),
    ("C4", "Müller & Söhne „GmbH“ 株式会社", "mueller@example.com"), ("C5", "<script>alert(1)</script> {{secret}} ${x}", "markup@example.com"),
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
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        (judge.folder / "florin.toml").write_text(f"[mail]\nfrom = 'billing@example.com'\nsmtp = 'smtp://127.0.0.1:{port}'\ntls = false\n")
        books = judge.books("sqlite", "mail")
        judge.run("init", "--name", "Judged Ltd", "--country", "GB", "--currency", "GBP", "--database", books)
        customers = "number,name,email,country,currency\n" + "".join(f"{n},{quoted(name)},{mail},GB,GBP\n" for n, name, mail in CUSTOMERS)
        (judge.folder / "customers.csv").write_bytes(customers.encode())
        judge.run("import", "customers", judge.folder / "customers.csv", "--database", books)
        rows = "".join(f"O{at},{number},GB,2026-01-05,GBP,SKU,{quoted('Line' + chr(13) + chr(10) + '.')},1,50.00\n" for at, (number, _, _) in enumerate(CUSTOMERS))
        (judge.folder / "orders.csv").write_bytes(("order_id,customer,country,ordered_on,currency,sku,description,quantity,unit_price\n" + rows).encode())
        judge.run("import", "orders", judge.folder / "orders.csv", "--database", books)
        for day in ["2026-01-05", "2026-03-31", "2026-03-31"]:
            judge.run("run", "day", "--on", day, "--database", books)
        return box.mails
    finally:
        server.stop()


def right(mails):
    reached = sorted(recipient for _, recipients, _ in mails for recipient in recipients)
    wanted = sorted(mail for _, _, mail in CUSTOMERS)
    if reached != wanted:
        return f"reached {reached}, wanted {wanted}"
    for sender, _, content in mails:
        message = email.message_from_bytes(content, policy=email.policy.default)
        if sender != "billing@example.com" or message["Bcc"] or message.defects:
            return f"from {sender}, Bcc {message['Bcc']}, defects {message.defects}"
        if "50.00" not in message.get_body().get_content() and "60.00" not in message.get_body().get_content():
            return f"the amount is missing: {message.get_body().get_content()[:300]}"


mails = delivered()
judge.case(f"{len(CUSTOMERS)} notices reach a real SMTP server once each, hostile names among them", lambda: right(mails))
judge.end()
