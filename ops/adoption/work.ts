import { Client } from "pg";
import { Expected } from "../checks/database/expected";
import { Refusal } from "../shared/errors";
import { say } from "../shared/command";
import { askAtTerminal } from "../shared/confirmation";
import { notes } from "./notes";
import { adoption, Adoption, obstacles, statementsOf } from "./plan";
import { bullets, planText, sessionsText } from "./print";
import { endSessionsOf, sessionsOf } from "./sessions";
import { readSituation, Situation } from "./situation";
import { cannotSwitchOn, leftOver, switchOff, switchOn } from "./switching";
import { inOneTransaction } from "./transaction";
import { rightsOf, verifyAdoption, verifyOldUser } from "./verify";

/** One of the things that can be done with an old user, from what there is to what is told of it. */

export interface Request {
  old: string;
  rehearse: boolean;
  endSessions: boolean;
  /** The old user's name once more, in the place of an answer at the terminal. */
  confirm?: string;
}

/** The plan of a moment, and how it is known afterwards that it came true. */
interface Found {
  situation: Situation;
  plan: Adoption;
  statements: string[];
  rights: Set<string>;
}

export class OldUser {
  constructor(
    private readonly client: Client,
    private readonly expected: Expected,
    private readonly request: Request,
  ) {}

  /** Moves what it owns, and leaves it working. */
  async adopt(): Promise<object> {
    const { old } = this.request;
    const first = await this.look(statementsOf);
    const toKnow = notes(first.situation, this.expected, first.plan);
    const text = planText(first.situation, this.expected.owner, first.plan, toKnow);
    if (text) {
      say(`${text}\n`);
    }
    const verify = async ({ plan, rights }: Found) => {
      await verifyAdoption(this.client, old, this.expected, plan);
      await verifyOldUser(this.client, old, rights);
    };
    const result = await this.inTransaction(first, statementsOf, { done: "adopted", verify });
    if (result.result === "adopted") {
      say(`${old} goes on working. When nobody needs it any more: the same command with --switch-off`);
    }
    return { ...result, remains: first.plan.remains, notes: toKnow };
  }

  /** Takes its rights and its login. */
  async off(): Promise<object> {
    const { old, endSessions } = this.request;
    const all = (plan: Adoption, situation: Situation) => [
      ...statementsOf({ ...plan, membership: [], defaults: [] }),
      ...switchOff(situation, this.expected, plan),
    ];
    const first = await this.look(all);
    await this.confirmOff(first);
    const verify = ({ plan }: Found) => verifyAdoption(this.client, old, this.expected, plan);
    const result = await this.inTransaction(first, all, { done: "switched off", verify });
    const isOff = result.result === "switched off";
    const endedSessions = endSessions && isOff ? await endSessionsOf(this.client, old) : 0;
    const left = leftOver(first.situation, this.expected);
    if (left.length > 0) {
      say(`Of ${old} there is left, and does no harm while it cannot log in:\n${bullets(left).join("\n")}`);
    }
    if (isOff && old === this.expected.config.masterUsername) {
      say(`${old} stays the master. Whoever has had its password has it still: let RDS make a new one (docs/adopt.md)`);
    }
    return { ...result, endedSessions, leftOver: left };
  }

  /** Gives them back. */
  async on(): Promise<object> {
    const all = (_: Adoption, situation: Situation) => switchOn(situation, this.expected);
    const first = await this.look(all);
    const reason = cannotSwitchOn(first.situation, this.expected);
    if (reason !== undefined) {
      throw new Refusal(`${reason}. Nothing was changed`);
    }
    return this.inTransaction(first, all, { done: "switched on", verify: () => Promise.resolve() });
  }

  private async confirmOff({ situation, plan, statements }: Found): Promise<void> {
    const { old, rehearse, endSessions, confirm } = this.request;
    if (statements.length === 0) {
      return;
    }
    const toKnow = notes(situation, this.expected, plan);
    const moves = planText(situation, this.expected.owner, { ...plan, membership: [], defaults: [] }, toKnow);
    const off = bullets(switchOff(situation, this.expected, plan)).join("\n");
    say(`${moves ? `${moves}\n\n` : ""}To switch ${old} off:\n${off}\n`);
    const sessions = await sessionsOf(this.client, old);
    if (sessions.length > 0) {
      say(`${sessionsText(old, sessions)}\n`);
    }
    const subscriptions = plan.remains.filter(({ subject }) => subject.startsWith("subscription "));
    if (subscriptions.length > 0) {
      throw new Refusal(`Nothing was changed: ${subscriptions[0]?.subject} writes with the rights of ${old}`);
    }
    if (rehearse) {
      return;
    }
    if (sessions.length > 0 && !endSessions) {
      throw new Refusal(`Nothing was changed: somebody is connected as ${old}. Use --end-sessions to end them as well`);
    }
    if (confirm !== undefined && confirm !== old) {
      throw new Refusal(
        `Nothing was changed: --confirm ${confirm} is not the name of the user that is switched off, ${old}`,
      );
    }
    if (confirm === undefined) {
      await askAtTerminal(
        `Nothing was changed. Say that this is the one, with --confirm ${old}`,
        "Nothing was changed",
      );
    }
  }

  /** What there is, and what would be done, in the transaction that is under way. */
  private async read(all: (plan: Adoption, situation: Situation) => string[]): Promise<Found> {
    const { old } = this.request;
    const situation = await readSituation(this.client, old, this.expected.owner);
    const problems = obstacles(situation, this.expected);
    if (problems.length > 0) {
      throw new Refusal(`Nothing was changed. ${problems.join("\n")}`);
    }
    const plan = adoption(situation, this.expected);
    const statements = all(plan, situation);
    const rights = statements.length > 0 ? await rightsOf(this.client, old) : new Set<string>();
    return { situation, plan, statements, rights };
  }

  private async look(all: (plan: Adoption, situation: Situation) => string[]): Promise<Found> {
    await this.client.query("BEGIN READ ONLY; SET LOCAL search_path = pg_catalog");
    return this.read(all).finally(() => this.client.query("ROLLBACK"));
  }

  private async inTransaction(
    first: Found,
    all: (plan: Adoption, situation: Situation) => string[],
    { done, verify }: { done: string; verify: (found: Found) => Promise<void> },
  ) {
    const { old, rehearse } = this.request;
    const { database } = first.situation;
    const tables = first.plan.moves.filter(({ type }) => type === "table").length;
    const about = { from: old, to: this.expected.owner, database };
    if (first.statements.length === 0) {
      say("Nothing is left to do.");
      return { result: "unchanged", ...about, statements: [] };
    }
    const { found, lockedMs, attempts } = await inOneTransaction(this.client, first.situation, {
      old,
      actsAs: [old, this.expected.owner],
      read: async () => {
        const now = await this.read(all);
        return { found: now, statements: now.statements };
      },
      verify,
      rehearse,
    });
    const what = rehearse ? "Rehearsed, and taken back" : "Done";
    say(
      `${what}: ${found.statements.length} statements; ${tables > 0 ? `tables were locked for ${lockedMs} ms` : `${lockedMs} ms`}.`,
    );
    return {
      ...{ result: rehearse ? "rehearsed" : done, ...about, statements: found.statements, lockedMs, attempts },
    };
  }
}
