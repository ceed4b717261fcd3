"""The story that scripts/demo tells: python3 demo.py FOLDER-OF-THE-PROGRAMS [--source TYPE]"""

import argparse
import collections
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

from sandbox import Run, Sandbox

FANCY = sys.stdout.isatty() and "NO_COLOR" not in os.environ
BOLD, PLAIN = ("\033[1m", "\033[0m") if FANCY else ("", "")

MEANING = {
    "invalid": "a required field is missing or impossible",
    "possible_duplicate": "Medicapp has a similar patient without an identifier",
    "identity_mismatch": "the identifier belongs to somebody else in Medicapp",
    "deceased": "the hospital says that they died",
    "inactive_in_his": "no longer in use in the hospital",
    "identity_status": "the hospital has not verified the identity",
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
        print("  Held, by reason:")
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
            sys.exit("unexpected result; expected: one write, then none")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(what, holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            sys.exit(f"timed out; expected: {what}")
        time.sleep(0.2)


def hl7_story(programs, folder):
    """The hospital sends; the service runs all the while."""
    config, log = folder / "medibridge.yaml", folder / "service.log"
    with Sandbox(
        programs, config, "--patients", "300", "--invalid-share", "0.02", "--his-type", "hl7v2",
        "--mllp", f"127.0.0.1:{free_port()}",
    ) as sandbox, log.open("w") as events:
        with config.open("a") as text:
            text.write("sync: {interval: 1s}\n")
        service = subprocess.Popen([programs / "medibridged", "--config", config], stderr=events)
        try:
            stats = lambda: sandbox.control("GET", "/stats")

            title("1. The hospital sends a message for each of its 300 patients")
            started = time.monotonic()
            wait_for("all messages are answered",
                     lambda: stats()["hl7"]["queued"] == 0 and stats()["hl7"]["accepted"] >= 300)
            print(f"  {stats()['hl7']['accepted']} acknowledged in "
                  f"{time.monotonic() - started:.1f} s")
            wait_for("they are in Medicapp", lambda: stats()["medicapp"]["patients"] >= 280)
            print(f"  {stats()['medicapp']['patients']} patients in Medicapp")

            external_id = change_one_phone(sandbox)
            title(f"2. The hospital changes the phone number of patient {external_id}")
            done = stats()["medicapp"]["puts"]["done"]
            wait_for("the change is in Medicapp",
                     lambda: stats()["medicapp"]["puts"]["done"] == done + 1)
            print("  one message, one write to Medicapp")
        finally:
            service.terminate()
            service.wait()


def main():
    parser = argparse.ArgumentParser(description="Synchronisations with a simulated hospital.")
    parser.add_argument("programs", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--source", choices=[*SOURCES, "hl7v2"], default="rest", help="kind of hospital (rest)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="medibridge-demo-") as name:
        folder = pathlib.Path(name)
        programs = arguments.programs.resolve()
        if arguments.source == "hl7v2":
            hl7_story(programs, folder)
        else:
            story(programs, folder, SOURCES[arguments.source](folder))
    title("What to do next")
    print("  README.md         a first configuration for a real hospital, step by step")
    print("  docs/sandbox.md   faults to try: limits, errors, lost answers, lists that move")
    print("  build/release/bin/medibridged --help")


main()
