"""The story that scripts/demo tells: python3 demo.py FOLDER-OF-THE-PROGRAMS [--source TYPE]"""

import argparse
import collections
import os
import pathlib
import sys
import tempfile

from sandbox import Run, Sandbox

parser = argparse.ArgumentParser(prog="scripts/demo")
parser.add_argument("programs", type=pathlib.Path, help=argparse.SUPPRESS)
parser.add_argument(
    "--source", choices=["rest", "fhir"], default="rest", help="how the hospital is read (rest)"
)
arguments = parser.parse_args()
PROGRAMS, SOURCE = arguments.programs.resolve(), arguments.source
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


def story(folder):
    config = folder / "medibridge.yaml"
    with Sandbox(
        PROGRAMS, config, "--patients", "300", "--invalid-share", "0.02",
        "--preload", "0.1", "--preload-unlinked", "0.02", "--his-type", SOURCE,
    ) as sandbox:
        print("A hospital with 300 invented patients, and a Medicapp that has some of them already:")
        print(f"  hospital  {sandbox.addresses['his']}")
        print(f"  Medicapp  {sandbox.addresses['medicapp']}")

        title("1. The first synchronisation")
        first = Run(PROGRAMS, config)
        show(first)
        print("  Held, for a person to decide:")
        for reason, count in sorted(held(first.events).items()):
            print(f"    {count:3}  {reason:20} {MEANING.get(reason, '')}")

        external_id = change_one_phone(sandbox)
        title(f"2. The hospital changes the phone number of patient {external_id}")
        second = Run(PROGRAMS, config)
        show(second)

        title("3. Nothing changes")
        third = Run(PROGRAMS, config)
        show(third)
        if second.result["updated"] != 1 or second.writes() != 1 or third.writes() != 0:
            sys.exit("that is not what should have happened: one write, then none")


def main():
    with tempfile.TemporaryDirectory(prefix="medibridge-demo-") as folder:
        story(pathlib.Path(folder))
    title("What to do next")
    print("  README.md         a first configuration for a real hospital, step by step")
    print("  docs/sandbox.md   faults to try: limits, errors, lost answers, lists that move")
    print("  build/release/bin/medibridged --help")


main()
