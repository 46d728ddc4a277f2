// What one isolate of a running workerd holds, asked of V8 itself through its inspector after a garbage collection: objects and
// the memory behind typed arrays. SQLite's pages are the process's and are not in it.

const ANSWER_MS_MAX = 60_000;

/**
 * @param port The inspector's.
 * @param wake Sends a request: workerd collects garbage when the isolate next runs, and answers then.
 * @returns megabytes.
 */
export async function isolateMegabytes(port: number, worker: string, wake: () => Promise<unknown>): Promise<number> {
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
    id: string;
    webSocketDebuggerUrl: string;
  }[];
  const target = targets.find(({ id }) => id.endsWith(`:user:${worker}`));
  if (!target) throw new Error(`the inspector knows no worker ${worker}`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("the inspector does not answer")), { once: true });
  });
  let id = 0;
  const ask = <Result>(method: string): Promise<Result> =>
    new Promise((resolve, reject) => {
      const mine = ++id;
      const late = setTimeout(() => reject(new Error(`${method} was not answered`)), ANSWER_MS_MAX);
      const listen = ({ data }: MessageEvent): void => {
        const answer = JSON.parse(String(data)) as { id?: number; result?: Result; error?: { message: string } };
        if (answer.id !== mine) return;
        clearTimeout(late);
        socket.removeEventListener("message", listen);
        if (answer.error) reject(new Error(`${method}: ${answer.error.message}`));
        else resolve(answer.result!);
      };
      socket.addEventListener("message", listen);
      socket.send(JSON.stringify({ id: mine, method }));
    });
  try {
    await ask("HeapProfiler.enable");
    const collected = ask("HeapProfiler.collectGarbage").then(() => true);
    // A request may overtake the question, so there is another until it is answered.
    while (!(await Promise.race([collected, wake().then(() => false)])));
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = await ask<{
      usedSize: number;
      embedderHeapUsedSize?: number;
      backingStorageSize?: number;
    }>("Runtime.getHeapUsage");
    return (usedSize + (embedderHeapUsedSize ?? 0) + (backingStorageSize ?? 0)) / 2 ** 20;
  } finally {
    socket.close();
  }
}
