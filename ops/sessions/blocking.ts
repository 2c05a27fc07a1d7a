/** Who blocks whom, as a tree. No I/O in here. */
export interface Blocked {
  pid: number;
  blockedBy: number[];
}

export interface Branch<Session> {
  session: Session;
  depth: number;
}

/**
 * Each session below one that blocks it, those that wait for nobody first. Who waits for several stands below the first of them.
 * Two that wait for each other are about to be told apart by PostgreSQL: they come last, and once.
 */
export function blockingTree<Session extends Blocked>(sessions: Session[]): Branch<Session>[] {
  const shown = new Set<number>();
  const below = (session: Session, depth: number): Branch<Session>[] => {
    if (shown.has(session.pid)) {
      return [];
    }
    shown.add(session.pid);
    const waiting = sessions.filter(({ blockedBy }) => blockedBy.includes(session.pid));
    return [{ session, depth }, ...waiting.flatMap((next) => below(next, depth + 1))];
  };
  const roots = sessions.filter(({ blockedBy }) => blockedBy.length === 0);
  return [...roots, ...sessions].flatMap((session) => below(session, 0));
}
