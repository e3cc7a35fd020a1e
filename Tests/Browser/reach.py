"""Who works by other ways: letters that must not act, narrow screens and large print that must not lose anything, names of any length."""

import visitor
from browser import DESKTOP, PHONE, Window

MONEY = {
    "/ledger": ["Debit", "Credit", "Balance"], "/ledger/journal": ["Debit", "Credit"], "/invoices": ["Issued", "Due", "Late", "Gross", "Open"],
    "/customers": ["Owes", "Past due", "Credits", "Limit", "State"], "/collections": ["Past due", "Disputed", "Promised"],
    "/figures/aging": ["Not due", "Credits", "Total"],
}
# 1280 px at 200 %, a tablet and a phone.
NARROW = [{"width": 640, "height": 400}, {"width": 720, "height": 900}, PHONE]
NAME, SENTENCE = "Wholesale" * 11, "Long " + "abcdefghij" * 15


def keeps_keys_apart(check, browser, url, state):
    window = Window(browser, url, state)
    page = window.page
    visitor.open_receipt_with_candidate(window)
    here = page.url

    def does_nothing(*keys):
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_timeout(300)
        return page.url == here and page.locator("[role=status], [role=alert]").count() == 0

    with check.step("keys: after g, and however late, a key without a section does nothing"):
        assert does_nothing("g", "1")
        page.keyboard.press("g")
        page.wait_for_timeout(2000)
        assert does_nothing("1")
    with check.step("keys: nothing acts behind the open dialog, and it says where keys are turned off"):
        assert does_nothing("?", "1", "n", "j", "g", "c")
        assert page.locator("dialog a[href='/account']").is_visible()
        page.keyboard.press("?")
        page.wait_for_selector("dialog", state="detached")
    with check.step("keys: turned off, none acts and none is shown"):
        window.open("/account")
        assert page.locator("[data-keys]").is_checked()
        page.locator("[data-keys]").uncheck()
        assert not (found := window.violations()), found
        window.open(here.removeprefix(url))
        assert does_nothing("1", "n", "?", "j", "g", "c", "/")
        assert page.locator("dialog, kbd:visible, [aria-keyshortcuts]").count() == 0
        assert page.evaluate("document.activeElement === document.body")
    with check.step("keys: turned on again, they act"):
        window.open("/account")
        page.locator("[data-keys]").check()
        page.keyboard.press("g")
        page.keyboard.press("c")
        page.wait_for_url(url + "/cash")
        assert page.locator("kbd:visible").count() > 0
    check.expect("keys: no error", not window.errors, window.errors)
    window.close()


def loses_nothing(check, browser, url, state):
    for viewport in NARROW:
        window = Window(browser, url, state, viewport=viewport)
        for path, titles in MONEY.items():
            window.open(path)
            region = window.page.locator(".scroll").first
            shown = [head.strip(" ↓↑\n") for head in region.locator("th:visible").all_inner_texts()]
            lost = [title for title in titles if title not in shown]
            # The last cell, once its region is scrolled there.
            beyond = region.evaluate(
                "at => { at.scrollLeft = at.scrollWidth; return at.querySelector('th:last-child').getBoundingClientRect().right - at.getBoundingClientRect().right }")
            first = region.evaluate("at => at.querySelector('th').getBoundingClientRect().left - at.getBoundingClientRect().left")
            wide = window.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            check.expect(
                f"{path} keeps every column in reach, {viewport['width']} wide", not lost and beyond <= 1 and first >= 0 and wide <= 0,
                f"lost {lost}, last {beyond}, first {first}, page {wide}")
        window.close()


def shows_amounts_beside_long_names(check, browser, url, state):
    window = Window(browser, url, state)
    page = window.page
    files = {
        "customers": f"number,name,country,currency\nLONG-1,{NAME},GB,GBP\nLONG-2,{SENTENCE},GB,GBP\n",
        "invoices": "number,customer,issued_on,due_on,currency,open\n"
                    "OLD-2001-000001,LONG-1,2010-01-05,2010-01-12,GBP,9123456.78\nOLD-2001-000002,LONG-2,2010-01-05,2010-01-12,GBP,8123456.78\n",
    }
    with check.step("long names: taken in"):
        for kind, text in files.items():
            window.open("/import")
            page.select_option("select[name=kind]", kind)
            page.set_input_files("input[type=file]", {"name": f"{kind}.csv", "mimeType": "text/csv", "buffer": text.encode()})
            page.click("main button:has-text('Import')")
            page.wait_for_selector("text=Imported")
    for path in ("/", "/invoices?state=overdue&sort=largest", "/customers?begins=Whole", "/customers/LONG-2"):
        window.open(path)
        hidden = page.evaluate("[...document.querySelectorAll('.scroll')].map(at => at.scrollWidth - at.clientWidth).filter(over => over > 1)")
        broken = page.evaluate("[...document.querySelectorAll('td > a, td .amt')].filter(at => at.getClientRects().length > 1).map(at => at.textContent)")
        check.expect(f"long names: {path} shows each amount and breaks no number", not hidden and not broken, f"{hidden} px out of sight, {broken}")
    with check.step("long names: a choice of them stays in its panel"):
        choice, panel = page.locator("select[name=identity]"), page.locator(".panel:has(select[name=identity])")
        for viewport in (DESKTOP, PHONE):
            page.set_viewport_size(viewport)
            inner, outer = choice.bounding_box(), panel.bounding_box()
            assert inner["x"] + inner["width"] <= outer["x"] + outer["width"], (inner, outer)
    window.close()
