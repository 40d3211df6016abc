import { OpenAPIHono, z } from "@hono/zod-openapi";
import { isInputError } from "../lib/errors.ts";
import type { Redactor } from "../lib/redact.ts";
import type { Webhooks } from "../lib/webhooks.ts";
import { pageOf, pageSchema } from "./list-page.ts";
import { note } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { HttpProblem } from "./middleware/problem.ts";
import { answer, body, idParam, nothing, route } from "./schemas.ts";
import * as schemas from "./webhook-schemas.ts";
import { viewDelivery } from "./webhook-view.ts";

const listDeliveries = route(["viewer"], {
  method: "get",
  path: "/{id}/deliveries",
  summary: "Lists what an endpoint was told, and is to be told",
  request: { params: idParam, query: schemas.deliveryListQuery },
  responses: {
    200: answer(
      "A page of deliveries: first those that wait or run, then those that have ended, newest first",
      pageSchema(schemas.deliverySchema),
    ),
  },
});

const resendDelivery = route([], {
  method: "post",
  path: "/{id}/deliveries/{deliveryId}/resend",
  summary: "Sends an event once more, with the same body and webhook-id",
  request: {
    params: idParam.extend({
      deliveryId: z.string().openapi({ param: { name: "deliveryId", in: "path" } }),
    }),
    query: nothing,
    body: body(nothing, false),
  },
  responses: { 201: answer("The new delivery", schemas.deliverySchema) },
}, { 409: "It has not ended, or the endpoint is disabled" });

/** Routes under `/api/admin/webhooks` that concern what endpoints are told. */
export function webhookDeliveryRoutes({ webhooks, redactor }: { webhooks: Webhooks; redactor: Redactor }) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(listDeliveries, async (c) => {
      const { status, limit, cursor } = c.req.valid("query");
      const page = await webhooks.deliveries(c.req.valid("param").id, {
        limit,
        cursor,
        ...(status === undefined ? {} : { status: [status].flat() }),
      });
      const data = page.deliveries.map((delivery) => viewDelivery(delivery, redactor));
      return c.json(pageOf(data, page, limit), 200);
    })
    .openapi(resendDelivery, async (c) => {
      const { id, deliveryId } = c.req.valid("param");
      const delivery = await enabled(id, () => webhooks.resend(id, deliveryId));
      const { eventId } = delivery;
      note(c, { action: "webhook.resend", subject: id, after: { eventId, repeats: deliveryId } });
      return c.json(viewDelivery(delivery, redactor), 201);
    });
}

async function enabled<T>(id: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isInputError(error) || error.issues[0]?.path !== "enabled") throw error;
    throw new HttpProblem(409, "invalid_status", `Cannot resend to webhook "${id}": it is disabled`);
  }
}
