"use strict";

// usage: build.cjs MODULES: makes out/*.rpm of the files in the folder `in`. MODULES holds node_modules.
const path = require("node:path");
const { createRequire } = require("node:module");

const modules = path.resolve(process.argv[2] ?? "", "package.json");
const build = createRequire(modules)("rpm-builder");
const file = (name) => ({ cwd: "in", src: name, dest: "/var/lib/bench" });

build(
  {
    name: "bench",
    version: "1",
    release: "1",
    summary: "Bench",
    buildArch: "noarch",
    rpmDest: path.resolve("out"),
    verbose: false,
    files: [file("appliance.xml"), file("root.raw")],
  },
  (error) => {
    if (error) throw error;
  },
);
