/** One sample of a Prometheus text. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^(\w+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Reads the samples of what `GET /metrics` answers. */
export function samplesOf(text: string): Sample[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
    const [, name = "", labels = "", value = ""] = LINE.exec(line) ?? [];
    if (name === "") throw new Error(`Cannot read a sample: ${line}`);
    const pairs = [...labels.matchAll(LABEL)].map(([, label = "", quoted = ""]) => {
      return [label, quoted.replace(/\\(.)/g, (_, char) => char === "n" ? "\n" : char)];
    });
    return { name, labels: Object.fromEntries(pairs), value: Number(value.replace("Inf", "Infinity")) };
  });
}

/** The value of one sample; undefined if there is none of this name with these labels. */
export function valueOf(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  return samplesOf(text).find((sample) =>
    sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
  )?.value;
}
