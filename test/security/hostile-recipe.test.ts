import assert from "node:assert/strict";
import { composeKickstart } from "../../src/recipe/compose/compose.ts";
import { parseKickstart } from "../../src/recipe/kickstart/parse-kickstart.ts";
import { parseParameters } from "../../src/recipe/parameters/parse-parameters.ts";
import { composeInput } from "../fixtures/compose-input.ts";

/** As much of a line as a kickstart may have; `#` counts up. */
function fill(line: string, characters = 1_000_000): string {
  const lines: string[] = [];
  for (let size = 0, n = 0; size + line.length + 8 < characters; n++) {
    const next = line.replaceAll("#", String(n));
    lines.push(next);
    size += next.length;
  }
  return lines.join("");
}

/** Far more than any of them takes, far less than what grows with the square. */
const TIME_LIMIT_MS = 10_000;

const documents: readonly (readonly [string, string])[] = [
  ["unknown commands", fill("x\n")],
  ["stray ends", fill("%end\n")],
  ["unclosed quotes", fill("a '\n")],
  ["sections without end", fill("%post\n")],
  ["partitions", fill("part /# --size=1 --ondisk=vda --grow\n")],
  ["volume groups of each other", fill("volgroup pv.# pv.1 pv.2 pv.3\n")],
  ["repositories", fill("repo --name=# --baseurl=http://h\n")],
  ["a list of services", `services --enabled=${fill("s#,")}\n`],
  ["services, line by line", fill("services --enabled=s# --disabled=s#\n")],
  ["a firewall, on and off", fill("firewall --disabled --port=#:tcp\n")],
  ["packages", `%packages\n${fill("p#\n-p#\n")}%end\n`],
  ["includes", fill("%include x#\n")],
  ["options", `part / ${fill("--size=# ")}\n`],
  ["placeholders", `repo --name=${fill("@@a#@@")}\n`],
  ["backslashes", `part ${"\\".repeat(999_998)}\n`],
];

describe("a hostile kickstart", () => {
  for (const [name, text] of documents) {
    it(`of ${name} is read in time that grows with its size`, () => {
      const start = performance.now();
      const { kickstart, problems } = parseKickstart(text, "hostile.ks");
      const composed = composeKickstart({ ...composeInput({}), recipe: kickstart });
      const took = performance.now() - start;
      assert.ok(took < TIME_LIMIT_MS, `${took} ms`);
      assert.ok(problems.length + composed.problems.length < 5_000);
    });
  }
});

describe("many warnings", () => {
  it("do not push out an error", () => {
    const { kickstart } = parseKickstart(`${"x\n".repeat(2000)}part / --size=big\n`, "x.ks");
    const { problems } = composeKickstart({ ...composeInput({}), recipe: kickstart });
    assert.ok(problems.some(({ code, line }) => code === "option-value" && line === 2001));
  });
});

describe("hostile parameters", () => {
  it("do not reach what objects inherit", () => {
    const text = "- { name: __proto__, default: x }\n- { name: constructor, default: x }\n";
    const { parameters, problems } = parseParameters(text, "parameters.yaml");
    assert.deepEqual(
      problems.map(({ code }) => code),
      ["parameter-name"],
    );
    assert.deepEqual(
      parameters.map(({ name }) => name),
      ["__proto__", "constructor"],
    );
    assert.equal(({} as Record<string, unknown>)["default"], undefined);
  });

  it("do not grow by repetition", () => {
    const bomb = "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\n";
    const { problems } = parseParameters(bomb, "parameters.yaml");
    assert.ok(problems.some(({ code }) => code === "yaml-alias"));
  });
});
