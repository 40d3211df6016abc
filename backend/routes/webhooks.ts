import { OpenAPIHono, z } from "@hono/zod-openapi";
import { NotFoundError } from "../lib/errors.ts";
import { decodeCursor, encodeCursor } from "../lib/filter.ts";
import { checkPage } from "../lib/queries.ts";
import type { Redactor } from "../lib/redact.ts";
import type { Webhook } from "../lib/webhook/info.ts";
import type { Webhooks } from "../lib/webhooks.ts";
import { note, noteChange } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { answer, body, idParam, nothing, route } from "./schemas.ts";
import * as schemas from "./webhook-schemas.ts";
import { viewFields, viewWebhook } from "./webhook-view.ts";

const listWebhooks = route(["viewer"], {
  method: "get",
  path: "/",
  summary: "Lists the endpoints that are told what happens to jobs",
  request: { query: schemas.webhookListQuery },
  responses: {
    200: answer(
      "A page of endpoints, in the order they were made",
      z.object({ data: z.array(schemas.webhookSchema), nextCursor: z.string().nullable() }),
    ),
  },
});

const createWebhook = route([], {
  method: "post",
  path: "/",
  summary: "Makes an endpoint, which is told of all that happens from now on",
  request: { query: nothing, body: body(schemas.newWebhook) },
  responses: {
    201: answer("The endpoint, and its secret, which is shown this once", schemas.webhookWithSecret),
  },
}, { 409: "There are 100 already" });

const getWebhook = route(["viewer"], {
  method: "get",
  path: "/{id}",
  summary: "Tells everything about an endpoint but its secrets",
  request: { params: idParam, query: nothing },
  responses: { 200: answer("The endpoint", schemas.webhookSchema) },
});

const changeWebhook = route([], {
  method: "patch",
  path: "/{id}",
  summary: "Changes an endpoint, also for what waits to be delivered; what is left out stays",
  request: { params: idParam, query: nothing, body: body(schemas.webhookChanges) },
  responses: { 200: answer("The endpoint as it is now", schemas.webhookSchema) },
});

const removeWebhook = route([], {
  method: "delete",
  path: "/{id}",
  summary: "Removes an endpoint; what waits to be delivered to it is cancelled when it is due",
  request: { params: idParam, query: nothing },
  responses: { 204: { description: "It is removed" } },
});

const rotateSecret = route([], {
  method: "post",
  path: "/{id}/secret",
  summary: "Gives an endpoint another secret; for a day messages are signed with both",
  request: { params: idParam, query: nothing, body: body(schemas.rotation, false) },
  responses: {
    200: answer("The endpoint, and its new secret, which is shown this once", schemas.webhookWithSecret),
  },
});

/** Routes under `/api/admin/webhooks` that concern endpoints. */
export function webhookRoutes({ webhooks, redactor }: { webhooks: Webhooks; redactor: Redactor }) {
  async function find(id: string): Promise<Webhook> {
    const webhook = await webhooks.get(id);
    if (webhook === null) throw new NotFoundError("webhook", id);
    return webhook;
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(listWebhooks, async (c) => {
      const query = c.req.valid("query");
      const { limit, cursor } = checkPage({ limit: query.limit, cursor: query.cursor });
      const after = cursor === undefined ? "" : String(decodeCursor("webhooks", cursor));
      const rest = (await webhooks.list()).filter(({ id }) => id > after);
      const page = rest.slice(0, limit);
      const last = rest.length > limit ? page.at(-1) : undefined;
      return c.json({
        data: page.map((webhook) => viewWebhook(webhook, redactor, c.var.role)),
        nextCursor: last === undefined ? null : encodeCursor("webhooks", last.id),
      }, 200);
    })
    .openapi(createWebhook, async (c) => {
      const { webhook, secret } = await webhooks.create(c.req.valid("json"), { by: c.var.role });
      note(c, { action: "webhook.create", subject: webhook.id, after: viewFields(webhook) });
      const location = `${new URL(c.req.url).pathname}/${webhook.id}`;
      return c.json({ ...viewWebhook(webhook, redactor, c.var.role), secret }, 201, { Location: location });
    })
    .openapi(getWebhook, async (c) => {
      return c.json(viewWebhook(await find(c.req.valid("param").id), redactor, c.var.role), 200);
    })
    .openapi(changeWebhook, async (c) => {
      const { id } = await find(c.req.valid("param").id);
      const onChanged = noteChange(c, { action: "webhook.update", subject: id }, viewFields);
      const webhook = await webhooks.update(id, c.req.valid("json"), { onChanged });
      return c.json(viewWebhook(webhook, redactor, c.var.role), 200);
    })
    .openapi(removeWebhook, async (c) => {
      const { id } = c.req.valid("param");
      const onChanged = noteChange(c, { action: "webhook.remove", subject: id }, viewFields);
      await webhooks.remove(id, { onChanged });
      return c.body(null, 204);
    })
    .openapi(rotateSecret, async (c) => {
      const { id } = await find(c.req.valid("param").id);
      const onChanged = noteChange(c, { action: "webhook.rotate", subject: id }, viewFields);
      const { webhook, secret } = await webhooks.rotateSecret(id, { ...c.req.valid("json"), onChanged });
      return c.json({ ...viewWebhook(webhook, redactor, c.var.role), secret }, 200);
    });
}
