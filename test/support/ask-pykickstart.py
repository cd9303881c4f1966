"""Asks pykickstart what the installers of Fedora and EL take.

usage: PYTHONPATH=CHECKOUT python3 ask-pykickstart.py facts RELEASE...
       PYTHONPATH=CHECKOUT python3 ask-pykickstart.py verdicts < [[RELEASE, KICKSTART], ...] as JSON

`facts` prints one line for each command, section and option, and the releases that know it. `verdicts` answers, for
each kickstart, `{line, message}` of the first error, or null, with the lines that are deprecated.
"""

import json
import os
import re
import sys
import warnings

from pykickstart.base import DeprecatedCommand, RemovedCommand
from pykickstart.errors import KickstartDeprecationWarning, KickstartError
from pykickstart.parser import KickstartParser
from pykickstart.version import makeVersion, versionMap

TYPES = {"int": "integer", "ksboolean": "boolean"}


# Some deprecated commands are reported only when they are used: kickstarts that use them.
SPEAKING = {
    "auth": "auth --enableshadow",
    "authconfig": "authconfig --enableshadow",
    "timezone --isUtc": "timezone UTC --isUtc",
    "timezone --nontp": "timezone UTC --nontp",
    "timezone --ntpservers": "timezone UTC --ntpservers=ntp.example.com",
    "%traceback": "%traceback\n%end",
    "%packages --instLangs": "%packages --instLangs=de\n%end",
    "%packages --excludeWeakdeps": "%packages --excludeWeakdeps\n%end",
}


def kind_of(action):
    if action.nargs == 0:
        return "flag"
    name = getattr(action.type, "__name__", "")
    return TYPES.get(name, "text")


def options_of(parser):
    """Answers (name, text of its facts) of each option."""
    for action in parser._actions if parser else []:
        for name in action.option_strings:
            extra = " required" if action.required else ""
            extra += " deprecated" if action.deprecated else ""
            yield name, kind_of(action) + extra


def speaks(release, name):
    """Tells whether using it brings a warning that it goes."""
    text = SPEAKING.get(name)
    if text is None:
        return False
    found = fresh_verdict(release, text + "\n")
    return found["error"] is None and found["deprecated"] != []


def facts_of(release):
    """Answers every fact that holds in a release: text, one for each command, section and option."""
    for fact in class_facts(release):
        name = fact.removesuffix(" flag").removesuffix(" text")
        yield f"{fact} deprecated" if speaks(release, name) else fact


def class_facts(release):
    handler = makeVersion(release)
    for name, command in handler.commands.items():
        # `method` is no command of a kickstart: it stands for the ways to install.
        if command is None or name == "method" or isinstance(command, RemovedCommand):
            continue
        is_gone = isinstance(command, DeprecatedCommand)
        yield f"{name}{' deprecated' if is_gone else ''}"
        if not is_gone:
            for option, fact in options_of(getattr(command, "op", None)):
                yield f"{name} {option} {fact}"
    for name, section in KickstartParser(handler)._sections.items():
        yield name
        parser = section._getParser() if hasattr(section, "_getParser") else None
        for option, fact in options_of(parser):
            yield f"{name} {option} {fact}"


def choices_of(release):
    """Answers the words that an option may have, of those that have few."""
    for name, command in makeVersion(release).commands.items():
        parser = getattr(command, "op", None)
        for action in parser._actions if parser else []:
            if action.choices:
                for option in action.option_strings:
                    yield f"{name} {option}: {' '.join(sorted(map(str, action.choices)))}"


def sources_of(release):
    """Answers where each command and section is read: module and class."""
    handler = makeVersion(release)
    for name, command in handler.commands.items():
        if command is not None and name != "method":
            yield name, type(command)
    for name, section in KickstartParser(handler)._sections.items():
        yield name, type(section)


def ranges(releases, known):
    """Answers runs of releases: F38-F40 RHEL9."""
    runs = []
    for release in known:
        family = re.sub(r"\d", "", release)
        at = known.index(release)
        if release not in releases:
            continue
        before = known[at - 1] if at > 0 else ""
        if before in releases and re.sub(r"\d", "", before) == family:
            runs[-1][1] = release
        else:
            runs.append([release, release])
    return " ".join(first if first == last else f"{first}-{last}" for first, last in runs)


def print_facts(known):
    facts = {}
    sources = {}
    for release in known:
        for fact in facts_of(release):
            facts.setdefault(fact, []).append(release)
    for release in versionMap.keys() - {"DEVEL"}:
        for name, reader in sources_of(release):
            sources.setdefault(name, set()).add(f"{reader.__module__.split('.')[-1]}.{reader.__name__}")
    for name in sorted(sources):
        print(f"source {name}: {' '.join(sorted(sources[name]))}")
    choices = {choice for release in known for choice in choices_of(release)}
    for choice in sorted(choices):
        print(f"choice {choice}")
    for fact in sorted(facts):
        print(f"{fact}: {ranges(facts[fact], known)}")


handlers = {}


def fresh_verdict(release, text):
    """Answers the verdict of a process of its own: what a handler has read once, it remembers."""
    if release not in handlers:
        handlers[release] = makeVersion(release)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with os.fdopen(writer, "w") as pipe:
            json.dump(verdict(handlers[release], text), pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = json.load(pipe)
    os.waitpid(child, 0)
    return answer


def verdict(handler, text):
    parser = KickstartParser(handler, missingIncludeIsFatal=False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            parser.readKickstartFromString(text)
            error = None
        except KickstartError as found:
            message = getattr(found, "message", None) or str(found)
            error = {"line": getattr(found, "lineno", None), "message": str(message)}
        except Exception as found:  # a reader that breaks takes nothing either
            error = {"line": None, "message": f"{type(found).__name__}: {found}"}
    deprecated = set()
    for warning in caught:
        if issubclass(warning.category, KickstartDeprecationWarning):
            match = re.search(r"on line (\d+)", str(warning.message))
            deprecated.add(int(match.group(1)) if match else 0)
    return {"error": error, "deprecated": sorted(deprecated)}


if sys.argv[1] == "facts":
    warnings.simplefilter("ignore")
    print_facts(sys.argv[2:])
else:
    json.dump([fresh_verdict(release, text) for release, text in json.load(sys.stdin)], sys.stdout)
