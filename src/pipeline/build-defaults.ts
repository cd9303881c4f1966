import type { ImageRequest } from "../image/index.ts";
import type { Context } from "../lib/context.ts";
import type { PackageOptions, TimedPackageOptions } from "../package/index.ts";

/** Returns the options for a package with the default build time: now. */
export function packageOptionsOf(
  options: { readonly package?: PackageOptions | undefined },
  context: Pick<Context, "now">,
): TimedPackageOptions {
  const seconds = options.package?.buildTimeSeconds ?? Math.floor(context.now().getTime() / 1000);
  return { ...options.package, buildTimeSeconds: seconds };
}

/** Returns the options for images with their defaults: raw disks become qcow2, compressed with zstd. */
export function imageRequestOf(options: {
  readonly images?: Partial<ImageRequest> | undefined;
}): ImageRequest {
  return { compression: "zstd", keepRaw: false, ...options.images };
}
