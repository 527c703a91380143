# SPDX-License-Identifier: BSD-3-Clause
"""Where the clients of the list come from: reads sources.toml, fetches packages, and has observe.py run what is in them.

A batch is what is fetched, run and deleted together: one version of an npm package, or one release of Debian.
"""

import contextlib
import datetime
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import tomllib

import atlas
import clients

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE / "sources.toml"
PLATFORM = "Linux x86-64"
UNSERVED = {"d": ", not seen by the server"}  # tlsfp-echo speaks no DTLS: the plugin and tlsfp agree
MAX_VALUES = 4  # different JA4s of one client; one with more makes them up
PATIENCE = 60  # seconds for a client, where it says nothing else
PATIENCE_WITH_BATCH = 3600
NAMESPACES = ["unshare", "--net", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"]


class Waiting:
    factor = 1  # more on a machine that is busy


RUNNING = set()  # programs, each with a process group of its own
STOPPED = threading.Event()


def stop(*_):
    """Ends all that runs, so that what was fetched for it is deleted."""
    STOPPED.set()
    for process in list(RUNNING):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    raise SystemExit(1)


def tell(*argv, timeout=None, input=None, **options):
    """Output of a program; what it complained of is in the error."""
    if STOPPED.is_set():
        raise RuntimeError("stopped")
    process = subprocess.Popen([str(word) for word in argv], stdin=subprocess.PIPE if input else subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **options)
    RUNNING.add(process)
    try:
        out, said = process.communicate(input, timeout and timeout * Waiting.factor)
    finally:
        RUNNING.discard(process)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"{argv[0]}: {(said or out).strip()[-300:]}")
    return out


def observe(jobs):
    """{id: what was seen}, see observe.py."""
    argv = [*NAMESPACES, sys.executable, "-B", str(HERE / "observe.py")]
    return json.loads(tell(*argv, input=json.dumps(jobs), timeout=PATIENCE_WITH_BATCH))


def job_of(client, name, places):
    """What observe.py is to do; the places are those that it does not know."""
    command = client["command"]
    for word, value in places.items():
        command = command.replace("{" + word + "}", str(value))
    command = re.sub(r"\btimeout (\d+)", lambda match: f"timeout {int(match[1]) * Waiting.factor}", command)
    keys = "asks", "environment", "runs", "transport", "starttls"
    patience = client.get("patience", PATIENCE) * Waiting.factor
    return {"id": name, "command": command, "patience": patience} | {key: client[key] for key in keys if key in client}


def client_of(client):
    """What a row calls it."""
    return client["family"], client.get("how", ""), client.get("transport", "t")


def sightings_of(client, seen, **where):
    """One for each value that was seen; and a complaint, or None."""
    name = f"{where['source']} {where['package']}, {client['family']} {client.get('how', '')}".strip()
    if seen["trouble"]:
        return [], f"{name}: they do not agree: {seen['trouble'][0]}"
    prints = seen["hellos"]
    if not prints:
        return [], f"{name}: no hello: {seen['said'].strip()[-200:]!r}"
    by_ja4 = {}
    for each in prints:
        by_ja4.setdefault(each["ja4"], []).append(each)
    if len(by_ja4) > MAX_VALUES:
        return [], f"{name}: {len(by_ja4)} different JA4s in {len(prints)} connections"
    made = [
        atlas.Sighting(
            family=client["family"],
            how=client.get("how", ""),
            platform=PLATFORM,
            engine=client.get("engine", ""),
            kind=client.get("kind", "real"),
            digits=client.get("digits", 2),
            transport=ja4[0],
            values=atlas.values_of(same, min(2, client.get("runs", 2))),
            user_agent=seen["user_agent"],
            last_run=datetime.date.today().isoformat(),
            comment=client.get("comment", "run on Linux") + UNSERVED.get(ja4[0], ""),
            **where,
        )
        for ja4, same in by_ja4.items()
    ]
    return made, None


# npm


NPM_LOCK = threading.Lock()


def versions_of(package):
    texts = json.loads(tell("npm", "view", package, "versions", "--json", timeout=300))
    texts = [texts] if isinstance(texts, str) else texts
    return sorted(texts, key=atlas.numbers)


def chosen(versions, source):
    """The newest version of each line: each = 1 for a major, 2 for a minor version, 3 for all. Or those listed."""
    if "versions" in source:
        return [version for version in source["versions"] if version in versions]
    first = source.get("from", "0")
    versions = [version for version in versions if atlas.numbers(version) >= atlas.numbers(first)]
    versions = [version for version in versions if "-" not in version]
    lines = itertools.groupby(versions, key=lambda version: line_of(version, source.get("each", 2)))
    newest = [list(same)[-1] for _, same in lines]
    return newest


def line_of(version, each):
    """By numbers, or by the first letters where `each` is a text, such as "1.202411"."""
    return version[: len(each)] if isinstance(each, str) else version.split(".")[:each]


class Npm:
    """One version of a package."""

    def __init__(self, source, version, keep, have=()):
        self.source, self.version, self.keep, self.have = source, version, keep, have

    def __str__(self):
        return f"npm {self.source['package']} {self.version}"

    def fetch(self, folder):
        name = self.source["package"]
        if self.source.get("dependencies"):
            argv = ["npm", "install", "--no-save", "--silent", "--prefix", folder, f"{name}@{self.version}"]
            argv += self.source.get("also", [])
            tell(*argv, cwd=folder, timeout=1200, env=os.environ | {"npm_config_cache": str(folder / ".npm")})
            return folder / "node_modules" / name
        packed = f"{name.lstrip('@').replace('/', '-')}-{self.version}.tgz"
        place = self.keep if self.keep else folder
        if not (place / packed).exists():
            tell("npm", "pack", "--silent", f"{name}@{self.version}", cwd=place, timeout=1200)
        tell("tar", "-xzf", place / packed, "-C", folder, "--no-same-owner")
        if not self.keep:
            (place / packed).unlink()
        return next(path for path in folder.iterdir() if path.is_dir())

    def prepare(self, folder):
        """Fetches it; {id: client} of those that this version can be, and their jobs."""
        folder.mkdir()
        self.folder = self.fetch(folder)
        if "prepare" in self.source:
            self.shell(self.source["prepare"], timeout=600)
        self.own_version = self.version
        if "version" in self.source:
            self.own_version = re.search(r"\d+(\.\d+)*", self.shell(self.source["version"]))[0]
        cast = [client for client in self.clients() if fits(client, self.own_version)
                and (f"npm {self.source['package']}", self.version, *client_of(client)) not in self.have]
        self.theirs = {f"{self.version} {n}": client for n, client in enumerate(cast)}
        return [job_of(client, name, {"package": self.folder}) for name, client in self.theirs.items()]

    def shell(self, command, timeout=120):
        for word, value in {"here": HERE / "clients", "package": self.folder}.items():
            command = command.replace("{" + word + "}", str(value))
        return tell("sh", "-ec", command, cwd=self.folder, timeout=timeout)

    def sightings(self, seen):
        version = self.told([seen[name] for name in self.theirs]) or self.own_version
        where = {"source": f"npm {self.source['package']}", "package": self.version, "version": version}
        sightings, complaints = [], []
        for name, client in self.theirs.items():
            made, complaint = sightings_of(client, seen[name], **where)
            sightings += made
            complaints += [complaint] if complaint else []
        return sightings, complaints

    def told(self, seen):
        """The version that the program tells the server."""
        pattern = self.source.get("agent")
        matches = (pattern and re.search(pattern, each["user_agent"]) for each in seen)
        return next((match[1] for match in matches if match), None)

    def clients(self):
        """Those of the source, each for every profile that `profiles` prints."""
        for client in self.source["clients"]:
            client = {**{key: self.source[key] for key in INHERITED if key in self.source}, **client}
            if "profiles" not in self.source:
                yield client
                continue
            for line in self.shell(self.source["profiles"]).splitlines():
                profile, how = line.split("\t")
                yield client | {"how": " ".join(filter(None, ["as", how, client.get("how")])),
                                "command": client["command"].replace("{profile}", profile)}


class Batch:
    """Versions of a package that are observed together."""

    def __init__(self, versions):
        self.versions = versions

    def __str__(self):
        return ", ".join(map(str, self.versions))

    def run(self):
        jobs, ready, complaints, sightings = [], [], [], []
        with tempfile.TemporaryDirectory(prefix="tlsfp-npm-", ignore_cleanup_errors=True) as folder:
            for version in self.versions:
                try:
                    jobs += version.prepare(pathlib.Path(folder) / version.version)
                    ready.append(version)
                except TROUBLE as error:
                    complaints.append(f"{version}: {error}")
            try:
                seen = observe(jobs) if jobs else {}
            except TROUBLE as error:
                return [], [f"{self}: {error}"]
        for version in ready:
            made, said = version.sightings(seen)
            sightings += made
            complaints += said
        return sightings, complaints


class Unreachable:
    """A package whose versions the registry does not tell."""

    def __init__(self, name, error):
        self.name, self.error = name, error

    def __str__(self):
        return self.name

    def run(self):
        return [], [f"{self.name}: {self.error}"]


TROUBLE = RuntimeError, subprocess.TimeoutExpired, OSError, StopIteration, ValueError, TypeError
INHERITED = ["family", "engine", "kind", "digits", "comment", "runs", "patience"]


def fits(client, version):
    """Whether this version can do that."""
    first, last = client.get("from", "0"), client.get("until", "99999")
    return atlas.numbers(first) <= atlas.numbers(version) and atlas.numbers(version)[: len(atlas.numbers(last))] <= atlas.numbers(last)


# Debian


INSTALLING = "/var/lib/tlsfp-installing"  # programs that stand in for slow ones that no client needs
SLOW = ["deb-systemd-helper", "deb-systemd-invoke", "fc-cache", "gtk-update-icon-cache", "install-info", "mandb",
        "py3compile", "pycompile", "systemctl", "update-desktop-database", "update-initramfs"]
DPKG_SETTINGS = "force-unsafe-io\n" + "".join(
    f"path-exclude=/usr/share/{name}/*\n" for name in ("doc", "man", "info", "locale", "help", "gtk-doc"))
DEBIAN_ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "PATH": f"{INSTALLING}:/usr/sbin:/usr/bin:/sbin:/bin",
                      "LC_ALL": "C.UTF-8", "HOME": "/root"}
INSTALL = ["apt-get", "install", "-y", "-q", "--no-install-recommends"]
TRIES = 3


GONE = "not-installed", "config-files", "half-installed"
TOGETHER = 10  # clients of a release that are observed together


def chunks(names, size):
    return (names[first : first + size] for first in range(0, len(names), size))


class Debian:
    """One release: a root folder, and the clients of its packages."""

    found = staticmethod(lambda sightings: None)  # told of what was found so far

    def __init__(self, release, cast, have, keep, wanted=None):
        self.release, self.cast, self.have, self.keep, self.wanted = release, cast, have, keep, wanted

    def __str__(self):
        return f"debian {self.release['name']}"

    def inside(self, *argv, **options):
        apart = ["chroot", self.root] if self.root else []
        return tell(*apart, *argv, env=DEBIAN_ENVIRONMENT, **options)

    def make_root(self):
        if self.root.exists():
            return
        argv = ["debootstrap", "--variant=minbase", self.release["suite"], self.root]
        tell(*argv, *self.release.get("mirror", []), timeout=3600)

    def prepare_root(self):
        stand_ins = self.root / INSTALLING.lstrip("/")
        stand_ins.mkdir(exist_ok=True)
        for path in [self.root / "usr/sbin/policy-rc.d", *(stand_ins / name for name in SLOW)]:
            path.write_text(f"#!/bin/sh\nexit {101 if path.name == 'policy-rc.d' else 0}\n")
            path.chmod(0o755)
        (self.root / "etc/dpkg/dpkg.cfg.d/tlsfp").write_text(DPKG_SETTINGS)
        (self.root / "etc/apt/apt.conf.d/90mirror").write_text('Acquire::Check-Valid-Until "false";\n')
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        if "lines" in self.release:
            (self.root / "etc/apt/sources.list.d/more.list").write_text("\n".join(self.release["lines"]) + "\n")
        self.inside("apt-get", "update", "-q", timeout=900)

    def install(self):
        """The packages of the clients, without those that cannot be had. Where a package cannot be configured, its files are
        there all the same."""
        names = sorted({name for client in self.cast for name in client["packages"].split()})
        known = set(self.inside("apt-cache", "pkgnames").split())
        wanted = self.together([], [name for name in names if name in known])
        for _ in range(TRIES):
            try:
                self.inside(*INSTALL, *self.release.get("options", []), *wanted, timeout=7200)
                break
            except RuntimeError:
                pass
        shutil.rmtree(self.root / "var/cache/apt/archives", ignore_errors=True)
        (self.root / "var/cache/apt/archives/partial").mkdir(parents=True)

    def together(self, accepted, names):
        """Those of the names that apt would install with those accepted."""
        try:
            self.inside(*INSTALL, "--simulate", *self.release.get("options", []), *accepted, *names, timeout=300)
            return accepted + names
        except RuntimeError:
            if len(names) < 2:
                return accepted
        half = len(names) // 2
        return self.together(self.together(accepted, names[:half]), names[half:])

    def packages(self):
        """{name: version} of those whose files are there, configured or not."""
        form = "${db:Status-Status} ${Package} ${Version}\n"
        words = (line.split() for line in self.inside("dpkg-query", "-W", "-f", form).splitlines())
        return {name: version for status, name, version in words if status not in GONE}

    def run(self):
        if self.release.get("here"):
            self.root = None
            return self.run_clients()
        self.root = pathlib.Path(self.keep or tempfile.gettempdir()) / f"tlsfp-root-{self.release['name']}"
        try:
            if not self.release.get("made"):
                self.make_root()
                self.prepare_root()
                self.install()
            return self.run_clients()
        except (RuntimeError, subprocess.TimeoutExpired, OSError, ValueError) as error:
            return [], [f"{self}: {error}"]
        finally:
            if not self.keep:
                shutil.rmtree(self.root, ignore_errors=True)

    def run_clients(self):
        versions = self.packages()
        theirs, complaints = {}, []
        for number, client in enumerate(self.cast):
            first, *others = client["packages"].split()
            lost = [name for name in [first, *others] if name not in versions]
            if lost:
                complaints.append(f"{self}, {client['family']} {client.get('how', '')}: no package {' '.join(lost)}")
                continue
            where = {"source": f"debian {self.release['name']} {first}", "package": versions[first],
                     "version": upstream(versions[first])}
            if (where["source"], where["package"], *client_of(client)) in self.have or not self.own(client, versions):
                continue
            if self.wanted is None or (where["source"], where["package"]) in self.wanted:
                theirs[str(number)] = client, where
        sightings = []
        for names in chunks(list(theirs), TOGETHER):
            made, said = self.observe({name: theirs[name] for name in names}, versions)
            self.found(made)
            sightings += made
            complaints += said
        return sightings, complaints

    def own(self, client, versions):
        """Whether it, or its library, is of this release, not of the one below it."""
        ours = [versions[client["packages"].split()[0]]] + [versions[name] for name in self.libraries(client, versions)]
        return any(re.search(self.release.get("own", ""), version) for version in ours)

    def observe(self, theirs, versions):
        root = {"root": str(self.root)} if self.root else {}
        jobs = [job_of(client, name, {}) | root for name, (client, _) in theirs.items()]
        try:
            seen = observe(jobs)
        except TROUBLE as error:
            return [], [f"{self}: {error}"]
        sightings, complaints = [], []
        for name, (client, where) in theirs.items():
            made, complaint = sightings_of(client | self.engine(client, versions), seen[name], **where)
            sightings += made
            complaints += [complaint] if complaint else []
        return sightings, complaints

    def engine(self, client, versions):
        """With the version of the library's package, where the client names it: "OpenSSL 3.0.17"."""
        name = next(iter(self.libraries(client, versions)), None)
        return {"engine": f"{client['engine']} {upstream(versions[name])}"} if name else {}

    def libraries(self, client, versions):
        return [name for name in versions if "library" in client and re.fullmatch(client["library"], name)]


def upstream(version):
    """Without Debian's part: 1:7.88.1-10+deb12u5, 20.19.2+dfsg-1."""
    return re.sub(r"^\d+:|[-+~].*$", "", version)


# All


class Recorded:
    """testssl.sh's client simulation, where it is installed."""

    def __init__(self, version):
        self.version = version

    def __str__(self):
        return f"recorded testssl.sh {self.version}"

    def run(self):
        jobs = [{"id": f"{n}", "replay": flight.hex(), "runs": 1} for n, (_, flight) in enumerate(clients.simulations())]
        seen = observe(jobs)
        sightings, complaints = [], []
        for n, (name, _) in enumerate(clients.simulations()):
            client = {"family": name, "kind": "recorded", "runs": 1, "comment": f"recorded by testssl.sh {self.version}"}
            made, complaint = sightings_of(client, seen[f"{n}"], source="recorded testssl.sh", package=self.version,
                                           version="")
            sightings += made
            complaints += [complaint] if complaint else []
        return [recorded(each) for each in sightings], complaints


def recorded(sighting):
    """Where it comes from is in its name; when it was replayed does not matter."""
    return atlas.dataclasses.replace(sighting, platform="", user_agent="")


def here():
    """The release that this machine runs, with the packages that it has."""
    text = pathlib.Path("/etc/os-release").read_text()
    return {"name": re.search(r"^VERSION_CODENAME=(\w+)", text, re.M)[1], "here": True}


def of_this_machine(sightings):
    """Those of Debian's packages that are installed here, at the same version."""
    release = f"debian {here()['name']}"
    return [each for each in sightings if each.source.startswith(f"{release} ")
            and clients.installed(each.source.split()[-1]) == each.package]


def batches(options, have, wanted=None):
    """Those to run: not what the list has; or only what is wanted, as (source, package's version)."""
    read = tomllib.loads(SOURCES.read_text())
    for source in read["npm"]:
        source |= {"each": options.each} if options.each else {}
        name = f"npm {source['package']}"
        if not re.search(options.only, f"{name} {source['family']}") or (
            wanted is not None and not any(each[0] == name for each in wanted)):
            continue
        known = set() if options.rest else {version for package, version, *_ in have if package == name}
        try:
            offered = versions_of(source["package"])
        except TROUBLE as error:
            yield Unreachable(name, error)
            continue
        versions = [Npm(source, version, options.keep, have) for version in chosen(offered, source)
                    if re.search(options.versions, version) and version not in known
                    and (wanted is None or (name, version) in wanted)]
        yield from map(Batch, chunks(versions, source.get("together", 1)))
    for release in [here()] if options.here else read.get("release", []):
        release["made"] = options.no_install
        cast = [client for client in read.get("debian", [])
                if re.search(options.only, f"debian {release['name']} {client['family']} {client.get('how', '')}")
                and release["name"] in client.get("releases", [release["name"]])]
        if cast and (wanted is None or any(each[0].startswith(f"debian {release['name']} ") for each in wanted)):
            yield Debian(release, cast, have, options.keep, wanted)
    version = clients.installed("testssl.sh")
    if version and re.search(options.only, "recorded testssl.sh") and wanted is None:
        version = upstream(version)
        if ("recorded testssl.sh", version) not in have:
            yield Recorded(version)
