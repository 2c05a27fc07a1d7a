import { Query } from "pg";

/** Entries of a server's log; a statement of several lines goes on in lines without a time. */
export function entriesIn(log: string): string[] {
  return log.split(/\n(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+:)/);
}

/** What pgaudit has written of a login: `WRITE,INSERT,TABLE,public.people`, each once, in order. */
export function audited(log: string, login: string): string[] {
  const of = new RegExp(`:${login}@\\w*:\\[\\d+\\]:LOG:  AUDIT: SESSION,\\d+,\\d+,([^,]*,[^,]*,[^,]*,[^,]*),`);
  return [...new Set(entriesIn(log).flatMap((entry) => of.exec(entry)?.[1] ?? []))];
}

interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** COPY FROM STDIN, which node-postgres leaves to others. */
export class CopyIn extends Query {
  private readonly rows: Buffer;
  constructor(sql: string, rows: string) {
    super(sql);
    this.rows = Buffer.from(rows);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.rows);
    connection.endCopyFrom();
  }
}
