/**
 * Loaded into each process of a run before its main module: has `node:http` say in every request which process
 * sends it (`probe.ts?process=NAME`). Only so can the ledger hold a repeated delivery against the kill of the very
 * process that made the first one. Nothing else is changed.
 */
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { PROCESS_HEADER } from "./process-header.ts";

const name = new URL(import.meta.url).searchParams.get("process") ?? "";
const { request } = http;

http.request = (
  url: string | URL | RequestOptions,
  options?: RequestOptions | ((response: IncomingMessage) => void),
  callback?: (response: IncomingMessage) => void,
): ClientRequest => {
  if (!(url instanceof URL) || typeof options !== "object") {
    throw new TypeError("Cannot name this request's process");
  }
  return request(url, { ...options, headers: { ...options.headers, [PROCESS_HEADER]: name } }, callback);
};
