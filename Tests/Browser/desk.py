"""Walks the desk as a finance person does, in a real browser on seeded books, and keeps pictures.

usage: desk.py --url http://127.0.0.1:8080 --statement FILE.xml [--link ONE-TIME-LINK] [--pictures FOLDER]
"""

import argparse
import pathlib
import re

import parts
import reach
import visitor
from browser import DESKTOP, PAGE_LIMIT, PHONE, Results, Window, chromium

SECTIONS = ["/", "/cash", "/cash?state=asked", "/collections", "/collections/slices", "/collections/codes", "/mail", "/customers", "/orders", "/invoices", "/receipts", "/statements", "/figures", "/figures/aging", "/figures/credits", "/ledger",
            "/ledger/journal", "/ledger/proof", "/ledger/periods", "/approvals", "/runs", "/import", "/settings", "/new-customer",
            "/users", "/users/keys/all", "/audit", "/account", "/entities"]
LISTS = ["/orders?state=held", "/orders?state=confirmed", "/invoices?state=open", "/invoices?state=overdue", "/invoices?late=1-30", "/invoices?sort=largest", "/customers?sort=number", "/customers?sort=owed", "/orders?sort=-amount", "/receipts?sort=amount", "/collections?sort=-days",
         "/customers?begins=no-such-name", "/orders?from=2001-01-01&at_least=10", "/orders?at_most=much", "/invoices?state=open&customer=no-such-customer", "/receipts?through=2001-01-01", "/statements?from=never",
         "/ledger/journal?from=2001-01-01", "/figures/aging?sort=name", "/figures/aging?sort=-oldest", "/receipts?state=unapplied", "/search", "/search?q=retailer", "/search?q=nothing-is-called-so"]


def sees_every_page(check, browser, url, state):
    """Each page with data: no error, nothing from elsewhere, nothing inaccessible, small."""
    window = Window(browser, url, state)
    paths = SECTIONS + LISTS + visitor.detail_pages(window)
    largest = 0
    for path in paths:
        answer = window.open(path)
        size = len(answer.body())
        largest = max(largest, size)
        check.expect(f"{path} opens without an error", answer.status == 200 and not window.errors, f"status {answer.status}, {window.errors}")
        check.expect(f"{path} asks nobody else", not window.foreign, window.foreign)
        check.expect(f"{path} has at most {PAGE_LIMIT // 1000} kB", size <= PAGE_LIMIT, size)
        check.expect(f"{path} is accessible", not (found := window.violations()), found)
    window.close()
    for scheme, viewport in (("dark", DESKTOP), ("light", PHONE), ("dark", PHONE)):
        window = Window(browser, url, state, scheme, viewport)
        for path in paths:
            window.open(path)
            found = window.violations()
            wide = window.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            check.expect(f"{path} is accessible and fits, {scheme}, {viewport['width']} wide", not found and wide <= 0, f"{found}, {wide} px too wide")
        window.close()
    print(f"  {len(paths)} pages, the largest {largest} bytes", flush=True)


def works_by_keys(check, browser, url, state):
    window = Window(browser, url, state)
    page = window.page
    with check.step("keys: / searches and finds"):
        window.open("/")
        page.keyboard.press("/")
        page.keyboard.type("retailer 12")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=retailer*")
        assert page.locator("table.list tbody tr").count() > 0
    with check.step("keys: j, j, k walk, Enter opens"):
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        assert page.locator("tr.at").count() == 1
        page.keyboard.press("Enter")
        page.wait_for_url("**/customers/*")
    for key, path in (("c", "/cash"), ("o", "/orders"), ("l", "/ledger"), ("t", "/")):
        with check.step(f"keys: g {key} goes to {path}"):
            page.keyboard.press("g")
            page.keyboard.press(key)
            page.wait_for_url(url + path)
    with check.step("keys: ? shows the keys, Escape closes them"):
        page.keyboard.press("?")
        assert "Search" in page.locator("dialog").inner_text()
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="detached")
    with check.step("keys: a letter typed into a field does nothing else"):
        page.keyboard.press("/")
        page.keyboard.type("gc1")
        assert page.url == url + "/"
    with check.step("keys: Tab first offers to skip to the content"):
        window.open("/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    check.expect("keys: no error", not window.errors, window.errors)
    window.close()


def imports_a_statement(check, window, statement):
    with check.step("import: a bank statement is taken in, its findings shown"):
        window.open("/import")
        window.page.set_input_files("input[type=file]", statement)
        window.page.click("main button:has-text('Import')")
        window.page.wait_for_selector("text=Imported")
        assert re.search(r"New entries\s+[1-9]", window.text()), window.text()
    with check.step("import: the same file twice changes nothing"):
        window.open("/import")
        window.page.set_input_files("input[type=file]", statement)
        window.page.click("main button:has-text('Import')")
        window.page.wait_for_selector("text=Imported")
        assert re.search(r"New entries\s+0", window.text()), window.text()
    with check.step("import: what is no statement is refused in words"):
        window.open("/import")
        window.page.set_input_files("input[type=file]", {"name": "picture.xml", "mimeType": "text/xml", "buffer": b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"})
        window.page.click("main button:has-text('Import')")
        window.page.wait_for_selector("[role=alert]")
        assert "picture.xml" in window.text("[role=alert]")
    with check.step("import: a remittance advice is kept, the same one again is known"):
        advice = (b"ISA*00* *00* *ZZ*A *ZZ*B*260105*1200*U*00401*1*0*P*>|GS*RA*A*B*20260105*1*1*X*004010|ST*820*1|BPR*C*10*C*ACH|"
                  b"RMR*IV*X-1**10|SE*4*1|GE*1*1|IEA*1*1|")
        for new, known in ((1, 0), (0, 1)):
            window.open("/import")
            window.page.select_option("select[name=kind]", "remittance")
            window.page.set_input_files("input[type=file]", {"name": "advice.edi", "mimeType": "text/plain", "buffer": advice})
            window.page.click("main button:has-text('Import')")
            window.page.wait_for_selector("text=Imported")
            assert re.search(rf"New advices\s+{new}\s+Known before\s+{known}", window.text()), window.text()
    with check.step("run: cash application takes the new receipts"):
        window.open("/runs")
        window.page.click("form[action='/runs/cash'] button")
        window.page.wait_for_selector("[role=status]")
        assert "applied" in window.text("[role=status]")
        assert "applied" in window.text("table.list"), window.text()
        window.page.click("[role=status] a")
        window.page.wait_for_selector("h1:has-text('Cash application')")
        assert "Cash application" in window.text("table.list") and "applied" in window.text("table.list"), window.text()


def works_the_queue(check, window):
    page = window.page
    with check.step("queue: one key applies the candidate in hand and leads to the next"):
        window.open("/cash")
        before = page.locator(".queue-list .line").count()
        assert before > 2, before
        visitor.open_receipt_with_candidate(window)
        page.keyboard.press("1")
        page.wait_for_selector("[role=status]")
        assert "applied to" in window.text("[role=status]"), window.text("[role=status]")
        assert page.locator(".queue-list .line").count() == before - 1
    with check.step("queue: an amount is split by hand, the rest stays the customer's credit"):
        visitor.open_receipt_with_candidate(window)
        field = page.locator(".candidate input.n").first
        field.fill("1.00")
        field.press("Enter")
        page.wait_for_selector("[role=status]")
        told = window.text("[role=status]")
        assert "1.00" in told and "applied to" in told and "deduct" not in told, told
    with check.step("queue: more than is open is refused, and nothing changed"):
        visitor.open_receipt_with_candidate(window)
        count = page.locator(".queue-list .line").count()
        page.locator(".candidate input.n").first.fill("999999.99")
        page.locator(".candidate button[value=apply]").first.click()
        page.wait_for_selector("[role=alert]")
        assert "can be settled" in window.text("[role=alert]"), window.text("[role=alert]")
        assert page.locator(".queue-list .line").count() == count
        assert page.locator(".candidate input.n").first.input_value() == "999999.99"
    with check.step("queue: what was refused is sent again from where it stands, and keeps what was typed"):
        page.locator(".candidate button[value=apply]").first.click()
        page.wait_for_selector("[role=alert]")
        assert page.locator(".candidate input.n").first.input_value() == "999999.99"
    with check.step("queue: o leaves the cash on the customer's account"):
        visitor.open_receipt_with_candidate(window)
        page.keyboard.press("o")
        page.wait_for_selector("[role=status]")
        assert "on account" in window.text("[role=status]")


def agrees_terms(check, window):
    page = window.page
    with check.step("customer: what is wrong stands beside its field, what was typed stays"):
        window.open("/customers")
        page.keyboard.press("n")
        page.wait_for_url("**/new-customer")
        for name, value in (("number", "NEW-1"), ("name", "Newly & Sons"), ("credit_limit", "5000.00"), ("ibans", "DE02120300000000202052")):
            page.fill(f"input[name={name}]", value)
        page.click("button:has-text('Save')")
        page.wait_for_selector("[role=alert]")
        assert "wrong check digits" in window.text(".fault"), window.text(".fault")
        assert page.locator("input[name=name]").input_value() == "Newly & Sons"
        assert not (found := window.violations()), found
    with check.step("customer: created, and edited by key"):
        page.fill("input[name=ibans]", "DE02 1203 0000 0000 2020 51")
        page.click("button:has-text('Save')")
        page.wait_for_selector("[role=status]")
        assert "NEW-1 is saved" in window.text("[role=status]"), window.text("[role=status]")
        page.keyboard.press("e")
        page.wait_for_url("**/customers/NEW-1/terms")
        assert page.locator("input[name=credit_limit]").input_value() == "5000.00"
        page.fill("input[name=terms_days]", "14")
        page.click("button:has-text('Save')")
        page.wait_for_selector("[role=status]")
        assert "14 days" in window.text(), window.text()


def decides_orders(check, window):
    page = window.page
    with check.step("orders: a held order is released with its reason"):
        window.open("/orders?state=held")
        page.locator("table.list tbody a").first.click()
        page.wait_for_selector("text=History")
        page.keyboard.press("r")
        page.wait_for_selector("[role=status]")
        assert "released" in window.text("[role=status]") and "Confirmed" in window.text()
        assert "agreed with the customer" in window.text()
    with check.step("orders: several are picked and released at once"):
        window.open("/orders?state=held")
        before = page.locator("table.list tbody tr").count()
        for box in (0, 1):
            page.locator("input[name=order]").nth(box).check()
        page.fill("input[name=reason]", "limit raised")
        page.click("button:has-text('Release')")
        page.wait_for_selector("[role=status]")
        assert page.locator("table.list tbody tr").count() == before - 2


def sends_a_statement(check, window, state, browser, pictures):
    page = window.page
    with check.step("statement of account: printed without navigation, sent once"):
        window.open("/collections")
        page.locator("table.list tbody a").first.click()
        page.click("text=Statement of account >> nth=0")
        page.wait_for_selector("article.panel")
        page.emulate_media(media="print")
        assert not page.locator(".side").is_visible() and not page.locator(".actions").is_visible()
        assert page.locator("article.panel").is_visible()
        assert "As of" in window.text(".stack > .print-only") and window.text("main > .print-only") == page.locator(".entity").text_content()
        pdf = page.pdf()
        assert pdf.startswith(b"%PDF")
        page.emulate_media(media="screen")
        page.click("button:has-text('Send to customer')")
        page.wait_for_selector("[role=status]")
        assert "goes to" in window.text("[role=status]")
        page.go_back()
        page.click("button:has-text('Send to customer')")
        page.wait_for_selector("[role=alert]")
        assert "already" in window.text("[role=alert]")


def prints_an_invoice(check, window):
    page = window.page
    with check.step("invoice: printed as the document alone"):
        window.open("/invoices")
        window.open(page.locator("table.list tbody td a").first.get_attribute("href"))
        assert page.locator("text=Settled by").first.is_visible()
        page.emulate_media(media="print")
        for text in ("Settled by", "Reminders", "Still open"):
            assert not page.locator(f"text={text}").first.is_visible(), text
        assert page.locator(".document .totals").is_visible()
        page.emulate_media(media="screen")


def does_no_harm(check, window):
    """Texts of others come out as text: nothing runs, on any page that shows them."""
    said = []
    window.page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    name = "</td><img src=x onerror=alert(1)><script>alert(2)</script>"
    lines = f"number,name,country,currency\n=1+1,{name},GB,GBP\n"
    with check.step("safety: a hostile name is shown as text, everywhere"):
        window.open("/import")
        window.page.select_option("select[name=kind]", "customers")
        window.page.set_input_files("input[type=file]", {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": lines.encode()})
        window.page.click("main button:has-text('Import')")
        window.page.wait_for_selector("text=Imported")
        for path in ("/customers?begins=%3C", "/customers/%3D1%2B1", "/customers/%3D1%2B1/statement", "/search?q=onerror", f"/search?q={name}"):
            window.open(path)
            assert "alert(2)" in window.page.content(), path
            assert window.page.locator("img[src=x]").count() == 0, path
    check.expect("safety: no script of others ran", not said, said)
    with check.step("safety: an export holds no formula"):
        answer = window.context.request.get(window.url + "/customers?begins=%3C&format=csv")
        assert ",'=1+1," in answer.text(), answer.text()


def proves_the_ledger(check, window):
    with check.step("ledger: everything is recounted and proven"):
        window.open("/ledger/proof")
        window.page.click("button:has-text('Recount everything')")
        window.page.wait_for_selector("text=Proven.", timeout=60_000)


def closes_a_period(check, window):
    with check.step("ledger: a month that is over is closed, once"):
        window.open("/ledger/periods")
        window.page.fill("input[name=ends_on]", "2001-01-31")
        window.page.click("button:has-text('Close the period')")
        window.page.wait_for_selector("text=The books are closed through 31 Jan 2001.")
        window.page.fill("input[name=ends_on]", "2001-01-31")
        window.page.click("button:has-text('Close the period')")
        window.page.wait_for_selector("text=lies in a closed period")


def exports_what_it_shows(check, window):
    with check.step("export: a list comes as CSV with the rows of the page"):
        window.open("/customers")
        rows = window.page.locator("table.list tbody tr").count()
        with window.page.expect_download() as taken:
            window.page.click("a:has-text('Export CSV')")
        text = pathlib.Path(taken.value.path()).read_bytes().decode()
        assert text.startswith("Name,Number,Country,Owes") and text.count("\r\n") > rows, text[:200]


def pages_and_sorts(check, window):
    page = window.page
    with check.step("lists: the next page holds other rows, the first page leads back"):
        window.open("/customers")
        first = window.text("table.list tbody")
        page.click("a:has-text('Next page')")
        page.wait_for_url("**after=*")
        assert window.text("table.list tbody") != first
        page.click("a:has-text('First page')")
        assert window.text("table.list tbody") == first
    with check.step("lists: a heading sorts"):
        window.open("/invoices")
        page.click("th a:has-text('Gross')")
        page.wait_for_url("**sort=largest*")
        amounts = [float(text.replace(",", "").replace("\u2212", "-")) for text in page.locator("table.list tbody td:nth-child(6)").all_inner_texts()]
        assert amounts == sorted(amounts, reverse=True)
        page.click("th a:has-text('Gross')")
        page.wait_for_url("**sort=-largest*")
        assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Gross")
    with check.step("lists: the filter narrows a list, says so and lets go again"):
        window.open("/orders")
        number = page.locator("table.list a[href^='/customers/']").first.get_attribute("href").rsplit("/", 1)[1]
        assert not page.locator("input[name=customer]").is_visible()
        page.click("summary:has-text('Filter')")
        page.fill("input[name=customer]", number)
        page.click("button:has-text('Filter')")
        page.wait_for_url(f"**customer={number}*")
        links = page.locator("table.list a[href^='/customers/']")
        assert links.count() > 0 and {link.get_attribute("href") for link in links.all()} == {f"/customers/{number}"}
        assert page.locator("input[name=customer]").input_value() == number
        page.click("a:has-text('Clear')")
        page.wait_for_url(re.compile(r"/orders$"))
    with check.step("reports: as of an earlier day the ledger is another"):
        window.open("/ledger")
        now = window.text("table.list tfoot")
        day = page.locator("input[name=as_of]").input_value()
        page.fill("input[name=as_of]", f"{day[:5]}02-10")
        page.click("button:has-text('Show')")
        page.wait_for_url("**as_of=*")
        assert window.text("table.list tfoot") != now


def works_on_a_phone(check, browser, url, state):
    window = Window(browser, url, state, viewport=PHONE)
    page = window.page
    with check.step("phone: the menu opens and closes the sections, by hand and by key"):
        window.open("/orders")
        menu, link = page.locator(".menu summary"), page.locator(".side a[href='/invoices']")
        assert "Orders" in menu.inner_text() and not link.is_visible()
        menu.click()
        assert link.is_visible()
        assert not (found := window.violations()), found
        menu.press("Enter")
        assert not link.is_visible()
        menu.press("Enter")
        link.click()
        page.wait_for_url(url + "/invoices")
    with check.step("phone: later pages and one-time links fit, and a table scrolls by itself"):
        page.click("a:has-text('Next page')")
        page.wait_for_url("**after=*")
        assert sideways(page) <= 0, sideways(page)
        window.open("/users")
        page.locator("form[action$='/users/invite'] button").click()
        page.wait_for_selector("#secret")
        assert sideways(page) <= 0, sideways(page)
        box, panel = page.locator("#secret").bounding_box(), page.locator(".panel:has(#secret)").bounding_box()
        assert box["x"] + box["width"] <= panel["x"] + panel["width"], (box, panel)
        region = page.locator("[role=region][aria-label=People]")
        region.focus()
        assert region.evaluate("at => at === document.activeElement && at.scrollWidth > at.clientWidth")
        assert not (found := window.violations()), found
    window.close()


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def works_without_scripts(check, browser, url, state):
    window = Window(browser, url, state, scripts=False)
    page = window.page
    with check.step("without scripts: search, open, apply, release"):
        window.open("/")
        page.fill("input[name=q]", "retailer 12")
        page.locator("input[name=q]").press("Enter")
        page.wait_for_url("**/search*")
        page.locator("table.list tbody a").first.click()
        page.wait_for_url("**/customers/*")
        visitor.open_receipt_with_candidate(window)
        page.locator(".candidate button[value=apply]").first.click()
        page.wait_for_selector("[role=status]")
        assert "applied to" in window.text("[role=status]")
        window.open("/orders?state=held")
        page.locator("table.list tbody a").first.click()
        page.click("button:has-text('Release')")
        page.wait_for_selector("[role=status]")
        assert "released" in window.text("[role=status]")
    with check.step("without scripts: what needs them is not shown"):
        window.open("/invoices")
        window.open(page.locator("table.list tbody td a").first.get_attribute("href"))
        assert page.locator("[data-print]").count() == 1 and not page.locator("[data-print]").is_visible()
        window.open("/account")
        assert not page.locator("[data-keys]").is_visible()
    with check.step("without scripts: a person's row makes a link for a new password"):
        window.open("/users")
        page.locator("table.list tbody button[form=reset]").first.click()
        page.wait_for_selector("#secret")
        assert "/reset?token=" in window.text("#secret")
    window.close()
    window = Window(browser, url, state, viewport=PHONE, scripts=False)
    with check.step("without scripts: the menu of a phone leads on"):
        window.open("/")
        window.page.click(".menu summary")
        window.page.click(".side a[href='/customers']")
        window.page.wait_for_url(url + "/customers")
    window.close()


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--url", required=True)
    asked.add_argument("--statement", required=True)
    asked.add_argument("--link")
    asked.add_argument("--pictures")
    asked.add_argument("--only-pictures", action="store_true")
    options = asked.parse_args()
    check = Results()
    with chromium() as browser:
        state = visitor.sign_in(check, browser, options.url, options.link)
        if options.pictures:
            visitor.keep_pictures(browser, options.url, state, pathlib.Path(options.pictures))
        if not options.only_pictures:
            sees_every_page(check, browser, options.url, state)
            works_by_keys(check, browser, options.url, state)
            reach.keeps_keys_apart(check, browser, options.url, state)
            window = Window(browser, options.url, state)
            imports_a_statement(check, window, options.statement)
            works_the_queue(check, window)
            parts.answers_the_queue(check, window)
            decides_orders(check, window)
            agrees_terms(check, window)
            sends_a_statement(check, window, state, browser, options.pictures)
            prints_an_invoice(check, window)
            parts.disputes_a_part(check, window)
            parts.writes_off_with_two_people(check, window, browser)
            does_no_harm(check, window)
            proves_the_ledger(check, window)
            closes_a_period(check, window)
            exports_what_it_shows(check, window)
            pages_and_sorts(check, window)
            window.close()
            works_on_a_phone(check, browser, options.url, state)
            reach.loses_nothing(check, browser, options.url, state)
            reach.shows_amounts_beside_long_names(check, browser, options.url, state)
            works_without_scripts(check, browser, options.url, state)
    check.close()


if __name__ == "__main__":
    main()
