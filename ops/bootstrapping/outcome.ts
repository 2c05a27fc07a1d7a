import { say } from "../shared/command";

export type Done = "made" | "brought up to date" | "as it was";

export interface Outcome {
  what: string;
  name: string;
  done: Done;
  /** Of what was there: what was not as it should be. */
  changed: string[];
}

/** What is done, and told as it is done. In a dry run everything is looked at, and nothing is sent. */
export class Progress {
  readonly outcomes: Outcome[] = [];

  constructor(readonly dryRun: boolean) {}

  /** One thing that is to be there, in the end as it is described. */
  async on(what: string, name: string, work: (thing: Thing) => Promise<void>): Promise<void> {
    const thing = new Thing(this.dryRun);
    await work(thing);
    const done = thing.made ? "made" : thing.changed.length > 0 ? "brought up to date" : "as it was";
    this.outcomes.push({ what, name, done, changed: thing.made ? [] : thing.changed });
    const details = done === "brought up to date" ? `: ${thing.changed.join(", ")}` : "";
    say(`  ${what} ${name}: ${this.dryRun && done !== "as it was" ? "would be " : ""}${done}${details}`);
  }
}

export class Thing {
  made = false;
  readonly changed: string[] = [];

  constructor(private readonly dryRun: boolean) {}

  /** Nothing more is known of a thing that a dry run has not made. */
  get isThere(): boolean {
    return !(this.made && this.dryRun);
  }

  async make<Result>(send: () => Promise<Result>): Promise<Result | undefined> {
    this.made = true;
    return this.dryRun ? undefined : send();
  }

  /** Sends what is missing, unless `right` says that nothing is. */
  async correct(what: string, right: boolean, send: () => Promise<unknown>): Promise<void> {
    if (!right) {
      this.changed.push(what);
      await (this.dryRun || send());
    }
  }
}
