import { type LocalServer, serveLocally } from "./local-server.ts";

/** A span as it was exported. */
export interface ReceivedSpan {
  name: string;
  traceId: string;
  spanId: string;
  /** Empty: it has none. */
  parentSpanId: string;
  /** What says so in OTLP: 2 is a server, 3 a client, 5 a consumer. */
  kind: number;
  /** 2: an error. */
  status: number;
  attributes: Record<string, unknown>;
  /** `service.name` of the process it comes from. */
  service: unknown;
}

/** The part of an OTLP export that is read here. */
interface Export {
  resourceSpans?: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: ExportedSpan[] }[];
  }[];
}

type ExportedSpan = Omit<ReceivedSpan, "attributes" | "service" | "status"> & {
  attributes: Attribute[];
  status?: { code?: number };
};

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

/** Receives what programs export by OTLP, as JSON over HTTP. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly #server: LocalServer;

  constructor() {
    this.#server = serveLocally(async (request) => {
      const isTraces = new URL(request.url).pathname === "/v1/traces";
      const body = await request.text();
      if (isTraces) this.#take(JSON.parse(body));
      return Response.json({});
    });
  }

  /** What makes Deno export to it, as variables of the environment. */
  environmentOf(service: string): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: this.#server.origin,
      OTEL_SERVICE_NAME: service,
    };
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#server[Symbol.asyncDispose]();
  }

  #take({ resourceSpans = [] }: Export): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = attributesOf(resource.attributes)["service.name"];
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        const { name, traceId, spanId, parentSpanId, kind, status, attributes } = span;
        this.spans.push({
          name,
          traceId,
          spanId,
          parentSpanId,
          kind,
          status: status?.code ?? 0,
          attributes: attributesOf(attributes),
          service,
        });
      }
    }
  }
}

function attributesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
