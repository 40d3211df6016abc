/** Takes the pictures of the documentation from the demo: `deno task screenshots`. Each goes to `docs/images`. */
import { live, type Page, Stage } from "./stage.ts";

/** A picture to take. */
interface Picture {
  name: string;
  path: string;
  theme: "light" | "dark";
  width: number;
  height: number;
}

const ROOT = new URL("../../", import.meta.url);
const WIDE = { width: 1440, height: 1000 };
const PHONE = { width: 390, height: 844 };

if (import.meta.main) await main();

async function main(): Promise<void> {
  const stage = await Stage.demo();
  try {
    await Deno.mkdir(new URL("docs/images", ROOT), { recursive: true });
    for (const picture of await picturesOf(stage)) {
      const bytes = await take(stage, picture);
      const file = new URL(`docs/images/${picture.name}.webp`, ROOT);
      await Deno.writeFile(file, bytes);
      console.log(`docs/images/${picture.name}.webp: ${Math.round(bytes.length / 1024)} KB`);
    }
  } finally {
    await stage.close();
  }
}

async function picturesOf(stage: Stage): Promise<Picture[]> {
  const failed = await stage.api<{ data: { id: string }[] }>(
    "GET",
    "/jobs?status=failed&type=search&limit=1",
  );
  const job = `/admin/jobs/${encodeURIComponent(failed.data[0]?.id ?? "")}`;
  return [
    { name: "jobs-light", path: "/admin/jobs?range=24h", theme: "light", ...WIDE },
    { name: "jobs-dark", path: "/admin/jobs?range=24h", theme: "dark", ...WIDE },
    { name: "job", path: job, theme: "light", ...WIDE },
    { name: "schedules", path: "/admin/schedules", theme: "dark", ...WIDE },
    { name: "phone", path: "/admin/jobs", theme: "light", ...PHONE },
  ];
}

async function take(stage: Stage, { path, theme, width, height }: Picture): Promise<Uint8Array> {
  await addReports(stage);
  const page = await stage.look(path, { theme, width });
  await page.setViewportSize({ width, height });
  await live(page);
  await page.evaluate(shortenPaths, ROOT.href);
  const bytes = await encoded(page, await page.screenshot());
  await page.context().close();
  return bytes;
}

/** So that something runs in every picture. */
async function addReports(stage: Stage): Promise<void> {
  const data = { report: "revenue", month: "2026-08", pages: 24 };
  await stage.api("POST", "/jobs", [1, 2].map(() => ({ type: "report:render", data })));
}

/** Stacks name the files of this machine: in pictures they are those of an app. Runs in the page. */
function shortenPaths(root: string): void {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    node.nodeValue = node.nodeValue?.replaceAll(root, "file:///app/") ?? "";
  }
}

/** The picture as WebP, a third of a PNG: made by the browser, in a page without rules of its own. */
async function encoded(page: Page, png: Uint8Array): Promise<Uint8Array> {
  const blank = await page.context().newPage();
  const text = await blank.evaluate(async (source: string) => {
    const bitmap = await createImageBitmap(await (await fetch(source)).blob());
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    return canvas.toDataURL("image/webp", 0.9);
  }, `data:image/png;base64,${png.toBase64()}`);
  return Uint8Array.fromBase64(text.slice(text.indexOf(",") + 1));
}
