#!/usr/bin/env python3
"""Writes which software is in programs that were built here, as CycloneDX 1.5 JSON.

Two kinds of component: shared libraries, which the programs load (ldd), and what was compiled in:
headers that the compiler read (ninja -t deps) and archives that were linked (ninja -t inputs). Both are
named by the Debian package and version that they came from. What they need to be built, but does not
end up inside, is not listed. The same build gives the same bytes.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid

# scripts/setup takes these headers out of a package that cannot be installed as a whole.
PHONENUMBERS = pathlib.Path("/usr/local/include/phonenumbers")
# Of these packages a program has the shared part at most; ldd tells that.
ONLY_HEADERS_OF_THE_SYSTEM = {"linux-libc-dev"}


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def loaded_libraries(programs: list[str]) -> set[str]:
    found = set()
    for program in programs:
        for line in run("ldd", program).splitlines():
            match = re.search(r"(?:=> )?(/\S+) \(0x", line)
            if match:
                found.add(os.path.realpath(match.group(1)))
    return found


def compiled_in(build: str) -> set[str]:
    headers = {
        os.path.realpath(line.strip())
        for line in run("ninja", "-C", build, "-t", "deps").splitlines()
        if line.startswith("    /")
    }
    archives = {
        os.path.realpath(word)
        for word in run("ninja", "-C", build, "-t", "inputs", "all").splitlines()
        if word.startswith("/") and word.endswith(".a")
    }
    return {path for path in headers | archives if path.startswith(("/usr/include", "/usr/lib", "/usr/local/include"))}


def owners(paths: set[str]) -> set[str]:
    """The packages, as dpkg names them, that files belong to."""
    wanted = sorted(path for path in paths if not path.startswith("/usr/local/"))
    found = set()
    for start in range(0, len(wanted), 500):
        # Where /lib is a link, dpkg knows some files by the other name.
        names = [name for path in wanted[start : start + 500] for name in (path, path.removeprefix("/usr"))]
        told = subprocess.run(["dpkg-query", "-S", *names], capture_output=True, text=True)
        for line in told.stdout.splitlines():
            package, _, path = line.partition(": ")
            if not package.startswith("diversion by"):
                found.update(name.strip() for name in package.split(","))
    return found


def component(package: str, kind: str) -> dict:
    fields = run("dpkg-query", "-W", "-f=${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}",
                 package).split("\t")
    return described(*fields, kind)


def described(name: str, version: str, architecture: str, source: str, source_version: str, kind: str) -> dict:
    purl = f"pkg:deb/debian/{name}@{version.replace('+', '%2B').replace(':', '%3A')}?arch={architecture}&distro=debian-12"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "properties": [
            {"name": "medibridge:use", "value": kind},
            {"name": "debian:source", "value": source},
            {"name": "debian:source-version", "value": source_version},
        ],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="the build folder, made by Ninja")
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("programs", nargs="+")
    arguments = parser.parse_args()

    loaded = owners(loaded_libraries(arguments.programs))
    inside = compiled_in(arguments.build)
    built = owners(inside) - loaded - ONLY_HEADERS_OF_THE_SYSTEM
    components = [component(package, "loaded") for package in loaded]
    components += [component(package, "compiled in") for package in built]
    stamp = PHONENUMBERS / ".debian-version"
    if any(path.startswith(str(PHONENUMBERS)) for path in inside) and stamp.exists():
        version = stamp.read_text().strip()
        architecture = run("dpkg", "--print-architecture").strip()
        components.append(
            described("libphonenumber-dev", version, architecture, "libphonenumber", version, "compiled in"))
    components.sort(key=lambda one: one["bom-ref"])
    if not loaded:
        print("sbom.py: no library was found: is dpkg's database there?", file=sys.stderr)
        return 1

    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:deb/{arguments.name}@{arguments.version}",
                "name": arguments.name,
                "version": arguments.version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": components,
        "dependencies": [
            {
                "ref": f"pkg:deb/{arguments.name}@{arguments.version}",
                "dependsOn": [one["bom-ref"] for one in components],
            }
        ],
    }
    # The number follows from what is listed, so that the same build gives the same one.
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["serialNumber"] = "urn:uuid:" + str(uuid.UUID(digest[:32]))
    output = pathlib.Path(arguments.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
