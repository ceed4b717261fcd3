"""A tree with the packages, and the sandbox as both sides, for scripts/try-systemd's trials."""

import json
import pathlib
import re
import time

from booted_tree import Tree, run

MEDICAPP, HIS, CONTROL = 9100, 9101, 9102
KEY = "sk_sandbox_trialkey0001"
CONFIG = "/etc/medibridge/medibridge.yaml"
PATIENTS = 300
ALL = []  # trials in their order


class Skip(Exception):
    """This machine cannot do it; the text says why."""


def trial(name: str, needed: bool = False):
    """`needed`: others build on it, so it is tried whatever was asked for."""

    def keep(function):
        ALL.append((name, function, needed))
        return function

    return keep


def trials(word: str):
    return [(name, function) for name, function, needed in ALL if needed or word in name]


def settled(look, what: str, limit: float = 30):
    """What `look` returns as soon as that is true."""
    end = time.monotonic() + limit
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"not within {limit:.0f} s: {what}"
        time.sleep(0.1)


CONFIGURATION = """\
medicapp:
  base_url: http://127.0.0.1:{medicapp}/v5
  api_key: {{credential: medicapp-api-key}}
his:
  - name: dpi
    type: rest
    url: http://127.0.0.1:{his}/api/patients
    query: {{modified_after: modifie_apres, page: page, per_page: taille}}
    records: /patients
    total_pages: /pagination/pages
    fields:
      externalId: /ipp
      lastName: /etatCivil/nomNaissance
      firstName: /etatCivil/prenoms/0
      birthDate: {{at: /etatCivil/dateNaissance, format: "%d/%m/%Y"}}
      gender: {{at: /etatCivil/sexe, map: {{"1": M, "2": F, "9": O}}}}
      phone: /contact/mobile
      email: /contact/mail
      modifiedAt: /majLe
      deceased: /decede
      active: /actif
      identityStatus: /statutIdentite
      mergedInto: /remplacePar
{sources}
sync: {sync}
log: {log}
control: {control}
state: {{path: {state}}}
"""

SANDBOX_UNIT = f"""\
[Service]
ExecStart=/usr/bin/medibridge-sandbox --port {MEDICAPP} --api-key {KEY} --patients {PATIENTS} --preload-unlinked 0.1 \
 --invalid-share 0.02 --seed 7
DynamicUser=yes
"""


# So that a trial takes seconds where an installation takes minutes.
QUICK = """\
[Service]
WatchdogSec=3
TimeoutAbortSec=1
RestartSec=1
"""


MLLP_SOURCE = """\
  - name: adt
    type: hl7v2
    listen: 127.0.0.1:2575
    assigning_authority: "1.2.250.1.999.1.1"
"""
SENDER = r"""
import socket, sys, time
ipp, message = sys.argv[1:]
at = time.strftime("%Y%m%d%H%M%S+0000", time.gmtime())
text = "\r".join([f"MSH|^~\\&|HIS|H|MB|H|{at}||ADT^A28|{message}|P|2.5|||||FRA|UNICODE UTF-8", f"EVN|A28|{at}",
    f"PID|1||{ipp}^^^1.2.250.1.999.1.1&1.2.250.1.999.1.1&ISO^PI||Essai^Paul{chr(97 + int(ipp) % 10)}^^^^^L||"
    f"19{60 + int(ipp) % 10}0101|M"]) + "\r"
s = socket.create_connection(("127.0.0.1", 2575)); s.settimeout(10)
s.sendall(b"\x0b" + text.encode() + b"\x1c\r")
print(s.recv(4096).decode().replace("\r", " "))
"""


class Hospital:
    """A tree with the packages, the sandbox as both sides, and how to look at what the service does."""

    def __init__(self, tree: Tree, packages: dict[str, pathlib.Path]):
        self.tree = tree
        self.packages = packages
        self.unit = "medibridge.service"

    def do(self, command: str, limit: float = 60) -> str:
        """Must succeed."""
        done = self.tree.run(command, timeout=limit)
        assert done.returncode == 0, f"`{command}` ends with {done.returncode}: {(done.stderr or done.stdout).strip()[-400:]}"
        return done.stdout

    def refused(self, command: str, limit: float = 60) -> str:
        """Must fail; its words."""
        done = self.tree.run(command, timeout=limit)
        assert done.returncode not in (0, 124), f"`{command}` ends with {done.returncode}: {done.stdout.strip()[-200:]}"
        return done.stdout + done.stderr

    def show(self, field: str, unit: str | None = None) -> str:
        return self.do(f"systemctl show -P {field} {unit or self.unit}").strip()

    def recover(self) -> None:
        """After a trial that failed in the middle: as the next one expects it."""
        if not (self.tree.root / "usr/bin/medibridged").exists():
            return
        self.tree.on_its_network("curl", "-s", "-X", "DELETE", f"http://127.0.0.1:{CONTROL}/sandbox/faults")
        self.configure()
        self.drop_in(QUICK)
        self.tree.run("systemctl restart medibridge")

    def pid(self) -> int:
        """Of the service, once it runs: 0 would be everybody's."""
        settled(self.is_running, "the service runs")
        return int(self.show("MainPID"))

    def is_running(self) -> bool:
        return self.show("ActiveState") == "active" and self.show("SubState") == "running"

    def mark(self) -> str:
        """Where the journal ends now."""
        self.do("journalctl --sync")
        said = self.do("journalctl -n 0 --show-cursor")
        found = re.search(r"-- cursor: (\S+)", said)
        return found.group(1) if found else ""

    def journal(self, since: str = "", unit: str | None = None) -> list[dict]:
        after = f"--after-cursor='{since}'" if since else ""
        said = self.do(f"journalctl -u {unit or self.unit} {after} -o json")
        return [json.loads(line) for line in said.splitlines() if line.startswith("{")]

    def events(self, since: str = "", name: str = "", unit: str | None = None) -> list[dict]:
        """Those of that name; all without one. journalctl 252 loses the first match behind a cursor."""
        return [line for line in self.journal(since, unit) if name in (line.get("MEDIBRIDGE_EVENT", ""), "")
                and "MEDIBRIDGE_EVENT" in line]

    def wait_for_event(self, name: str, since: str, limit: float = 30, unit: str | None = None) -> dict:
        return settled(lambda: self.events(since, name, unit), f"the event {name}", limit)[-1]

    def curl(self, path: str, body: str | None = None, method: str | None = None) -> dict:
        command = ["curl", "-sf", "--max-time", "20", f"http://127.0.0.1:{CONTROL}/sandbox{path}"]
        command += ["-X", method] if method else []
        command += ["-d", body] if body is not None else []
        done = self.tree.on_its_network(*command)
        assert done.returncode == 0, f"the sandbox refuses {path}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout or "{}")

    def fault(self, *rules: str) -> None:
        self.curl("/faults", json.dumps({"faults": list(rules)}))

    def send_message(self, ipp: str, message: str) -> str:
        """A patient by HL7, from the tree's network; the answer."""
        sent = self.tree.on_its_network("python3", "-c", SENDER, ipp, message, timeout=20)
        return sent.stdout + sent.stderr

    def wait_for_patient(self, external_id: str) -> None:
        settled(lambda: external_id in json.dumps(self.curl("/medicapp/patients?limit=2000")),
                f"patient {external_id} in Medicapp")

    def configure(self, *, sources: str = "", sync: str = "{interval: 1s}", log: str = "{level: info}",
                  control: str = "{}", path: str = CONFIG, state: str = "/var/lib/medibridge/state.db") -> None:
        self.tree.put(path, CONFIGURATION.format(medicapp=MEDICAPP, his=HIS, sources=sources, sync=sync, log=log,
                                                 control=control, state=state))

    def drop_in(self, text: str, unit: str | None = None) -> None:
        self.tree.put(f"/etc/systemd/system/{unit or self.unit}.d/trial.conf", text)
        self.do("systemctl daemon-reload")

    def repacked(self, version: str, edit=None) -> str:
        """A package like ours with another version; its path in the tree."""
        work = self.tree.work / f"repacked-{version}"
        unpacked = run("dpkg-deb", "-R", str(self.packages["medibridge"]), str(work))
        assert unpacked.returncode == 0, unpacked.stderr
        control = work / "DEBIAN/control"
        control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text()))
        if edit:
            edit(work)
        target = self.tree.root / f"root/medibridge_{version}.deb"
        packed = run("dpkg-deb", "--root-owner-group", "-Znone", "-b", str(work), str(target))
        assert packed.returncode == 0, packed.stderr
        return f"/root/{target.name}"

    def version(self) -> str:
        return self.do("dpkg-query -W -f='${Version}' medibridge")
