"""``python -m tests.browser.pictures``: photograph the three views of the real product into ``docs/pictures``.

Light and dark, at a desk and on a phone, with the real model and some minutes of gentle traffic behind the curves.
``--model FOLDER --text "…"`` photographs an answer of another model instead, in light, under the name of its folder.
Where the font Inter is installed (Debian: fonts-inter) it stands for the system's own.
"""

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from shared.process.settings import Settings
from tests.browser.files import write_csv
from tests.browser.visitor import Visitor, chromium
from tests.support.service import Api, Service
from worker.engines.manifest import model_dir

COLOURS = 255
RATE = 8.0
FONT = "document.documentElement.style.setProperty('--font', 'Inter, system-ui, sans-serif')"
THINGS = ["The room", "Breakfast", "The staff", "The view", "Check-in", "The bed", "The pool", "Our waiter"]
VERDICTS = ["was a delight", "was a disappointment", "could not have been better", "was cold and careless", "was fine"]
REVIEWS = [f"{thing} {verdict}." for thing in THINGS for verdict in VERDICTS]


def main() -> None:
    """Start the product, send traffic for a while, take the pictures, stop it."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.pictures", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("docs/pictures"))
    parser.add_argument("--minutes", type=float, default=15.0, help="of traffic before the first picture")
    parser.add_argument("--model", type=Path, help="folder of a baked model")
    parser.add_argument("--text", default="What a lovely day", help="the text that it answers")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        try:
            if options.model:
                photograph_model(service, options.model, options.text, options.output)
            else:
                photograph_views(service, options.minutes, options.output)
        finally:
            service.stop()


def photograph_views(service: Service, minutes: float, output: Path) -> None:
    """Take the pictures of all views, with the model of the repository."""
    service.start_worker(engine="onnx", model_dir=str(model_dir(Settings())), worker_processes="1")
    apis = [service.start_api(flower_url="http://127.0.0.1:5555") for _ in range(2)]
    with traffic(apis), chromium() as browser:
        time.sleep(60 * minutes)
        for phone in (False, True):
            for scheme in ("light", "dark"):
                take(browser, apis[0], service.folder, output, scheme, phone)


def photograph_model(service: Service, model: Path, text: str, output: Path) -> None:
    """Take the pictures of one answer of another model."""
    service.start_worker(engine="auto", model_dir=str(model.resolve()), worker_processes="1")
    api = service.start_api()
    with chromium() as browser:
        for phone in (False, True):
            camera = Camera(browser, api, output, "light", phone=phone)
            page = camera.open()
            page.get_by_label("Text to classify").fill(text)
            page.get_by_role("button", name="Classify", exact=True).click()
            page.locator(".verdict").wait_for()
            camera.save(model.resolve().name, full_page=not phone)
            camera.leave()


class Camera:
    """One screen of the page."""

    def __init__(self, browser: Any, api: Api, output: Path, scheme: str, *, phone: bool) -> None:
        self._url, self._output = api.url, output
        self._screen = f"{scheme}-{'phone' if phone else 'desk'}"
        self._visitor = Visitor(browser, api.url, scheme=scheme, phone=phone, device_scale_factor=2 if phone else 1.5)
        self.leave = self._visitor.leave

    def open(self) -> Any:
        """Open the page."""
        page = self._visitor.page
        page.goto(self._url)
        page.evaluate(FONT)
        return page

    def save(self, view: str, **options: Any) -> None:
        """Take a picture, without the focus and the pointer that the steps before have left."""
        page = self._visitor.page
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.mouse.move(0, 0)
        page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
        _shrink(page.screenshot(**options), self._output / f"{view}-{self._screen}.png")


def take(browser: Any, api: Api, folder: Path, output: Path, scheme: str, phone: bool) -> None:
    """Take the pictures of all views on one screen."""
    camera = Camera(browser, api, output, scheme, phone=phone)
    page = camera.open()
    page.get_by_role("button", name="A bad film" if scheme == "dark" else "A good film").click()
    page.locator(".verdict").wait_for()
    page.get_by_role("button", name="A batch" if not phone else "Hard to say").click()
    page.locator(".batch" if not phone else ".verdict").wait_for()
    camera.save("try", full_page=not phone)
    page.get_by_role("link", name="Jobs").click()
    _show_jobs(page, folder)
    camera.save("jobs", full_page=not phone)
    page.get_by_role("link", name="System").click()
    page.get_by_role("region", name="Redis").locator("tbody tr").first.wait_for()
    page.locator("path.area[d*=L]").first.wait_for(state="attached")
    camera.save("system", full_page=not phone)
    camera.leave()


def _show_jobs(page: Any, folder: Path) -> None:
    """Send three files: one ends, one is under way, one is only previewed."""
    numbered = [f"{text} Stay number {random.random()}." for text in REVIEWS * 40]
    names = {"hotel-reviews.csv": REVIEWS * 20, "survey-autumn.csv": numbered, "comments.csv": REVIEWS}
    for name, texts in names.items():
        page.get_by_label("Choose a file").set_input_files(write_csv(folder / name, texts))
        button = page.get_by_role("button", name=f"Classify {len(texts):,} rows")
        button.wait_for()
        if name == "hotel-reviews.csv":
            button.click()
            page.get_by_text("Done", exact=True).wait_for(timeout=120_000)
        elif name == "survey-autumn.csv":
            button.click()
            page.get_by_text("left").wait_for(timeout=120_000)


@contextmanager
def traffic(apis: list[Api]) -> Iterator[None]:
    """Send a few requests a second, mostly of texts that were sent before."""
    over = threading.Event()

    def ask() -> None:
        rng = random.Random(1)
        with httpx.Client(timeout=10) as client:
            while not over.wait(rng.expovariate(RATE)):
                new = rng.random() < 0.12
                text = f"{rng.choice(REVIEWS)} Room {rng.random()}." if new else rng.choice(REVIEWS)
                client.post(f"{rng.choice(apis).url}/project/predict", json={"text": text})

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _shrink(png: bytes, path: Path) -> None:
    """Save with few colours: these are areas and letters, no photographs."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
