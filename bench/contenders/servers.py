"""The servers that runs are measured against: the sandbox, and a plain one in Node. For bench/."""

import os
import pathlib
import socket
import subprocess
import sys

from sandbox import Sandbox

CONTENDERS = pathlib.Path(__file__).resolve().parent


class SandboxServer:
    """The sandbox, with the configuration of it that a run needs."""

    def __init__(self, programs, folder, patients):
        self.config = folder / "medibridge.yaml"
        self.sandbox = Sandbox(programs, self.config, "--patients", str(patients),
                               "--invalid-share", "0")
        addresses = self.sandbox.addresses
        self.medicapp, self.his, self.key = (addresses[name] for name in ("medicapp", "his", "api_key"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sandbox.__exit__()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PlainServer:
    """The plain server, started with these options; the configuration is the sandbox's, with other
    addresses."""

    def __init__(self, programs, folder, patients, *options):
        with SandboxServer(programs, folder, 1) as sandbox:
            self.config, self.key = sandbox.config, sandbox.key
            text = self.config.read_text()
            before = (sandbox.medicapp, sandbox.his)
        ports = free_port(), free_port()
        self.medicapp = f"http://127.0.0.1:{ports[0]}/v5"
        self.his = f"http://127.0.0.1:{ports[1]}/api/patients"
        for old, new in zip(before, (self.medicapp, self.his)):
            text = text.replace(old, new)
        self.config.write_text(text)
        self.process = subprocess.Popen(
            ["node", CONTENDERS / "server.mjs", str(patients), *map(str, ports), *options],
            env={**os.environ, "MEDICAPP_API_KEY": self.key}, stdout=subprocess.PIPE)
        if not self.process.stdout.readline():
            sys.exit("the plain server did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
