// One screen for steps that run at once. The one that has it is seen as it speaks; what another says is kept and shown in
// one piece when that one ends, so that no two reports are mixed.

export interface Voice {
  say: (text: string) => void;
  /** Shows what was kept and this line under it; who has spoken longest is seen from now on. */
  end: (line: string) => void;
}

export class Screen {
  readonly #write: (text: string) => void;
  /** What each step that still runs has said and nobody saw; the first one has the screen. */
  readonly #voices: { kept: string }[] = [];
  #isAtLineStart = true;

  constructor(write: (text: string) => void = (text) => void process.stdout.write(text)) {
    this.#write = write;
  }

  /** Says at once, on a line of its own. */
  announce(line: string): void {
    this.#show(`${this.#isAtLineStart ? "" : "\n"}${line}\n`);
  }

  voice(): Voice {
    const own = { kept: "" };
    this.#voices.push(own);
    return {
      say: (text) => {
        if (this.#voices[0] === own) this.#show(text);
        else own.kept += text;
      },
      end: (line) => {
        this.#voices.splice(this.#voices.indexOf(own), 1);
        this.announce(`${own.kept}${own.kept && !own.kept.endsWith("\n") ? "\n" : ""}${line}`);
        const next = this.#voices[0];
        if (!next?.kept) return;
        this.#show(next.kept);
        next.kept = "";
      },
    };
  }

  #show(text: string): void {
    if (!text) return;
    this.#write(text);
    this.#isAtLineStart = text.endsWith("\n");
  }
}
