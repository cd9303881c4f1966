/** Disk images: detection, and conversion for packages. The only folder that runs qemu-img. */
export { compressRaw, type CompressedRaw } from "./compress-raw.ts";
export { convertImage, flattenImage, type ConvertedImage, type ConvertOptions } from "./convert.ts";
export { copySparse } from "./copy-sparse.ts";
export type { ForeignFormat, ImageFacts, ImageWarning, Qcow2Facts } from "./facts.ts";
export { examineHead, HEAD_BYTES, judgeHeader, refuseDisguise } from "./examine-header.ts";
export type { ExaminedHeader, StatedContent } from "./examine-header.ts";
export { examineFile } from "./examine-file.ts";
export { inspectImage } from "./inspect.ts";
export { copyDisk, createEmpty, createOverlay, growDisk } from "./make-disk.ts";
export { planImage, type ImagePlan, type ImageRequest } from "./plan-image.ts";
export { readDiskFacts, type DiskFacts } from "./read-disk-facts.ts";
export { readReferences, type ImageReferences } from "./read-references.ts";
