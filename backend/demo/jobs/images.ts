import type { JobContext } from "../../lib/context.ts";
import type { World } from "../world.ts";

/** A picture in several widths. */
export interface Picture {
  source: string;
  widths: number[];
}

/** A file that is no picture that can be read. */
export class ImageFormatError extends Error {
  override readonly name = "ImageFormatError";
}

/** Makes a picture in each of its widths, and says how far it is. */
export async function resizeImage(job: JobContext<Picture>, world: World): Promise<unknown> {
  const { random } = world;
  const { source, widths } = job.data;
  await world.work(job, random.between(200, 700));
  job.log.info("Loaded", { source, bytes: random.between(400_000, 6_000_000) });
  if (random.chance(0.04)) job.fail(decodeFailure(source)); // it would fail again
  const files: { width: number; bytes: number }[] = [];
  for (const [i, width] of widths.entries()) {
    await job.progress(100 * i / widths.length, `${width} px`);
    await world.work(job, random.between(300, 1800));
    const file = { width, bytes: width * random.between(60, 240) };
    job.log.info("Wrote {width} px", file);
    files.push(file);
  }
  await job.progress(100, "uploaded");
  return { files };
}

function decodeFailure(source: string): ImageFormatError {
  return new ImageFormatError(`Cannot decode "${source}": unexpected end of data after 65536 bytes`);
}
