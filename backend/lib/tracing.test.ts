import { AsyncLocalStorage } from "node:async_hooks";
import { assertEquals } from "@std/assert";
import {
  type Context,
  context,
  type ContextManager,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { insertsOf, makeJob } from "../testing/factories.ts";
import { TestQueue } from "../testing/test-queue.ts";
import { currentTrace, isTracing } from "./tracing.ts";

/** A span as the tests look at it. */
interface MadeSpan {
  name: string;
  context: SpanContext;
  parent: SpanContext | undefined;
  attributes: Record<string, unknown>;
  ended: number;
}

/** Collects spans until it goes out of scope, as an SDK would. */
class FakeSdk {
  readonly spans: MadeSpan[] = [];

  constructor() {
    const storage = new AsyncLocalStorage<Context>();
    context.setGlobalContextManager({
      active: () => storage.getStore() ?? ROOT_CONTEXT,
      disable: () => {},
      with: (ctx: Context, fn: (...args: unknown[]) => unknown, self: unknown, ...args: unknown[]) =>
        storage.run(ctx, () => fn.apply(self, args)),
    } as unknown as ContextManager);
    trace.setGlobalTracerProvider({
      getTracer: () => ({
        startActiveSpan: (name: string, options: object, ctx: Context, fn: (span: Span) => unknown) => {
          const span = this.#make(name, options, ctx);
          return context.with(trace.setSpan(ctx, span), () => fn(span));
        },
      } as unknown as Tracer),
    });
  }

  #make(name: string, options: object, ctx: Context): Span {
    const parent = trace.getSpanContext(ctx);
    const number = (this.spans.length + 1).toString(16);
    const made: MadeSpan = {
      name,
      context: {
        traceId: parent?.traceId ?? number.padStart(32, "a"),
        spanId: number.padStart(16, "b"),
        traceFlags: 1,
      },
      parent,
      attributes: { ...(options as { attributes: object }).attributes },
      ended: 0,
    };
    this.spans.push(made);
    return {
      spanContext: () => made.context,
      setAttribute: (key: string, value: unknown) => void (made.attributes[key] = value),
      setStatus: ({ code }: { code: number }) => void (made.attributes.status = code),
      end: () => made.ended++,
    } as unknown as Span;
  }

  [Symbol.dispose](): void {
    trace.disable();
    context.disable();
  }
}

Deno.test("Without anybody who collects spans, jobs belong to no trace and nothing is made", async () => {
  await using queue = new TestQueue();
  queue.process("a", () => currentTrace());
  const id = await queue.add("a", 1);
  await queue.drain();

  const job = await queue.get(id);

  assertEquals([isTracing(), currentTrace(), job?.traceContext, job?.result], [false, null, null, null]);
});

Deno.test("Each attempt is a span under the one that added the job, and what its handler adds is under that", async () => {
  using sdk = new FakeSdk();
  await using queue = new TestQueue();
  queue.process("parent", async (job) => {
    await job.add("child", 1, { jobId: "by-context" });
    await queue.add("child", 1, { jobId: "by-queue" });
    return currentTrace();
  });
  queue.process("child", () => {});
  await queue.add("parent", 1, { jobId: "parent" });
  await queue.drain();

  const [parent, ...children] = sdk.spans;
  const own = `00-${parent?.context.traceId}-${parent?.context.spanId}-01`;

  assertEquals([parent?.name, parent?.parent], ["process parent", undefined]);
  assertEquals((await queue.get("parent"))?.result, own);
  assertEquals(children.map(({ name }) => name), ["process child", "process child"]);
  for (const { parent: above } of children) {
    assertEquals([above?.traceId, above?.spanId], [parent?.context.traceId, parent?.context.spanId]);
  }
  assertEquals((await queue.get("by-context"))?.traceContext, own);
  assertEquals((await queue.get("by-queue"))?.traceContext, own);
  assertEquals(sdk.spans.map(({ ended }) => ended), [1, 1, 1]);
});

Deno.test("A job that is added within a span that is none belongs to no trace", async () => {
  using _sdk = new FakeSdk();
  await using queue = new TestQueue();
  const valid = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 0 };
  const contexts = [valid, INVALID_SPAN_CONTEXT, { ...valid, traceId: "NONSENSE" }, { ...valid, spanId: "" }];
  for (const [i, spanContext] of contexts.entries()) {
    const span = trace.wrapSpanContext(spanContext);
    await context.with(trace.setSpan(ROOT_CONTEXT, span), () => queue.add("a", 1, { jobId: `job-${i}` }));
  }

  const jobs = await Promise.all(contexts.map((_, i) => queue.job(`job-${i}`)));
  assertEquals(jobs.map(({ traceContext }) => traceContext), [
    `00-${valid.traceId}-${valid.spanId}-00`,
    null,
    null,
    null,
  ]);
});

Deno.test("A job goes on with the trace it brings; what is no trace begins a new one", async () => {
  using sdk = new FakeSdk();
  await using queue = new TestQueue();
  queue.process("test", () => {});
  await queue.ready();
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const good = `00-${traceId}-b7ad6b7169203331-01`;
  const brought = [good, "nonsense", `00-${traceId}-b7ad-01`, `1${good}`, `${good}-more`];
  await queue.store.insert(insertsOf(brought.map((traceContext) => makeJob({ traceContext }))), queue.now());
  const waker = trace.wrapSpanContext({ traceId: "e".repeat(32), spanId: "e".repeat(16), traceFlags: 1 });
  await context.with(trace.setSpan(ROOT_CONTEXT, waker), () => queue.drain());

  assertEquals(sdk.spans.map(({ parent }) => parent?.traceId), [traceId, ...Array(4).fill(undefined)]);
});

Deno.test("A span says how its attempt ended, and no message of an error", async () => {
  using sdk = new FakeSdk();
  await using queue = new TestQueue({ maxAttempts: 1 });
  queue.process("fails", () => {
    throw new RangeError("password=hunter2");
  });
  queue.process("snoozes", (job) => job.snooze(1000));
  queue.process("cancels", (job) => job.cancel());
  for (const type of queue.types()) await queue.add(type, 1);
  await queue.drain();

  const outcomes = sdk.spans.map(({ name, attributes }) => {
    return [name, attributes["cronosaur.job.outcome"], attributes["error.type"], attributes.status];
  });

  assertEquals(outcomes.sort(), [
    ["process cancels", "cancelled", undefined, undefined],
    ["process fails", "failed", "RangeError", 2],
    ["process snoozes", "snoozed", undefined, undefined],
  ]);
  assertEquals(JSON.stringify(sdk.spans).includes("hunter2"), false);
});
