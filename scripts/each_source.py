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
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "tidy"
BATCH = 48  # sources that are looked at as if they were one
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
ALIAS = re.compile(r"^using (\w+) (= .+;)$")
# Roughly what a line declares in an unnamed namespace; a using-declaration may be repeated.
DECLARED = re.compile(
    r"^(?!return|using [\w:]+;|using namespace|namespace|template)"
    r"[A-Za-z_][^;={(]*?\b(?!final\b)(\w+)(?=\(| ?=| ?\{|;|\[| :|$)"
)


def sources():
    """Configures the tidy preset; gives our sources, each with the words of its compile command."""
    configured = subprocess.run(
        ["cmake", "--preset", "tidy"], cwd=ROOT, capture_output=True, text=True
    )
    if configured.returncode != 0:
        sys.exit(configured.stdout + configured.stderr + "cmake --preset tidy failed")
    commands = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if ROOT in path.parents and BUILD not in path.parents:
            words = shlex.split(entry["command"])
            # The tools take the first word for the compiler: leave out `cmake -E env … ccache`.
            compiler = next(i for i, word in enumerate(words) if "clang++" in word)
            commands[path] = words[compiler:]
    return commands


def batches(commands):
    """All sources in batches, tuples of sources, each with the flags to compile it with.

    A tool that reads a file that includes them all reads the headers that they share only once.
    Sources of several targets stand together, with the flags of all: tests apart, as they may do
    what the program may not.
    """
    flags, sides = {}, {}
    for source, words in commands.items():
        output = words.index("-o")
        own = words[1:output] + words[output + 2 : -2]  # without the compiler, -o FILE and -c FILE
        side = "tests" if any("GTEST" in word for word in own) else "program"
        flags.setdefault(side, {}).update(dict.fromkeys(own))
        sides.setdefault(side, []).append(source)
    return {unit: [*flags[side]] for side, members in sides.items() for unit in together(members)}


def together(sources):
    """All sources in as few batches as well compile."""
    found = []
    for source in sources:
        names = own_names(source)
        for unit, taken in found:
            if len(unit) < BATCH and all(agree(taken.get(name), own) for name, own in names.items()):
                break
        else:
            unit, taken = [], {}
            found.append((unit, taken))
        unit.append(source)
        taken.update(names)
    return [tuple(unit) for unit, _ in found]


def agree(taken, own):
    """Whether what two sources declare by one name can stand in one: it is the same alias."""
    return taken is None or (taken == own and taken.startswith("="))


def own_names(source):
    """What a source declares in unnamed namespaces, as far as one sees it without a compiler.

    To each name `= TYPE` of an alias, or nothing.
    """
    names, inside = {}, False
    for line in source.read_text().splitlines():
        if line == "namespace {":
            inside = True
        elif line.startswith("} // namespace"):
            inside = False
        elif inside and (alias := ALIAS.match(line)):
            names[alias[1]] = alias[2]
        elif inside and (declared := DECLARED.match(line)):
            names[declared[1]] = ""
        elif line.startswith("int main("):
            names["main"] = ""
    return names


def look_at(look, unit, flags):
    """What look gives for a batch; where its sources do not compile together, for each part of it."""
    with tempfile.NamedTemporaryFile("w", suffix=".cpp", dir=BUILD) as file:
        file.write("".join(f'#include "{source}"\n' for source in unit))
        file.flush()
        compiles, passed, output = look(file.name, flags)
    if compiles or len(unit) == 1:
        return passed, output
    outcomes = [look_at(look, part, flags) for part in apart(unit, output)]
    return all(passed for passed, _ in outcomes), "".join(output for _, output in outcomes)


def apart(unit, output):
    """A batch in two: the source in which the compiler gave up, and the others; else its halves."""
    error = re.search(r"^(.+?):\d+:\d+: .*\[clang-diagnostic-error\]", output, re.MULTILINE)
    source = pathlib.Path(error[1]) if error else None
    if source in unit:
        return tuple(other for other in unit if other != source), (source,)
    return unit[: len(unit) // 2], unit[len(unit) // 2 :]


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
    words = [check, *(shlex.join(commands[source]) for source in unit)]
    state = hashlib.sha256("\0".join(words).encode())
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

    `check` is text that changes whenever the check does. look(source, flags) tells whether the
    source compiles, whether it passes, and what to print.
    """
    units = batches(commands)
    stamps = BUILD / name
    stamps.mkdir(exist_ok=True)

    def look_unless_unchanged(unit):
        stamp = stamps / str(unit[0].relative_to(ROOT)).replace("/", "_")
        now = key(unit, commands, check)
        if stamp.is_file() and stamp.read_text() == now:
            return unit, None, ""
        passed, output = look_at(look, unit, units[unit])
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
