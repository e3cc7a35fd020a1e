"""The documents do what they say: each transcript in docs is run and compared, each command has an example, the example settings are settings."""
import difflib
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from judge import ROOT, Judge

judge = Judge()
(judge.folder / "bin").mkdir()
(judge.folder / "bin/florin").symlink_to(judge.florin)
PLACES = {**os.environ, "PATH": f"{judge.folder}/bin:{os.environ['PATH']}"}


def shell(command, folder):
    return subprocess.run(["bash", "-c", command], cwd=folder, env=PLACES, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def played(document, folder):
    """The document with each console block's output as the program writes it now."""
    (folder / "Examples").symlink_to(ROOT / "Examples")
    lines, console = [], False
    for line in document.splitlines():
        if line.startswith("```"):
            console = line == "```console"
        if not console or line.startswith("```"):
            lines.append(line)
        elif line.startswith("$ "):
            lines.append(line)
            lines += [text.rstrip() for text in shell(line[2:], folder).rstrip("\n").splitlines()]
    return lines


def transcript(path):
    folder = judge.folder / path.stem
    folder.mkdir()
    wanted = path.read_text()
    found = played(wanted, folder)
    if os.environ.get("FLORIN_RECORD"):
        path.write_text("\n".join(found) + "\n")
    elif found != wanted.splitlines():
        return "\n".join(difflib.unified_diff(wanted.splitlines(), found, "the document", "the program", lineterm="", n=1))


def commands(*words):
    """The help of `florin`, of every command and of every command below one."""
    text = judge.run("help", *words).stdout
    below = re.findall(r"^  ([a-z0-9-]+)  +\S", text.split("SUBCOMMANDS:")[1], re.M) if "SUBCOMMANDS:" in text else []
    return [(words, text)] + [command for word in below for command in commands(*words, word)]


def explained():
    found = commands()
    bare = [" ".join(("florin", *words)) for words, text in found if "Example: florin" not in " ".join(text.split())]
    if bare or len(found) < 35:
        return f"{len(found)} commands; without an example: {', '.join(bare)}"


def settings():
    books = judge.books("sqlite", "settings")
    judge.run("init", "--name", "Set Ltd", "--country", "GB", "--currency", "GBP", "--database", books)
    shipped = (ROOT / "Examples/florin.toml").read_text()
    active = re.sub(r"^#(?=[a-z\[])", "", shipped, flags=re.M)
    for name, text in [("shipped", shipped), ("active", active)]:
        (judge.folder / f"{name}.toml").write_text(text)
        judge.run("check", "--database", books, "--config", f"{name}.toml")
    values = [at for at, line in enumerate(active.splitlines()) if re.match(r"[a-z_]+ = ", line)]
    if len(values) < 12:
        return f"only {len(values)} settings are shown"
    known = set()
    for at in values:
        key = active.splitlines()[at].split(" = ")[0]
        for wrong in [f"no_{key} = 1", key + " = { no = 1 }"]:
            lines = active.splitlines()
            lines[at] = wrong
            (judge.folder / "wrong.toml").write_text("\n".join(lines))
            done = judge.run("check", "--database", books, "--config", "wrong.toml", check=False)
            if done.returncode == 0 or f"line {at + 1}:" not in done.stderr:
                return f"line {at + 1} ({wrong}) is not named: {done.stderr[:200]}"
            known.update(re.findall(r"[a-z_]+", done.stderr.partition("; known: ")[2]))
    missing = {word for word in known if not re.search(rf"\b{word}\b", shipped)}
    if missing or len(known) < 50:
        return f"{len(known)} settings are known; not shown: {', '.join(sorted(missing))}"


def mistakes():
    """Settings that do nothing, or stand where another section has a line of the same name."""
    for text, told in [
        ("[mail]\nfrom = 'nobody'", "line 2: from: write one mail address"),
        ("[mail]\nfolder = 'mail'\ntls = 'yes'", "line 3: tls: write true or false"),
        ("[orders]\noverdue_minor = 5", "line 2: overdue_minor: holds no order by itself"),
        ("[seller]\niban = 'GB33BUKB20201555555555'\n[cash.weights]\niban = 5000", "line 4: iban: write a whole number"),
        ("entity = 1\n[dunning]\nentity = 2", "line 3: entity: is not a setting of [dunning]"),
        ("[cash.colours]\nred = 1", "line 1: colours: is not a setting of [cash]"),
        ("[cash]\ntolerances = 5", "line 2: tolerances: is a section: write [cash.tolerances]"),
        ("mail.tls = 1", "line 1: tls: write true or false"),
        ("[[dunning.level]]\noverdue_days = 1\ntitle = 5", "line 3: title: each level has a title"),
    ]:
        (judge.folder / "wrong.toml").write_text(text + "\n")
        done = judge.run("rules", "--config", "wrong.toml", check=False)
        if done.returncode == 0 or told not in done.stderr:
            return f"{text!r} is answered {done.stderr[:200]!r}, not {told!r}"


def rules():
    (judge.folder / "whole.toml").write_text(judge.run("rules", "--settings", "--config", "shipped.toml").stdout)
    said = [judge.run("rules", "--config", f"{name}.toml").stdout for name in ("shipped", "whole")]
    if said[0] != said[1] or said[0].count(" post") + said[0].count(" propose") + said[0].count(" leave") < 24:
        return f"the rules written out are others:\n{said[1]}"
    whole = (judge.folder / "whole.toml").read_text()
    for wrong in ["withholding_bp = [500, 500]", "withholding_bp = [6000]", "withholding_bp = 500", 'withholding_of = "tax"', "short_bp = 1001"]:
        key, lines = wrong.split(" = ")[0], whole.splitlines()
        at = [at for at, line in enumerate(lines) if line.startswith(f"{key} = ")][0]
        lines[at] = wrong
        (judge.folder / "wrong.toml").write_text("\n".join(lines))
        done = judge.run("rules", "--config", "wrong.toml", check=False)
        if f"line {at + 1}: {key}: write " not in done.stderr:
            return f"'{wrong}' is not named with its line: {done.stderr[:200]}"
    third = [at for at, line in enumerate(whole.splitlines()) if line == "[[cash.rule]]"][2]
    lines = whole.splitlines()
    lines[third + 4] = 'amount = "two"'
    (judge.folder / "wrong.toml").write_text("\n".join(lines))
    done = judge.run("rules", "--config", "wrong.toml", check=False)
    if f"line {third + 5}: amount: amount is one of" not in done.stderr:
        return f"a wrong word is not named with its line: {done.stderr[:200]}"
    (judge.folder / "wrong.toml").write_text(whole + '[[cash.rule]]\nconfidence = "low"\npayer = "fully"\ndocuments = "one"\naction = "leave"\n')
    done = judge.run("rules", "--config", "wrong.toml", check=False)
    if "never decides: rule 12, medium 2, fits before it" not in done.stderr:
        return f"a rule that is never reached is not named: {done.stderr[:200]}"


for path in sorted((ROOT / "docs").glob("*.md")):
    if "```console" in path.read_text():
        judge.case(f"the transcripts of docs/{path.name} are what the program writes", lambda: transcript(path))
judge.case("each command has an example", explained)
judge.case("each setting of Examples/florin.toml is taken, and a wrong one is named with its line", settings)
judge.case("a setting that does nothing is refused, and its line is named within its own section", mistakes)
judge.case("the rules of cash application are written out, changed and refused with their line", rules)
judge.end()
