"""A running medibridge-sandbox, and runs of the daemon against it. For scripts/demo and bench/."""

import json
import os
import subprocess
import urllib.request


class Sandbox:
    """Started with these arguments; `config` is written for the daemon."""

    def __init__(self, programs, config, *arguments):
        self.process = subprocess.Popen(
            [programs / "medibridge-sandbox", "--write-config", config, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=os.setpgrp,  # an interrupt at the terminal reaches us first
        )
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("medibridge-sandbox did not start")
        self.addresses = json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def control(self, method, path, body=None):
        request = urllib.request.Request(
            self.addresses["control"] + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None


class Run:
    """One `medibridged --once`: its result, the events that it logged, and what it cost."""

    def __init__(self, programs, config, *arguments):
        log = config.with_suffix(".log")
        with log.open("w") as stderr:
            process = subprocess.Popen(
                [programs / "medibridged", "--config", config, "--once", "--output", "json",
                 *arguments],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(
                f"medibridged ended with status {process.returncode}:\n{output}{log.read_text()}"
            )
        self.result = json.loads(output)
        with log.open() as lines:
            self.events = [json.loads(line) for line in lines if line.startswith("{")]
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        self.peak_mib = usage.ru_maxrss / 1024
        self.seconds = self.result["duration_ms"] / 1000

    def writes(self):
        requests = self.result["requests"]["medicapp"]
        return requests["POST"] + requests["PUT"]

    def reads(self):
        """Requests that change nothing, on both sides."""
        return self.result["requests"]["medicapp"]["GET"] + self.result["requests"]["his"]
