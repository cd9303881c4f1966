/** Formats that users give by mistake, by their first bytes in hex. */
const formats: readonly (readonly [RegExp, string])[] = [
  [/^504b0304/, "a zip archive"],
  [/^377abcaf/, "a 7z archive"],
  [/^edabeedb/, "an RPM package"],
  [/^514649fb/, "a qcow2 disk image"],
  [/^4b444d56/, "a VMDK disk image"],
];

/** Returns the name of a format that is not a source: `a zip archive`; undefined for any other file. */
export function mistakenFormat(head: Buffer): string | undefined {
  const hex = head.subarray(0, 4).toString("hex");
  return formats.find(([magic]) => magic.test(hex))?.[1];
}
