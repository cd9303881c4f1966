import {
  certificatesFault,
  hostNameFault,
  localeFault,
  passwordHashFault,
  publicKeysFault,
  scriptFault,
  serversFault,
  type SettingFault,
  syslogFault,
  timeZoneFault,
  userFault,
} from "./setting-faults.ts";

/** Settings that every appliance means in the same way. */
export type SettingName =
  | "hostname"
  | "ssh-key"
  | "user"
  | "password-hash"
  | "timezone"
  | "locale"
  | "ntp"
  | "syslog"
  | "ca-certificate"
  | "run";

/** Every well-known setting, and what is wrong with a value of it. */
export const wellKnownSettings: Readonly<Record<SettingName, SettingFault>> = {
  hostname: hostNameFault,
  "ssh-key": publicKeysFault,
  user: userFault,
  "password-hash": passwordHashFault,
  timezone: timeZoneFault,
  locale: localeFault,
  ntp: serversFault,
  syslog: syslogFault,
  "ca-certificate": certificatesFault,
  run: scriptFault,
};

function isWellKnown(name: string): name is SettingName {
  return Object.hasOwn(wellKnownSettings, name);
}

/**
 * Returns what is wrong with parameters that have a value, each as `NAME: fault`. Those of the appliance's own are right.
 * No text shows a secret.
 */
export function settingFaults(values: ReadonlyMap<string, string>): readonly string[] {
  const faults = Array.from(values).flatMap(([name, value]) => {
    const fault = settingFault(name, value);
    return fault === undefined ? [] : [`${name}: ${fault}`];
  });
  const lacksUser = values.has("password-hash") && !values.has("user");
  return lacksUser ? [...faults, "password-hash: needs user, the name of its user"] : faults;
}

/**
 * Returns what is wrong with the value of a parameter; undefined if nothing, or if the parameter is the appliance's own.
 * The text never shows a secret.
 */
export function settingFault(name: string, value: string): string | undefined {
  return isWellKnown(name) ? wellKnownSettings[name](value) : undefined;
}
