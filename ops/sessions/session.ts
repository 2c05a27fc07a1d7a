/** What the queries in sql.ts return. Seconds are since then. */
export interface Session {
  pid: number;
  login: string | null;
  application: string;
  address: string | null;
  tls: string | null;
  state: string | null;
  connectedSeconds: number;
  stateSeconds: number | null;
  transactionSeconds: number | null;
  /** Of a statement that runs. */
  statementSeconds: number | null;
  waitsFor: string | null;
  query: string;
  /** Tells two sessions of one process id apart. */
  connectedAt: string;
}

export interface BlockedSession extends Session {
  blockedBy: number[];
  wantsLock: string | null;
}

export interface Connections {
  login: string;
  sessions: number;
  limit: number;
}

export interface Statement {
  query: string;
  login: string;
  calls: number;
  totalMs: number;
  meanMs: number;
  maxMs: number;
  rows: number;
  fromCachePercent: number | null;
  since: Date | null;
}

/** One that somebody wants to end. */
export interface Target {
  pid: number;
  login: string | null;
  database: string | null;
  type: string;
  application: string;
  address: string | null;
  state: string | null;
  query: string;
  connectedAt: string;
  superuser: boolean | null;
}
