"""Cash application before worlds made to mislead it: whatever the payer's words do not tell alone must wait for a person.

Each shape below is one way in which a payment looks like another. Left out is what no reading of a receipt tells: a known payer who, without a
word, pays to the cent what one of his items has open and means something else, and a number that names the wrong one of two equal items.
"""
import collections
import csv
import datetime as dt
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from judge import Judge

START = dt.date(2025, 5, 1)
PRICES = [1900, 2900, 4900, 5950, 9900, 14900, 23800, 25000, 49900, 59500, 119000]
HEADS = ["Schmidt", "Müller", "Meier", "Alder", "Rossi", "Dubois", "Παπάς", "Иванов"]
TRADES = ["Bäckerei", "Logistik", "Apotheke", "Trading", "Bau"]
FORMS = ["GmbH", "AG", "e.K.", "GmbH & Co. KG", "Ltd", "S.p.A.", ""]
SILENT = ["", "", "Zahlung", "Rechnung", "Danke", "payment", "Mai 2025", "SEPA Überweisung", "05/2025", "ÜBERWEISUNG VOM 12.05.2025"]
SCHEMES = {
    "dash": lambda n: f"INV-2025-{n:06d}", "plain": lambda n: f"{1000 + n}", "slash": lambda n: f"2025/{n:04d}", "zeros": lambda n: f"{n:08d}",
    "split": lambda n: f"RE {n // 100:03d} {n % 100:02d}", "six": lambda n: f"{100000 + n * 7 % 900000}", "ends": lambda n: f"AR{n:05d}-25",
    "long": lambda n: f"90{n:08d}", "month": lambda n: f"05-{n:05d}", "dots": lambda n: f"25.{n // 1000:03d}.{n % 1000:03d}",
    "mixed": lambda n: f"K{n % 97:02d}R{n:05d}", "phone": lambda n: f"030{n:06d}",
}
SHAPES = {}


def shape(weight):
    def add(function):
        SHAPES[function.__name__] = (function, weight)
        return function
    return add


def iban(number):
    return f"DE{98 - int(f'{number:018d}131400') % 97:02d}{number:018d}"


def digits(text):
    return "".join(c for c in text if c.isdigit())


def creditor_reference(number, shift=0):
    body = "".join(c for c in number.upper() if c.isascii() and c.isalnum())
    value = int("".join(str(int(c, 36)) for c in f"{body}RF00"))
    return f"RF{(98 - value % 97 + shift) % 100:02d}{body}"


class World:
    def __init__(self, seed, receipts):
        self.random = R = random.Random(seed)
        self.schemes, self.price_share = R.sample(sorted(SCHEMES), 2), R.choice([0.2, 0.5, 0.9])
        self.customers, self.items, self.receipts, self.taken = [], [], [], set()
        shapes, weights = zip(*SHAPES.values())
        while len(self.receipts) < receipts:
            fresh = [self.customer() for _ in range(40)]
            for customer in fresh:
                for _ in range(R.randrange(1, 10)):
                    self.item(customer)
            for customer in fresh:
                day = START + dt.timedelta(days=R.randrange(10))
                for _ in range(R.randrange(1, 10)):
                    day += dt.timedelta(days=R.randrange(1, 9))
                    pool = [i for i in customer["items"] if i["open"] > 0 and i["currency"] == "EUR" and i["on"] <= day]
                    if pool:
                        R.choices(shapes, weights)[0](self, customer, R.choice(pool), pool, day)
        self.receipts = sorted(self.receipts, key=lambda r: r["day"])[:receipts]

    def customer(self):
        R, at = self.random, len(self.customers)
        head, trade = R.choice(HEADS), R.choice(TRADES)
        name = R.choice([f"{trade} {head} Filiale {at // 3}", f"{head} {trade} {R.choice(FORMS)}", f"{head} & {R.choice(HEADS)} {trade} {at} {R.choice(FORMS)}"]).strip()
        if self.customers and R.random() < 0.1:  # the same firm in another legal form
            name = f"{R.choice(self.customers[-20:])['name'].rsplit(' ', 1)[0]} {R.choice(FORMS)}".strip()
        own = iban(1000 + at)
        if self.customers and R.random() < 0.08:  # one account, several customers
            own = R.choice(self.customers[-20:])["iban"]
        parent = R.choice(self.customers[-30:]) if self.customers and R.random() < 0.15 else None
        one = {"at": at, "id": f"C{at}", "name": name, "iban": own, "known": own if R.random() < 0.7 else "", "parent": parent, "items": []}
        if R.random() < 0.07:
            one["iban"] = iban(5_000_000 + at)
        self.customers.append(one)
        return one

    def number(self, customer):
        R = self.random
        while True:
            at = len(self.items) + 1 if R.random() < 0.9 else R.randrange(1, 20_000)
            number = SCHEMES[self.schemes[0] if R.random() < 0.7 else self.schemes[1]](at)
            if self.items and R.random() < 0.02:  # another customer's number once more
                number = R.choice(self.items)["number"]
            if (customer["id"], number) not in self.taken:
                self.taken.add((customer["id"], number))
                return number

    def item(self, customer, kind="invoice", amount=None, currency=None, on=None):
        R = self.random
        amount = amount or (R.choice(PRICES) if R.random() < self.price_share else R.randrange(1500, 900_000))
        on = on or START - dt.timedelta(days=R.randrange(1, 60))
        currency = currency or ("EUR" if R.random() < 0.93 else "USD")
        one = {"id": f"I{len(self.items)}", "customer": customer, "kind": kind, "number": self.number(customer), "on": on, "currency": currency,
               "amount": amount, "open": amount, "order": f"45{R.randrange(10**R.choice([4, 5, 7])):05d}" if R.random() < 0.5 else "",
               "purchase": str(R.randrange(1000, 99_999)) if R.random() < 0.2 else "", "discount": 0, "until": None, "trace": ""}
        if kind == "invoice" and R.random() < 0.2:
            one["discount"], one["until"] = amount * R.choice([2, 3]) // 100, on + dt.timedelta(days=R.choice([10, 14, 40]))
        if R.random() < 0.05:
            one["trace"] = f"E2E-{one['id']}"
        self.items.append(one)
        customer["items"].append(one)
        return one

    def other(self, customer):
        return next((i for i in self.random.sample(self.items, min(40, len(self.items))) if i["customer"] is not customer), None)

    def pay(self, day, customer, amount, text, lines, name=None, account=None, currency="EUR", structured="", trace=""):
        if amount > 0:
            self.receipts.append({"day": day, "shape": sys._getframe(1).f_code.co_name, "amount": amount, "currency": currency, "text": text,
                                  "name": self.written(customer) if name is None else name, "trace": trace, "structured": structured,
                                  "iban": customer["iban"] if account is None else account, "lines": lines})

    def written(self, customer):
        name = customer["name"]
        return self.random.choice([name, name, name.upper(), name[:27], name[:18], name.replace("ü", "ue").replace("ä", "ae")])

    def words(self, items):
        R = self.random
        write = R.choice([str, str, str.lower, lambda n: n.replace("-", "").replace("/", "").replace(" ", ""), lambda n: f"Nr.{n}"])
        text = R.choice(["", "Rg ", "Rechnung ", "Invoice ", "RNr "]) + R.choice([" ", ", ", "; ", " + "]).join(write(i["number"]) for i in items)
        return R.choice([text, text, f"{text} vom {items[0]['on']:%d.%m.%Y}", f"{text} KdNr {10_000 + items[0]['customer']['at']}"])

    def is_silent_safe(self, customer, amount):
        """Whether no item of the payer could be taken for what is meant otherwise: else nobody could tell."""
        return all(i["open"] != amount for i in customer["items"])

    def write(self, folder):
        folder.mkdir(parents=True, exist_ok=True)

        def table(name, head, rows):
            with open(folder / f"{name}.csv", "w", newline="") as file:
                csv.writer(file).writerows([head.split(","), *rows])
        table("customers", "customer_id,name,country,parent_id,ibans",
              ((c["id"], c["name"], "DE", c["parent"]["id"] if c["parent"] else "", c["known"]) for c in self.customers))
        table("open_items", "item_id,customer_id,kind,number,order_number,purchase_order,issued_on,due_on,currency,open_minor,discount_minor,"
              "discount_until,end_to_end_id",
              ((i["id"], i["customer"]["id"], i["kind"], i["number"], i["order"], i["purchase"], i["on"], i["on"] + dt.timedelta(days=30),
                i["currency"], i["amount"], i["discount"] or "", i["until"] or "", i["trace"]) for i in self.items))
        table("receipts", "receipt_id,booked_on,value_on,currency,amount_minor,payer_name,payer_iban,end_to_end_id,structured_reference,remittance",
              ((f"{r['shape']}:{at}", r["day"], r["day"], r["currency"], r["amount"], r["name"], r["iban"], r["trace"], r["structured"], r["text"])
               for at, r in enumerate(self.receipts)))
        table("truth", "receipt_id,item_id,settled_minor,cash_minor,reason",
              ((f"{r['shape']}:{at}", *line) for at, r in enumerate(self.receipts) for line in r["lines"]))


def settle(item, amount=None, cash=None, reason="settle"):
    amount = item["open"] if amount is None else amount
    item["open"] -= amount
    return item["id"], amount, amount if cash is None else cash, reason


def on_account(amount, reason="on_account"):
    return "", 0, amount, reason


# What is plainly said.

@shape(20)
def named(w, c, i, pool, day):
    w.pay(day, c, i["open"], w.words([i]), [settle(i)])


@shape(6)
def named_together(w, c, i, pool, day):
    some = w.random.sample(pool, min(len(pool), w.random.randrange(2, 5)))
    w.pay(day, c, sum(x["open"] for x in some), w.words(some), [settle(x) for x in some])


@shape(10)
def silent(w, c, i, pool, day):
    if sum(x["open"] == i["open"] for x in pool) == 1:
        w.pay(day, c, i["open"], w.random.choice(SILENT), [settle(i)])


@shape(3)
def by_creditor_reference(w, c, i, pool, day):
    w.pay(day, c, i["open"], "", [settle(i)], structured=creditor_reference(i["number"]))


# Numbers that are something else.

@shape(8)
def own_numbers(w, c, i, pool, day):
    """Dates, telephones, accounts, meters: digits that are somebody's document, order or customer number."""
    R, x = w.random, w.other(c)
    if x and sum(y["open"] == i["open"] for y in pool) == 1:
        number = R.choice([digits(x["number"]), x["order"], x["purchase"], str(10_000 + x["customer"]["at"]), digits(c["iban"])[-8:]])
        w.pay(day, c, i["open"], R.choice(["Tel. {}", "KD {}", "Kassenzeichen {}", "Zähler {} Mai", "IBAN {}", "our ref {}", "{}"]).format(number), [settle(i)])


@shape(3)
def own_number_of_an_equal_amount(w, c, i, pool, day):
    same = [x for x in w.random.sample(w.items, min(300, len(w.items))) if x["customer"] is not c and x["open"] == i["open"] and x["currency"] == "EUR"]
    if same and sum(x["open"] == i["open"] for x in pool) == 1:
        w.pay(day, c, i["open"], w.random.choice(["Beleg ", "KD ", "our ref ", ""]) + digits(same[0]["number"]), [settle(i)])


@shape(2)
def amount_and_date_in_words(w, c, i, pool, day):
    if sum(x["open"] == i["open"] for x in pool) == 1:
        w.pay(day, c, i["open"], f"EUR {i['open'] / 100:.2f} {day:%Y%m%d} {day:%d.%m.%Y}", [settle(i)])


@shape(2)
def leading_zeros(w, c, i, pool, day):
    number = w.random.choice([digits(i["number"]).lstrip("0"), "000" + digits(i["number"])])
    w.pay(day, c, i["open"], f"Rg {number}", [settle(i)])


@shape(2)
def prefix_of_another(w, c, i, pool, day):
    w.pay(day, c, i["open"], f"Rg {i['number']}{w.random.choice(['0', '1', '-1', '/2', 'A'])}", [settle(i)])


@shape(3)
def one_digit_wrong(w, c, i, pool, day):
    R, number = w.random, list(i["number"])
    at = R.choice([k for k, sign in enumerate(number) if sign.isdigit()][-3:])
    number[at] = str((int(number[at]) + R.randrange(1, 10)) % 10)
    if all(x["number"] != "".join(number) for x in c["items"]):
        w.pay(day, c, i["open"], "".join(number), [settle(i)])


@shape(2)
def transposed(w, c, i, pool, day):
    number = list(i["number"])
    number[-1], number[-2] = number[-2], number[-1]
    if all(x["number"] != "".join(number) for x in c["items"]):
        w.pay(day, c, i["open"], f"Rechnung {''.join(number)}", [settle(i)])


@shape(2)
def wrong_check_digits(w, c, i, pool, day):
    x = w.random.choice([i, i, w.other(c) or i])
    w.pay(day, c, i["open"], "", [settle(i)], structured=creditor_reference(x["number"], shift=w.random.randrange(1, 9)))


@shape(2)
def anothers_number(w, c, i, pool, day):
    x = w.other(c)
    if x:
        w.pay(day, c, i["open"], w.random.choice([w.words([x]), w.words([x]) + " " + w.words([i])]), [settle(i)],
              structured=w.random.choice(["", creditor_reference(x["number"])]))


@shape(2)
def reference_against_words(w, c, i, pool, day):
    x = w.random.choice(pool)
    if x is not i and x["open"] != i["open"]:
        w.pay(day, c, i["open"], w.words([w.random.choice([i, x])]), [settle(i)], structured=creditor_reference(w.random.choice([i, x])["number"]))


@shape(2)
def reused_trace(w, c, i, pool, day):
    x = w.random.choice([x for x in w.items if x["trace"]] or [i])
    if x["customer"] is not c or x["open"] != i["open"] or x is i:
        w.pay(day, c, i["open"], w.random.choice(["", w.words([i])]) if sum(y["open"] == i["open"] for y in pool) == 1 else w.words([i]), [settle(i)], trace=x["trace"])


@shape(2)
def glued(w, c, i, pool, day):
    w.pay(day, c, i["open"], f"rechnung{i['number'].lower()}vom{day:%d%m%Y}", [settle(i)])


# Lists.

@shape(3)
def cut_at_140(w, c, i, pool, day):
    if len(pool) > 1:
        text = "Sammelzahlung fuer Ihre Rechnungen gemaess Aufstellung " + "Konto 4711 " * w.random.randrange(4, 8) + " ".join(x["number"] for x in pool)
        w.pay(day, c, sum(x["open"] for x in pool), text[:140], [settle(x) for x in list(pool)])


@shape(2)
def from_to(w, c, i, pool, day):
    if len(pool) > 2:
        some = sorted(pool, key=lambda x: x["number"])
        w.pay(day, c, sum(x["open"] for x in some), f"{some[0]['number']} {w.random.choice(['bis', '-', 'to'])} {some[-1]['number']}", [settle(x) for x in some])


@shape(2)
def one_line_wrong(w, c, i, pool, day):
    x = w.other(c)
    if x and len(pool) > 1:
        some = w.random.sample(pool, 2)
        w.pay(day, c, sum(y["open"] for y in some), f"{some[0]['number']}, {x['number']}", [settle(y) for y in some])


@shape(2)
def names_two_pays_one(w, c, i, pool, day):
    x = w.random.choice(pool)
    if x is not i and x["open"] != i["open"]:
        w.pay(day, c, i["open"], w.words([x, i]), [settle(i)])


@shape(3)
def sum_without_a_word(w, c, i, pool, day):
    some = w.random.sample(pool, min(len(pool), w.random.randrange(2, 4)))
    total = sum(x["open"] for x in some)
    if len({x["open"] for x in pool}) == len(pool):
        w.pay(day, c, total, w.random.choice(SILENT), [settle(x) for x in some])


# More or less than is owed.

@shape(4)
def less(w, c, i, pool, day):
    R, o = w.random, i["open"]
    kept, reason = R.choice([(1, "rounding"), (250, "bank_charge"), (1500, "bank_charge"), (o // 10, "withholding"), (o // 20, "deduction"), (R.choice(PRICES), "short")])
    if 0 < kept < o and all(x["open"] != o - kept for x in pool):
        stays = reason == "short" or (reason == "rounding" and kept > 1)
        w.pay(day, c, o - kept, w.words([i]), [settle(i, o - kept if stays else o, o - kept, reason)])


@shape(3)
def discount(w, c, i, pool, day):
    o, off = i["open"], i["discount"]
    if off and o == i["amount"] and all(x["open"] != o - off for x in pool):
        late = day > i["until"]
        w.pay(day, c, o - off, w.random.choice([w.words([i]), ""]), [settle(i, o - off, reason="short") if late else settle(i, o, o - off, "discount")])


@shape(3)
def netted(w, c, i, pool, day):
    credit = w.item(c, "credit_note", -w.random.choice([PRICES[0], i["open"] // 3]), "EUR", START - dt.timedelta(days=3))
    total = i["open"] + credit["open"]
    if total > 0 and all(x["open"] != total for x in pool):
        text = w.words([i]) + w.random.choice([f" ./. {credit['number']}", " abzgl. Gutschrift", ""])
        w.pay(day, c, total, text, [settle(i), (credit["id"], credit["open"], credit["open"], "settle")])
        credit["open"] = 0


@shape(3)
def paid_again(w, c, i, pool, day):
    amount, text = i["open"], w.words([i])
    w.pay(day, c, amount, text, [settle(i)])
    if w.is_silent_safe(c, amount):
        w.pay(day + dt.timedelta(days=1), c, amount, text, [on_account(amount)])


@shape(2)
def one_settled_already(w, c, i, pool, day):
    done = [x for x in c["items"] if x["open"] == 0 and x["kind"] == "invoice" and x["currency"] == "EUR" and x["amount"] != i["open"]]
    if done:
        w.pay(day, c, i["open"], w.words([done[0], i]), [settle(i)])


@shape(2)
def one_paid_once_more(w, c, i, pool, day):
    done = [x for x in c["items"] if x["open"] == 0 and x["kind"] == "invoice" and x["currency"] == "EUR"]
    if done and all(x["open"] != done[0]["amount"] for x in pool):
        w.pay(day, c, i["open"] + done[0]["amount"], w.words([done[0], i]), [settle(i), on_account(done[0]["amount"])])


@shape(2)
def an_advance_that_is_anothers_amount(w, c, i, pool, day):
    x = w.other(c)
    if x and x["open"] > 0 and x["currency"] == "EUR" and w.is_silent_safe(c, x["open"]):
        w.pay(day, c, x["open"], w.random.choice(["Vorauszahlung Auftrag ", "unser Zeichen "]) + w.random.choice([x["number"], digits(x["number"])]),
              [on_account(x["open"])])


@shape(2)
def a_claim_that_is_a_price(w, c, i, pool, day):
    kept = w.random.choice(PRICES)
    if kept < i["open"] and all(x["open"] != i["open"] - kept for x in pool):
        w.pay(day, c, i["open"] - kept, w.words([i]) + w.random.choice([" abzgl. Mangel", " less claim"]), [settle(i, i["open"] - kept, reason="deduction")])


@shape(2)
def on_account_with_words(w, c, i, pool, day):
    w.pay(day, c, i["open"], w.random.choice(["Anzahlung", "advance payment", "a conto", "Vorauszahlung Mai", "Abschlag 3"]), [on_account(i["open"])])


@shape(2)
def for_something_else(w, c, i, pool, day):
    w.pay(day, c, i["open"], w.random.choice(["Miete Mai", "Darlehen Rate 7", "Kaution", "Rückzahlung", "refund of overpayment", "Erstattung Fracht", "Spende"]),
          [on_account(i["open"], "not_ours")])


@shape(1)
def before_it_is_issued(w, c, i, pool, day):
    x = w.item(c, amount=w.random.choice(PRICES), currency="EUR", on=day + dt.timedelta(days=w.random.randrange(3, 20)))
    if all(y is x or y["open"] != x["open"] for y in c["items"]):
        w.pay(day, c, x["open"], w.random.choice(["", "Zahlung"]), [on_account(x["open"])])


@shape(2)
def in_another_currency(w, c, i, pool, day):
    dollars = [x for x in c["items"] if x["currency"] == "USD" and x["open"] > 0]
    if dollars:
        x = w.random.choice(dollars)
        amount = w.random.choice([x["open"], i["open"]])
        w.pay(day, c, amount, w.words([x]), [on_account(amount)])


# Who pays.

@shape(3)
def stranger(w, c, i, pool, day):
    w.pay(day, c, i["open"], w.words([i]), [settle(i)], name=w.random.choice(["Treasury Services", "Factoring AG", ""]), account=w.random.choice(["", iban(8_000_000)]))


@shape(3)
def not_ours(w, c, i, pool, day):
    x = w.other(c)
    if x and x["amount"] > 0:
        name = w.random.choice(["Hausverwaltung 7", "", w.written(w.random.choice(w.customers)) + " Privat"])
        w.pay(day, c, x["amount"], w.random.choice([f"Miete {day:%m.%Y}", f"Vertrag {w.random.randrange(10**6)}", f"{x['amount'] / 100:.2f}", ""]),
              [on_account(x["amount"], "not_ours")], name=name, account=iban(9_000_000 + w.random.randrange(10**5)))


@shape(4)
def parent_pays(w, c, i, pool, day):
    if c["parent"]:
        w.pay(day, c["parent"], i["open"], w.random.choice([w.words([i]), ""]), [settle(i)])


@shape(3)
def namesake(w, c, i, pool, day):
    """A new account, and the name of several customers."""
    if sum(x["open"] == i["open"] for x in pool) == 1:
        w.pay(day, c, i["open"], w.random.choice(SILENT), [settle(i)], name=c["name"][:w.random.choice([14, 18, 24])], account=iban(7_000_000 + len(w.receipts)))


@shape(2)
def nobody(w, c, i, pool, day):
    w.pay(day, c, i["open"], w.random.choice(SILENT), [settle(i)], name="", account="")


def wrong_postings(folder, decisions):
    """Each posting that differs from the truth, in words, by shape; and how many are right."""
    rows = lambda path: csv.DictReader(open(path))
    receipts = {r["receipt_id"]: r for r in rows(folder / "receipts.csv")}
    items = {r["item_id"]: r for r in rows(folder / "open_items.csv")}
    meant, posted, foreign = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter), set()
    for t in rows(folder / "truth.csv"):
        meant[t["receipt_id"]][t["item_id"]] += int(t["settled_minor"] if t["item_id"] else t["cash_minor"])
        if t["reason"] == "not_ours":
            foreign.add(t["receipt_id"])
    rules = {}
    for d in (d for d in rows(decisions) if d["rule"]):
        rules[d["receipt_id"]] = d["rule"]
        posted[d["receipt_id"]][d["item_id"]] += int(d["settled_minor"] or d["rest_minor"])

    def listed(lines):
        return ", ".join(f"{items[i]['number']} of {items[i]['customer_id']} {m}" if i else f"rest {m}" for i, m in sorted(lines.items()))
    wrong = [f"{k} {receipts[k]['amount_minor']} by '{receipts[k]['payer_name']}' {receipts[k]['payer_iban'][-7:]} saying '{receipts[k]['structured_reference']}|"
             f"{receipts[k]['remittance']}' {receipts[k]['end_to_end_id']}: {rules[k]} posted {listed(posted[k])}; meant {listed(meant[k])}"
             for k in rules if posted[k] != meant[k] or k in foreign]
    return wrong, len(rules) - len(wrong)


def judged(judge, seed, receipts):
    folder = judge.folder / f"world{seed}"
    World(seed, receipts).write(folder)
    judge.run("bench", "matching", "--world", folder, "--decisions", folder / "decisions.csv")
    wrong, right = wrong_postings(folder, folder / "decisions.csv")
    if right < receipts // 3:
        return f"only {right} of {receipts} were posted"
    return "\n  ".join([f"{len(wrong)} wrong of {len(wrong) + right} posted", *wrong[:5]]) if wrong else None


if __name__ == "__main__":
    judge = Judge()
    for seed in range(1, 7):
        judge.case(f"nothing ambiguous is posted in the misleading world {seed}", lambda: judged(judge, seed, 4_000))
    judge.end()
