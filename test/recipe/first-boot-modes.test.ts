import assert from "node:assert/strict";
import { type RecipeParameter, renderFirstBoot, renderNode } from "../../src/recipe/index.ts";

const parameter: RecipeParameter = {
  name: "token",
  type: "string",
  default: undefined,
  required: true,
  description: undefined,
  pattern: undefined,
  values: [],
  secret: true,
  line: 1,
};

const text = renderFirstBoot(
  {
    vm: "vm1",
    recipe: "web-1.0-1",
    module: "web",
    values: [{ parameter, value: "s3cret", origin: "--set" }],
    run: { kind: "apply" },
    files: [{ path: "files/run", content: Buffer.from("x"), isExecutable: true }],
  },
  { masked: false },
);

describe("what the first boot leaves in a VM", () => {
  it("is root's alone: the folder, and every file that may hold a secret", () => {
    const folder = "/etc/virt-appliance/first-boot";
    assert.match(text, new RegExp(`^chmod 0700 ${folder}$`, "m"));
    for (const file of ["site.pp", "hiera.yaml", "data/node.yaml"])
      assert.ok(text.includes(`va_write '${folder}/${file}' 0600 <<`), file);
    assert.ok(text.includes(`va_write '${folder}/modules/web/files/run' 0755 <<`));
  });

  it("accepts two exit statuses of Puppet as success", () => {
    const script = [...text.matchAll(/<<'VA_END'\n([^]*?)VA_END/g)]
      .map(([, lines = ""]) => Buffer.from(lines, "base64").toString())
      .find((each) => each.startsWith("#!/bin/sh"));
    assert.match(script ?? "", /case "\$status" in 0 \| 2\) break ;; esac/);
  });
});

describe("a node's data", () => {
  it("holds no line of where a value is from but a comment", () => {
    const origin = "site\nweb::token: evil\u2028.yaml";
    const values = [{ parameter, value: "x", origin }];
    const { data } = renderNode({ certname: "a", module: "web", values }, { masked: false });
    assert.equal(data, '---\n# site?web::token: evil?.yaml\nweb::token: "x"\n');
  });
});
