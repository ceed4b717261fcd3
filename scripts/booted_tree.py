"""A Debian 12 tree that systemd boots in a container, for scripts/try-systemd."""

import hashlib
import http.client
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request


class CannotBoot(Exception):
    """This machine cannot do it; the text says why."""


BASE_PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,tzdata,debconf"
MIRROR = "http://deb.debian.org/debian"
PATIENCE = 600  # seconds for each step that fetches packages


def run(*command: str, timeout: float = 600, **options) -> subprocess.CompletedProcess:
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, **options)


def check_machine() -> None:
    if os.geteuid() != 0:
        raise CannotBoot("booting a tree needs root")
    for program, package in (("systemd-nspawn", "systemd-container"), ("debootstrap", "debootstrap"),
                             ("nsenter", "util-linux")):
        if shutil.which(program) is None:
            raise CannotBoot(f"{program} is missing (package {package})")
    try:
        codename = next(line for line in open("/etc/os-release") if line.startswith("VERSION_CODENAME="))
    except (OSError, StopIteration):
        codename = ""
    if "bookworm" not in codename:
        raise CannotBoot("the packages are built on Debian 12, and this is another system")


def patiently(*command: str) -> subprocess.CompletedProcess:
    """With an end for all that it starts, too: a network that swallows everything is none."""
    done = run("timeout", "--kill-after=10", str(PATIENCE), *command, timeout=None)
    if done.returncode in (124, 137):
        done.stdout, done.stderr = done.stdout + f"\nnot done in {PATIENCE} s", done.stderr + f"\nnot done in {PATIENCE} s"
    return done


def check_mirror() -> None:
    """debootstrap itself waits for a quarter of an hour, file by file."""
    try:
        with urllib.request.urlopen(f"{MIRROR}/dists/bookworm/Release", timeout=20) as answer:
            answer.read(1)
    except (OSError, http.client.HTTPException) as why:
        raise CannotBoot(f"{MIRROR} cannot be reached: {why}") from None


def drop_base(base: pathlib.Path) -> None:
    for folder in ("proc", "sys"):  # where a debootstrap that was ended left them
        while os.path.ismount(base / folder) and run("umount", "-l", str(base / folder)).returncode == 0:
            pass
    shutil.rmtree(base, ignore_errors=True)


def make_base(cache: pathlib.Path, packages: list[pathlib.Path]) -> pathlib.Path:
    """The tree without our packages, but with what they depend on; made once, then kept."""
    base = cache / "base"
    if not (base / "made").exists():
        drop_base(base)
        try:
            cache.mkdir(parents=True, exist_ok=True)
        except OSError as why:
            raise CannotBoot(f"there is no place for the tree: {why}") from None
        check_mirror()
        made = patiently("debootstrap", "--variant=minbase", f"--include={BASE_PACKAGES}", "bookworm", str(base), MIRROR)
        if made.returncode != 0:
            drop_base(base)
            last = (made.stdout.strip().splitlines() or ["no reason given"])[-1]
            raise CannotBoot(f"debootstrap cannot make a tree: {last}")
        (base / "made").touch()
    wanted = sorted({name for package in packages for name in depends_of(package)})
    digest = hashlib.sha256(" ".join(wanted).encode()).hexdigest()
    stamp = base / "dependencies"
    if not stamp.exists() or stamp.read_text() != digest:
        for command in (["apt-get", "-qq", "update"],
                        ["apt-get", "-qq", "-y", "--no-install-recommends", "install", *wanted]):
            done = patiently("chroot", str(base), "env", "DEBIAN_FRONTEND=noninteractive", *command)
            if done.returncode != 0:
                raise CannotBoot(f"{' '.join(command[:4])} fails in the tree: {done.stderr.strip()[-300:]}")
        run("chroot", str(base), "apt-get", "clean")
        stamp.write_text(digest)
    return base


def depends_of(package: pathlib.Path) -> list[str]:
    """Names; of alternatives the first."""
    fields = run("dpkg-deb", "-f", str(package), "Pre-Depends", "Depends").stdout
    text = ",".join(line.partition(": ")[2] for line in fields.splitlines())
    names = [part.split("|")[0].split("(")[0].strip() for part in text.split(",")]
    return [name for name in names if name and not name.startswith("medibridge")]


class Tree:
    """A copy of the base that runs. What happens in it leaves the base alone."""

    def __init__(self, base: pathlib.Path):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="medibridge-tree-", dir=base.parent))
        self.root = self.work / "root"
        upper, scratch = self.work / "upper", self.work / "scratch"
        for folder in (self.root, upper, scratch):
            folder.mkdir()
        mounted = run("mount", "-t", "overlay", "medibridge-tree",
                      "-o", f"lowerdir={base},upperdir={upper},workdir={scratch}", str(self.root))
        self.is_mounted = mounted.returncode == 0
        if not self.is_mounted:
            self.root.rmdir()
            copied = run("cp", "-a", "--reflink=auto", str(base), str(self.root))
            if copied.returncode != 0:
                self.remove()
                raise CannotBoot(f"the tree cannot be copied: {copied.stderr.strip()}")
        self.container = None
        self.leader = None

    def boot(self, limit: float = 60) -> None:
        self.container = subprocess.Popen(
            ["systemd-nspawn", "-b", "--register=no", "--keep-unit", "--private-network", "--console=pipe",
             f"--machine=medibridge-{os.getpid()}", "-D", str(self.root)],
            stdin=subprocess.DEVNULL, stdout=open(self.work / "console.log", "wb"), stderr=subprocess.STDOUT,
            start_new_session=True)
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if self.container.poll() is not None:
                raise CannotBoot(f"systemd-nspawn ends at once: {self.console()}")
            self.leader = self.find_leader()
            if self.leader and self.run("systemctl is-active multi-user.target", timeout=20).stdout.strip() == "active":
                return
            time.sleep(0.3)
        raise CannotBoot(f"the tree does not reach multi-user.target in {limit:.0f} s: {self.console()}")

    def console(self) -> str:
        text = (self.work / "console.log").read_bytes().decode(errors="replace").strip()
        return text[-300:] if text else "it says nothing"

    def find_leader(self):
        children = pathlib.Path(f"/proc/{self.container.pid}/task/{self.container.pid}/children")
        try:
            for pid in children.read_text().split():
                if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                    return pid
        except OSError:
            pass
        return None

    def run(self, command: str, timeout: float = 60) -> subprocess.CompletedProcess:
        """A shell command inside; a limit that is passed is an exit status of 124."""
        inside = ["nsenter", "-t", self.leader, "-a", "env", "-i",
                  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
                  "DEBIAN_FRONTEND=noninteractive", "/bin/sh", "-c", command]
        try:
            return run(*inside, timeout=timeout)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(inside, 124, "", f"not done in {timeout:.0f} s")

    def on_its_network(self, *command: str, timeout: float = 30, **options) -> subprocess.CompletedProcess:
        """A program of this machine on the tree's network."""
        return run("nsenter", "-t", self.leader, "-n", *command, timeout=timeout, **options)

    def put(self, path: str, text: str, mode: int = 0o644) -> None:
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(mode)

    def remove(self) -> None:
        if getattr(self, "container", None) and self.container.poll() is None:
            if self.leader:
                self.run("systemctl poweroff --force --force", timeout=10)
            try:
                self.container.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.container.pid, signal.SIGKILL)
                self.container.wait()
        if self.is_mounted:
            run("umount", "-l", str(self.root))
        shutil.rmtree(self.work, ignore_errors=True)
