import type { PlannedEntry } from "../../package/index.ts";

/** Linux's capabilities in the order of their numbers. Source: Linux, `include/uapi/linux/capability.h`. */
const CAPABILITIES: readonly string[] =
  `chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service
  net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin
  sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override
  mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore`
    .split(/\s+/)
    .map((name) => `cap_${name}`);

/** Sets that a file can have: effective, inheritable, permitted. An effective one needs one of the others. */
const SETS = /^(?:e?p|e?i|e?ip)$/;

/** Whether libcap would write a text the same way: rpmbuild stores what libcap writes. */
function isCanonical(text: string): boolean {
  const [list = "", sets = "", ...more] = text.split("=");
  const numbers = list.split(",").map((name) => CAPABILITIES.indexOf(name));
  const isList = numbers.every((number, i) => number > (numbers[i - 1] ?? -1));
  return isList && SETS.test(sets) && more.length === 0;
}

/** Returns the problems of the capabilities of a file. */
export function capabilityProblems(entry: PlannedEntry): string[] {
  if (entry.kind !== "file" || entry.capabilities === undefined) return [];
  return isCanonical(entry.capabilities)
    ? []
    : [
        `${entry.path}: capabilities are "${entry.capabilities}", expected them in the order of their numbers, as getcap prints them: cap_net_admin,cap_net_raw=ep`,
      ];
}
