// What an app's page says of the person and of what it saw: the same in a request (`heartbeat`) and over its live socket.

import { z } from "@hono/zod-openapi";
import { readMicro } from "../domain/pricing/decimal.ts";

const OBSERVED_METERS_MAX = 10;
/** Units as text or number, at most six decimals; what cannot be read is refused. */
const ObservedUnits = z
  .record(z.string().min(1).max(64), z.union([z.string().max(20), z.number()]))
  .superRefine((units, context) => {
    if (Object.keys(units).length > OBSERVED_METERS_MAX)
      context.addIssue({ code: "custom", message: `names more than ${OBSERVED_METERS_MAX} meters` });
    for (const [meter, value] of Object.entries(units))
      if (readMicro(value) === null)
        context.addIssue({ code: "custom", path: [meter], message: "is not a number of at most six decimals" });
  })
  .openapi({
    description:
      "From the page, with heartbeat, pause and complete: what it saw of each reported meter since the start, in units. Compared with the server's reports; never charged by itself.",
    example: { images: 12 },
  });

export const PageFacts = z.object({
  active: z.boolean().optional().openapi({ description: "heartbeat: the person did something since the last beat." }),
  actedSecondsAgo: z.number().min(0).optional().openapi({
    description: "heartbeat with active: how long ago that was; without it, the message itself is the moment.",
  }),
  observed: ObservedUnits.optional(),
});

/** Units that were read, in millionths. */
export const microOf = (units: z.infer<typeof ObservedUnits> | undefined): Record<string, number> | undefined =>
  units && Object.fromEntries(Object.entries(units).map(([meter, value]) => [meter, readMicro(value)!]));
