import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseDescriptor } from "../../src/appliance/index.ts";
import { errorProblems, warningProblems } from "../../src/appliance/problem-codes.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
const schema = path.join(docs, "virt-appliance-descriptor.rng");

interface Example {
  readonly line: number;
  readonly isOld: boolean;
  readonly xml: string;
}

function examplesIn(page: string): Example[] {
  return [...page.matchAll(/^```xml( old)?\n([^]*?)^```$/gm)].map((match) => ({
    line: page.slice(0, match.index).split("\n").length,
    isOld: match[1] !== undefined,
    xml: match[2] ?? "",
  }));
}

const guest = "<guest><arch>x86_64</arch></guest>";
const osElement = "<os><loader dev='hd'/></os>";
const drive = "<drive disk='root'/>";
const disk = "<disk id='root' file='base.raw' use='system' size='1'/>";

/** Returns a whole descriptor around an example, which may be any element of it. */
function complete({ xml }: Example): string {
  const name = /<(?!\?)([\w:-]+)/.exec(xml)?.[1] ?? "";
  if (name === "image") return xml;
  const id = /<disk id="([^"]+)"/.exec(xml)?.[1] ?? /<disk file="([^"]+)"/.exec(xml)?.[1];
  const drives = id === undefined || id === "root" ? drive : `${drive}<drive disk="${id}"/>`;
  const instead = (wanted: string, otherwise: string): string =>
    name === wanted ? xml : otherwise;
  const isDevice = ["interface", "graphics", "va:minimum-memory"].includes(name);
  const isOfDomain = ["va:firmware", "va:osinfo"].includes(name);
  const known = ["name", "domain", "boot", "guest", "os", "drive", "vcpu", "memory", "disk"];
  const boot = `<boot type="${xml.includes("pygrub") ? "xen" : "hvm"}">${instead("guest", guest)}
    ${instead("os", osElement)}${instead("drive", drives)}</boot>`;
  const devices = `<devices>${instead("vcpu", "<vcpu>1</vcpu>")}
    ${instead("memory", "<memory>262144</memory>")}${isDevice ? xml : ""}</devices>`;
  const domain = `<domain>${instead("boot", boot)}${devices}${isOfDomain ? xml : ""}</domain>`;
  return `<image xmlns:va="http://virt-appliance/descriptor/1">
    ${instead("name", '<name version="1">x</name>')}
    ${isDevice || isOfDomain || known.includes(name) ? "" : xml}
    ${instead("domain", domain)}
    <storage>${id === "root" ? "" : disk}${instead("disk", "")}</storage></image>`;
}

describe("the page about the descriptor", () => {
  let page = "";
  const folder = temporaryFolder();
  before(async () => {
    page = await readFile(path.join(docs, "descriptor.md"), "utf8");
  });

  async function schemaRefuses(document: string): Promise<string> {
    const file = path.join(folder, "example.xml");
    await writeFile(file, document);
    const args = ["--noout", "--nonet", "--relaxng", schema, file];
    const { exitCode, stderr } = await testContext().run("xmllint", args, {
      acceptExitCodes: [3],
    });
    return exitCode === 0 ? "" : stderr;
  }

  it("shows present examples that the reader and the schema take without a word", async () => {
    const examples = examplesIn(page).filter((example) => !example.isOld);
    assert(examples.length >= 35, `${examples.length} examples`);
    for (const example of examples) {
      const document = complete(example);
      const where = `docs/descriptor.md:${example.line}\n${document}`;
      const { problems } = parseDescriptor(document, "example");
      // An example of a card for several disks, all of them for the system, is not about their roles.
      const told = problems.filter((problem) => problem.code !== "disks-all-system");
      assert.deepEqual(told, [], where);
      assert.equal(await schemaRefuses(document), "", where);
    }
  });

  it("shows older examples that the reader takes with a warning and the schema not at all", async () => {
    const examples = examplesIn(page).filter((example) => example.isOld);
    assert(examples.length >= 7, `${examples.length} examples`);
    for (const example of examples) {
      const document = complete(example);
      const where = `docs/descriptor.md:${example.line}\n${document}`;
      const { appliance, problems } = parseDescriptor(document, "example");
      assert(appliance !== undefined, `${where}\n${JSON.stringify(problems)}`);
      assert(problems.length > 0, where);
      assert.notEqual(await schemaRefuses(document), "", where);
    }
  });

  it("has an example of every element and attribute of the schema", async () => {
    const grammar = await readFile(schema, "utf8");
    const shown = examplesIn(page)
      .filter((example) => !example.isOld)
      .map((example) => example.xml)
      .join("\n");
    const elements = [...grammar.matchAll(/<element name="([^"]+)"/g)].map((match) => match[1]);
    const attributes = [...grammar.matchAll(/<attribute name="([^"]+)"/g)].map((match) => match[1]);
    assert(elements.length > 30 && attributes.length > 15);
    assert.deepEqual(
      elements.filter((name) => !new RegExp(`<${name}[\\s/>]`).test(shown)),
      [],
    );
    assert.deepEqual(
      attributes.filter((name) => !new RegExp(`\\s${name}="`).test(shown)),
      [],
    );
  });

  it("lists every problem code with its meaning", () => {
    const listed = [...page.matchAll(/^\| `([a-z-]+)` \| (.*) \|$/gm)].map((m) => [m[1], m[2]]);
    assert.deepEqual(listed, [
      ...Object.entries(errorProblems),
      ...Object.entries(warningProblems),
    ]);
  });
});
