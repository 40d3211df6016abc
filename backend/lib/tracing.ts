/**
 * Joins jobs to the traces of OpenTelemetry, if somebody collects spans: Deno itself with `OTEL_DENO=true`, or any SDK
 * that was set up before. Without one, nothing here does anything.
 */
import {
  type Context,
  isSpanContextValid,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { Outcome, RunningJob } from "./job.ts";

/** What spans say they were made by. */
const SCOPE = "cronosaur";

/** W3C Trace Context, version 00. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** True while somebody collects spans. */
export function isTracing(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(SCOPE) !== undefined;
}

/** The span that is under way, as a W3C `traceparent`; null without one. */
export function currentTrace(): string | null {
  const context = trace.getActiveSpan()?.spanContext();
  if (context === undefined || !isSpanContextValid(context)) return null;
  return `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, "0")}`;
}

/**
 * Runs one attempt inside a span: a child of the one that added the job, in whatever process that was. What the handler
 * does, requests it makes and jobs it adds, belongs to that span.
 *
 * Messages of errors are not told: they may hold what is masked elsewhere.
 *
 * @param perform Never rejects.
 */
export function traceRun(job: RunningJob, perform: () => Promise<Outcome>): Promise<Outcome> {
  const attributes = {
    "messaging.system": SCOPE,
    "messaging.operation.type": "process",
    "messaging.destination.name": job.queue,
    "messaging.message.id": job.id,
    "cronosaur.job.type": job.type,
    "cronosaur.job.attempt": job.attempt,
  };
  const options = { kind: SpanKind.CONSUMER, attributes };
  // Not what is under way here: the loop that runs jobs may have been woken by somebody's request.
  const parent = contextOf(job.traceContext);
  return trace.getTracer(SCOPE).startActiveSpan(`process ${job.type}`, options, parent, async (span) => {
    try {
      const outcome = await perform();
      tell(span, outcome);
      return outcome;
    } finally {
      span.end();
    }
  });
}

function contextOf(traceContext: string | null): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceContext ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function tell(span: Span, outcome: Outcome): void {
  span.setAttribute("cronosaur.job.outcome", outcome.kind);
  if (outcome.kind !== "failed") return;
  span.setAttribute("error.type", outcome.error.name);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
