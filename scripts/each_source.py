"""Runs a clang tool over our sources, as many at a time as there are processors.

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
    write_database(commands.values())
    return {
        path: entry["command"]
        for path, entry in commands.items()
        if ROOT in path.parents and BUILD not in path.parents
    }


def write_database(entries):
    (DATABASE / "compile_commands.json").write_text(json.dumps(list(entries)))


def batches(commands, size):
    """The sources of each target in batches; for each batch, a source that includes them all.

    A tool that reads that one reads the headers that its sources share only once. The batches are
    those of a unity build of that size, so that what clashes there clashes here.
    """
    targets = {}
    for source, command in commands.items():
        before, output, after = re.fullmatch(r"(.*) -o (\S+)\.dir/\S+(.*) -c \S+", command).groups()
        targets.setdefault((before + after, pathlib.Path(output).name), []).append(source)
    folder = DATABASE / "batches"
    folder.mkdir(exist_ok=True)
    found, entries = {}, json.loads((DATABASE / "compile_commands.json").read_text())
    for (flags, target), all_sources in targets.items():
        for start in range(0, len(all_sources), size):
            batch = tuple(all_sources[start : start + size])
            path = folder / f"{target}_{len(found)}.cpp"
            path.write_text("".join(f'#include "{source}"\n' for source in batch))
            entries.append({"directory": str(BUILD), "command": f"{flags} -c {path}", "file": str(path)})
            found[batch] = path
    write_database(entries)
    return found


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


def key(unit, commands, check):
    """Stands for everything that the outcome depends on."""
    state = hashlib.sha256("\0".join([check, *(commands[source] for source in unit)]).encode())
    for path in sorted(set().union(*map(closure, unit))):
        state.update(f"\0{path}\0".encode() + path.read_bytes())
    return state.hexdigest()


def run(command):
    """Whether the tool exits without error and prints nothing; what it prints."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    passed = done.returncode == 0 and not done.stdout.strip()
    return passed, done.stdout + ("" if passed else done.stderr)


def run_over(name, commands, check, look_at, units=None):
    """Runs look_at(*unit) for each unit, a tuple of sources; gives the number that failed.

    Without `units` each source is one. `check` is text that changes whenever the check does.
    look_at tells whether the unit passes, and what to print.
    """
    stamps = DATABASE / name
    stamps.mkdir(exist_ok=True)

    def look_unless_unchanged(unit):
        stamp = stamps / str(unit[0].relative_to(ROOT)).replace("/", "_")
        now = key(unit, commands, check)
        if stamp.is_file() and stamp.read_text() == now:
            return unit, None, ""
        passed, output = look_at(*unit)
        if passed:
            stamp.write_text(now)
        return unit, passed, output

    start, looked_at, failed = time.monotonic(), 0, 0
    units = units or [(source,) for source in sorted(commands)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for unit, passed, output in pool.map(look_unless_unchanged, units):
            looked_at += len(unit) if passed is not None else 0
            if passed is False:
                failed += 1
                print(f"{', '.join(str(one.relative_to(ROOT)) for one in unit)}:\n{output}", flush=True)
    print(
        f"{name}: {len(commands)} sources, {looked_at} looked at, the others unchanged since they "
        f"passed; {failed} failed; {time.monotonic() - start:.0f} s"
    )
    return failed
