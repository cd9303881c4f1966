import assert from "node:assert/strict";
import path from "node:path";
import { readRpm, signatureSpace } from "../../src/rpm/index.ts";
import { judgeForTargets, signRpm } from "../../src/sign/index.ts";
import { buildInto, packagePlan, textFile } from "../fixtures/package-plan.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const context = testContext();
const { smallest, byDefault, largestForRpm414, largest } = signatureSpace;

describe("space for signatures", () => {
  const folder = temporaryFolder();
  const choices = [
    { engine: "native", format: 4 },
    { engine: "native", format: 6 },
    { engine: "rpmbuild", format: 4 },
  ] as const;

  for (const { engine, format } of choices) {
    // In format 6, one signature is in two tags.
    for (const space of [
      format === 6 ? 1400 : smallest,
      2001,
      byDefault,
      largestForRpm414,
      20_000,
      largest,
    ]) {
      it(`of ${space} bytes is reserved by the engine ${engine} in format ${format}`, async () => {
        const plan = packagePlan({ entries: [textFile("/opt/a", "a\n")] });
        const into = path.join(folder, `${engine}-${format}-${space}`);
        const choice = { engine, format, signatureSpace: space };
        const { path: file } = await buildInto(into, plan, { engine: choice });
        const { signature, headerStart } = await readRpm(file);
        const tag = format === 4 ? "RESERVEDSPACE" : "RESERVED";
        const reserved = signature.bytes(tag)?.length ?? 0;
        assert.ok(reserved >= space && reserved < space + 200, `reserved ${reserved}`);
        assert.match((await context.run("rpm", ["-K", file])).stdout, /: digests OK\n$/);
        const { signer, keyring } = await testKey();
        assert.equal((await signRpm(file, signer, context)).rewritten, false);
        const signed = await readRpm(file);
        assert.equal(signed.headerStart, headerStart);
        const judged = { keyring, now: context.now() };
        const verdicts = await judgeForTargets(file, ["el8", "sle15", "el9"], judged);
        const codes = verdicts.map(({ reasons }) => reasons.map(({ code }) => code).join());
        const old = space > largestForRpm414 ? "signature-header-size" : "";
        assert.deepEqual(codes, [old, old, ""]);
      });
    }
  }

  for (const space of [0, smallest - 1, 4128.5, Number.NaN, largest + 1]) {
    it(`cannot have ${space} bytes`, async () => {
      const engine = { signatureSpace: space };
      await assert.rejects(buildInto(folder, packagePlan(), { engine }), {
        code: "RPM_BAD_PLAN",
        message: `space for signatures: ${space} bytes, expected 640 to 65280`,
      });
    });
  }
});
