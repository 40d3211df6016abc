import type { InferResponseType } from "hono/client";
import type { JobStatus } from "../components/Status.tsx";
import type { Api } from "./api.ts";

type Endpoints = Api["webhooks"];

export type Webhook = InferResponseType<Endpoints[":id"]["$get"], 200>;
export type Delivery = InferResponseType<Endpoints[":id"]["deliveries"]["$get"], 200>["data"][number];

/** What happens to jobs that endpoints can be told, in the order in which it happens. */
export const EVENTS = [
  "job.added",
  "job.started",
  "job.retrying",
  "job.completed",
  "job.failed",
  "job.cancelled",
] as const satisfies Webhook["events"];

/** The type of the jobs that deliver. */
export const DELIVERY_TYPE = "webhook:deliver";

/** What the page of one endpoint shows. */
export interface WebhookData {
  webhook: Webhook;
  deliveries: Delivery[];
  nextCursor: string | null;
  /** How many jobs were looked at, if the page was not filled by then. */
  scanned: number | null;
}

/** Which deliveries are shown. */
export interface DeliveryQuery {
  /** null: of any. */
  status: JobStatus | null;
  cursor: string | null;
}

/** As many deliveries as a page has. */
const PAGE = "25";

/** All endpoints: there are 100 at the most. */
export async function loadWebhooks(api: Api): Promise<Webhook[]> {
  return (await (await api.webhooks.$get({ query: { limit: "200" } })).json()).data;
}

export async function loadWebhook(api: Api, id: string, query: DeliveryQuery): Promise<WebhookData> {
  const { status, cursor } = query;
  const { [":id"]: route } = api.webhooks;
  const [webhook, page] = await Promise.all([
    route.$get({ param: { id } }).then((answer) => answer.json()),
    route.deliveries.$get({
      param: { id },
      query: { limit: PAGE, ...(status !== null && { status }), ...(cursor !== null && { cursor }) },
    }).then((answer) => answer.json()),
  ]);
  return { webhook, deliveries: page.data, nextCursor: page.nextCursor, scanned: page.scanned ?? null };
}

/** The page of one endpoint. */
export function addressOfWebhook(base: string, id: string, query: Partial<DeliveryQuery> = {}): string {
  const { status = null, cursor = null } = query;
  const params = new URLSearchParams({
    ...(status !== null && { status }),
    ...(cursor !== null && { cursor }),
  });
  return `${base}/admin/webhooks/${encodeURIComponent(id)}${params.size === 0 ? "" : `?${params}`}`;
}

/** What an endpoint is called: its address without what most have, and without its query, which may be a key. */
export function nameOf({ url }: Pick<Webhook, "url">): string {
  return url.replace(/^https:\/\//, "").replace(/\?.*$/s, "?…");
}

/** Which jobs it is told of, condition by condition. */
export function conditionsOf({ types, queues, tags }: Webhook): { label: string; names: string[] }[] {
  return [
    { label: types.length === 1 ? "type" : "types", names: types },
    { label: queues.length === 1 ? "queue" : "queues", names: queues },
    { label: tags.length === 1 ? "tag" : "tags", names: tags },
  ].filter(({ names }) => names.length > 0);
}

/** The words of an event: `job.completed` is told as "completed". */
export function wordOf(event: string): string {
  return event.replace(/^job\./, "");
}

/** An endpoint whose secret is shown this once. */
export interface Revealed {
  webhook: Webhook;
  secret: string;
  /** How long the secret before is good as well; null: there is none. */
  oldValidFor: string | null;
}
