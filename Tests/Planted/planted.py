"""Builds a version of Florin with every bug of plants.py in it, asleep, and shows that the tests of docs/lessons.md are green until one wakes.

One line for each test and bug: ✔ when it is red with the bug awake. All are green with every bug asleep, or that is the fault.
`--check` builds nothing: each bug still has its place in the sources, and each test of docs/lessons.md its bug.
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from plants import PLANTS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".build-planted"
SWITCH = """import Glibc

private let awake = getenv("FLORIN_PLANTED").map { String(cString: $0) } ?? ""

package func planted(_ report: String) -> Bool { awake == report }
"""
# What has no lesson of its own is not built: the web server and the program, with all that they link.
LEFT_OUT = ["Web", "florin", "WebTests", "TidyTests"]


def require(holds, fault):
    if not holds:
        sys.exit(f"✘ {fault}")


def manifest(text):
    for name in LEFT_OUT:
        text, count = re.subn(
            r"\n {8}\.(?:target|executableTarget|testTarget)\(\s*name: \"" + name + r"\",(?:(?!\n {8}\.).)*?swiftSettings: strict[^\n]*\),", "", text,
            flags=re.S)
        require(count == 1, f"Package.swift: {count} targets of the name {name}")
    text, count = re.subn(r"\n    products: \[.*?\],", "", text)
    require(count == 1, "Package.swift: no products")
    return text


def sources():
    """The files of the planted version, by path."""
    texts = {}
    for folder in ["Sources", "Tests"]:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in {".swift", ".sql", ".modulemap", ".h"}:
                texts[str(path.relative_to(ROOT))] = path.read_text()
    for plant in PLANTS:
        for file, found, instead in plant.edits:
            count = texts[file].count(found)
            require(count == 1, f"{plant.report}: {file} holds this {count} times, not once: {found}")
            texts[file] = texts[file].replace(found, instead.replace("PLANTED", f'planted("{plant.report}")'))
    texts["Sources/Domain/Planted.swift"] = SWITCH
    texts["Package.swift"] = manifest((ROOT / "Package.swift").read_text())
    return {path: text for path, text in texts.items() if not re.match(r"(Sources|Tests)/(" + "|".join(LEFT_OUT) + ")/", path)}


def write(texts):
    """Touches only what changed, so that the next build is short."""
    home = FOLDER / "source"
    for path in [path for path in home.rglob("*") if path.is_file() and str(path.relative_to(home)) not in texts]:
        if path.name != "Package.resolved":
            path.unlink()
    for path, text in texts.items():
        path = home / path
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return home


def run(bundle, tests, report=""):
    """Whether all passed, how many ran, and the first thing that was wrong."""
    words = [str(bundle), "--testing-library", "swift-testing", "--filter", r"[./](" + "|".join(tests) + r")[/(]"]
    done = subprocess.run(words, capture_output=True, text=True, errors="replace", env=os.environ | {"FLORIN_PLANTED": report})
    output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    issue = re.search(r"(?:recorded an issue.*?: |Caught error: |Fatal error: )(.*)", output)
    started = len(re.findall(r"^. Test (?!case |run )\w.*? started\.$", output, re.M))
    return done.returncode == 0, started, issue.group(1)[:160] if issue else f"it ended with {done.returncode}"


def unplanted():
    """Tests of docs/lessons.md that no plant reddens."""
    rows = [row for row in (ROOT / "docs/lessons.md").read_text().splitlines() if row.startswith("| ")][2:]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row.rsplit("|", 2)[1])}
    return sorted(named - {test for plant in PLANTS for test in plant.tests})


def main():
    failed = 0

    def verdict(name, fault=None, seen=""):
        nonlocal failed
        failed += fault is not None
        print(f"✔ {name}{seen}" if fault is None else f"✘ {name}: {fault}", flush=True)

    texts, left = sources(), unplanted()
    verdict("each bug has its place in the sources, and each test of docs/lessons.md its bug", f"no bug for {', '.join(left)}" if left else None)
    if failed or "--check" in sys.argv:
        sys.exit(1 if failed else 0)
    home = write(texts)
    built = subprocess.run(["swift", "build", "--build-tests", "--package-path", home, "--scratch-path", FOLDER / "build"])
    if built.returncode != 0:
        sys.exit("✘ the planted version does not build")
    bundle = FOLDER / "build/debug/florinPackageTests.xctest"
    tests = sorted({test for plant in PLANTS for test in plant.tests})
    passes, started, issue = run(bundle, tests)
    verdict(f"{started} tests of lessons are green while every bug sleeps", None if passes and started >= len(tests) else issue)
    for plant in PLANTS:
        for test in plant.tests:
            passes, started, issue = run(bundle, [test], plant.report)
            fault = "no test of that name" if started == 0 else "it is green with the bug awake" if passes else None
            verdict(f"{plant.report} reddens {test}", fault, f": {issue}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    if shutil.which("swift") is None:
        sys.exit("✘ swift is not installed")
    main()
