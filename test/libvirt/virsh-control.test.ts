import assert from "node:assert/strict";
import { ApplianceError } from "../../src/errors.ts";
import { virshControl } from "../../src/libvirt/virsh-control.ts";

const busy = new ApplianceError("LIBVIRT_FAILED", "libvirt: Failed to destroy domain 'vm1'");

/** Returns a virsh whose domain vm1 is listed as often as told, and how often it was asked to destroy it. */
function dyingDomain(
  listed: number,
  destroy: () => Promise<string>,
): { readonly stop: () => Promise<void>; readonly asked: () => number } {
  let lists = 0;
  let destroys = 0;
  const control = virshControl((command) => {
    if (command === "list") return Promise.resolve(lists++ < listed ? "vm1\n" : "\n");
    assert.equal(command, "destroy");
    destroys++;
    return destroy();
  }, "/nowhere");
  return { stop: () => control.stopDomain("vm1"), asked: () => destroys };
}

describe("stopping a domain", () => {
  it("asks once when that is enough, and not at all when it is off", async () => {
    const running = dyingDomain(1, () => Promise.resolve(""));
    await running.stop();
    assert.equal(running.asked(), 1);
    const off = dyingDomain(0, () => Promise.reject(busy));
    await off.stop();
    assert.equal(off.asked(), 0);
  });

  it("stopping succeeds when the domain powered itself off meanwhile", async () => {
    const dying = dyingDomain(2, () => Promise.reject(busy));
    await dying.stop();
    assert.equal(dying.asked(), 2);
  });

  it("says what libvirt said when it goes on refusing, and asks no daemon twice that is gone", async () => {
    const stuck = dyingDomain(Infinity, () => Promise.reject(busy));
    await assert.rejects(stuck.stop(), busy);
    assert.equal(stuck.asked(), 10);
    for (const code of ["LIBVIRT_UNREACHABLE", "LIBVIRT_TIMEOUT"] as const) {
      const gone = new ApplianceError(code, "libvirt: no answer");
      const alone = dyingDomain(Infinity, () => Promise.reject(gone));
      await assert.rejects(alone.stop(), gone);
      assert.equal(alone.asked(), 1);
    }
  });
});

describe("forgetting a domain", () => {
  const uuid = "11111111-2222-4333-8444-555555555555";
  /** Forgets vm1 where virsh lists these domains; returns what of it was asked to change. */
  const forget = async (known: string | undefined, listed: string): Promise<readonly string[]> => {
    const asked: string[] = [];
    const control = virshControl((...args) => {
      if (args[0] === "list") return Promise.resolve(listed);
      if (args[0] === "undefine") asked.push(args.join(" "));
      return Promise.resolve("<domain/>");
    }, "/nowhere");
    await control.undefineDomain("vm1", { state: "remove", uuid: known });
    return asked;
  };

  it("a given UUID selects the domain, and no other one of the same name", async () => {
    assert.deepEqual(await forget(undefined, "vm1\n"), ["undefine --domain vm1 --nvram"]);
    assert.deepEqual(await forget(uuid, `${uuid}\n`), [`undefine --domain ${uuid} --nvram`]);
    assert.deepEqual(await forget(uuid, "6695eb01-f6a4-8304-79aa-97f2502e193a\n"), []);
  });
});

describe("facts of a domain", () => {
  for (const [id, state, isActive] of [
    ["7", "running", true],
    ["7", "crashed", true],
    ["-", "shut off", false],
    ["-", "crashed", false],
  ] as const) {
    it(`count it as ${isActive ? "active" : "off"}, as virsh list does: ${state}, id ${id}`, async () => {
      const asked: string[] = [];
      const control = virshControl((...args) => {
        asked.push(args[0] ?? "");
        if (args[0] === "dominfo")
          return Promise.resolve(`Id:             ${id}\nState:          ${state}\n`);
        return Promise.resolve(args[0] === "list" && isActive ? "vm1\n" : "");
      }, "/nowhere");
      const facts = await control.domainFacts("vm1");
      assert.deepEqual([facts.isActive, facts.state], [isActive, state]);
      await control.startDomain("vm1");
      assert.equal(asked.includes("start"), !isActive);
    });
  }
});
