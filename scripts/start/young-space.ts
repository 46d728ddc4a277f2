// How much V8 in the local workerd may allocate before it first collects. It begins small and grows slowly; under load
// much of what a request makes is then copied out of the way while it is still needed
// (docs/decisions/0078-room-for-young-objects.md). On Cloudflare the platform decides.

const YOUNG_SPACE = "--min-semi-space-size=16";

/** Before a Miniflare is made, which reads this variable. Flags somebody gave by hand stay, instead of ours. */
export function giveYoungObjectsRoom(environment: NodeJS.ProcessEnv = process.env): void {
  environment["MINIFLARE_WORKERD_V8_FLAGS"] ??= YOUNG_SPACE;
}
