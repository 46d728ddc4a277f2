// The documentation the API carries itself: the OpenAPI document in both notations, the reference and the errors. All of it
// is made of the routes when somebody first asks, and then kept: writing it takes half a second of CPU.

import { newRouter } from "../http.ts";
import { apiDocument } from "../docs/document.ts";
import { errorsPage } from "../docs/errors-page.ts";
import { KEPT, type Page } from "../docs/page.ts";
import { referencePage } from "../docs/reference-page.ts";

type App = ReturnType<typeof newRouter>;

/** What each path answers with, from the whole API and the origin it can be called at. */
const PAGES: Record<string, (app: App, origin: string) => Promise<Page>> = {
  "/docs": (app, origin) => referencePage(apiDocument(app, origin)),
  "/docs/errors": () => errorsPage(),
  "/docs/openapi.json": async (app, origin) => ({
    body: JSON.stringify(apiDocument(app, origin)),
    headers: { "Content-Type": "application/json", "Cache-Control": KEPT },
  }),
  "/docs/openapi.yaml": async (app, origin) => {
    // Only here, so that no other request pays for loading it.
    const { stringify } = await import("yaml");
    return {
      body: stringify(apiDocument(app, origin), { aliasDuplicateObjects: false, lineWidth: 0 }),
      headers: { "Content-Type": "application/yaml; charset=utf-8", "Cache-Control": KEPT },
    };
  },
};

/** @param app The whole API; asked for its routes only when all are registered. */
export function docsRoutes(app: () => App) {
  const routes = newRouter();
  const made = new Map<string, Page>();
  for (const [path, make] of Object.entries(PAGES))
    routes.get(path, async (c) => {
      const { body, headers } = made.get(path) ?? (await make(app(), c.env.API_ORIGIN));
      made.set(path, { body, headers });
      return c.body(body, 200, headers);
    });
  return routes;
}
