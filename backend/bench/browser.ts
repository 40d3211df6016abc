import { type Browser, chromium, type Page } from "playwright-core";

/** What a page took, by itself. */
export interface PageUse {
  /** Milliseconds of the longest task in which it answered nothing. */
  longestTask: number;
  /** Megabytes of its JavaScript heap, once all that nobody needs is collected. */
  heap: number;
}

/** Debian's Chromium; `CHROMIUM` names another. */
export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
  });
}

/** Opens a page with this token, and notes from its beginning how long it answers nothing. */
export async function openPage(browser: Browser, url: string, token?: string): Promise<Page> {
  const headers = token === undefined ? {} : { extraHTTPHeaders: { Authorization: `Bearer ${token}` } };
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...headers });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const own = globalThis as unknown as { longestTask: number };
    own.longestTask = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) own.longestTask = Math.max(own.longestTask, duration);
    }).observe({ type: "longtask" });
  });
  await page.goto(url);
  await page.locator(".head .live:text-is('Live')").waitFor();
  return page;
}

/** What the page took since the last call, or since it was opened. */
export async function useOf(page: Page): Promise<PageUse> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  const longestTask = await page.evaluate(() => {
    const own = globalThis as unknown as { longestTask: number };
    const { longestTask } = own;
    own.longestTask = 0;
    return longestTask;
  });
  return { longestTask, heap: usedSize / 1e6 };
}

/** Milliseconds to the load event of a page whose parts the browser has already. */
export async function loadTime(page: Page): Promise<number> {
  await page.reload({ waitUntil: "load" });
  return await page.evaluate(() => {
    const [entry] = performance.getEntriesByType("navigation") as unknown as { loadEventEnd: number }[];
    return entry?.loadEventEnd ?? NaN;
  });
}
