// Reads server-sent events from text that comes in pieces of any length (WHATWG HTML, 9.2.6). Comments and events without
// data are nothing to us.

export interface ReceivedEvent {
  id: string;
  event: string;
  data: unknown;
}

/** @returns a reader: give it each piece, it answers the events that are whole. */
export function eventReader(): (piece: string) => ReceivedEvent[] {
  let waiting = "";
  return (piece) => {
    waiting += piece;
    const blocks = waiting.split("\n\n");
    waiting = blocks.pop() ?? "";
    return blocks.flatMap((block) => readEvent(block));
  };
}

function readEvent(block: string): ReceivedEvent[] {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const match = /^(id|event|data): ?(.*)$/.exec(line);
    if (match) fields.set(match[1]!, match[2]!);
  }
  const data = fields.get("data");
  return data === undefined
    ? []
    : [{ id: fields.get("id") ?? "", event: fields.get("event") ?? "message", data: JSON.parse(data) as unknown }];
}
