"""The story that scripts/demo tells: python3 demo.py FOLDER-OF-THE-PROGRAMS [--source rest|csv]"""

import argparse
import collections
import os
import pathlib
import sys
import tempfile
import time

from sandbox import Run, Sandbox

FANCY = sys.stdout.isatty() and "NO_COLOR" not in os.environ
BOLD, PLAIN = ("\033[1m", "\033[0m") if FANCY else ("", "")

MEANING = {
    "invalid": "a required field is missing or impossible",
    "possible_duplicate": "Medicapp has somebody like them, without identifier",
    "identity_mismatch": "the identifier belongs to somebody else in Medicapp",
    "deceased": "the hospital says that they died",
    "inactive_in_his": "no longer in use in the hospital",
    "identity_status": "the hospital is not sure who they are",
    "merged_in_his": "merged into another patient",
}


class Rest:
    """A hospital that is asked over HTTP."""

    def __init__(self, folder):
        self.arguments = []

    def where(self, sandbox):
        return sandbox.addresses["his"]

    def wait(self):
        """Until a change in the hospital can be seen from outside."""


class Csv:
    """A hospital that drops files into a folder."""

    def __init__(self, folder):
        self.folder = folder / "drop"
        self.arguments = ["--his-type", "csv", "--drop-directory", str(self.folder)]

    def where(self, sandbox):
        return f"{self.folder}/*.csv"

    def wait(self):
        for _ in range(200):
            if any(self.folder.glob("*.csv")):
                return
            time.sleep(0.05)
        sys.exit("the hospital dropped no file")


class Fhir(Rest):
    """A hospital that is asked for FHIR resources."""

    def __init__(self, folder):
        self.arguments = ["--his-type", "fhir"]


SOURCES = {"rest": Rest, "fhir": Fhir, "csv": Csv}


def title(text):
    print(f"\n{BOLD}{text}{PLAIN}")


def show(run):
    result, requests = run.result, run.result["requests"]["medicapp"]
    counts = [result[name] for name in ("created", "updated", "linked", "unchanged", "held")]
    sent = [requests[name] for name in ("GET", "POST", "PUT")]
    print("  created  updated   linked  unchanged   held  |   GET   POST    PUT  |   time")
    print("  {:7} {:8} {:8} {:10} {:6}  | {:5} {:6} {:6}  | {:4.1f} s".format(
        *counts, *sent, run.seconds))


def held(events):
    """How many wait for which reason."""
    return collections.Counter(
        event.get("reason", "no reason given") for event in events if event["event"] == "patient.held"
    )


def change_one_phone(sandbox):
    """In the HIS, for somebody who was synchronised. Gives their identifier."""
    patients = sandbox.control("GET", "/medicapp/patients?limit=50")["patients"]
    external_id = next(patient["externalId"] for patient in patients if patient["externalId"])
    record = sandbox.control("GET", f"/his/patients/{external_id}")
    record["contact"]["mobile"] = "06 39 98 00 01"
    del record["majLe"]  # the hospital's own clock sets it
    sandbox.control("PUT", f"/his/patients/{external_id}", record)
    return external_id


def story(programs, folder, hospital):
    config = folder / "medibridge.yaml"
    with Sandbox(
        programs, config, "--patients", "300", "--invalid-share", "0.02",
        "--preload", "0.1", "--preload-unlinked", "0.02", *hospital.arguments,
    ) as sandbox:
        print("A hospital with 300 invented patients, and a Medicapp that has some of them already:")
        print(f"  hospital  {hospital.where(sandbox)}")
        print(f"  Medicapp  {sandbox.addresses['medicapp']}")

        title("1. The first synchronisation")
        first = Run(programs, config)
        show(first)
        print("  Held, for a person to decide:")
        for reason, count in sorted(held(first.events).items()):
            print(f"    {count:3}  {reason:20} {MEANING.get(reason, '')}")

        external_id = change_one_phone(sandbox)
        hospital.wait()
        title(f"2. The hospital changes the phone number of patient {external_id}")
        second = Run(programs, config)
        show(second)

        title("3. Nothing changes")
        third = Run(programs, config)
        show(third)
        if second.result["updated"] != 1 or second.writes() != 1 or third.writes() != 0:
            sys.exit("that is not what should have happened: one write, then none")


def main():
    parser = argparse.ArgumentParser(description="Synchronisations with a simulated hospital.")
    parser.add_argument("programs", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--source", choices=SOURCES, default="rest", help="kind of hospital (rest)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="medibridge-demo-") as name:
        folder = pathlib.Path(name)
        story(arguments.programs.resolve(), folder, SOURCES[arguments.source](folder))
    title("What to do next")
    print("  README.md         a first configuration for a real hospital, step by step")
    print("  docs/sandbox.md   faults to try: limits, errors, lost answers, lists that move")
    print("  build/release/bin/medibridged --help")


main()
