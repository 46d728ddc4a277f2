// The way out of the local Workers for webhooks: workerd's own network, which filters the addresses a name resolves to, as
// production does. Miniflare's usual way filters nothing, and leads every call through a Worker more.

export const EGRESS = {
  network: { allow: ["public", "127.0.0.0/8", "::1/128"], tlsOptions: { trustBrowserCas: true } },
};
