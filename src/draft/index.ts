/** First descriptors of machines that exist: of libvirt domains and disk images. */
export { initAppliance, type InitOptions } from "./init-appliance.ts";
export type { Draft, DraftNote } from "./draft.ts";
