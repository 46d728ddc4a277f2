import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GroupCommit, type GroupOptions } from "../../../domain/ledger/group-commit.ts";

const GATHER_MS = 5;
/** Timers stand still: whatever is answered without `advance` waited for nothing. */
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout"] }));
afterEach(() => void vi.useRealTimers());
const advance = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const turn = async (): Promise<void> => {
  for (let microtasks = 0; microtasks < 20; microtasks++) await Promise.resolve();
};

/** A group whose commits are seen, and held open until `release`. */
function observed(options: Partial<GroupOptions<string, string>> = {}) {
  const commits: string[][] = [];
  const open: (() => void)[] = [];
  const group = new GroupCommit<string, string>({
    commit: async (items) => {
      commits.push(items);
      await new Promise<void>((resolve) => open.push(resolve));
      return items.map((item) => `answer to ${item}`);
    },
    itemsMax: 100,
    gatherMs: GATHER_MS,
    ...options,
  });
  const release = async (): Promise<void> => {
    open.shift()?.();
    await turn();
  };
  return { group, commits, release };
}

describe("a lone item", () => {
  it("is committed at once and waits for nobody", async () => {
    const { group, commits, release } = observed();
    const answer = group.add("a");
    await turn();
    expect(commits).toEqual([["a"]]);
    await release();
    expect(await answer).toBe("answer to a");
  });

  it("does not make the next one wait either", async () => {
    const { group, commits, release } = observed();
    void group.add("a");
    await turn();
    void group.add("b");
    await release();
    expect(commits).toEqual([["a"], ["b"]]);
  });

  it("starts again after everything was quiet", async () => {
    const { group, commits, release } = observed();
    void group.add("a");
    await turn();
    await release();
    void group.add("b");
    await turn();
    expect(commits).toEqual([["a"], ["b"]]);
  });
});

describe("items that come at once", () => {
  it("go together when they arrive in one turn", async () => {
    const { group, commits } = observed();
    void group.add("a");
    void group.add("b");
    await turn();
    expect(commits).toEqual([["a", "b"]]);
  });

  it("wait for the commit under way, then go together in the order they came", async () => {
    const { group, commits, release } = observed();
    void group.add("a");
    await turn();
    const answers = ["b", "c", "d"].map((item) => group.add(item));
    await turn();
    expect(commits).toEqual([["a"]]);
    await release();
    expect(commits).toEqual([["a"], ["b", "c", "d"]]);
    await release();
    expect(await Promise.all(answers)).toEqual(["answer to b", "answer to c", "answer to d"]);
  });

  it("let more gather after a commit that carried several, and no longer than that", async () => {
    const { group, commits, release } = observed();
    void group.add("a");
    void group.add("b");
    await turn();
    void group.add("c");
    await release();
    await advance(GATHER_MS - 1);
    void group.add("d");
    await turn();
    expect(commits).toEqual([["a", "b"]]);
    await advance(1);
    expect(commits).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("are never more than the limit; the others go next, in order", async () => {
    const { group, commits, release } = observed({ itemsMax: 2, gatherMs: 0 });
    for (const item of ["a", "b", "c", "d", "e"]) void group.add(item);
    await turn();
    await release();
    await advance(0);
    await release();
    await advance(0);
    expect(commits).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  });
});

describe("items that decide about the same thing", () => {
  const keyOf = (item: string): string | null => (item.includes("#") ? item.split("#")[0]! : null);

  it("never share a commit: the first is in the books before the second is looked at", async () => {
    const { group, commits, release } = observed({ keyOf, gatherMs: 0 });
    for (const item of ["k#1", "x", "k#2", "y", "k#3"]) void group.add(item);
    await turn();
    expect(commits).toEqual([["k#1", "x", "y"]]);
    await release();
    await advance(0);
    expect(commits[1]).toEqual(["k#2"]);
    await release();
    expect(commits[2]).toEqual(["k#3"]);
  });

  it("do not hold up others with another key or none", async () => {
    const { group, commits } = observed({ keyOf });
    for (const item of ["k#1", "l#1", "x", "x"]) void group.add(item);
    await turn();
    expect(commits).toEqual([["k#1", "l#1", "x", "x"]]);
  });
});

describe("a commit that fails", () => {
  const outcomes = (answers: Promise<string>[]) =>
    Promise.all(answers.map((answer) => answer.catch((error: Error) => error.message)));

  it("rejects the item that broke it and answers its neighbours", async () => {
    const commits: string[][] = [];
    const group = new GroupCommit<string, string>({
      commit: async (items) => {
        commits.push(items);
        if (items.includes("bad")) throw new Error(`${items.join()} refused`);
        return items.map((item) => `answer to ${item}`);
      },
      itemsMax: 100,
      gatherMs: 0,
    });
    const answers = outcomes(["a", "bad", "b"].map((item) => group.add(item)));
    await advance(0);
    expect(await answers).toEqual(["answer to a", "bad refused", "answer to b"]);
    expect(commits).toEqual([["a", "bad", "b"], ["a"], ["bad"], ["b"]]);
  });

  it("whose outcome is unknown is asked again, each item alone, and the answer is what then stands in the books", async () => {
    const books = new Set<string>();
    let isAnswerLost = true;
    const group = new GroupCommit<string, string>({
      commit: async (items) => {
        const answers = items.map((item) => (books.has(item) ? "was there" : "new"));
        for (const item of items) books.add(item);
        if (isAnswerLost) {
          isAnswerLost = false;
          throw new Error("connection lost after the commit");
        }
        return answers;
      },
      itemsMax: 100,
      gatherMs: 0,
    });
    const answers = outcomes([group.add("a"), group.add("b")]);
    await advance(0);
    expect(await answers).toEqual(["was there", "was there"]);
    expect([...books]).toEqual(["a", "b"]);
  });

  it("leaves the group working for those who come later", async () => {
    let isBroken = true;
    const group = new GroupCommit<string, string>({
      commit: async (items) => {
        if (isBroken) throw new Error("no database");
        return items;
      },
      itemsMax: 100,
      gatherMs: 0,
    });
    await expect(group.add("a")).rejects.toThrow("no database");
    isBroken = false;
    expect(await group.add("b")).toBe("b");
  });
});
