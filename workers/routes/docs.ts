// The documentation the API carries itself: the OpenAPI document in both notations, the reference and the errors. All of it
// is made of the routes, once an isolate, when somebody first asks.

import { newRouter } from "../http.ts";
import { apiDocument, type ApiDocument } from "../docs/document.ts";
import { errorsPage } from "../docs/errors-page.ts";
import { referencePage } from "../docs/reference-page.ts";

const KEPT = "public, max-age=300";

/** @param app The whole API; asked for its routes only when all are registered. */
export function docsRoutes(app: () => ReturnType<typeof newRouter>) {
  const routes = newRouter();
  let made: ApiDocument | null = null;
  const documentFor = (origin: string): ApiDocument => (made ??= apiDocument(app(), origin));

  routes.get("/docs/openapi.json", (c) => c.json(documentFor(c.env.API_ORIGIN), 200, { "Cache-Control": KEPT }));
  routes.get("/docs/openapi.yaml", async (c) => {
    // Only here, so that no other request pays for loading it.
    const { stringify } = await import("yaml");
    const text = stringify(documentFor(c.env.API_ORIGIN), { aliasDuplicateObjects: false, lineWidth: 0 });
    return c.body(text, 200, { "Content-Type": "application/yaml; charset=utf-8", "Cache-Control": KEPT });
  });
  routes.get("/docs", (c) => referencePage(documentFor(c.env.API_ORIGIN)));
  routes.get("/docs/errors", () => errorsPage());
  return routes;
}
