import type { AppOptions } from "../../backend/app.ts";
import type { QueueOptions } from "../../backend/lib/queue-options.ts";
import type { Role } from "../../backend/routes/middleware/auth.ts";
import { Api } from "../../backend/testing/api.ts";

/** A page as it came. */
export interface PageAnswer {
  status: number;
  headers: Headers;
  html: string;
  /** What is written in it, without tags and with single spaces. */
  text: string;
}

/** The dashboard over a queue in memory, asked as a browser without scripts would, without a network. */
export class Pages {
  readonly api: Api;
  readonly #base: string;

  constructor(options: { app?: Partial<AppOptions>; queue?: Partial<QueueOptions> } = {}) {
    this.api = new Api(options);
    this.#base = options.app?.basePath ?? "";
  }

  /** `path` comes after the base path. A role of null: nobody is signed in. */
  async get(path: string, { role = "admin", headers = {} }: {
    role?: Role | null;
    headers?: Record<string, string>;
  } = {}): Promise<PageAnswer> {
    const answer = await this.api.call<string>("GET", this.#base + path, { role, headers });
    const html = String(answer.body);
    return { status: answer.status, headers: answer.headers, html, text: textOf(html) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]();
  }
}

function textOf(html: string): string {
  return html.replaceAll(/<script.*?<\/script>|<head>.*?<\/head>|<!--.*?-->/gs, "")
    .replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ").trim();
}
