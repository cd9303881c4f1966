import assert from "node:assert/strict";
import { composeKickstart } from "../../src/recipe/compose/compose.ts";
import { layerOfArguments } from "../../src/recipe/parameters/parameter-layer.ts";
import { parseParameters } from "../../src/recipe/parameters/parse-parameters.ts";
import { resolveParameters } from "../../src/recipe/parameters/resolve-parameters.ts";
import { composeInput, layout } from "../fixtures/compose-input.ts";

const { parameters: declared } = parseParameters(
  "- {name: timezone, default: Etc/UTC}\n- {name: hostname, default: vm}\n- {name: domain, default: example.com}\n" +
    "- {name: ip, required: true}\n- {name: password, secret: true}\n",
  "parameters.yaml",
);

interface Outcome {
  readonly lines?: readonly string[];
  readonly problems?: readonly string[];
  readonly notes?: readonly string[];
}

function compose(recipe: string, settings: readonly string[], site?: string) {
  const { values } = resolveParameters(declared, [layerOfArguments(settings, "--set").layer]);
  return composeKickstart(
    composeInput(
      { recipe: layout + recipe, ...(site === undefined ? {} : { site }) },
      { parameters: { declared, values } },
    ),
  );
}

describe("what a recipe asks of the site", () => {
  const cases: readonly (readonly [
    string,
    string,
    readonly string[],
    string | undefined,
    Outcome,
  ])[] = [
    [
      "is the parameter's default",
      "timezone @@timezone@@ --utc\nnetwork --hostname=@@hostname@@.@@domain@@\n",
      [],
      undefined,
      { lines: ["timezone Etc/UTC --utc", "network --hostname=vm.example.com"] },
    ],
    [
      "is the value that the site gives",
      "timezone @@timezone@@\nnetwork --bootproto=static --ip=@@ip@@ --activate\n",
      ["timezone=Europe/Berlin", "ip=192.0.2.2"],
      undefined,
      {
        lines: ["timezone Europe/Berlin", "network --bootproto=static --ip=192.0.2.2 --activate"],
      },
    ],
    [
      "is overridden by the site's document while it is a default",
      "timezone @@timezone@@\nnetwork --hostname=@@hostname@@\n",
      [],
      "timezone Europe/Berlin\nnetwork --bootproto=dhcp\n",
      {
        lines: ["network --hostname=vm", "timezone Europe/Berlin", "network --bootproto=dhcp"],
        notes: ["web.ks:3: timezone is overridden by site.ks:1"],
      },
    ],
    [
      "clashes with the site's document once it is given",
      "timezone @@timezone@@\nnetwork --hostname=@@hostname@@.@@domain@@\n",
      ["timezone=Etc/GMT", "domain=example.org"],
      "timezone Europe/Berlin\nnetwork --bootproto=dhcp --hostname=x\n",
      {
        problems: [
          "site.ks:1 timezone: clashes with web.ks:3; a parameter's value and the site's document cannot both set it",
          "site.ks:2 network --hostname: clashes with web.ks:4; a parameter's value and the site's document cannot both set it",
        ],
      },
    ],
    [
      "is no clash in the same words",
      "timezone @@timezone@@\n",
      ["timezone=Europe/Berlin"],
      "timezone Europe/Berlin\n",
      { lines: ["timezone Europe/Berlin"] },
    ],
    [
      "holds no value of the builder's own",
      "timezone Europe/Berlin\nnetwork --hostname=@@hostname@@.example.com\nnetwork --device=eth0 --ip=@@ip@@\nrootpw --lock\n",
      ["ip=192.0.2.2"],
      undefined,
      {
        problems: ["timezone", "network", "network", "rootpw"].map(
          (name, index) =>
            `web.ks:${index + 3} ${name}: only the site may set it, not the builder, which may ask for its values only with parameters`,
        ),
      },
    ],
  ];
  for (const [name, recipe, settings, site, expected] of cases) {
    it(name, () => {
      const { text, problems, notes } = compose(recipe, settings, site);
      const told = problems.map((each) => `${each.origin}:${each.line} ${each.message}`);
      assert.deepEqual(told, expected.problems ?? []);
      const lines = text.split("\n").filter((line) => !/^(#.*|)$|^part /.test(line));
      if (expected.lines !== undefined) assert.deepEqual(lines, expected.lines);
      if (expected.notes !== undefined) assert.deepEqual(notes, expected.notes);
    });
  }

  it("displaces what is stock", () => {
    const { values } = resolveParameters(declared, [
      layerOfArguments(["ip=192.0.2.2"], "--set").layer,
    ]);
    const { text, problems, notes } = composeKickstart(
      composeInput(
        {
          stock: "network --bootproto=dhcp --device=link\n",
          recipe: `${layout}network --bootproto=static --ip=@@ip@@\n`,
        },
        { parameters: { declared, values } },
      ),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(text.match(/^network .*$/gm), ["network --bootproto=static --ip=192.0.2.2"]);
    assert.deepEqual(notes, ["stock.ks:1: network is overridden by web.ks:4"]);
  });

  it("is asked for before anybody has answered", () => {
    const { problems } = compose("network --bootproto=static --ip=@@ip@@\n", []);
    assert.deepEqual(problems, []);
  });

  it("is not shown where it is secret", () => {
    const { text, maskedText } = compose("rootpw --plaintext @@password@@\n", ["password=hush"]);
    assert.match(text, /^rootpw --plaintext hush$/m);
    assert.doesNotMatch(maskedText, /hush/);
  });
});
