"""Runs a clang tool over each of our sources, as many at a time as there are processors.

A source that passed is not looked at again until it changes, or a header of ours that it includes,
its compile command, or the check itself. Used by scripts/lint and scripts/tidy.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "clang"
DATABASE = BUILD / "checks"  # a compile_commands.json without launchers, and the stamps
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def sources():
    """Configures the clang preset; gives our sources, each with its compile command."""
    configured = subprocess.run(
        ["cmake", "--preset", "clang"], cwd=ROOT, capture_output=True, text=True
    )
    if configured.returncode != 0:
        sys.exit(configured.stdout + configured.stderr + "cmake --preset clang failed")
    commands = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        arguments = shlex.split(entry["command"])
        # The tools take the first word for the compiler: leave out `cmake -E env … ccache`.
        compiler = next(i for i, word in enumerate(arguments) if word.endswith("clang++"))
        entry["command"] = shlex.join(arguments[compiler:])
        commands[pathlib.Path(entry["file"])] = entry
    DATABASE.mkdir(exist_ok=True)
    (DATABASE / "compile_commands.json").write_text(json.dumps(list(commands.values())))
    return {
        path: entry["command"]
        for path, entry in commands.items()
        if ROOT in path.parents and BUILD not in path.parents
    }


def closure(source):
    """The source and all headers of ours that it includes, directly or not."""
    found, waiting = set(), [source]
    while waiting:
        path = waiting.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        for header in INCLUDE.findall(path.read_text()):
            waiting += [ROOT / header, path.parent / header]
    return found


def key(source, command, check):
    """Stands for everything that the outcome depends on."""
    state = hashlib.sha256(f"{check}\0{command}".encode())
    for path in sorted(closure(source)):
        state.update(f"\0{path}\0".encode() + path.read_bytes())
    return state.hexdigest()


def run_over(name, commands, check, command_for):
    """Runs command_for(source) for each source; gives the number of sources that failed.

    `check` is text that changes whenever the check does. A source fails where the tool prints
    anything or exits with an error.
    """
    stamps = DATABASE / name
    stamps.mkdir(exist_ok=True)

    def look_at(source):
        stamp = stamps / (str(source.relative_to(ROOT)).replace("/", "_"))
        now = key(source, commands[source], check)
        if stamp.is_file() and stamp.read_text() == now:
            return source, None, ""
        done = subprocess.run(command_for(source), cwd=ROOT, capture_output=True, text=True)
        passed = done.returncode == 0 and not done.stdout.strip()
        if passed:
            stamp.write_text(now)
        return source, passed, done.stdout + ("" if passed else done.stderr)

    start, looked_at, failed = time.monotonic(), 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, passed, output in pool.map(look_at, sorted(commands)):
            looked_at += passed is not None
            if passed is False:
                failed += 1
                print(f"{source.relative_to(ROOT)}:\n{output}", flush=True)
    print(
        f"{name}: {len(commands)} sources, {looked_at} looked at, the others unchanged since they "
        f"passed; {failed} failed; {time.monotonic() - start:.0f} s"
    )
    return failed
