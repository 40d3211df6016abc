import type { ChangeOptions } from "./change-options.ts";
import { checkFields, checkMs, describe } from "./check.ts";
import { ClosedError, InputRangeError, InputTypeError, LimitError, NotFoundError } from "./errors.ts";
import { createSeq, isUuid } from "./ids.ts";
import type { JobStatus } from "./job.ts";
import type { PageOptions } from "./queries.ts";
import type { Queue } from "./queue.ts";
import { createRedactor, MASK } from "./redact.ts";
import { type By, checkBy } from "./schedule/input.ts";
import type { QueueHost } from "./queue-host.ts";
import { type Delivery, type DeliveryPage, listDeliveries, resend } from "./webhook/deliveries.ts";
import { Dispatcher } from "./webhook/dispatcher.ts";
import { type Endpoint, type EndpointSecret, goodSecrets } from "./webhook/endpoint.ts";
import { type EndpointHealth, NO_HEALTH } from "./webhook/health.ts";
import { toWebhook, type Webhook } from "./webhook/info.ts";
import {
  checkEndpointChanges,
  checkNewEndpoint,
  checkSecretField,
  type EndpointInput,
  type EndpointRules,
  type NewEndpoint,
} from "./webhook/input.ts";
import { makeSecret } from "./webhook/secret.ts";

/** How `Webhooks` are made. */
export interface WebhooksOptions {
  /** Lets events go to loopback, private and all other special addresses. @default false */
  allowPrivateUrls?: boolean;
  /** Names of fields, at any depth and in any case, whose values are masked in events. @default as in the HTTP API */
  redact?: readonly string[];
}

/** How a secret is replaced. */
export interface RotateOptions {
  /** The new one. @default one of 32 random bytes */
  secret?: string;
  /** Milliseconds for which messages are signed with those before as well, at most a day. @default a day */
  oldValidFor?: number;
}

/** An endpoint as people change it, without what became of its deliveries. */
export type WebhookFields = Omit<Webhook, keyof EndpointHealth | "gap">;

/** There are as many endpoints as there may be; nothing was stored. */
export class WebhookLimitError extends LimitError {
  readonly code = "webhook_limit";

  constructor(readonly limit: number) {
    super(`Cannot create a webhook: there are ${limit} already`);
  }
}

const OPTIONS: ReadonlySet<keyof WebhooksOptions> = new Set(["allowPrivateUrls", "redact"]);

/** The most endpoints: each event is looked at for each of them. */
export const MOST_WEBHOOKS = 100;

/** Milliseconds for which the secret before the present one is good: time to change it in the receivers. */
const OLD_VALID_FOR = 86_400_000;
/** Secrets that are good at the same time; should there be more, the oldest goes. */
const MOST_SECRETS = 5;

/**
 * Endpoints that are told over HTTP what happens to the jobs of a queue, and the loop that tells them: each event, once
 * it is stored, becomes one `webhook:deliver` job for each endpoint that wants it.
 *
 * Every method that returns a promise rejects with `StoreUnavailableError` if the store cannot be reached.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryStore } from "../stores/memory.ts";
 * import { Queue } from "./queue.ts";
 * import { Webhooks } from "./webhooks.ts";
 *
 * await using queue = new Queue({ store: new MemoryStore() });
 * const webhooks = new Webhooks(queue);
 * const { webhook } = await webhooks.create({ url: "https://example.com/hooks", events: ["job.added"] });
 * await queue.add("greet", null);
 * assertEquals(await webhooks.runOnce(), 1);
 * assertEquals((await webhooks.deliveries(webhook.id)).deliveries[0]?.event, "job.added");
 * ```
 */
export class Webhooks {
  readonly #queue: Queue;
  readonly #host: QueueHost;
  readonly #dispatcher: Dispatcher;
  readonly #rules: EndpointRules;
  readonly #nextId = createSeq();
  #starting: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;

  /** @throws {InputTypeError} An option is unknown or of the wrong type. */
  constructor(queue: Queue, options: WebhooksOptions = {}) {
    const { allowPrivateUrls = false } = checkFields(options, "options", OPTIONS);
    if (typeof allowPrivateUrls !== "boolean") {
      throw new InputTypeError(
        "options.allowPrivateUrls",
        `must be true or false, found ${describe(allowPrivateUrls)}`,
      );
    }
    this.#queue = queue;
    this.#host = queue.host();
    this.#rules = { allowPrivateUrls };
    this.#dispatcher = new Dispatcher({ host: this.#host, redactor: createRedactor(options.redact) });
  }

  /** Begins to tell. Resolves once what was to be told already has its jobs. Idempotent. @throws {ClosedError} It was stopped. */
  async start(): Promise<void> {
    if (this.#stopping !== null) throw new ClosedError("webhooks");
    try {
      await (this.#starting ??= this.#dispatcher.start());
    } catch (error) {
      this.#starting = null; // the store could not be opened: the next call tries again
      throw error;
    }
  }

  /** Tells nothing any more. Resolves once what is under way is stored. Idempotent. */
  stop(): Promise<void> {
    return this.#stopping ??= this.#dispatcher.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Adds the deliveries of all that has happened, once; also without `start()`. For tests. @returns How many. */
  runOnce(): Promise<number> {
    return this.#dispatcher.runOnce();
  }

  /**
   * Makes an endpoint. It is told of all that happens from the moment this resolves.
   *
   * @returns It, and its secret, which is shown at no other time.
   * @throws {InputTypeError | InputRangeError} Fields are wrong: `issues` names each. Nothing was stored.
   * @throws {WebhookLimitError} There are too many.
   */
  async create(endpoint: NewEndpoint, options: By = {}): Promise<{ webhook: Webhook; secret: string }> {
    const by = checkBy(options);
    const { fields, secret: given } = checkNewEndpoint(endpoint, this.#rules);
    const secret = given ?? makeSecret();
    const table = await this.#dispatcher.table();
    const now = this.#host.clock.now();
    const made: Endpoint = {
      ...fields,
      id: this.#nextId(now),
      headers: unmasked(fields.headers, {}),
      disabledBecause: null,
      secrets: [{ value: secret, since: now, until: null }],
      createdAt: now,
      createdBy: by,
      updatedAt: now,
    };
    await table.change(made.id, now, (_, all) => {
      if (all.length >= MOST_WEBHOOKS) throw new WebhookLimitError(MOST_WEBHOOKS);
      return made;
    });
    this.#dispatcher.wake();
    return { webhook: toWebhook(made, { health: NO_HEALTH, gap: null, now }), secret };
  }

  /** The endpoint of this id, or null. */
  async get(id: string): Promise<Webhook | null> {
    const table = await this.#dispatcher.table();
    const endpoint = isUuid(id) ? await table.read(id) : null;
    if (endpoint === null) return null;
    const [health, { state }] = await Promise.all([table.health(id), table.feed()]);
    return toWebhook(endpoint, { health, gap: state.gap, now: this.#host.clock.now() });
  }

  /** All endpoints, in the order they were made. */
  async list(): Promise<Webhook[]> {
    const table = await this.#dispatcher.table();
    const [endpoints, healths, { state }] = await Promise.all([
      table.readAll(),
      table.healthOfAll(),
      table.feed(),
    ]);
    const now = this.#host.clock.now();
    return endpoints.map((endpoint) => {
      const health = healths.get(endpoint.id) ?? NO_HEALTH;
      return toWebhook(endpoint, { health, gap: state.gap, now });
    });
  }

  /**
   * Changes an endpoint, also for what waits to be delivered to it. A header whose value is the mask keeps its own.
   *
   * @throws {NotFoundError} There is none of this id.
   * @throws {InputTypeError | InputRangeError} Fields are wrong: `issues` names each. Nothing was stored.
   */
  async update(
    id: string,
    changes: Partial<EndpointInput>,
    { onChanged }: ChangeOptions<WebhookFields> = {},
  ): Promise<Webhook> {
    const fields = checkEndpointChanges(changes, this.#rules);
    await this.#change(id, onChanged, (endpoint, now) => ({
      ...endpoint,
      ...fields,
      headers: fields.headers === undefined ? endpoint.headers : unmasked(fields.headers, endpoint.headers),
      disabledBecause: fields.enabled === undefined ? endpoint.disabledBecause : null,
      updatedAt: now,
    }));
    await this.#wake(id);
    return await this.#existing(id);
  }

  /**
   * Gives an endpoint another secret. For a day messages are signed with both, so that receivers can change over.
   *
   * @returns It, and the new secret, which is shown at no other time.
   * @throws {NotFoundError} There is none of this id.
   * @throws {InputTypeError | InputRangeError} An option is wrong; the secret is the same as before.
   */
  async rotateSecret(
    id: string,
    options: RotateOptions & ChangeOptions<WebhookFields> = {},
  ): Promise<{ webhook: Webhook; secret: string }> {
    const { oldValidFor = OLD_VALID_FOR } = options;
    const value = options.secret === undefined ? makeSecret() : checkSecretField(options.secret);
    const left = checkMs(oldValidFor, "oldValidFor", 0, OLD_VALID_FOR);
    await this.#change(id, options.onChanged, (endpoint, now) => {
      const good = goodSecrets(endpoint, now);
      if (good.some((secret) => secret.value === value)) {
        throw new InputRangeError("secret", "must be another than the endpoint has, found the same");
      }
      const ending = (secret: EndpointSecret) => ({
        ...secret,
        until: Math.min(secret.until ?? Infinity, now + left),
      });
      const old = left === 0 ? [] : good.map(ending);
      const secrets = [{ value, since: now, until: null }, ...old].slice(0, MOST_SECRETS);
      return { ...endpoint, secrets, updatedAt: now };
    });
    return { webhook: await this.#existing(id), secret: value };
  }

  /** Deletes an endpoint. What waits to be delivered to it is cancelled when it is due. @throws {NotFoundError} There is none. */
  async remove(id: string, { onChanged }: ChangeOptions<WebhookFields> = {}): Promise<void> {
    await this.#change(id, onChanged, () => null);
  }

  /**
   * One page of what an endpoint was and is to be told: first what waits or runs, then what has ended, newest first.
   *
   * @throws {NotFoundError} There is none of this id.
   * @throws {InputTypeError | InputRangeError} Limit or cursor is wrong.
   */
  async deliveries(
    id: string,
    options: PageOptions & { status?: readonly JobStatus[] } = {},
  ): Promise<DeliveryPage> {
    await this.#existing(id);
    return await listDeliveries(this.#queue, id, options);
  }

  /**
   * Sends an event once more: the same body under the same `webhook-id`, signed anew.
   *
   * @returns The new delivery.
   * @throws {NotFoundError} There is no such endpoint, or it has no such delivery.
   * @throws {InvalidStatusError} It has not ended: it will be sent anyway.
   * @throws {InputRangeError} The endpoint is disabled.
   */
  async resend(id: string, deliveryId: string): Promise<Delivery> {
    const { enabled } = await this.#existing(id);
    if (!enabled) throw new InputRangeError("enabled", "must be true for a delivery to be sent again");
    await this.#wake(id);
    return await resend(this.#queue, id, deliveryId);
  }

  async #existing(id: string): Promise<Webhook> {
    const webhook = await this.get(id);
    if (webhook === null) throw new NotFoundError("webhook", id);
    return webhook;
  }

  /** Somebody looks at what becomes of it: should it hang, that is tried at once. */
  async #wake(id: string): Promise<void> {
    const table = await this.#dispatcher.table();
    await table.wake(id, this.#host.clock.now());
  }

  async #change(
    id: string,
    onChanged: ChangeOptions<WebhookFields>["onChanged"],
    change: (endpoint: Endpoint, now: number) => Endpoint | null,
  ): Promise<void> {
    const table = await this.#dispatcher.table();
    const now = this.#host.clock.now();
    // What no id can be is not worth a read, nor is it fit to be a key of the store.
    if (!isUuid(id)) throw new NotFoundError("webhook", id);
    const { before, after } = await table.change(id, now, (endpoint) => {
      if (endpoint === null) throw new NotFoundError("webhook", id);
      return change(endpoint, now);
    });
    this.#dispatcher.wake();
    const show = (endpoint: Endpoint) => toWebhook(endpoint, { health: NO_HEALTH, gap: null, now });
    if (before !== null) onChanged?.(show(before), after && show(after));
  }
}

/** `headers` with each mask replaced by what `stored` has under that name. @throws {InputRangeError} It has nothing. */
function unmasked(
  headers: Readonly<Record<string, string>>,
  stored: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (value !== MASK) return [name, value];
      if (Object.hasOwn(stored, name)) return [name, stored[name] ?? ""];
      throw new InputRangeError(
        `headers.${name}`,
        `must be a new value, found "${MASK}" where nothing is stored`,
      );
    }),
  );
}
