/** How tests went. */
export interface Results {
  passed: number;
  failed: number;
  /** What was skipped, and the reason its name gives. */
  skipped: { name: string; reason: string }[];
}

/**
 * Reads how tests went from the XML report of `deno test`. A step counts only if it was skipped: how the others went
 * is in how their test went. Tests that a filter left out count as nothing.
 */
export function readReport(xml: string): Results {
  const results: Results = { passed: 0, failed: 0, skipped: [] };
  const names = new Set<string>();
  for (
    const [, attributes = "", content = ""] of xml.matchAll(
      /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
    )
  ) {
    const name = attribute(attributes, "name") ?? "";
    const file = attribute(attributes, "classname") ?? "";
    const isStep = names.has(`${file} ${name.slice(0, Math.max(0, name.lastIndexOf(" > ")))}`);
    names.add(`${file} ${name}`);
    if (/<skipped\b/.test(content)) {
      const ran = attribute(attributes, "time") !== undefined; // left out by a filter otherwise
      if (ran) {
        results.skipped.push({ name, reason: /\(skipped: (.*)\)$/s.exec(name)?.[1] ?? "no reason given" });
      }
    } else if (isStep) {
      continue;
    } else if (/<(failure|error)\b/.test(content)) {
      results.failed++;
    } else {
      results.passed++;
    }
  }
  return results;
}

function attribute(attributes: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1]
    ?.replace(/&(lt|gt|quot|apos|#39);/g, (_, entity: string) => ENTITIES[entity] ?? "")
    .replaceAll("&amp;", "&");
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", "#39": "'" };
