"""What scripts/try-systemd tries of the other units and of the packages, after systemd_trials."""

import json
import pathlib
import re

from systemd_hospital import MLLP_SOURCE, QUICK, Hospital, settled, trial


@trial("template unit: two sites beside each other")
def sites(it: Hospital):
    it.do("systemctl stop medibridge")
    for site in ("north", "south"):
        unit = f"medibridge@{site}.service"
        it.configure(path=f"/etc/medibridge/{site}.yaml", state=f"/var/lib/medibridge-{site}/state.db")
        it.do(f"install -D -m 0600 /etc/medibridge/credentials/medicapp-api-key "
              f"/etc/medibridge/credentials/{site}/medicapp-api-key")
        it.do(f"systemctl start {unit}")
        settled(lambda unit=unit: "last cycle: complete" in it.show("StatusText", unit), f"a complete cycle of {site}")
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


def exposure(it: Hospital) -> float:
    said = it.do("systemd-analyze security --no-pager medibridge | tail -1")
    return float(re.search(r": ([0-9.]+)", said).group(1))


@trial("IPAddressDeny and SocketBindDeny as docs/installing.md has them, with an MLLP port")
def addresses(it: Hospital):
    # Both are BPF programs, which a container may not load; then systemd only warns.
    it.drop_in(QUICK + "IPAddressDeny=any\nIPAddressAllow=localhost 10.20.0.0/16 203.0.113.7\n"
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
    assert plain <= 1.2, f"exposure {plain}"
    return f"exposure {plain}, with them {level}"


@trial("where only root decides: PrivateUsers, exposure 1.0")
def only_root_decides(it: Hospital):
    it.drop_in(QUICK + "PrivateUsers=yes\nIPAddressDeny=any\nIPAddressAllow=localhost 10.20.0.0/16 203.0.113.7\n")
    it.configure(control="{decide: [root]}")
    it.do("systemctl restart medibridge")
    settled(lambda: "last cycle: complete" in it.show("StatusText"), "a complete cycle")
    it.do("id ana 2>/dev/null || useradd --groups medibridge ana")
    held = json.loads(it.do("medibridgectl held list --kind decide --output json"))["held"]
    assert held, "nobody is held to be decided"
    one = held[0]["id"]
    assert json.loads(it.do("runuser -u ana -- medibridgectl status --output json"))["linked"] > 0
    said = it.refused(f"runuser -u ana -- medibridgectl --yes held ignore {one} --reason trial")
    assert "decide" in said, said
    it.do(f"medibridgectl --yes held ignore {one} --reason trial")
    assert "root" in it.do("medibridgectl audit --since 1h | grep -w ignore"), "the audit does not name root"
    level = exposure(it)
    it.configure()
    it.drop_in(QUICK)
    it.do("systemctl restart medibridge")
    assert level <= 1.0, f"exposure {level}"
    return f"exposure {level}"


@trial("upgrade while it runs")
def upgrade(it: Hospital):
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


@trial("remove and purge")
def purge(it: Hospital):
    it.do("dpkg --remove medibridge 2>&1", limit=120)
    it.do("test -e /var/lib/medibridge/state.db && test -e /etc/medibridge/medibridge.yaml")
    said = it.do("dpkg --purge medibridge 2>&1", limit=120)
    it.do("test ! -e /etc/medibridge")
    it.do("test -e /var/lib/medibridge/state.db")
    assert "kept: /var/lib/medibridge" in said, said
    it.do("dpkg -i /root/medibridge.deb 2>&1", limit=120)
    it.do("echo 'medibridge medibridge/remove-state boolean true' | debconf-set-selections")
    it.do("dpkg --purge medibridge 2>&1", limit=120)
    it.do("test ! -e /var/lib/medibridge && test ! -e /etc/medibridge")
