import assert from "node:assert/strict";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeSystemParts } from "../../examples/installer-tree/system.ts";
import { openBrowser } from "../support/browser.ts";
import { testContext } from "../support/context.ts";
import { type DebianRoot, openDebianRoot, unpackDebian } from "../fixtures/debian-root.ts";
import {
  complaints,
  logIn,
  makeAppointment,
  waitForAppointment,
} from "../support/horde-calendar.ts";
import { DEBIAN_CACHE, KRONOLITH, kronolithPackages } from "../fixtures/kronolith-recipe.ts";
import { temporaryFolder } from "../support/temporary.ts";

const context = testContext();
const ADMINISTRATOR = { url: "http://127.0.0.1", name: "administrator", password: "correct-horse" };
const MAIL_HUB = path.join(import.meta.dirname, "../support/mail-hub.php");
const ENVIRONMENT = "etc/puppet/code/environments/production";

/** Opens a Debian with the packages of the recipe, its module, and what a site says about it. */
async function openServer(lower: string): Promise<DebianRoot> {
  const server = await openDebianRoot(lower, context);
  const at = (name: string): string => path.join(server.root, name);
  await mkdir(at("usr/share/puppet/modules"), { recursive: true });
  await cp(path.join(KRONOLITH, "puppet/kronolith"), at("usr/share/puppet/modules/kronolith"), {
    recursive: true,
    dereference: true,
  });
  await mkdir(at(`${ENVIRONMENT}/data`), { recursive: true });
  await writeFile(
    at(`${ENVIRONMENT}/hiera.yaml`),
    "version: 5\nhierarchy: [{ name: all, path: all.yaml, datadir: data, data_hash: yaml_data }]\n",
  );
  await writeFile(
    at(`${ENVIRONMENT}/data/all.yaml`),
    `kronolith::mail_hub: 127.0.0.1
kronolith::mail_port: 2525
kronolith::admin_password: ${ADMINISTRATOR.password}
kronolith::hostname: calendar.example.com
kronolith::time_zone: Europe/Berlin
`,
  );
  return server;
}

/** Runs the real Puppet; returns whether it changed anything. */
async function applyModule(server: DebianRoot): Promise<boolean> {
  const command = ["puppet", "apply", "--color=false", "--detailed-exitcodes", "-e"];
  const { exitCode, stdout, stderr } = await server.run([...command, "include kronolith"], {
    accept: "any",
    timeoutMs: 600_000,
  });
  assert.ok(exitCode === 0 || exitCode === 2, `puppet ended with ${exitCode}\n${stdout}${stderr}`);
  assert.doesNotMatch(stdout + stderr, new RegExp(ADMINISTRATOR.password));
  return exitCode === 2;
}

async function services(server: DebianRoot, action: "start" | "stop"): Promise<void> {
  for (const name of ["postgresql", "apache2"]) await server.run(["service", name, action]);
}

/** Returns where a browser is sent that has reached the server through a forwarded port. */
async function sentTo(server: DebianRoot): Promise<string> {
  const program = `
    $how = array("http" => array("header" => "Host: calendar.example.com:8080", "follow_location" => 0));
    echo get_headers("http://127.0.0.1/horde/", true, stream_context_create($how))["Location"];`;
  return (await server.run(["php", "-r", program])).stdout;
}

/** Makes Horde send a mail; returns what the mail hub received. */
async function sendMail(server: DebianRoot): Promise<string> {
  await cp(MAIL_HUB, path.join(server.root, "tmp/mail-hub.php"));
  await server.run([
    "sh",
    "-c",
    `php /tmp/mail-hub.php >/tmp/mail 2>/dev/null &
    until ss -Hltn 'sport = 2525' | grep -q .; do sleep 0.1; done`,
  ]);
  const program = `
    require_once "/usr/share/horde/lib/Application.php";
    Horde_Registry::appInit("horde", array("authentication" => "none", "cli" => true));
    $mail = new Horde_Mime_Mail(array("From" => "calendar@example.com", "To" => "guest@example.com", "Subject" => "Tea"));
    $mail->setBody("Come along: " . Horde::url("/horde/", true));
    $mail->send($injector->getInstance("Horde_Mail"));`;
  await server.run(["runuser", "-u", "www-data", "--", "php", "-r", program]);
  return (await server.run(["cat", "/tmp/mail"])).stdout;
}

describe("the module of the calendar, applied by Puppet on a Debian", () => {
  const folder = temporaryFolder();
  let lower: string;
  before(async () => {
    lower = path.join(folder, "debian");
    const parts = { cacheFolder: DEBIAN_CACHE, installed: await kronolithPackages(), offered: [] };
    await mkdir(DEBIAN_CACHE, { recursive: true });
    await unpackDebian((await makeSystemParts(parts, context)).system, lower, context);
  });

  it("serves a calendar whose appointments outlive its processes and its system", async () => {
    await using server = await openServer(lower);
    assert.equal(await applyModule(server), true);
    assert.equal(await applyModule(server), false);
    assert.match(
      await sentTo(server),
      /^(http:\/\/calendar\.example\.com:8080)?\/horde\/login\.php/,
    );
    assert.match(
      await sendMail(server),
      /RCPT TO:<guest@example\.com>[^]*Subject: Tea[^]*Come along: http:\/\/calendar\.example\.com\/horde\//,
    );
    {
      await using browser = await openBrowser({ networkOf: server.pid });
      const page = await browser.newPage();
      await logIn(page, ADMINISTRATOR);
      await makeAppointment(page, "Tea with the builders");
      assert.deepEqual(await complaints(page), []);

      await services(server, "stop");
      await services(server, "start");
      const next = await browser.newPage();
      await logIn(next, ADMINISTRATOR);
      await waitForAppointment(next, "Tea with the builders");
    }
    await services(server, "stop");

    // What the data disk holds, seen by a system that was installed anew.
    await using successor = await openServer(lower);
    const data = "var/lib/postgresql";
    await rm(path.join(successor.root, data), { recursive: true });
    await rm(path.join(successor.root, "etc/postgresql"), { recursive: true });
    await context.run("cp", ["-a", path.join(server.root, data), path.join(successor.root, data)]);
    assert.equal(await applyModule(successor), true);
    await using browser = await openBrowser({ networkOf: successor.pid });
    const page = await browser.newPage();
    await logIn(page, ADMINISTRATOR);
    await waitForAppointment(page, "Tea with the builders");
    assert.deepEqual(await complaints(page), []);
  });
});
