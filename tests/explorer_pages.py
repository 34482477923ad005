"""A live map opened in a browser without a network, with what it logged and asked for."""

import shutil
from contextlib import contextmanager

import pytest


@contextmanager
def browser():
    """Chromium; tests are skipped where it, or playwright, is not installed."""
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").sync_playwright
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium on this computer")
    with sync() as player:
        opened = player.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


class Live:
    """`page`: playwright's; `faults`: what was logged or thrown; `asked`: addresses besides that of the file."""

    def __init__(self, opened, path, **how):
        how = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **how}
        self.context = opened.new_context(offline=True, **how)
        self.page = self.context.new_page()
        self.faults, self.asked = [], []
        self.page.on("console", lambda message: self.faults.append(message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        self.asked = [one for one in self.asked if one != path.as_uri()]
        if how.get("java_script_enabled", True):
            self.page.wait_for_selector("html.live", timeout=30_000)

    def close(self):
        self.context.close()
        assert not self.faults, self.faults
        assert not self.asked, self.asked

    def slide(self, name, value):
        self.page.locator(f"#explorer-slider-{name}").fill(str(value))

    def choose(self, name, value):
        self.page.locator(f"input[name={name}][value='{value}']").check()

    def tab(self, name):
        self.page.locator(f"#tab-{name}").click()

    def status(self):
        return self.page.locator(".status").inner_text()

    def only(self, kind, *values):
        """Add a filter by the form, as a reader would."""
        form = self.page.locator("form.add")
        form.locator("> select").select_option(label=kind)
        if form.locator(".values input").count():
            for place, value in enumerate(values):
                form.locator(".values input").nth(place).fill(value)
        else:
            form.locator(".values select").select_option(label=values[0])
        form.locator("button").click()

    def clear(self):
        while self.page.locator(".stack button[aria-label]").count():
            self.page.locator(".stack button[aria-label]").first.click()

    def exact(self, number=0):
        """The rows of a table of the table tab: the first cell, and the exact numbers of the others (None: not told)."""
        return (
            self.page.locator(".table table")
            .nth(number)
            .evaluate(
                """table => Object.fromEntries([...table.tBodies[0].rows].map(row => [row.cells[0].textContent,
            [...row.cells].slice(1).map(cell => cell.dataset.exact === undefined ? null : Number(cell.dataset.exact))]))"""
            )
        )
