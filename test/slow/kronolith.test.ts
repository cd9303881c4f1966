import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { openBrowser } from "../support/browser.ts";
import {
  complaints,
  logIn,
  makeAppointment,
  waitForAppointment,
} from "../support/horde-calendar.ts";
import { KRONOLITH, kronolithPackages } from "../fixtures/kronolith-recipe.ts";
import { openRecipeHost, type RecipeHost } from "../fixtures/recipe-host.ts";

const VM = "calendar";
const ADMINISTRATOR = { name: "administrator", password: "correct-horse" };
const MINUTE_MS = 60_000;

const SITE = `lang C.UTF-8
keyboard us
timezone Europe/Berlin --utc
network --bootproto=dhcp --device=link --hostname=calendar.example.com
rootpw --lock
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  server.close();
  await once(server, "close");
  return address.port;
}

/** Waits until the web server of a VM shows where to log in. */
async function untilServing(url: string): Promise<void> {
  const deadline = performance.now() + 10 * MINUTE_MS;
  for (;;) {
    const signal = AbortSignal.timeout(MINUTE_MS);
    const text = await fetch(`${url}/horde/login.php`, { signal })
      .then(async (response) => response.text())
      .catch(() => "");
    if (text.includes("horde_user")) return;
    if (performance.now() > deadline) assert.fail(`${url}: nothing to log in to\n${text}`);
    await sleep(1000);
  }
}

describe("the calendar as a VM", () => {
  let testHost: RecipeHost;
  before(async () => {
    testHost = await openRecipeHost({
      recipes: [KRONOLITH],
      installed: await kronolithPackages(),
      offered: [],
      hostSize: "8g",
    });
    const { host, guestUrl } = testHost;
    await host.writeText("/etc/virt-appliance/site.ks", SITE);
    const values = "/etc/virt-appliance/recipes/kronolith.yaml";
    await host.writeText(
      values,
      `mail_hub: mail.example.com
admin_password: ${ADMINISTRATOR.password}
mirror: ${guestUrl}
`,
    );
    await host.run(["chmod", "0640", values]);
  });
  after(() => testHost[Symbol.asyncDispose]());

  /** Has a port of this machine lead to the running VM, and waits until there is a calendar. */
  const openWay = async (): Promise<string> => {
    const port = await freePort();
    const rule = `hostfwd_add hostnet0 tcp:127.0.0.1:${port}-:80`;
    await testHost.host.run(["virsh", "qemu-monitor-command", VM, "--hmp", rule]);
    const url = `http://127.0.0.1:${port}`;
    await untilServing(url);
    return url;
  };

  it("is installed from its recipe, and keeps an appointment while it is off", async () => {
    const { host } = testHost;
    const machine = [VM, "--virt-type", "qemu", "--network", "user", "--masterless"];
    const created = await testHost.virtAppliance(
      ["create", "kronolith-recipe", ...machine, "--location", testHost.treeUrl],
      { timeoutMs: 30 * MINUTE_MS, accept: "any" },
    );
    assert.equal(created.exitCode, 0, `${created.stderr}${await testHost.consoleOf(VM)}`);
    const configured = /virt-appliance: first boot: kronolith-1\.0-1 is configured/;
    await testHost.untilSaid(VM, configured, 30 * MINUTE_MS);

    await using browser = await openBrowser({ timeoutMs: 5 * MINUTE_MS });
    const page = await browser.newPage();
    await logIn(page, { url: await openWay(), ...ADMINISTRATOR });
    await makeAppointment(page, "Tea with the builders");
    assert.deepEqual(await complaints(page), []);

    await host.run(["virsh", "shutdown", VM]);
    const off = 'until [ "$(virsh domstate "$1")" = "shut off" ]; do sleep 0.5; done';
    await host.run(["sh", "-c", off, "sh", VM], { timeoutMs: 5 * MINUTE_MS });
    // The data disk has the database: its one partition begins after a MiB.
    const { stdout: version } = await host.sh(`
      qemu-img convert -O raw /var/lib/libvirt/images/${VM}-database.qcow2 /tmp/database.raw
      debugfs -R 'cat /15/main/PG_VERSION' '/tmp/database.raw?offset=1048576'
      rm /tmp/database.raw`);
    assert.equal(version, "15\n");
    await host.run(["virsh", "start", VM]);
    const next = await browser.newPage();
    await logIn(next, { url: await openWay(), ...ADMINISTRATOR });
    await waitForAppointment(next, "Tea with the builders");
  });
});
