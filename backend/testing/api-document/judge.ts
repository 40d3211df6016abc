/** Holds answers against the document. */
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { assert, assertEquals } from "@std/assert";
import { type ApiDocument, operationsOf } from "../../routes/api-document.ts";
import type { Problem } from "../../routes/middleware/problem.ts";
import type { Answer } from "../api.ts";
import type { FuzzRequest, Route } from "./requests.ts";

/** What is read of an answer in the document. */
interface DocumentedAnswer {
  $ref?: string;
  content?: Record<string, unknown>;
}

/** Knows what may be answered to whom. */
export class Judge {
  readonly routes: readonly Route[];
  readonly #document: ApiDocument;
  readonly #ajv = addFormats.default(new Ajv.default({ strict: false, allErrors: false }));

  constructor(document: ApiDocument) {
    this.#document = document;
    this.#ajv.addSchema(document, "document");
    this.routes = Object.entries(document.paths ?? {}).flatMap(([path, item]) => {
      return operationsOf(item).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        operation,
      }));
    });
  }

  /** @throws {AssertionError} The answer is none of those that the document promises to this caller. */
  check(request: FuzzRequest, answer: Answer<unknown>): void {
    const { status } = answer;
    assert(status !== 500, `500: ${JSON.stringify(answer.body)}`);
    assertEquals(answer.headers.get("X-Injected"), null, "a header of the caller's");
    const route = this.#routeOf(request);
    if (route === undefined) return this.#checkUnknown(answer);
    this.#checkRole(route, request, status);
    const pointer = `/paths/${escaped(route.path)}/${route.method.toLowerCase()}/responses/${status}`;
    const documented: DocumentedAnswer | undefined = route.operation.responses?.[status];
    assert(documented, `${status} is not documented: ${JSON.stringify(answer.body)}`);
    this.#checkBody(documented.$ref?.slice(1) ?? pointer, answer);
  }

  /** What no route takes: the path is unknown, or has no such method. */
  #checkUnknown({ status, body, headers }: Answer<unknown>): void {
    assert([400, 401, 404, 405, 413, 415].includes(status), `${status} at an unknown path`);
    assertEquals(headers.get("Content-Type"), "application/problem+json");
    assertEquals((body as Problem).status, status);
  }

  #checkRole({ operation }: Route, { role }: FuzzRequest, status: number): void {
    const roles: string[] | undefined = operation["x-roles"];
    if (roles === undefined) return;
    if (role === null) return assertEquals(status, 401, "without a token");
    if (roles.includes(role)) return assert(status !== 401, "with a token that is known");
    // What is no JSON at all is refused before anybody knows which route it is for.
    assert([400, 403, 413, 415].includes(status), `${status} for a ${role}`);
  }

  #checkBody(pointer: string, { headers, body }: Answer<unknown>): void {
    const answer = this.#at(pointer) as DocumentedAnswer;
    const [type = ""] = (headers.get("Content-Type") ?? "").split(";");
    const types = Object.keys(answer.content ?? {});
    if (types.length === 0) return assertEquals(body, "", "an answer without a body");
    assert(types.includes(type), `${type} is not among ${types.join(", ")}`);
    if (!type.endsWith("json")) return;
    const $ref = `document#${pointer}/content/${escaped(type)}/schema`;
    const validate = this.#ajv.getSchema($ref) ?? this.#ajv.compile({ $ref });
    assert(validate(body), `${this.#ajv.errorsText(validate.errors)}: ${JSON.stringify(body).slice(0, 500)}`);
  }

  #at(pointer: string): unknown {
    return pointer.split("/").slice(1).reduce<unknown>((part, name) => {
      return (part as Record<string, unknown>)[name.replaceAll("~1", "/")];
    }, this.#document);
  }

  /** The route that a request comes to: what dots in the path lead to may be another one than it was made for. */
  #routeOf({ method, path }: FuzzRequest): Route | undefined {
    const { pathname } = new URL(path, "http://localhost");
    const fitting = this.routesAt(pathname).filter((route) => route.method === method);
    return fitting.find(({ path }) => path === pathname) ?? fitting[0];
  }

  /** The routes whose path may be written so. */
  routesAt(pathname: string): Route[] {
    return this.routes.filter(({ path }) => {
      return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(pathname);
    });
  }
}

/** As a part of a JSON pointer. */
function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
