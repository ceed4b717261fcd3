"""What scripts/try-systemd tries of the other units and of the packages, after systemd_trials."""

import json
import pathlib
import re

from systemd_hospital import MLLP_SOURCE, QUICK, Hospital, settled, trial


def begin_site(it: Hospital, site: str) -> str:
    unit = f"medibridge@{site}.service"
    it.configure(path=f"/etc/medibridge/{site}.yaml", state=f"/var/lib/medibridge-{site}/state.db")
    it.do(f"install -D -m 0600 /etc/medibridge/credentials/medicapp-api-key "
          f"/etc/medibridge/credentials/{site}/medicapp-api-key")
    it.do(f"systemctl start {unit}")
    settled(lambda: "last cycle: complete" in it.show("StatusText", unit), f"a complete cycle of {site}")
    return unit


@trial("template unit: two sites beside each other")
def sites(it: Hospital):
    it.do("systemctl stop medibridge")
    for site in ("north", "south"):
        unit = begin_site(it, site)
        said = it.do(f"medibridgectl --config /etc/medibridge/{site}.yaml status")
        assert "complete" in said, said
        pid = it.show("MainPID", unit)
        seen = it.do(f"nsenter -t {pid} -m ls /var/lib").split()
        assert seen == [f"medibridge-{site}"], f"{site} sees {seen}"
    it.do("systemctl reload medibridge@north medibridge@south")
    it.do("systemctl stop medibridge@north medibridge@south; systemctl start medibridge")


@trial("oneshot unit and timer instead of the daemon")
def timer(it: Hospital):
    it.do("systemctl stop medibridge")
    it.do("systemctl start medibridge-once.service")
    assert it.show("Result", "medibridge-once.service") == "success"
    it.tree.put("/etc/systemd/system/medibridge-once.timer.d/trial.conf",
                "[Timer]\nOnCalendar=\nOnCalendar=*:*:0/3\nRandomizedDelaySec=0\nAccuracySec=100ms\n")
    it.do("systemctl daemon-reload")
    since = it.mark()
    it.do("systemctl start medibridge-once.timer")
    settled(lambda: len(it.events(since, "cycle.finished", "medibridge-once.service")) >= 2, "two cycles")
    it.do("systemctl stop medibridge-once.timer; systemctl start medibridge")


def exposure(it: Hospital, unit: str = "medibridge.service") -> float:
    said = it.do(f"systemd-analyze security --no-pager {unit} | tail -1")
    return float(re.search(r": ([0-9.]+)", said).group(1))


@trial("IPAddressDeny and SocketBindDeny as docs/installing.md has them, with an MLLP port")
def addresses(it: Hospital):
    # Both are BPF programs, which a container may not load; then systemd only warns.
    it.drop_in(QUICK + "IPAddressAllow=\nIPAddressAllow=localhost 10.20.0.0/16 203.0.113.7\n"
               "SocketBindDeny=any\nSocketBindAllow=tcp:2575\n")
    since = it.mark()
    it.configure(sources=MLLP_SOURCE)
    it.do("systemctl restart medibridge")
    it.wait_for_event("mllp.listening", since)
    answer = it.send_message("0099000003", "M3")
    assert "MSA|AA|" in answer, answer
    it.wait_for_patient("0099000003")
    level = exposure(it)
    it.configure()
    it.drop_in(QUICK)
    it.do("systemctl restart medibridge")
    plain = exposure(it)
    assert plain <= 1.0, f"exposure {plain}"
    assert level <= 1.0, f"exposure {level} with addresses"
    return f"exposure {plain}, with them {level}"


PEERS = "medibridge-peers.service"


def accounts(it: Hospital) -> None:
    it.do("id ana 2>/dev/null || useradd --groups medibridge ana; id eve 2>/dev/null || useradd eve")


@trial("operators: a member of the group looks and decides under their own name")
def operators(it: Hospital):
    accounts(it)
    it.configure(control="{decide: [ana]}")
    it.do("systemctl restart medibridge")
    settled(lambda: "last cycle: complete" in it.show("StatusText"), "a complete cycle")
    uid_map = it.do(f"cat /proc/{it.pid()}/uid_map").split()
    assert "4294967295" not in uid_map, f"the service sees all users: {uid_map}"
    held = json.loads(it.do("medibridgectl held list --kind decide --output json"))["held"]
    assert held, "nobody is held to be decided"
    one = held[0]["id"]
    assert json.loads(it.do("runuser -u ana -- medibridgectl status --output json"))["linked"] > 0
    it.do(f"runuser -u ana -- medibridgectl --yes held ignore {one} --reason trial")
    said = it.do(f"medibridgectl audit --patient {one} --actor ana --output json")
    assert '"decided"' in said, said
    uids = {json.loads(line)["uid"] for line in said.splitlines()}
    assert uids == {int(it.do("id -u ana"))}, uids
    said = it.refused("runuser -u eve -- medibridgectl status")
    assert "it is for the group medibridge" in said, said
    it.do("usermod -aG medibridge eve")
    it.do("runuser -u eve -- medibridgectl status")
    said = it.refused("runuser -u eve -- medibridgectl pause --yes")
    assert "eve may look but not decide" in said, said
    doctor = it.tree.run("medibridgectl doctor").stdout
    assert "medibridge-peers tells who asks" in doctor, doctor
    it.do("gpasswd -d eve medibridge")


@trial("operators: who tells who they are is killed, and is back")
def peers_killed(it: Hospital):
    accounts(it)
    for _ in range(3):
        it.do("runuser -u ana -- medibridgectl status")
        pid = it.show("MainPID", PEERS)
        it.do(f"kill -9 {pid}")
    settled(lambda: it.show("ActiveState", PEERS) == "active" and it.show("MainPID", PEERS) != pid, "it runs again")
    it.do("runuser -u ana -- medibridgectl status")
    before = len(it.events(name="control.peers_hidden"))
    it.do("systemctl stop medibridge-peers.socket")
    said = it.refused("runuser -u ana -- medibridgectl status")
    assert "restart medibridge-peers.socket" in said, said
    it.do("medibridgectl status")
    settled(lambda: len(it.events(name="control.peers_hidden")) == before + 1, "the journal says it")
    it.do("systemctl restart medibridge-peers.socket")
    it.do("runuser -u ana -- medibridgectl status")
    it.do("systemctl stop medibridge")
    settled(lambda: it.show("ActiveState", "medibridge-peers.socket") == "inactive" and
            it.show("ActiveState", PEERS) == "inactive", "both go with the service")
    it.refused("runuser -u ana -- medibridgectl status")
    it.do("systemctl start medibridge")
    it.do("runuser -u ana -- medibridgectl status")


@trial("operators: of a site, without the default service")
def operators_of_a_site(it: Hospital):
    accounts(it)
    it.do("systemctl stop medibridge")
    it.configure(path="/etc/medibridge/east.yaml", state="/var/lib/medibridge-east/state.db", control="{decide: [ana]}")
    it.do("install -D -m 0600 /etc/medibridge/credentials/medicapp-api-key "
          "/etc/medibridge/credentials/east/medicapp-api-key")
    it.do("systemctl start medibridge@east")
    command = "runuser -u ana -- medibridgectl --config /etc/medibridge/east.yaml"
    it.do(f"{command} status; {command} pause --yes; {command} resume")
    assert "ana" in it.do("medibridgectl --config /etc/medibridge/east.yaml audit --since 1h"), "ana is not in the audit"
    levels = {unit: exposure(it, unit) for unit in ("medibridge.service", "medibridge@east.service",
                                                     "medibridge-once.service", PEERS)}
    it.do("systemctl stop medibridge@east; systemctl start medibridge")
    assert all(level <= 1.0 for level in levels.values()), levels
    return str(levels)


@trial("PrivateUsers=no in a drop-in: the service sees who asks by itself")
def sees_users(it: Hospital):
    accounts(it)
    it.drop_in(QUICK + "PrivateUsers=no\n")
    it.do("systemctl restart medibridge; systemctl stop medibridge-peers.socket")
    it.do("runuser -u ana -- medibridgectl status")
    it.configure()
    it.drop_in(QUICK)
    it.do("systemctl restart medibridge")


@trial("upgrade while it runs")
def upgrade(it: Hospital):
    site = begin_site(it, "north")
    pid_of_site = it.show("MainPID", site)
    since, pid = it.mark(), it.pid()
    before = it.do("medibridgectl status --output json")
    newer = it.repacked(it.version() + "+next")
    it.curl("/his/edit?count=30", method="POST")
    it.do(f"dpkg -i {newer} 2>&1", limit=180)
    assert it.is_running() and it.pid() != pid, "the new version does not run"
    it.wait_for_event("cycle.finished", since)
    settled(lambda: "last cycle: complete" in it.show("StatusText"), "a complete cycle")
    after = it.do("medibridgectl status --output json")
    assert json.loads(after)["linked"] == json.loads(before)["linked"], "links were lost"
    it.do("medibridgectl audit --verify")
    assert it.show("Result") == "success"
    assert it.show("MainPID", site) not in ("0", pid_of_site), "the site goes on with the old program"
    it.do(f"systemctl stop {site}")
    accounts(it)
    it.do("runuser -u ana -- medibridgectl status")


@trial("downgrade: refused where the state is newer, else done")
def downgrade(it: Hospital):
    def forget_schema(work: pathlib.Path):
        preinst = work / "DEBIAN/preinst"
        preinst.write_text(re.sub(r"(?m)^schema=.*$", "schema=1", preinst.read_text()))

    installed = it.version()
    older = it.repacked("0.0.9", forget_schema)
    preinst = (it.tree.work / "repacked-0.0.9/DEBIAN/preinst")
    assert "schema=1" in preinst.read_text()
    said = it.refused(f"dpkg -i {older} 2>&1", limit=180)
    assert "cannot read the state" in said and "schema" in said, said
    assert it.version() == installed and it.is_running(), "the newer version does not run on"
    it.do(f"dpkg -i {it.repacked('0.0.10')} 2>&1", limit=180)
    assert it.is_running()


@trial("upgrade from a package whose service saw all users by itself: operators notice nothing")
def upgrade_to_peers(it: Hospital):
    def forget_peers(work: pathlib.Path):
        for file in ("usr/libexec/medibridge-peers", "lib/systemd/system/medibridge-peers.service",
                     "lib/systemd/system/medibridge-peers.socket"):
            (work / file).unlink()
        unit = work / "lib/systemd/system/medibridge.service"
        lines = [line.replace(" medibridge-peers.socket", "") for line in unit.read_text().splitlines()
                 if not line.startswith(("PrivateUsers=", "Environment=MEDIBRIDGE_PEERS="))]
        unit.write_text("\n".join(lines) + "\n")

    accounts(it)
    it.do("systemctl stop medibridge")  # what is not there yet must not listen any more
    settled(lambda: it.show("ActiveState", "medibridge-peers.socket") == "inactive", "nobody asks any more")
    it.do(f"dpkg -i {it.repacked('0.0.11', forget_peers)} 2>&1", limit=180)
    it.do("systemctl restart medibridge")
    it.do("runuser -u ana -- medibridgectl status; test ! -e /usr/libexec/medibridge-peers")
    assert "4294967295" in it.do(f"cat /proc/{it.pid()}/uid_map"), "it does not see all users"
    it.do("dpkg -i /root/medibridge.deb 2>&1", limit=180)
    it.do("runuser -u ana -- medibridgectl status")
    assert "4294967295" not in it.do(f"cat /proc/{it.pid()}/uid_map"), "it still sees all users"
    assert it.show("ActiveState", PEERS) == "active"


@trial("remove and purge")
def purge(it: Hospital):
    site = begin_site(it, "north")
    it.do(f"systemctl enable {site} medibridge-once.timer 2>&1")
    it.do("dpkg --remove medibridge 2>&1", limit=120)
    assert it.show("MainPID", site) == "0", "a site goes on without its program"
    it.do("test -e /var/lib/medibridge/state.db && test -e /etc/medibridge/medibridge.yaml")
    it.do("test ! -e /run/medibridge-peers.sock && test ! -e /usr/libexec/medibridge-peers")
    said = it.do("dpkg --purge medibridge 2>&1", limit=120)
    it.do("test ! -e /etc/medibridge")
    it.do("test -e /var/lib/medibridge/state.db")
    assert "kept: /var/lib/medibridge " in said and "kept: /var/lib/medibridge-north " in said, said
    it.do("! find /etc/systemd/system -lname '*/medibridge*' | grep .")
    it.do("dpkg -i /root/medibridge.deb 2>&1", limit=120)
    it.do("echo 'medibridge medibridge/remove-state boolean true' | debconf-set-selections")
    it.do("dpkg --purge medibridge 2>&1", limit=120)
    it.do("test ! -e /var/lib/medibridge && test ! -e /var/lib/medibridge-north && test ! -e /etc/medibridge")
