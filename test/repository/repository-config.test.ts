import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { namesIn } from "../../src/lib/atomic.ts";
import { initRepository, readRepository } from "../../src/repository/index.ts";
import { testContext } from "../support/context.ts";
import { openFolder } from "../support/temporary.ts";

describe("readRepository", () => {
  /** Reads a repository.json whose retention has this text. */
  async function readRetention(retention: string): Promise<unknown> {
    await using temporary = await openFolder();
    const folder = path.join(temporary.path, ".virt-appliance");
    await mkdir(folder);
    const rest = '"schema": 1, "name": "demo", "baseUrl": "https://example.com/demo", "key": null';
    await writeFile(
      path.join(folder, "repository.json"),
      `{ ${rest}, "retention": { ${retention} } }`,
    );
    return (await readRepository(temporary.path)).retention;
  }

  it("accepts every retention that is possible", async () => {
    assert.deepEqual(await readRetention('"graceSeconds": 0, "generations": 0'), {
      graceSeconds: 0,
      generations: 0,
    });
  });

  for (const [field, text, found] of [
    ["graceSeconds", "-1e308", "-1e+308"],
    ["graceSeconds", "1e400", "Infinity"],
    ["graceSeconds", "0.5", "0.5"],
    ["generations", "-5", "-5"],
    ["generations", "1.5", "1.5"],
    ["generations", "1e400", "Infinity"],
  ] as const) {
    it(`refuses ${field} of ${text}, with file, field, found and expected`, async () => {
      const values = { graceSeconds: "10", generations: "3", [field]: text };
      const reading = readRetention(
        `"graceSeconds": ${values.graceSeconds}, "generations": ${values.generations}`,
      );
      await assert.rejects(reading, (error) => {
        assert.ok(error instanceof ApplianceError);
        assert.equal(error.code, "REPO_DAMAGED");
        const fact = `/.virt-appliance/repository.json: retention.${field} is ${found}, expected a whole number, 0 or more`;
        assert.ok(error.message.endsWith(fact), error.message);
        return true;
      });
    });
  }

  it("never has to refuse what initRepository wrote", async () => {
    await using temporary = await openFolder();
    const wanted = { name: "demo", baseUrl: "https://example.com/demo", signer: undefined };
    const retention = { graceSeconds: 10, generations: -5 };
    await assert.rejects(
      initRepository(temporary.path, { ...wanted, retention }, testContext()),
      /retention\.generations is -5, expected a whole number/,
    );
    assert.deepEqual(await namesIn(temporary.path), []);
  });
});
