"""Parts of an item on the desk: a dispute, a write-off that takes two people, and the answers that the queue takes besides applying."""

import visitor
from browser import Window

BEN = {"name": "Ben Example", "email": "ben@example.com", "password": "another long password"}


def overdue_invoice(window, at=0):
    """Opens an invoice that is past due and of which nothing stands apart; its number."""
    window.open("/invoices?state=overdue")
    row = window.page.locator("table.list tbody tr:has(.badge:has-text('Overdue'))").nth(at)
    row.locator("a").first.click()
    window.page.wait_for_selector("#apart")
    return window.page.url.rsplit("/", 1)[1]


def form(window, end):
    """The form that acts at the end of this path."""
    return window.page.locator(f"form[action$='{end}']").first


def said(window, role="status"):
    window.page.wait_for_selector(f"[role={role}]")
    return window.text(f"[role={role}]")


def disputes_a_part(check, window):
    page = window.page
    with check.step("parts: a part is disputed, the rest stays collected, all of it is shown"):
        overdue_invoice(window)
        asked = form(window, "/slices")
        asked.locator("select[name=kind]").select_option("dispute")
        asked.locator("input[name=amount]").fill("1.50")
        asked.locator("input[name=reason]").fill("two broken")
        asked.locator("button").click()
        assert "disputed" in said(window)
        assert "Disputed in part" in window.text(".head")
        assert not (found := window.violations()), found
        window.open("/collections/slices?kind=dispute")
        assert page.locator("table.list tbody tr").count() == 1 and "1.50" in window.text("table.list tbody")
        assert not (found := window.violations()), found
        page.locator("table.list tbody a").first.click()
        page.wait_for_selector("#apart")
    with check.step("parts: more than is open is refused in words"):
        asked = form(window, "/slices")
        asked.locator("input[name=amount]").fill("999999.00")
        asked.locator("input[name=reason]").fill("everything")
        asked.locator("button").click()
        assert "nothing else stands on" in said(window, "alert")
    with check.step("parts: a promise with its day, and a plan"):
        asked = form(window, "/slices")
        asked.locator("select[name=kind]").select_option("promise")
        asked.locator("input[name=amount]").fill("2.00")
        asked.locator("input[name=due_on]").fill("2030-01-31")
        asked.locator("input[name=reason]").fill("said so by phone")
        asked.locator("button").click()
        assert "promised" in said(window)
        asked = form(window, "/plan")
        asked.locator("input[name=amount]").fill("3.00")
        asked.locator("input[name=due_on]").fill("2030-02-28")
        asked.locator("input[name=reason]").fill("agreed by phone")
        asked.locator("button").click()
        assert "3 instalments" in said(window)
        assert "Nothing stands apart" not in window.text("#apart")
    with check.step("parts: what was disputed is collected again"):
        form(window, "/release").locator("input[name=reason]").fill("replaced")
        form(window, "/release").locator("button").click()
        assert "collected again" in said(window)
        assert "Disputed" not in window.text(".head")


def writes_off_with_two_people(check, window, browser):
    page = window.page
    with check.step("write-off: a collector is invited and opens an account"):
        window.open("/users")
        asked = form(window, "/users/invite")
        asked.locator("select[name=role]").select_option("collector")
        asked.locator("button").click()
        page.wait_for_selector("#secret")
        link = page.locator("#secret").first.inner_text()
        ben = Window(browser, window.url)
        assert link.startswith(f"{window.url}/welcome?token="), link
        ben.open(link.removeprefix(window.url))
        for field, value in BEN.items():
            ben.page.fill(f"input[name={field}]", value)
        ben.page.click("button:has-text('Open account')")
        ben.page.wait_for_selector("h1:has-text('Today')")
    with check.step("write-off: a small sum is given up alone"):
        number = overdue_invoice(ben, 1)
        give_up(ben, "1.00", "small_balance", "not worth a letter")
        assert f"{number} is written off" in said(ben)
    with check.step("write-off: above the limit it waits for a second person, and not for the one who asked"):
        give_up(ben, "60.00", "insolvency", "closed for good")
        assert "it waits for a second person" in said(ben), ben.text()
        assert ben.page.locator("button[value=approve]").count() == 0 or "another person" in ben.text()
    with check.step("write-off: the second person approves, and it is done in the name of who asked"):
        window.open("/approvals")
        assert "Write-off of 60.00" in window.text()
        assert "closed for good" in window.text()
        assert page.locator(f"main a[href='/invoices/{number}']").count() > 0
        page.click("button:has-text('Approve')")
        assert "Approved and done" in said(window)
        window.open(f"/invoices/{number}")
        assert "Write off" in window.text("table.list >> nth=1") and "60.00" in window.text()
        assert not (found := window.violations()), found
    with check.step("write-off: it is taken back when the money comes after all"):
        form(window, "/write-off/reverse").locator("input[name=reason]").fill("paid after all")
        form(window, "/write-off/reverse").locator("button").click()
        assert "open again" in said(window)
    ben.close()


def give_up(window, amount, code, reason):
    asked = window.page.locator("form[action$='/write-off']").last
    asked.locator("input[name=amount]").fill(amount)
    asked.locator("select[name=code]").select_option(code)
    asked.locator("input[name=reason]").fill(reason)
    asked.locator("button").click()


def open_last(window):
    """The receipt at the end of the queue: others are left for those who walk after."""
    window.open("/cash")
    window.open(window.page.locator(".queue-list a").last.get_attribute("href"))


def answers_the_queue(check, window):
    page = window.page
    with check.step("queue: d leaves what is missing as the customer's deduction"):
        visitor.open_receipt_with_candidate(window)
        receipt = page.url.rsplit("receipt=", 1)[1].split("&")[0]
        field = page.locator(".candidate input.n").first
        document = field.get_attribute("name").removeprefix("amount.")
        field.fill("0.50")
        page.locator("h1").click()
        page.keyboard.press("d")
        assert f"the rest of {document} is deducted" in said(window), window.text()
    with check.step("queue: taken back, it waits again and the run proposes as before"):
        window.open(f"/receipts/{receipt}")
        back = page.locator("form:has(button:has-text('Take the application back'))")
        back.locator("input[name=reason]").fill("asked again")
        back.locator("button").click()
        assert "taken back" in said(window)
        window.open("/runs")
        page.click("form[action='/runs/cash'] button")
        said(window)
        window.open(f"/cash?receipt={receipt}")
        assert page.locator(".candidate").count() > 0
    with check.step("queue: a asks the customer, and the receipt waits for the answer"):
        window.open("/customers?sort=number")
        number = page.locator("table.list tbody td:nth-child(2)").first.inner_text()
        open_last(window)
        payer = page.locator(".queue-list a[aria-current]").first.inner_text()
        page.locator("form:has(button[value=ask]) input[name=customer]").fill(number)
        page.locator("h1").click()
        page.keyboard.press("a")
        assert "is asked about" in said(window), window.text()
        page.click("a:has-text('For a customer')")
        assert payer in page.locator(".queue-list a").first.inner_text()
        assert "to be answered by" in window.text()
        assert not (found := window.violations()), found
    with check.step("queue: n sets aside what is not ours, and it comes back when that is taken back"):
        open_last(window)
        before = page.locator(".queue-list .line").count()
        receipt = page.locator(".queue-list a[aria-current]").first.get_attribute("href").rsplit("receipt=", 1)[1].split("&")[0]
        page.keyboard.press("n")
        assert "waits to be returned" in said(window), window.text()
        assert page.locator(".queue-list .line").count() == before - 1
        window.open(f"/receipts/{receipt}")
        assert "Not ours" in window.text(".head")
        page.fill("input[name=reason]", "it was ours")
        page.click("button:has-text('It is ours after all')")
        assert "taken back" in said(window)
