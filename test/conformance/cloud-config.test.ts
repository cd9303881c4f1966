import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Readable } from "node:stream";
import { renderCloudConfig } from "../../src/host/create/cloud-config.ts";
import { publicKey, selfSigned } from "../fixtures/site-settings.ts";
import { testContext } from "../support/context.ts";

const script = fileURLToPath(new URL("../support/ask-cloud-init.py", import.meta.url));

interface Understood {
  readonly isCloudConfig: boolean;
  readonly faults: readonly string[];
  readonly users: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

async function understood(values: Readonly<Record<string, string>>): Promise<Understood> {
  const input = Readable.from([renderCloudConfig(new Map(Object.entries(values)))]);
  const { stdout } = await testContext().run("/usr/bin/python3", [script], { input });
  return JSON.parse(stdout) as Understood;
}

const HASH = `$6$salt$${"a".repeat(86)}`;

describe("the settings of a VM, as the real cloud-init reads them", () => {
  it("are sound, each on its own and all together", async () => {
    const all = {
      hostname: "web7.example.com",
      "ssh-key": `${publicKey}\n${publicKey}`,
      user: "admin",
      "password-hash": HASH,
      timezone: "Europe/Berlin",
      locale: "de_DE.UTF-8",
      ntp: "ntp1.example.com 10.0.0.1",
      syslog: "tcp://log.example.com:601",
      "ca-certificate": await selfSigned(),
      run: "#!/bin/sh\necho 'ünï' \"quoted\" $HOME\n",
      port: "80",
    };
    const each = Object.entries(all).filter(([name]) => name !== "password-hash");
    for (const values of [...each.map(([k, v]) => ({ [k]: v })), all, {}]) {
      const { isCloudConfig, faults } = await understood(values);
      assert.ok(isCloudConfig);
      assert.deepEqual(faults, [], JSON.stringify(values));
    }
  });

  it("rename the default user, give it a password, or leave it as it is", async () => {
    const { users: renamed } = await understood({ user: "admin", "password-hash": HASH });
    assert.deepEqual(Object.keys(renamed), ["admin"]);
    const { passwd, lock_passwd: isLocked, shell } = renamed["admin"] ?? {};
    assert.deepEqual([passwd, isLocked, shell], [HASH, false, "/bin/bash"]);
    const { users: untouched } = await understood({ hostname: "web7" });
    assert.deepEqual(untouched, {}, "the image says which users it has");
  });

  it("hold nothing of the appliance's own parameters", () => {
    assert.equal(renderCloudConfig(new Map([["port", "80"]])), "#cloud-config\n{}\n");
  });
});
