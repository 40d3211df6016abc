import type { JobContext } from "../../lib/context.ts";
import type { World } from "../world.ts";

/** Documents that are to be found. */
export interface Documents {
  index: string;
  ids: number[];
}

/** No connection to the search engine. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/** Puts documents into an index. */
export async function indexDocuments(job: JobContext<Documents>, world: World): Promise<unknown> {
  const { random } = world;
  const { index, ids } = job.data;
  job.log.debug("Connecting", { host: "10.0.4.17:9200" });
  await world.work(job, random.between(20, 120));
  if (!world.isSearchUp()) {
    job.log.error("No connection, documents stay out of the index", { index, documents: ids.length });
    throw refused(index);
  }
  await world.work(job, ids.length * random.between(4, 18));
  job.log.info("Indexed", { index, documents: ids.length });
  return { indexed: ids.length };
}

function refused(index: string): ConnectionError {
  const cause = new Error("tcp connect error: Connection refused (os error 111)");
  return new ConnectionError(`Cannot reach index "${index}": connect ECONNREFUSED 10.0.4.17:9200`, { cause });
}
