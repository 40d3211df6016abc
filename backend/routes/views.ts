import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { SavedView, SavedViews } from "../lib/saved-views.ts";
import { note } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { answer, body, iso, isoTime, nameParam, nothing, route } from "./schemas.ts";

const viewSchema = z.object({
  name: z.string(),
  filter: z.string().openapi({ example: "status:failed type:email tag:vip data.userId=42 text" }),
  updatedAt: isoTime,
  updatedBy: z.string(),
}).openapi("SavedView");

const listViews = route(["viewer"], {
  method: "get",
  path: "/",
  summary: "Lists the saved views of the list of jobs",
  request: { query: nothing },
  responses: { 200: answer("Every view, by name", z.object({ data: z.array(viewSchema) })) },
});

const saveView = route([], {
  method: "put",
  path: "/{name}",
  summary: "Saves a filter of the list of jobs under a name, for all who look",
  request: { params: nameParam, query: nothing, body: body(z.strictObject({ filter: z.string() })) },
  responses: {
    200: answer("The view, which had another filter before", viewSchema),
    201: answer("The new view", viewSchema),
  },
}, { 409: "There are 50 already" });

const removeView = route([], {
  method: "delete",
  path: "/{name}",
  summary: "Removes a saved view",
  request: { params: nameParam, query: nothing },
  responses: { 204: { description: "It is removed" } },
});

/** Routes under `/api/admin/views`. */
export function viewRoutes({ views }: { views: SavedViews }) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(listViews, async (c) => c.json({ data: (await views.list()).map(viewOf) }, 200))
    .openapi(saveView, async (c) => {
      const { name } = c.req.valid("param");
      const { before, after } = await views.save({ name, ...c.req.valid("json") }, c.var.role);
      note(c, { action: "view.save", subject: name, before, after });
      return c.json(viewOf(after), before === null ? 201 : 200);
    })
    .openapi(removeView, async (c) => {
      const before = await views.remove(c.req.valid("param").name);
      note(c, { action: "view.remove", subject: before.name, before });
      return c.body(null, 204);
    });
}

function viewOf({ name, filter, updatedAt, updatedBy }: SavedView): z.infer<typeof viewSchema> {
  return { name, filter, updatedAt: iso(updatedAt), updatedBy };
}
