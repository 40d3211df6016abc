/**
 * Loaded into each process of a run before its main module (`probe.ts?process=NAME&journal=FILE`), as a witness that is
 * neither the store nor the sink. Has `node:http` name the process in every webhook, so that a repeated
 * delivery can be held against the death of the very process that made the first; and notes in a journal, which
 * outlives the process, when a request begins (`+ ID`) and when its answer has come (`- ID`). Changes nothing else.
 */
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { PROCESS_HEADER } from "./journal.ts";

const { searchParams } = new URL(import.meta.url);
const name = searchParams.get("process") ?? "";
const journal = Deno.openSync(searchParams.get("journal") ?? "", { append: true, create: true });
const encoder = new TextEncoder();
const { request } = http;

http.request = (
  url: string | URL | RequestOptions,
  options?: RequestOptions | ((response: IncomingMessage) => void),
): ClientRequest => {
  if (!(url instanceof URL) || typeof options !== "object") {
    throw new TypeError("Cannot watch such a request");
  }
  const headers = { ...options.headers } as Record<string, string>;
  const note = (mark: "+" | "-") => journal.writeSync(encoder.encode(`${mark} ${headers["webhook-id"]}\n`));
  note("+");
  const made = request(url, { ...options, headers: { ...headers, [PROCESS_HEADER]: name } });
  // These listeners are the first, so the handler cannot go on before its line is written.
  made.on("response", (response) => response.on("end", () => note("-")));
  made.on("error", () => note("-"));
  return made;
};
