import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const src = fileURLToPath(new URL("../src/", import.meta.url));

/** Which folder may import which, besides itself, `errors.ts` and single files of `lib`. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  appliance: ["lib"],
  libvirt: ["lib"],
  image: ["appliance", "lib"],
  publish: ["lib"],
  recipe: ["appliance", "lib"],
  draft: ["appliance", "image", "libvirt", "lib"],
  source: ["appliance", "image", "recipe", "lib"],
  site: ["source", "recipe", "lib"],
  package: ["appliance", "recipe", "lib"],
  rpm: ["package", "lib"],
  sign: ["rpm", "lib"],
  repodata: ["rpm", "lib"],
  host: [
    "appliance",
    "draft",
    "source",
    "site",
    "recipe",
    "image",
    "libvirt",
    "package",
    "rpm",
    "sign",
    "lib",
  ],
  pipeline: [
    "appliance",
    "libvirt",
    "source",
    "recipe",
    "image",
    "package",
    "rpm",
    "sign",
    "repodata",
    "lib",
  ],
  serve: ["lib"],
  repository: ["rpm", "sign", "repodata", "publish", "lib"],
  api: [
    "draft",
    "appliance",
    "source",
    "image",
    "package",
    "rpm",
    "sign",
    "repodata",
    "pipeline",
    "repository",
    "libvirt",
    "recipe",
    "publish",
    "lib",
    "host",
  ],
  cli: [
    "appliance",
    "libvirt",
    "draft",
    "source",
    "site",
    "recipe",
    "image",
    "package",
    "rpm",
    "sign",
    "repodata",
    "publish",
    "pipeline",
    "repository",
    "serve",
    "host",
    "lib",
  ],
};

/** What several commands of a host share: each folder may import those before it. */
const hostParts: readonly string[] = [
  "access",
  "instance",
  "catalogue",
  "uses",
  "machine",
  "steps",
  "domain",
  "operation",
];

/** A command of a host, or a group of them. None imports another; they may import every part. */
const hostCommands: readonly string[] = [
  "adopt",
  "create",
  "destroy",
  "doctor",
  "export",
  "gc",
  "grow",
  "install",
  "show",
  "update",
];

/** Folders whose imports from the given folder may only be types. */
const typesOnly: Readonly<Record<string, readonly string[]>> = {
  rpm: ["package"],
  package: ["recipe"],
};

/** The one place (file or folder) that may import a third-party package. */
const owners: Readonly<Record<string, string>> = {
  execa: "lib/exec.ts",
  "tar-stream": "lib/tar/write.ts",
  saxes: "lib/xml/reader.ts",
  "@xmldom/xmldom": "lib/xml/edit.ts",
  openpgp: "sign/openpgp/",
  send: "serve/",
  yaml: "recipe/",
  yargs: "cli/",
};

/** What opens a file without asking first what it is: a FIFO never answers, `/dev/zero` never ends. */
const readers: ReadonlySet<string> = new Set(
  "open openSync openAsBlob readFile readFileSync createReadStream".split(" "),
);

/** Who may: the reader itself, what makes new files, and what opens without waiting and looks at once. */
const openers: Readonly<Record<string, readonly string[]>> = {
  "lib/plain-file.ts": ["open"],
  "lib/atomic.ts": ["open"],
  "lib/own-file.ts": ["open"],
  "lib/sparse/write.ts": ["open"],
  "publish/directory-effects.ts": ["open"],
  "image/make-disk.ts": ["open"],
  "rpm/replace-signatures.ts": ["open"],
  // With O_NONBLOCK; block devices are images as well.
  "image/examine-file.ts": ["open"],
  "image/read-disk-facts.ts": ["open"],
  "image/read-references.ts": ["open"],
  "rpm/read.ts": ["open"],
  // A descriptor that the user handed over.
  "cli/terminal/open-descriptor.ts": ["createReadStream"],
};

/** Names of the files of tests in which a pattern is found. */
async function testFilesWith(pattern: RegExp): Promise<readonly string[]> {
  const test = path.join(src, "../test");
  const names = (await readdir(test, { recursive: true })).filter((name) => name.endsWith(".ts"));
  const found: string[] = [];
  for (const name of names.sort()) {
    if (pattern.test(await readFile(path.join(test, name), "utf8"))) found.push(name);
  }
  return found;
}

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

async function sourceFiles(): Promise<string[]> {
  const names = await readdir(src, { recursive: true });
  return names.filter((name) => name.endsWith(".ts")).sort();
}

async function imports(): Promise<Import[]> {
  const found: Import[] = [];
  for (const file of await sourceFiles()) {
    const text = await readFile(path.join(src, file), "utf8");
    const pattern =
      /^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|import\("([^"]+)"\)/gm;
    for (const match of text.matchAll(pattern)) {
      const specifier = match[2] ?? match[3];
      if (specifier !== undefined)
        found.push({ file, specifier, typeOnly: match[1] !== undefined });
    }
  }
  return found;
}

/** Path below src of a relative import, or undefined for packages. */
function target(entry: Import): string | undefined {
  if (!entry.specifier.startsWith(".")) return undefined;
  return path.posix.normalize(path.posix.join(path.posix.dirname(entry.file), entry.specifier));
}

function folderOf(file: string): string {
  return file.includes("/") ? (file.split("/")[0] ?? "") : "";
}

describe("architecture", () => {
  it("has a row for every folder, and no row for none", async () => {
    const entries = await readdir(src, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    assert.deepEqual(folders.sort(), Object.keys(mayImport).sort());
  });

  it("sees the imports it judges", async () => {
    const all = await imports();
    assert.ok(all.length > 100, `only ${all.length} imports found`);
    assert.ok(
      all.some((entry) => entry.file === "cli/add-command.ts" && entry.specifier === "yargs"),
    );
  });

  it("imports only downwards, and only through index.ts", async () => {
    const violations: string[] = [];
    for (const entry of await imports()) {
      const to = target(entry);
      if (to === undefined || to === "errors.ts") continue;
      const from = folderOf(entry.file);
      const into = folderOf(to);
      if (from === "" || from === into) continue;
      const where = `${entry.file} -> ${to}`;
      if (mayImport[from]?.includes(into) !== true) violations.push(`${where}: not in the table`);
      else if (into !== "lib" && to !== `${into}/index.ts`)
        violations.push(`${where}: enter ${into} through its index.ts`);
      else if (typesOnly[from]?.includes(into) === true && !entry.typeOnly)
        violations.push(`${where}: only types may be imported`);
    }
    assert.deepEqual(violations, []);
  });

  it("keeps the commands of a host apart, types included", async () => {
    const entries = await readdir(path.join(src, "host"), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    assert.deepEqual(folders.sort(), [...hostParts, ...hostCommands].sort());
    const partOf = (file: string): string => file.split("/").slice(1, -1)[0] ?? "";
    const violations: string[] = [];
    for (const entry of await imports()) {
      const to = target(entry);
      if (to === undefined || folderOf(entry.file) !== "host" || folderOf(to) !== "host") continue;
      const [from, into] = [partOf(entry.file), partOf(to)];
      // The face joins all of them.
      if (from === into || from === "") continue;
      const above = hostCommands.includes(from) ? hostParts.length : hostParts.indexOf(from);
      const isBelow = hostParts.includes(into) && hostParts.indexOf(into) < above;
      if (!isBelow) violations.push(`${entry.file} -> ${to}`);
    }
    assert.deepEqual(violations, []);
  });

  it("imports in no circle, types included", async () => {
    const next = new Map<string, string[]>();
    for (const entry of await imports()) {
      const to = target(entry);
      if (to !== undefined) next.set(entry.file, [...(next.get(entry.file) ?? []), to]);
    }
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, above: readonly string[]): void => {
      const start = above.indexOf(file);
      if (start !== -1) circles.push([...above.slice(start), file].join(" -> "));
      if (start !== -1 || done.has(file)) return;
      for (const to of next.get(file) ?? []) visit(to, [...above, file]);
      done.add(file);
    };
    for (const file of next.keys()) visit(file, []);
    assert.deepEqual(circles, []);
  });

  it("names a kind of store in publish alone", async () => {
    const violations: string[] = [];
    for (const file of await sourceFiles()) {
      if (file.startsWith("publish/")) continue;
      const text = await readFile(path.join(src, file), "utf8");
      if (/\bopen(?!Store\b)\w+Store\b/.test(text)) violations.push(`${file}: use openStore`);
    }
    assert.deepEqual(violations, []);
  });

  it("imports each package from its one owner", async () => {
    const violations: string[] = [];
    for (const entry of await imports()) {
      if (entry.specifier.startsWith(".") || entry.specifier.startsWith("node:")) continue;
      const name = entry.specifier
        .split("/")
        .slice(0, entry.specifier.startsWith("@") ? 2 : 1)
        .join("/");
      const owner = owners[name];
      if (owner === undefined) violations.push(`${entry.file}: ${name} has no owner`);
      else if (owner.endsWith("/") ? !entry.file.startsWith(owner) : entry.file !== owner)
        violations.push(`${entry.file}: ${name} belongs to ${owner}`);
    }
    assert.deepEqual(violations, []);
  });

  it("drives browsers from one place", async () => {
    const drivers = await testFilesWith(/^import .*from "playwright-core";$/m);
    assert.deepEqual(drivers, ["support/browser.ts"]);
  });

  it("keeps what makes inputs of tests in test/fixtures, and tests out of the helpers", async () => {
    const names = await testFilesWith(/^/);
    const misplaced = names.filter((name) => {
      const [folder = ""] = name.split("/");
      if (["fixtures", "support"].includes(folder)) return name.endsWith(".test.ts");
      return !name.endsWith(".test.ts") && /(?:^|[/-])(?:fixtures?|sample|small)\b/.test(name);
    });
    assert.deepEqual(misplaced, []);
  });

  it("makes the temporary folders of tests in one place", async () => {
    assert.deepEqual(await testFilesWith(/\bmkdtemp(?:Sync)?\(/), ["support/temporary.ts"]);
  });

  it("reads files of unknown kind and size in one place", async () => {
    const violations: string[] = [];
    for (const file of await sourceFiles()) {
      const text = await readFile(path.join(src, file), "utf8");
      for (const [, names = ""] of text.matchAll(
        /^import \{([^}]*)\} from "node:fs(?:\/promises)?";$/gm,
      )) {
        for (const name of names.split(",").map((one) => one.trim())) {
          if (readers.has(name) && openers[file]?.includes(name) !== true)
            violations.push(`${file}: ${name}; use lib/plain-file.ts`);
        }
      }
      if (/^import (?:\* as \w+|\w+) from "node:fs/m.test(text))
        violations.push(`${file}: all of fs`);
    }
    assert.deepEqual(violations, []);
  });

  it("leaves folders above folders to makeFolder", async () => {
    // The recursive mkdir of Node never returns where the kernel makes no folders.
    const violations: string[] = [];
    for (const file of await sourceFiles()) {
      const text = await readFile(path.join(src, file), "utf8");
      if (/mkdir(Sync)?\([^;]*recursive: true/.test(text)) violations.push(file);
    }
    assert.deepEqual(violations, []);
  });

  it("looks at the environment and the clock only in cli, and for those who use the library", async () => {
    const violations: string[] = [];
    for (const file of await sourceFiles()) {
      if (file.startsWith("cli/") || file === "api/create-context.ts") continue;
      const text = await readFile(path.join(src, file), "utf8");
      if (/process\.env|Date\.now\(\)|new Date\(\)/.test(text)) violations.push(file);
    }
    assert.deepEqual(violations, []);
  });
});
