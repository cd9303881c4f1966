import assert from "node:assert/strict";
import { settingFaults } from "../../src/appliance/index.ts";
import {
  settingFault,
  wellKnownSettings,
} from "../../src/appliance/settings/well-known-settings.ts";
import { keysOf } from "../../src/lib/keys-of.ts";
import { publicKey, selfSigned } from "../fixtures/site-settings.ts";

const hash = `$6$salt$${"a".repeat(86)}`;

interface Row {
  readonly good: readonly string[];
  /** Values, and what the message must say. */
  readonly bad: readonly (readonly [value: string, told: RegExp])[];
}

async function rows(): Promise<Readonly<Record<keyof typeof wellKnownSettings, Row>>> {
  const pem = await selfSigned();
  return {
    hostname: {
      good: ["web7", "web-7.example.com", "7", "a".repeat(63)],
      bad: [
        ["bad host!", /expected letters/],
        ["-web", /expected letters/],
        ["web_7", /expected letters/],
        ["a".repeat(64), /at most 63/],
        ["a..b", /joined by dots/],
        ["", /expected letters/],
      ],
    },
    "ssh-key": {
      good: [
        publicKey,
        `${publicKey}\n\n${publicKey}\n`,
        `from="10.0.0.0/8",no-pty ${publicKey}`,
        publicKey.split(" ").slice(0, 2).join(" "),
      ],
      bad: [
        ["abc", /not a public key/],
        [`${publicKey}\nssh-rsa AAAA`, /^line 2: not a public key/],
        [publicKey.replace("ssh-ed25519", "ssh-rsa"), /not a public key/],
        ["-----BEGIN OPENSSH PRIVATE KEY-----\nsecret", /^a private key, expected the public one$/],
        ["", /expected a public key/],
      ],
    },
    user: {
      good: ["admin", "_svc", "a-b_c9"],
      bad: [
        ["Admin", /lower-case/],
        ["9a", /not starting with a digit/],
        ["a b", /lower-case/],
      ],
    },
    "password-hash": {
      good: [hash, `$y$j9T$abc$${"b".repeat(43)}`, `$2b$05$${"c".repeat(53)}`],
      bad: [
        ["hunter2", /^not a hash of crypt\(5\), expected one such as openssl passwd -6 prints$/],
        [`${hash}:0:0`, /not a hash/],
        ["$1$salt$qJH7.N4xYta3aEG/dfqo/0", /not a hash/],
      ],
    },
    timezone: {
      good: ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"],
      bad: [
        ["Berlin", /Europe\/Berlin/],
        ["+02:00", /Europe\/Berlin/],
        ["../etc/passwd", /Europe\/Berlin/],
      ],
    },
    locale: {
      good: ["de_DE.UTF-8", "C.UTF-8", "C", "ca_ES.UTF-8@valencia"],
      bad: [
        ["german", /de_DE/],
        ["de_DE; reboot", /de_DE/],
      ],
    },
    ntp: {
      good: ["ntp.example.com", "10.0.0.1, ntp2 2001:db8::1"],
      bad: [
        ["", /host names or IP/],
        ["ntp1 ntp 2!", /"2!", expected a host name/],
      ],
    },
    syslog: {
      good: ["log.example.com", "log:10514", "tcp://10.0.0.1:601", "udp://[2001:db8::1]:514"],
      bad: [
        ["log:0", /HOST:PORT/],
        ["log:70000", /HOST:PORT/],
        ["https://log", /HOST:PORT/],
        ["2001:db8::1", /HOST:PORT/],
        ["log\n*.* @evil", /HOST:PORT/],
      ],
    },
    "ca-certificate": {
      good: [pem, `${pem}\n${pem}`, `# our CA\n${pem}`],
      bad: [
        ["abc", /PEM form/],
        [pem.replace(/\n[A-Za-z0-9+/]{20}/, "\n"), /^certificate 1 cannot be read$/],
        [`${pem}\n-----BEGIN PRIVATE KEY-----`, /^contains a private key/],
      ],
    },
    run: {
      good: ["#!/bin/sh\necho hi\n", "#!/usr/bin/python3\n"],
      bad: [
        ["echo hi", /names its interpreter/],
        [`#!/bin/sh\n${"x".repeat(20_000)}`, /at most 16.* KiB$/],
      ],
    },
  };
}

describe("a well-known setting", () => {
  for (const name of keysOf(wellKnownSettings)) {
    it(`takes what is right and refuses what is wrong: ${name}`, async () => {
      const { good, bad } = (await rows())[name];
      for (const value of good) assert.equal(settingFault(name, value), undefined, value);
      for (const [value, told] of bad) assert.match(settingFault(name, value) ?? "", told, value);
    });
  }

  it("is judged quickly, whatever its value", () => {
    const values = [
      "a".repeat(65_536),
      "a.".repeat(32_768),
      " ".repeat(65_536),
      "-".repeat(65_536),
    ];
    for (const name of keysOf(wellKnownSettings)) {
      for (const value of values) {
        const start = process.cpuUsage();
        settingFault(name, value);
        const { user } = process.cpuUsage(start);
        assert.ok(user < 500_000, `${name}: ${user} µs of CPU`);
      }
    }
  });

  it("needs another one where it is about it", () => {
    const faults = settingFaults(
      new Map([
        ["password-hash", hash],
        ["hostname", "a b"],
      ]),
    );
    assert.equal(faults.length, 2);
    assert.match(faults[0] ?? "", /^hostname: expected/);
    assert.equal(faults[1], "password-hash: needs user, the name of its user");
  });

  it("says nothing of an appliance's own parameters, nor of names that objects inherit", () => {
    assert.equal(settingFault("port", "any thing"), undefined);
    assert.equal(settingFault("constructor", "any thing"), undefined);
    assert.equal(settingFault("HOSTNAME", "any thing"), undefined);
  });
});
