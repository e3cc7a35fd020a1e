"""Who walks the desk: signs in, finds things to open, takes pictures."""

from browser import DESKTOP, PHONE, Window

PICTURES = [
    ("today", "/", "light", DESKTOP), ("today-dark", "/", "dark", DESKTOP), ("today-phone", "/", "light", PHONE), ("cash", "/cash", "light", DESKTOP),
    ("collections", "/collections", "light", DESKTOP), ("customer", None, "light", DESKTOP), ("figures", "/figures", "light", DESKTOP),
    ("figures-dark", "/figures", "dark", DESKTOP), ("orders", "/orders?state=held", "light", DESKTOP), ("proof", "/ledger/proof", "light", DESKTOP),
]


def sign_in(check, browser, url, link):
    """Signs in once; every later window goes on from this state."""
    if not link:
        return None
    raise NotImplementedError(link)


def detail_pages(window):
    """One page of each thing that has its own, reached as a reader reaches it: from its list."""
    found = []
    for path in ("/customers", "/orders", "/orders?state=held", "/invoices", "/invoices?state=overdue", "/receipts", "/receipts?state=unapplied", "/statements"):
        window.open(path)
        link = window.page.locator("table.list tbody td a").first
        if link.count():
            found.append(link.get_attribute("href"))
    window.open("/collections")
    customer = window.page.locator("table.list tbody td a").first.get_attribute("href")
    return list(dict.fromkeys(found + [customer, customer + "/statement"]))


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
    customer = next(path for path in detail_pages(window) if path.startswith("/customers/"))
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
