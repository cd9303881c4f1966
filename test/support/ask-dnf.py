"""Prints, as JSON, what dnf would install for each package of a repository, or null where it refuses.

Usage: ask-dnf.py FOLDER REPOSITORY…; temporary files go to FOLDER. Each package is judged alone, for x86_64.
"""

import json
import sys

import dnf
import hawkey

folder, *repositories = sys.argv[1:]
base = dnf.Base()
base.conf.installroot = folder
base.conf.cachedir = folder + "/cache"
base.conf.persistdir = folder + "/persist"
base.conf.logdir = folder
base.conf.substitutions["arch"] = "x86_64"
base.conf.substitutions["basearch"] = "x86_64"
base.conf.substitutions["releasever"] = "1"
for number, repository in enumerate(repositories):
    base.repos.add_new_repo(f"r{number}", base.conf, baseurl=["file://" + repository])
base.fill_sack(load_system_repo=False)

found = {}
for package in base.sack.query().available():
    goal = hawkey.Goal(base.sack)
    goal.install(package)
    found[package.name] = sorted(p.name for p in goal.list_installs()) if goal.run() else None
print(json.dumps(found))
