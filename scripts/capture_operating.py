#!/usr/bin/env python3
"""Writes what medibridgectl prints into docs/operating.md, between its markers:

    scripts/capture_operating.py [--check] [FOLDER-OF-THE-PROGRAMS]

A service runs against the sandbox, with patients who are held. What differs from run to run
(times, tokens, pseudonyms, durations) is written as fixed text, so that the page changes only when
the texts do. With --check nothing is written, and the page must be as it would be written.
"""

import argparse
import difflib
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from sandbox import Sandbox

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "operating.md"
REGION = re.compile(r"(<!-- medibridgectl (?P<words>[^>]+) -->\n).*?(<!-- end -->\n)", re.DOTALL)

# In this order: the first that fits a place counts.
FIXED = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "2026-11-28T17:59:40.000Z"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-11-28T17:59:40Z"),
    (r"\b\d+ (?:second|minute)s?\b", "20 seconds"),
    (r"--token [0-9a-f]+", "--token 5f0c41b791bc98a65f0c41b791bc98a6"),
    (r"(in the logs  )[0-9a-f]{12}", r"\g<1>0a1b2c3d4e5f"),
    (r"\bin (?:1 day|2[34] hours)\b", "in 23 hours"),
    (r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:8080"),
    (r"\bpat_[0-9a-f]{16}\b", "pat_8d4e6a1c2f7b9035"),
]

TWIN = {"lastName": "Marchand", "firstName": "Louise", "birthDate": "1957-02-03", "gender": "F",
        "phone": "+33199004321"}


def person(ipp):
    return {"ipp": ipp, "etatCivil": {"nomNaissance": "Marchand", "prenoms": ["Louise"],
                                      "dateNaissance": "03/02/1957", "sexe": "2"},
            "contact": {"mail": "louise.marchand@example.org"}}


def fixed(text, config):
    text = text.replace(f" --config {config}", "").replace(str(config.parent), "/var/lib/medibridge")
    for pattern, word in FIXED:
        text = re.sub(pattern, word, text)
    return "\n".join(aligned(text).splitlines()) + "\n"


def aligned(text):
    """The table of the sides as it is for the fixed texts: columns follow the widest cell."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if not line.startswith("  side "):
            continue
        end = i
        while end < len(lines) and lines[end].strip():
            end += 1
        rows = [re.split(r" {2,}", row.strip()) for row in lines[i:end]]
        widths = [max(len(row[c]) for row in rows if c < len(row)) for c in range(max(map(len, rows)))]
        lines[i:end] = ["  " + "  ".join(cell.ljust(widths[c]) for c, cell in enumerate(row)).rstrip()
                        for row in rows]
        break
    return "\n".join(lines) + "\n"


class Operated:
    """The service, and what its operator sees."""

    def __init__(self, programs, config):
        self.programs, self.config = programs, config
        self.log = config.with_suffix(".log").open("w")
        self.process = subprocess.Popen(
            [programs / "medibridged", "--config", config], stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.log.close()

    def run(self, words):
        return subprocess.run(
            [self.programs / "medibridgectl", "--config", self.config, *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def wait(self):
        end = time.monotonic() + 30
        while '"last_complete":"' not in self.run(["status", "--output", "json"]).stdout:
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit("the service has completed no cycle: " + str(self.log.name))
            time.sleep(0.05)


def make_situations(sandbox, operated):
    """Held: a twin in Medicapp, two names that change at once, a record without a birth date, and
    two whom a rule excludes."""
    first = [patient["ipp"] for patient in sandbox.control("GET", "/his/patients")["patients"]]
    sandbox.control("POST", "/medicapp/patients", TWIN)
    undated = person("8800000003")
    undated["etatCivil"]["dateNaissance"] = None
    for record in (
        person("8800000001"), undated, {"ipp": first[0], **{"etatCivil": person("")["etatCivil"]}},
        {"ipp": first[1], "decede": True}, {"ipp": first[2], "actif": False},
    ):
        sandbox.control("POST", "/his/patients", record)
    cycle = operated.run(["sync"])
    if cycle.returncode != 0:
        sys.exit("the cycle failed: " + cycle.stdout + cycle.stderr)


def captured(programs, wanted):
    """What each command prints, by its words; without those that the service does not know."""
    texts = {}
    with tempfile.TemporaryDirectory(prefix="medibridge-page-") as name:
        config = pathlib.Path(name) / "medibridge.yaml"
        with Sandbox(programs, config, "--patients", "40", "--invalid-share", "0") as sandbox:
            with config.open("a") as text:
                text.write("sync: {interval: 1h}\n")
            with Operated(programs, config) as operated:
                operated.wait()
                make_situations(sandbox, operated)
                for words in wanted:
                    run = operated.run(words.split())
                    if "no such path" in run.stderr:
                        print(f"{words}: the service does not know it; left as it is")
                    elif not run.stdout:
                        sys.exit(f"{words}: {run.stderr}")
                    else:
                        texts[words] = fixed(run.stdout, config)
    return texts


def main():
    parser = argparse.ArgumentParser(description="Keeps docs/operating.md as the program speaks.")
    parser.add_argument("programs", type=pathlib.Path, nargs="?",
                        default=ROOT / "build" / "release" / "bin")
    parser.add_argument("--check", action="store_true", help="change nothing; fail if it would")
    arguments = parser.parse_args()
    page = PAGE.read_text()
    texts = captured(arguments.programs.resolve(),
                     [region["words"] for region in REGION.finditer(page)])

    def filled(region):
        text = texts.get(region["words"])
        return region[0] if text is None else f"{region[1]}```\n{text}```\n{region[3]}"

    new = REGION.sub(filled, page)
    if not arguments.check:
        PAGE.write_text(new)
    elif new != page:
        sys.stdout.writelines(difflib.unified_diff(
            page.splitlines(True), new.splitlines(True), "docs/operating.md", "as it is printed"))
        sys.exit("docs/operating.md is not as the program speaks: run scripts/capture_operating.py")


main()
