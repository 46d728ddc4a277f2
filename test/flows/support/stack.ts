// Starts the stack once for all stories and tells the stories where it is. FLOW_WEB_ORIGIN set: a stack that already runs
// is used instead, which is quicker while writing a story.

import { startStack } from "../../support/stack.ts";

export default async function startForAllStories(): Promise<(() => Promise<void>) | void> {
  if (process.env.FLOW_WEB_ORIGIN) return;
  const stack = await startStack();
  for (const [place, origin] of Object.entries(stack.origins))
    process.env[`FLOW_${place.toUpperCase()}_ORIGIN`] = origin;
  process.env.FLOW_STATE_DIR = stack.stateDir;
  return async () => {
    await stack.stop();
    stack.forget();
  };
}
