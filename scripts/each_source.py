"""Runs a clang tool over our sources, as many at a time as there are processors.

A source that passed is not looked at again until it changes, or a header of ours that it includes,
its compile command, or the check itself. Used by scripts/tidy.
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
BUILD = ROOT / "build" / "tidy"
DATABASE = BUILD / "checks"  # a compile_commands.json without launchers, and the stamps
BATCH = 24  # sources that are looked at as if they were one
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def sources():
    """Configures the tidy preset; gives our sources, each with its compile command."""
    configured = subprocess.run(
        ["cmake", "--preset", "tidy"], cwd=ROOT, capture_output=True, text=True
    )
    if configured.returncode != 0:
        sys.exit(configured.stdout + configured.stderr + "cmake --preset tidy failed")
    commands = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        arguments = shlex.split(entry["command"])
        # The tools take the first word for the compiler: leave out `cmake -E env … ccache`.
        compiler = next(i for i, word in enumerate(arguments) if "clang++" in word)
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


def batches(commands):
    """All sources in batches; for each, and for its parts, a file that includes it, and its parts.

    A tool that reads that file reads the headers that the sources share only once. Gives the batches,
    tuples of sources, and by batch the file and the parts; see look_at_parts. Sources of several
    targets stand together, with the flags of all: tests apart, as they may do what the program may not.
    """
    flags, sides, targets = {}, {}, {}
    for source, command in commands.items():
        before, output, after = re.fullmatch(r"(.*) -o (\S+)\.dir/\S+(.*) -c \S+", command).groups()
        side = "tests" if "GTEST" in after + before else "program"
        flags.setdefault(side, {}).update(dict.fromkeys(shlex.split(before + after)))
        sides.setdefault(side, []).append(source)
        targets[source] = pathlib.Path(output).name
    folder = DATABASE / "batches"
    folder.mkdir(exist_ok=True)
    whole, known, entries = [], {}, json.loads((DATABASE / "compile_commands.json").read_text())
    for side, all_sources in sides.items():
        starts = range(0, len(all_sources), BATCH)
        units = [tuple(all_sources[start : start + BATCH]) for start in starts]
        whole += units
        while units:
            unit = units.pop()
            if len(unit) == 1:
                known[unit] = unit[0], []
                continue
            path = folder / f"{side}_{len(known)}.cpp"
            path.write_text("".join(f'#include "{source}"\n' for source in unit))
            command = f"{shlex.join(flags[side])} -c {path}"
            entries.append({"directory": str(BUILD), "command": command, "file": str(path)})
            known[unit] = path, halves(unit, targets)
            units += known[unit][1]
    write_database(entries)
    return whole, known


def halves(unit, targets):
    """A batch in two, where a target ends if it has sources of several."""
    middle = len(unit) // 2
    ends = [at for at in range(1, len(unit)) if targets[unit[at - 1]] != targets[unit[at]]]
    if ends:
        cut = min(ends, key=lambda at: abs(at - middle))
    else:
        # As many as the unity build's batches have, which compile.
        cut = 1 << ((len(unit) - 1).bit_length() - 1)
    return [unit[:cut], unit[cut:]]


def look_at_parts(look, known, unit):
    """What look gives for a batch; where its sources do not compile together, for each part of it."""
    file, parts = known[unit]
    compiles, passed, output = look(file)
    if compiles or not parts:
        return passed, output
    outcomes = [look_at_parts(look, known, part) for part in parts]
    return all(passed for passed, _ in outcomes), "".join(output for _, output in outcomes)


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


def run_over(name, commands, check, look):
    """Looks at all sources, batch by batch; gives the number of batches that failed.

    `check` is text that changes whenever the check does. look(source) tells whether the source
    compiles, whether it passes, and what to print.
    """
    units, known = batches(commands)
    stamps = DATABASE / name
    stamps.mkdir(exist_ok=True)

    def look_unless_unchanged(unit):
        stamp = stamps / str(unit[0].relative_to(ROOT)).replace("/", "_")
        now = key(unit, commands, check)
        if stamp.is_file() and stamp.read_text() == now:
            return unit, None, ""
        passed, output = look_at_parts(look, known, unit)
        if passed:
            stamp.write_text(now)
        return unit, passed, output

    start, looked_at, failed = time.monotonic(), 0, 0
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
