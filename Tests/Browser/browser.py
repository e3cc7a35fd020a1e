"""A real browser for the desk's tests: Chromium without a window, watched for errors, foreign requests and inaccessible markup."""

import contextlib
import pathlib
import sys
from urllib.parse import urlparse

import axe_playwright_python
from playwright.sync_api import sync_playwright

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGE_LIMIT = 100_000
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


class Results:
    """One line a check; the last line counts them as `script/test` does."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def expect(self, name, holds, reason=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
        print(f"{'✔' if holds else '✘'} {name}{'' if holds else ': ' + str(reason)}", flush=True)
        return holds

    @contextlib.contextmanager
    def step(self, name):
        """A step that must not throw."""
        try:
            yield
        except Exception as fault:  # reported as the failure of this step, never swallowed
            self.expect(name, False, f"{type(fault).__name__}: {str(fault)[:400]}")
        else:
            self.expect(name, True)

    def close(self):
        print(f"browser: {self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(1 if self.failed else 0)


class Window:
    """A page of the browser that remembers what went wrong on it."""

    def __init__(self, browser, url, state=None, scheme="light", viewport=DESKTOP, scripts=True):
        self.url, self.host = url, urlparse(url).netloc
        # The strict policy also keeps test scripts out; they are let in around it, while every refusal of it is still reported.
        self.context = browser.new_context(
            color_scheme=scheme, viewport=viewport, java_script_enabled=scripts, storage_state=state, bypass_csp=False, reduced_motion="reduce")
        self.page = self.context.new_page()
        self.errors, self.foreign = [], []
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda fault: self.errors.append(str(fault)))
        self.page.on("request", lambda asked: self.foreign.append(asked.url) if urlparse(asked.url).netloc not in (self.host, "") else None)

    def open(self, path):
        self.errors.clear()
        self.foreign.clear()
        answer = self.page.goto(self.url + path)
        return answer

    def violations(self):
        """axe's findings on the page as it stands, each with the first element it concerns."""
        session = self.context.new_cdp_session(self.page)
        # A world of its own: the page's policy does not reach it.
        tree = session.send("Page.getFrameTree")
        world = session.send("Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"], "worldName": "axe"})["executionContextId"]
        session.send("Runtime.evaluate", {"expression": AXE, "contextId": world})
        found = session.send("Runtime.evaluate", {
            "contextId": world, "awaitPromise": True, "returnByValue": True,
            "expression": f"axe.run({{runOnly: {RULES}}}).then(r => r.violations.map(v => v.id + ' on ' + v.nodes[0].html.slice(0, 140) + ' ×' + v.nodes.length"
            " + ' ' + (v.nodes[0].any[0] ? v.nodes[0].any[0].message : '')))",
        })
        session.detach()
        return found["result"]["value"]

    def text(self, selector="main"):
        return self.page.locator(selector).first.inner_text()

    def close(self):
        self.context.close()


@contextlib.contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()
