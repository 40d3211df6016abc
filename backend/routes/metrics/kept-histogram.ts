import {
  Histogram as PromHistogram,
  type MetricObjectWithValues,
  type MetricValueWithName,
} from "prom-client";
import { BUCKET_BOUNDS, type Histogram } from "../../lib/history.ts";

/** Upper bounds of the buckets in seconds, which is what Prometheus counts time in. */
const BOUNDS = BUCKET_BOUNDS.map((ms) => ms / 1000);

/** One value of a series: name, labels, value. */
type Values = MetricValueWithName<"type" | "le">[];

/** A histogram by type that was counted elsewhere, bucket by bucket, and is only shown here. */
export class KeptHistogram extends PromHistogram<"type"> {
  readonly #name: string;
  readonly #help: string;
  readonly #counted: ReadonlyMap<string, Histogram>;

  /** @param counted What was counted, in milliseconds, by type. */
  constructor(name: string, help: string, counted: ReadonlyMap<string, Histogram>) {
    super({ name, help, labelNames: ["type"], registers: [] });
    this.#name = name;
    this.#help = help;
    this.#counted = counted;
  }

  override get(): Promise<MetricObjectWithValues<MetricValueWithName<"type">>> {
    const values = [...this.#counted].flatMap(([type, counts]) => [...this.#valuesOf(type, counts)]);
    const metric = { name: this.#name, help: this.#help, type: "histogram", values, aggregator: "sum" };
    return Promise.resolve(metric as unknown as MetricObjectWithValues<MetricValueWithName<"type">>);
  }

  /** What the registry asks for instead of `get()`, where there is one. */
  getForPromString(): Promise<MetricObjectWithValues<MetricValueWithName<"type">>> {
    return this.get();
  }

  *#valuesOf(type: string, counts: Histogram): Generator<Values[number]> {
    const bucket = `${this.#name}_bucket`;
    let count = 0;
    for (const [i, le] of BOUNDS.entries()) {
      count += counts[i] ?? 0;
      yield { metricName: bucket, labels: { type, le }, value: count };
    }
    count += counts[BOUNDS.length] ?? 0;
    yield { metricName: bucket, labels: { type, le: "+Inf" }, value: count };
    yield { metricName: `${this.#name}_sum`, labels: { type }, value: sumOf(counts) };
    yield { metricName: `${this.#name}_count`, labels: { type }, value: count };
  }
}

/** What the values were together, in seconds, as far as the buckets tell: each lay in the middle of its own. */
function sumOf(counts: Histogram): number {
  return counts.reduce((sum, count, i) => {
    const low = BOUNDS[i - 1] ?? 0;
    const high = BOUNDS[i] ?? low * 2;
    return sum + count * (low + high) / 2;
  }, 0);
}
