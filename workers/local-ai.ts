// What stands behind the binding `AI` where there is no account: wrangler.toml binds it locally to this Worker itself, so that
// the code that asks is the same everywhere. By itself it has no model and says so the way the platform does; the embedded
// engine then answers. Tests put a model of theirs behind it. In production the binding is the platform's and this is unreached.

import { WorkerEntrypoint } from "cloudflare:workers";
import type { AiBinding } from "../domain/gateways/workers-ai.ts";
import type { Env } from "./env.ts";

type Run = AiBinding["run"];

const noModel: Run = (model) =>
  Promise.reject(
    new Error(`5007: No such model ${model}: there is no Workers AI here. docs/workers-ai.md says how to get it.`),
  );
let answering: Run = noModel;

/** Puts `run` behind the local binding of this isolate, or nothing again. */
export function answerLocally(run: Run | null): void {
  answering = run ?? noModel;
}

export class LocalAI extends WorkerEntrypoint<Env> {
  run(...call: Parameters<Run>): Promise<unknown> {
    return answering(...call);
  }
}
