// The pages about one app of one's own, in the order they are shown. A page adds its line here, its word to
// locales/*-home.ts under `ownApp.areas`, and itself below routes/(app)/provider/[id].

export interface AppArea {
  /** Its name in `ownApp.areas`. */
  name: string;
  /** Its address below the app's; empty for the first. */
  path: string;
}

export const APP_AREAS: AppArea[] = [
  { name: "overview", path: "" },
  { name: "price", path: "/price" },
  { name: "listing", path: "/listing" },
  { name: "keys", path: "/keys" },
  { name: "webhooks", path: "/webhooks" },
  { name: "lab", path: "/lab" },
  { name: "slices", path: "/slices" },
  { name: "reviews", path: "/reviews" },
  { name: "connections", path: "/connections" },
];

export const appAreaHref = (appId: string, { path }: AppArea): string => `/provider/${appId}${path}`;
