"""Draw the README's pictures anew: python docs/pictures/make.py (the live map needs chromium and playwright)"""

import shutil
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image

import procmine
from procmine.draw.picture import png
from procmine.publish.explorer.explore import Explorer
from procmine.publish.paper.pdf import as_pictures
from procmine.results import Result

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "event_logs" / "child_support.yaml"
CHANGE, LAST_BEFORE = "2025-10-06", "2025-10-05"


def answers() -> dict[str, Result]:
    """Name of each picture -> what it shows."""
    log = procmine.read(SAMPLE)
    words = "eligible orders were issued in a day"
    policy = procmine.Policy(words, words=words).set_delay("Court order issued", days=1).where(contested="no")
    memory = procmine.changes(SAMPLE.parent / "child_support_changes.yml")
    record = memory["consent-orders"]
    tried = procmine.forecast(procmine.fit(log, asof=LAST_BEFORE), policy, outcome="paid", seed=7)
    return {
        "map": procmine.process_map(log, show="median", steps=10, mark=("Petition filed", "Court order issued")),
        "bottlenecks": procmine.bottlenecks(log),
        "quick_wins": procmine.quick_wins(log),
        "service": procmine.service_times(log),
        "waiting_now": procmine.waiting_now(log),
        "forecast": tried,
        "open_cases": tried.open_cases,
        "before_after": procmine.compare(log, change=record),
        "beside_others": procmine.event_study(log, change=record),
        "map_difference": procmine.map_difference(log, change=CHANGE, where={"office": "North"}),
        "watch": procmine.watch(log, memory),
    }


def pages() -> dict[str, bytes]:
    """Name -> picture of pages beside each other: the brief, the page of forty plans, the live map."""
    log = procmine.read(SAMPLE)
    plans = HERE.parents[1] / "plans"
    brief = procmine.brief(log, plan=procmine.Plan.read(plans / "consent_orders_north.yml"))
    return {"brief": beside(as_pictures(brief.paper, dpi=84)), "live_map": live(procmine.explore(log))}


def beside(pictures: list[bytes], gap: int = 16) -> bytes:
    opened = [Image.open(BytesIO(one)).convert("RGB") for one in pictures]
    wide, high = sum(one.width for one in opened) + gap * (len(opened) - 1), max(one.height for one in opened)
    whole = Image.new("RGB", (wide, high), "#c8c8c8")
    left = 0
    for one in opened:
        whole.paste(one, (left, 0))
        left += one.width + gap
    whole = whole.quantize(128)
    out = BytesIO()
    whole.save(out, "PNG", optimize=True)
    return out.getvalue()


def live(explorer: Explorer) -> bytes:
    """The page as a browser shows it, one arrow clicked."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1100})
        page.set_default_timeout(5_000)
        page.goto(explorer.save(Path(folder) / "map.html").as_uri())
        page.get_by_role("radio", name="Half within").check()
        page.locator(".box[aria-label^='Court order issued']").last.click()
        page.wait_for_timeout(1_500)
        picture: bytes = page.screenshot()
        browser.close()
    return beside([picture])


if __name__ == "__main__":
    for name, picture in pages().items():
        (HERE / f"{name}.png").write_bytes(picture)
        print(name, len(picture))
    for name, answer in answers().items():
        (HERE / f"{name}.png").write_bytes(png(answer.plot().figure, dpi=110))
        print(name, *answer.sentences()[:1])
