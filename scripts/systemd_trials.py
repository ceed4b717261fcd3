"""What scripts/try-systemd tries of the service, in this order: each trial leaves one that runs."""

import datetime
import json
import pathlib
import re
import time

from systemd_hospital import (CONTROL, HIS, KEY, MLLP_SOURCE, PATIENTS, QUICK, SANDBOX_UNIT, Hospital, Skip, settled,
                              trial)

NOT_AVAILABLE = ("{deceased: not_available, active: not_available, identityStatus: not_available, "
                 "mergedInto: not_available}")


@trial("install", needed=True)
def install(it: Hospital):
    for name, package in it.packages.items():
        it.tree.put(f"/root/{name}.deb", "")
        (it.tree.root / f"root/{name}.deb").write_bytes(package.read_bytes())
    said = it.do("dpkg -i /root/medibridge.deb /root/medibridge-sandbox.deb 2>&1", limit=180)
    assert "dependency problems" not in said, said
    assert it.show("ActiveState") != "failed", "the service is failed after an installation alone"
    assert it.do("systemctl is-enabled medibridge").strip() == "enabled"
    modes = it.do("stat -c '%n %a %U' /var/lib/medibridge /var/spool/medibridge /etc/medibridge/credentials")
    assert modes == ("/var/lib/medibridge 700 medibridge\n/var/spool/medibridge 750 medibridge\n"
                     "/etc/medibridge/credentials 700 root\n"), modes
    assert "failed" not in it.do("systemctl --failed --no-legend; true"), "units failed"
    for page in ("README.md", "docs/operating.md", "docs/state.md", "medibridge.cdx.json"):
        it.do(f"test -s /usr/share/doc/medibridge/{page}")
    return it.version()


@trial("start to READY", needed=True)
def start(it: Hospital):
    it.tree.put("/etc/systemd/system/sandbox.service", SANDBOX_UNIT)
    it.tree.put("/etc/medibridge/credentials/medicapp-api-key", KEY + "\n", 0o600)
    it.configure()
    it.drop_in(QUICK)
    it.do("systemctl start sandbox")
    settled(lambda: it.tree.on_its_network(
        "curl", "-sf", f"http://127.0.0.1:{CONTROL}/sandbox/stats").returncode == 0, "the sandbox answers")
    begun = time.monotonic()
    it.do("systemctl start medibridge")
    took = time.monotonic() - begun
    settled(lambda: "last cycle: complete" in it.show("StatusText"), "a complete first cycle")
    said = it.do("systemctl status medibridge --no-pager")
    assert "Status: \"last cycle: complete" in said, said
    assert it.curl("/stats")["medicapp"]["patients"] >= PATIENTS * 0.95
    return f"ready in {took:.1f} s"


@trial("journal: priority and fields of each event")
def journal(it: Hospital):
    priorities = {"debug": "7", "info": "6", "warn": "4", "error": "3"}
    lines = it.events()
    assert lines, "no line has MEDIBRIDGE_EVENT"
    for line in lines:
        said = json.loads(line["MESSAGE"])
        assert line["PRIORITY"] == priorities[said["level"]], f"{said['event']}: PRIORITY {line['PRIORITY']}"
        assert line["MEDIBRIDGE_EVENT"] == said["event"], line
        for name in set(said) - {"ts", "level", "event", "msg"}:
            assert line.get("MEDIBRIDGE_" + name.upper()) == str(said[name]), f"{said['event']}: {name}"
    names = {line["MEDIBRIDGE_EVENT"] for line in lines}
    assert {"service.started", "cycle.finished", "patient.held"} <= names, names
    assert "patient.linked" not in names, "a line for each patient of a first load"
    assert it.do("journalctl -u medibridge MEDIBRIDGE_EVENT=patient.held -o cat"), "journalctl finds no event by its name"
    first = json.loads(lines[0]["MESSAGE"])
    assert first["event"] == "service.started" and first.get("version"), first
    return f"{len(lines)} lines"


@trial("journal: an idle cycle says nothing")
def idle(it: Hospital):
    since = it.mark()
    reads = it.curl("/stats")["his"]["lists"]
    settled(lambda: it.curl("/stats")["his"]["lists"] >= reads + 3, "three more cycles")
    said = [line["MESSAGE"] for line in it.journal(since)]
    assert not said, said


@trial("reload: a good configuration")
def reload_good(it: Hospital):
    since = it.mark()
    before = max(int(line["MEDIBRIDGE_CYCLE"]) for line in it.events(name="cycle.finished"))
    it.configure(log="{level: debug}")
    done = it.tree.run("systemctl reload medibridge")
    assert done.returncode == 0, it.do("journalctl -u medibridge -n 5 -o cat")
    it.wait_for_event("service.reloaded", since)
    cycle = int(it.wait_for_event("cycle.finished", since)["MEDIBRIDGE_CYCLE"])
    assert cycle > before, f"cycle {cycle} after cycle {before}"
    it.configure()
    it.do("systemctl reload medibridge")


@trial("reload: a bad configuration is refused, and the service goes on")
def reload_bad(it: Hospital):
    pid = it.pid()
    it.configure(sync="{intervall: 1s}")
    it.refused("systemctl reload medibridge")
    assert it.pid() == pid and it.is_running(), "the service does not run on"
    said = it.do("journalctl -u medibridge -n 50 -o cat")
    assert re.search(r"medibridge.yaml:\d+:\d+: .*intervall", said), said[-400:]
    since = it.mark()
    it.do(f"kill -HUP {pid}")
    it.wait_for_event("config.refused", since)
    settled(lambda: "configuration" in it.show("StatusText") and "refused" in it.show("StatusText"), "STATUS says it", 5)
    it.configure()
    it.do("systemctl reload medibridge")
    settled(lambda: "refused" not in it.show("StatusText"), "STATUS forgets it", 10)


@trial("check-config as root tells what the service's user cannot read")
def check_config(it: Hospital):
    it.do("install -m 0600 -o root /dev/null /etc/medibridge/his-token; echo t >/etc/medibridge/his-token")
    it.configure(sources="""\
  - name: other
    type: rest
    url: http://127.0.0.1:%d/api/patients
    auth: {bearer: {file: /etc/medibridge/his-token}}
    records: /patients
    fields: {externalId: /ipp, lastName: /etatCivil/nomNaissance, firstName: /etatCivil/prenoms/0,
      birthDate: {at: /etatCivil/dateNaissance, format: "%%d/%%m/%%Y"}, gender: /etatCivil/sexe}
    safety: %s""" % (HIS, NOT_AVAILABLE))
    command = "CREDENTIALS_DIRECTORY=/etc/medibridge/credentials medibridged --check-config"
    said = it.refused(command)
    assert "his-token" in said and "medibridge" in said, said
    it.do("chown medibridge /etc/medibridge/his-token")
    it.do(command)
    it.configure()
    it.do(command)


@trial("once as root is refused, and as the service's user is told what to use")
def once_as_root(it: Hospital):
    environment = "CREDENTIALS_DIRECTORY=/etc/medibridge/credentials"
    it.do("systemctl stop medibridge")
    said = it.refused(f"{environment} medibridged --once")
    assert "runuser" in said, said
    owners = set(it.do("find /var/lib/medibridge -printf '%u\\n'").split())
    assert owners == {"medibridge"}, owners
    it.do("systemctl start medibridge")


@trial("backup: refused where the service's own /tmp would swallow it")
def backup(it: Hospital):
    said = it.refused("medibridgectl backup /tmp/backup.db")
    assert "PrivateTmp" in said, said
    it.do("medibridgectl backup /var/lib/medibridge/trial.db && rm /var/lib/medibridge/trial.db")


@trial("watchdog: a stopped process is killed and started again")
def watchdog(it: Hospital):
    since, pid, restarts = it.mark(), it.pid(), int(it.show("NRestarts"))
    it.do(f"kill -STOP {pid}")
    begun = time.monotonic()
    said = it.refused("medibridgectl status", limit=30)
    took = time.monotonic() - begun
    assert took < 25 and ("in time" in said or "was lost" in said), f"{took:.0f} s: {said}"
    settled(lambda: int(it.show("NRestarts")) > restarts and it.is_running(), "a restart", 30)
    assert it.pid() != pid
    told = " ".join(line["MESSAGE"] for line in it.journal(since) if isinstance(line["MESSAGE"], str))
    assert "Watchdog timeout" in told, told[-300:]


@trial("kill -9: it is back, and nothing is lost")
def killed(it: Hospital):
    since, pid = it.mark(), it.pid()
    it.fault("POST:1+:slow=50")
    it.curl("/his/edit?count=40", method="POST")
    it.do(f"kill -9 {pid}")
    settled(lambda: it.is_running() and it.pid() != pid, "a restart")
    it.fault()
    it.wait_for_event("cycle.finished", since)
    assert it.curl("/stats")["medicapp"].get("duplicates", 0) == 0
    it.do("medibridgectl audit --verify")


@trial("stop while writes are under way")
def stop(it: Hospital):
    it.fault("PUT:1+:slow=700")
    puts = it.curl("/stats")["medicapp"]["requests"].get("PUT", 0)
    it.curl("/his/edit?count=60", method="POST")
    settled(lambda: it.curl("/stats")["medicapp"]["requests"].get("PUT", 0) > puts, "writes are under way")
    begun = time.monotonic()
    it.do("systemctl stop medibridge")
    took = time.monotonic() - begun
    assert it.show("Result") == "success", it.show("Result")
    it.fault()
    it.do("systemctl start medibridge")
    settled(lambda: "last cycle: complete" in it.show("StatusText"), "a complete cycle")
    return f"stopped in {took:.1f} s"


@trial("many starts in a row lock nothing out")
def starts(it: Hospital):
    for _ in range(7):
        it.do("systemctl restart medibridge")
    begun = time.monotonic()
    it.do("systemctl restart medibridge")
    assert it.is_running()
    return f"a restart takes {time.monotonic() - begun:.1f} s"


@trial("an outage that a restart ends is closed in the journal")
def outage(it: Hospital):
    since = it.mark()
    it.fault("ANY:1+:503")
    it.wait_for_event("medicapp.unavailable", since, limit=120)
    it.do("systemctl stop medibridge")
    it.fault()
    it.do("systemctl start medibridge")
    it.wait_for_event("medicapp.recovered", since)
    assert len(it.events(since, "medicapp.recovered")) == 1


@trial("a renewed credential counts after a restart")
def renewed(it: Hospital):
    since = it.mark()
    it.curl("/switches", '{"api-key":"sk_sandbox_trialkey0002"}')
    it.wait_for_event("auth.refused", since)
    it.tree.put("/etc/medibridge/credentials/medicapp-api-key", "sk_sandbox_trialkey0002\n", 0o600)
    it.do("systemctl restart medibridge")
    settled(lambda: "last cycle: complete" in it.show("StatusText"), "a complete cycle")
    it.wait_for_event("auth.accepted", since)


@trial("LoadCredentialEncrypted")
def encrypted(it: Hospital):
    made = it.tree.run("systemd-creds encrypt --with-key=host --name=medicapp-api-key "
                       "/etc/medibridge/credentials/medicapp-api-key /etc/medibridge/credentials/encrypted")
    if made.returncode != 0:
        raise Skip(f"systemd-creds cannot encrypt here: {made.stderr.strip()[-120:]}")
    it.drop_in(QUICK + "LoadCredential=\n"
               "LoadCredentialEncrypted=medicapp-api-key:/etc/medibridge/credentials/encrypted\n")
    started = it.tree.run("systemctl restart medibridge")
    text = it.show("StatusText")
    it.drop_in(QUICK)
    if started.returncode != 0:
        said = it.do("journalctl -u medibridge -n 5 -o cat")
        it.do("systemctl restart medibridge")
        assert "medibridged" in said and "credential" not in said.lower(), said
        raise Skip("systemd cannot decrypt in this container")
    settled(lambda: "last cycle: complete" in it.show("StatusText"), f"a complete cycle, instead of {text}")
    it.do("systemctl restart medibridge")


@trial("csv: a folder made after the start, under ProtectSystem")
def csv_folder(it: Hospital):
    since = it.mark()
    it.configure(sources=csv_source())
    it.do("systemctl reload medibridge")
    it.wait_for_event("source.unavailable", since)
    it.do("install -d -o medibridge -g medibridge -m 0750 /var/spool/medibridge/in")
    it.tree.run("printf 'IPP;NOM;PRENOM;DATE;SEXE\\n0099000001;Essai;Jeanne;03/02/1980;2\\n' >/root/one.csv; "
                "install -o medibridge -m 0640 /root/one.csv /var/spool/medibridge/in/one.csv")
    it.wait_for_event("file.taken", since)
    it.wait_for_patient("0099000001")
    it.do("test -e /var/spool/medibridge/in/done/one.csv || ls /var/spool/medibridge/in/done | grep one")
    it.configure()
    it.do("systemctl reload medibridge")


def csv_source() -> str:
    return """\
  - name: export
    type: csv
    directory: /var/spool/medibridge/in
    settle: 1s
    delimiter: ";"
    fields:
      externalId: IPP
      lastName: NOM
      firstName: PRENOM
      birthDate: {at: DATE, format: "%d/%m/%Y"}
      gender: {at: SEXE, map: {"1": M, "2": F}}
    safety: """ + NOT_AVAILABLE


@trial("hl7v2: the MLLP port")
def mllp(it: Hospital):
    since = it.mark()
    it.configure(sources=MLLP_SOURCE)
    it.do("systemctl reload medibridge")
    it.wait_for_event("mllp.listening", since)
    answer = it.send_message("0099000002", "M1")
    assert "MSA|AA|" in answer, answer
    it.wait_for_patient("0099000002")
    it.configure()
    it.do("systemctl reload medibridge")
    it.wait_for_event("mllp.stopped", since)


@trial("time steps: forward, back, and before there were patients")
def time_steps(it: Hospital):
    library = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        raise Skip("libfaketime is missing (package faketime)")
    it.tree.put("/usr/local/lib/faketime.so", "", 0o755)
    (it.tree.root / "usr/local/lib/faketime.so").write_bytes(library.read_bytes())
    it.tree.put("/etc/medibridge/clock", "+0")
    it.drop_in(QUICK + "Environment=LD_PRELOAD=/usr/local/lib/faketime.so FAKETIME_TIMESTAMP_FILE=/etc/medibridge/clock\n"
               "Environment=FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1\n")
    it.do("systemctl restart medibridge")
    settled(lambda: "last cycle: complete" in it.show("StatusText"), "a complete cycle")
    pid, begun = it.pid(), time.time()
    for step, days in (("+2h", 0), ("-26h", -1), ("+400d", 400), ("-20000d", -20000), ("+0", 0)):
        since = it.mark()
        it.tree.put("/etc/medibridge/clock", step)
        it.curl("/his/edit?count=40", method="POST")  # some change nothing that is mapped
        done = settled(lambda since=since: [line for line in it.events(since, "cycle.finished")
                                            if int(line["MEDIBRIDGE_UPDATED"]) > 0], f"changes are written at {step}")
        said = datetime.datetime.fromisoformat(json.loads(done[0]["MESSAGE"])["ts"])
        moved = (said.timestamp() - begun) / 86400
        assert abs(moved - days) < 1.5, f"the clock did not step: {said} at {step}"
        assert it.pid() == pid, f"it was started again at {step}"
    assert it.curl("/stats")["medicapp"].get("duplicates", 0) == 0
    it.do("medibridgectl audit --verify")
    it.drop_in(QUICK)
    it.do("systemctl restart medibridge")


@trial("a full /var: cycles fail and go on by themselves")
def full_disk(it: Hospital):
    it.do("systemctl stop medibridge; mv /var/lib/medibridge /var/lib/kept; mkdir /var/lib/medibridge; "
          "mount -t tmpfs -o size=8M,mode=0700,uid=$(id -u medibridge),gid=$(id -g medibridge) small /var/lib/medibridge; "
          "cp -a /var/lib/kept/. /var/lib/medibridge/")
    try:
        it.do("systemctl start medibridge")
        settled(lambda: "last cycle: complete" in it.show("StatusText"), "a complete cycle")
        since = it.mark()
        it.tree.run("dd if=/dev/zero of=/var/lib/medibridge/filler bs=4k")
        it.curl("/his/edit?count=100", method="POST")
        it.wait_for_event("service.impeded", since)
        assert it.is_running(), "the service has ended"
        it.do("rm /var/lib/medibridge/filler")
        it.wait_for_event("service.recovered", since, limit=60)
        assert len(it.events(since, "service.impeded")) == 1, "once an episode"
    finally:
        it.do("systemctl stop medibridge; umount /var/lib/medibridge; rmdir /var/lib/medibridge; "
              "mv /var/lib/kept /var/lib/medibridge; systemctl start medibridge")
