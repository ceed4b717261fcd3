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
BATCH = 16  # sources that are looked at as if they were one
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
    """The sources of each target in batches; for each, and for its parts, a source that includes it.

    A tool that reads that one reads the headers that its sources share only once. Gives the batches,
    tuples of sources, and the source for each; see look_at_parts.
    """
    targets = {}
    for source, command in commands.items():
        before, output, after = re.fullmatch(r"(.*) -o (\S+)\.dir/\S+(.*) -c \S+", command).groups()
        targets.setdefault((before + after, pathlib.Path(output).name), []).append(source)
    folder = DATABASE / "batches"
    folder.mkdir(exist_ok=True)
    whole, files, entries = [], {}, json.loads((DATABASE / "compile_commands.json").read_text())
    for (flags, target), all_sources in targets.items():
        starts = range(0, len(all_sources), BATCH)
        units = [tuple(all_sources[start : start + BATCH]) for start in starts]
        whole += units
        while units:
            unit = units.pop()
            if len(unit) == 1:
                files[unit] = unit[0]
                continue
            path = folder / f"{target}_{len(files)}.cpp"
            path.write_text("".join(f'#include "{source}"\n' for source in unit))
            entries.append({"directory": str(BUILD), "command": f"{flags} -c {path}", "file": str(path)})
            files[unit] = path
            units += halves(unit)
    write_database(entries)
    return whole, files


def halves(unit):
    # Of as many sources as the unity build's batches, which compile.
    middle = 1 << ((len(unit) - 1).bit_length() - 1)
    return [unit[:middle], unit[middle:]]


def look_at_parts(look, files, unit):
    """What look gives for a batch; where its sources do not compile together, for each half of it."""
    compiles, passed, output = look(files[unit])
    if compiles or len(unit) == 1:
        return passed, output
    outcomes = [look_at_parts(look, files, half) for half in halves(unit)]
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
    units, files = batches(commands)
    stamps = DATABASE / name
    stamps.mkdir(exist_ok=True)

    def look_unless_unchanged(unit):
        stamp = stamps / str(unit[0].relative_to(ROOT)).replace("/", "_")
        now = key(unit, commands, check)
        if stamp.is_file() and stamp.read_text() == now:
            return unit, None, ""
        passed, output = look_at_parts(look, files, unit)
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
