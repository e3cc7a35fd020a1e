"""Who walks the desk: signs in, finds things to open, takes pictures."""

from browser import DESKTOP, PHONE, Window

PICTURES = [
    ("today", "/", "light", DESKTOP), ("today-dark", "/", "dark", DESKTOP), ("today-phone", "/", "light", PHONE), ("cash", "/cash", "light", DESKTOP),
    ("collections", "/collections", "light", DESKTOP), ("customer", None, "light", DESKTOP), ("figures", "/figures", "light", DESKTOP),
    ("figures-dark", "/figures", "dark", DESKTOP), ("orders", "/orders?state=held", "light", DESKTOP), ("proof", "/ledger/proof", "light", DESKTOP),
]


ANN = {"name": "Ann Example", "email": "ann@example.com", "password": "a long enough password"}


def sign_in(check, browser, url, link):
    """Opens the administrator's account by its one-time link, signs out and in again; every later window goes on from there."""
    window = Window(browser, url)
    page = window.page
    with check.step("sign in: a page asks for it and is accessible"):
        window.open("/invoices")
        assert "/sign-in?" in page.url, page.url
        assert not (found := window.violations()), found
    with check.step("sign in: the one-time link opens an account"):
        page.goto(link)
        assert not (found := window.violations()), found
        for field, value in ANN.items():
            page.fill(f"input[name={field}]", value)
        page.click("button:has-text('Open account')")
        page.wait_for_selector("h1:has-text('Today')")
    with check.step("sign in: the link works once"):
        page.goto(link)
        for field, value in ANN.items():
            page.fill(f"input[name={field}]", value)
        page.click("button:has-text('Open account')")
        assert page.locator("[role=alert]").count() == 1
    with check.step("sign in: after signing out a wrong password is refused, the right one opens the page wanted"):
        window.open("/")
        page.click("button:has-text('Sign out')")
        window.open("/ledger")
        page.fill("input[name=email]", ANN["email"])
        page.fill("input[name=password]", "not the password")
        page.click("button:has-text('Sign in')")
        assert page.locator("[role=alert]").count() == 1
        page.fill("input[name=email]", ANN["email"])
        page.fill("input[name=password]", ANN["password"])
        page.click("button:has-text('Sign in')")
        page.wait_for_selector("h1:has-text('Ledger')")
    check.expect("sign in: no word from elsewhere", not window.foreign, window.foreign)
    state = window.context.storage_state()
    window.close()
    return state


def detail_pages(window):
    """One page of each thing that has its own, reached as a reader reaches it: from its list."""
    found = []
    for path in ("/customers", "/orders", "/orders?state=held", "/invoices", "/invoices?state=overdue", "/receipts", "/receipts?state=unapplied", "/statements", "/runs"):
        window.open(path)
        link = window.page.locator("table.list tbody td a").first
        if link.count():
            found.append(link.get_attribute("href"))
    window.open("/collections")
    customer = window.page.locator("table.list tbody td a").first.get_attribute("href")
    return list(dict.fromkeys(found + [customer, customer + "/statement", customer + "/terms"]))


def open_receipt_with_candidate(window):
    """Opens the first receipt of the queue whose best candidate proposes an amount."""
    window.open("/cash")
    links = [line.get_attribute("href") for line in window.page.locator(".queue-list a").all()]
    for link in links:
        window.open(link)
        if window.page.locator(".candidate button[value=apply]:not([disabled])").count():
            return
    raise AssertionError("no receipt of the queue has a candidate")


def keep_pictures(browser, url, state, folder):
    folder.mkdir(parents=True, exist_ok=True)
    window = Window(browser, url, state)
    # Somebody who is late and was written to.
    window.open("/collections")
    late = window.page.locator("table.list tbody tr", has_text="level").first.locator("a")
    customer = late.get_attribute("href")
    window.close()
    for name, path, scheme, viewport in PICTURES:
        window = Window(browser, url, state, scheme, viewport)
        window.open(path or customer)
        window.page.screenshot(path=folder / f"{name}.png")
        window.close()
        small(folder / f"{name}.png")


def small(path):
    """At most 150 kB: 256 colours are plenty for a desk."""
    from PIL import Image

    picture = Image.open(path).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
