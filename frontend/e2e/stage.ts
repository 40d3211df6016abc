/** The real service with demo jobs, and a real browser that looks at it. */
import { assertEquals } from "@std/assert";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { Service } from "../../backend/testing/service.ts";

export type { Page };

/** How a page is looked at. */
export interface LookOptions {
  /** null: not signed in. @default "admin" */
  role?: "admin" | "viewer" | null;
  /** @default 1440 */
  width?: number;
  /** What the system likes. @default "light" */
  theme?: "light" | "dark";
  /** @default true */
  scripts?: boolean;
  /** Is touched instead of clicked, as phones are. @default false */
  isPhone?: boolean;
}

/** Starts a program in its folder; it says where it has the dashboard. Port "0" is any. */
export type Start = (folder: string, port: string) => Service;

/** Both themes on a phone and on a wide screen. */
export const LOOKS: readonly Required<Pick<LookOptions, "width" | "theme">>[] = [
  { width: 360, theme: "light" },
  { width: 360, theme: "dark" },
  { width: 1440, theme: "light" },
  { width: 1440, theme: "dark" },
];

/** Runs a test with a service of its own. Any message in a browser's console makes it fail. */
export function testPage(name: string, run: (stage: Stage) => Promise<void>, start?: Start): void {
  Deno.test(name, async () => {
    const stage = await Stage.open(start);
    try {
      await run(stage);
      assertEquals(stage.messages, []);
    } finally {
      await stage.close();
    }
  });
}

/** A service on a KV file of its own, and the browser. */
export class Stage {
  /** What consoles said, and what could not be loaded. */
  readonly messages: string[] = [];

  private constructor(
    readonly url: string,
    /** Its working folder. */
    readonly folder: string,
    public service: Service,
    readonly browser: Browser,
  ) {}

  static async open(start: Start = startService): Promise<Stage> {
    const folder = await Deno.makeTempDir();
    // A folder that is not the service's own has to say where its import map is, for the bundle of the dashboard.
    const imports = { cronosaur: new URL("../../backend/mod.ts", import.meta.url).href };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ imports }));
    const service = start(folder, "0");
    const url = await service.url();
    await service.said(/data\/login-link\.txt/); // the last thing it does at the start
    return new Stage(url, folder, service, await launchBrowser());
  }

  /** The demo with its history, for tools that look at it as people do. */
  static async demo(args: string[] = [], browserArgs: string[] = []): Promise<Stage> {
    const folder = await Deno.makeTempDir();
    const service = new Service(folder, "task:demo", ["--folder", `${folder}/data`, ...args]);
    const url = await service.url();
    await service.said(/Sign in/);
    return new Stage(url, folder, service, await launchBrowser(browserArgs));
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.service[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }

  /** Stops the service, as whoever runs it would. */
  async stop(): Promise<void> {
    this.service.kill("SIGTERM");
    assertEquals((await this.service.ended).code, 0);
  }

  /** Starts the service again where it was, with other settings. */
  async startAgain(env: Record<string, string> = {}): Promise<void> {
    this.service = startService(this.folder, new URL(this.url).port, env);
    await this.service.said(/data\/login-link\.txt/);
  }

  /** The token of a role, as the service has made it. */
  token(role: "admin" | "viewer"): string {
    const text = Deno.readTextFileSync(`${this.folder}/data/tokens.env`);
    return new RegExp(`^${role.toUpperCase()}_TOKEN=(.*)$`, "m").exec(text)?.[1] ?? "";
  }

  /** The link by which somebody signs in once. */
  loginLink(): string {
    return Deno.readTextFileSync(`${this.folder}/data/login-link.txt`).trim();
  }

  /** Asks the API as an admin. */
  async api<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/api/admin${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token("admin")}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return text === "" ? undefined as T : JSON.parse(text);
  }

  /** Adds jobs of every status but running ones: nobody knows most of their types. */
  async addDemoJobs(): Promise<void> {
    const mail = (to: string) => ({
      type: "email:welcome",
      data: { to, password: "hunter2", nested: { list: [1, 2, 3] } },
      options: { queue: "mails", tags: ["vip"] },
    });
    await this.api("POST", "/jobs", [
      mail("ada@example.com"),
      mail("grace@example.com"),
      { type: "report:weekly", data: null, options: { queue: "reports", delay: "2h" } },
      { type: "webhook:send", data: { url: `${this.url}/nothing` }, options: { maxAttempts: 1 } },
      { type: "webhook:send", data: { url: "http://127.0.0.1:1/" }, options: { maxAttempts: 9 } },
    ]);
  }

  /** Opens `path` ("/admin/queues") in a fresh browser profile, signed in as asked. */
  async look(path: string, options: LookOptions = {}): Promise<Page> {
    const { role = "admin", width = 1440, theme = "light", scripts = true, isPhone = false } = options;
    const context = await this.browser.newContext({
      viewport: { width, height: 900 },
      hasTouch: isPhone,
      isMobile: isPhone,
      colorScheme: theme,
      javaScriptEnabled: scripts,
      reducedMotion: "reduce",
    });
    const page = this.#watch(await context.newPage());
    if (role !== null) await this.#signIn(context, role);
    await page.goto(this.url + path);
    return page;
  }

  #watch(page: Page): Page {
    page.on("console", (message) => this.messages.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => this.messages.push(String(error)));
    return page;
  }

  async #signIn(context: BrowserContext, role: "admin" | "viewer"): Promise<void> {
    const response = await context.request.post(`${this.url}/api/admin/session`, {
      data: { token: this.token(role) },
      headers: { Origin: new URL(this.url).origin },
    });
    assertEquals(response.status(), 200);
  }
}

/** Debian's Chromium, with `args` of its own. */
export async function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  return await chromium.launch({
    executablePath: Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", ...args],
  });
}

function startService(folder: string, port: string, env: Record<string, string> = {}): Service {
  return new Service(folder, "main.ts", [], { BASE_PATH: "/ops", PORT: port, ...env });
}

/** Resolves once the page is live: its islands answer, its events come. */
export async function live(page: Page): Promise<void> {
  await page.locator(".head .live:text-is('Live')").waitFor();
}

/** Pauses a queue on the page of queues, as people do, and says why. */
export async function pause(page: Page, name: string, note = ""): Promise<void> {
  await page.getByRole("button", { name: `Pause ${name}…` }).click();
  await page.getByRole("dialog").getByLabel("Why").fill(note);
  await page.keyboard.press("Enter");
}

/** What axe-core finds wrong with the page, in its words. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    interface Violation {
      id: string;
      help: string;
      nodes: { html: string }[];
    }
    const { violations } = await axe.run();
    return violations.map(({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`
    );
  });
}

/** How far what `selector` finds first stands from the left edge of its panel, or of the window, in pixels. */
export async function inset(page: Page, selector: string): Promise<number> {
  return await page.locator(selector).first().evaluate((element) => {
    const left = element.parentElement?.closest(".panel")?.getBoundingClientRect().left ?? 0;
    return element.getBoundingClientRect().left + parseFloat(getComputedStyle(element).paddingLeft) - left;
  });
}

/** True when nothing makes the page wider than the window. */
export async function fits(page: Page): Promise<boolean> {
  return await page.evaluate(() => document.documentElement.scrollWidth <= globalThis.innerWidth);
}
