import { Client } from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import { postgresql } from "../../platform/providers/postgresql";
import { PostgresContext } from "../../platform/providers/postgresql/connection";
import { check, refreshedInputs } from "../../platform/providers/protocol/check";
import { diff } from "../../platform/providers/protocol/diff";
import { ResourceModel, Values } from "../../platform/providers/protocol/model";
import { means } from "../../platform/providers/protocol/values";
import { PlainPostgres, startPlainPostgres } from "./plain-postgres";

/** Like the master user that RDS gives: no superuser, owner of the database. */
export const MASTER = "master";
const PASSWORD = "password-of-the-master";

/** Statements that change nothing. */
export const READS = /^(SELECT|BEGIN|COMMIT|ROLLBACK|SET statement_timeout)/;

/** What happens to one resource between the engine and its model, without the engine. */
export class Managed {
  readonly model: ResourceModel<PostgresContext>;
  id = "";
  inputs: Values = {};
  state: Values = {};

  constructor(
    private readonly context: PostgresContext,
    type: string,
  ) {
    const token = `postgresql:index/${type[0]?.toLowerCase()}${type.slice(1)}:${type}`;
    const model = postgresql.resources[token];
    if (!model) {
      throw new Error(`there is no model of ${token}`);
    }
    this.model = model;
  }

  private checked(news: Values): Values {
    const request = { name: "test", olds: this.inputs, news, randomSeed: new Uint8Array([1]) };
    const { inputs, failures } = check(this.model, request);
    expect(failures).toEqual([]);
    return inputs;
  }

  async create(news: Values): Promise<this> {
    this.inputs = this.checked(news);
    const { __defaults: _, ...inputs } = this.inputs;
    ({ id: this.id, state: this.state } = await this.model.create(this.context, inputs, "urn"));
    return this;
  }

  /** Reads the resource, and says which inputs a following `up` would change. */
  async drift(): Promise<string[]> {
    const state = await this.model.read(this.context, this.id, this.state);
    expect(state).toBeDefined();
    const oldInputs = refreshedInputs(this.model, this.inputs, state as Values, means);
    const { changes } = diff(this.model, { state: state as Values, oldInputs, inputs: this.inputs });
    return [...changes.keys()];
  }

  /** Takes over what is there, as `pulumi refresh` does. */
  async refresh(): Promise<Values> {
    this.state = (await this.model.read(this.context, this.id, this.state)) as Values;
    this.inputs = refreshedInputs(this.model, this.inputs, this.state, means);
    return this.state;
  }

  async update(news: Values): Promise<void> {
    const checked = this.checked(news);
    const { changes, replaces } = diff(this.model, {
      state: this.state,
      oldInputs: this.inputs,
      inputs: checked,
    });
    expect(replaces).toEqual([]);
    const { __defaults: _, ...inputs } = checked;
    this.state = (await this.model.update?.(this.context, this.id, this.state, inputs, [...changes.keys()])) as Values;
    this.inputs = checked;
  }

  async delete(): Promise<void> {
    await this.model.delete(this.context, this.id, this.state);
    expect(await this.model.read(this.context, this.id, this.state)).toBeUndefined();
  }
}

/** A server with a database `app`, and the provider's models connected to it as the master. */
export class ProviderFixture {
  server!: PlainPostgres;
  context!: PostgresContext;
  private admin!: Client;

  async start(major: 15 | 17): Promise<void> {
    this.server = await startPlainPostgres(major);
    const { host, port, superuser } = this.server;
    const first = new Client({ host, port, database: "postgres", ...superuser });
    await first.connect();
    await first.query(`CREATE ROLE ${MASTER} LOGIN CREATEROLE CREATEDB PASSWORD '${PASSWORD}'`);
    await first.query(`CREATE DATABASE app OWNER ${MASTER}`);
    await first.end();
    this.admin = new Client({ host, port, database: "app", ...superuser });
    await this.admin.connect();
    this.context = this.configured();
  }

  async stop(): Promise<void> {
    await this.context?.close();
    await this.admin?.end();
    await this.server?.stop();
  }

  /** As the engine configures a provider: numbers and booleans are strings. */
  configured(more: Values = {}): PostgresContext {
    const { host, port } = this.server;
    return postgresql.configure({
      ...{ host, port: String(port), database: "app", username: MASTER, password: PASSWORD },
      ...{ superuser: "false", sslmode: "disable", ...more },
    }) as PostgresContext;
  }

  managed(type: string): Managed {
    return new Managed(this.context, type);
  }

  role(name: string, more: Values = {}): Promise<Managed> {
    return this.managed("Role").create({ name, ...more });
  }

  /** As a superuser with psql would do it. */
  async byHand(sql: string): Promise<Values[]> {
    return (await this.admin.query<Values>(sql)).rows;
  }

  /** What the provider sends to the server meanwhile. */
  async sentDuring(work: () => Promise<unknown>): Promise<string[]> {
    const before = this.server.statements(MASTER).length;
    await work();
    return this.server.statements(MASTER).slice(before);
  }

  /** Of that, what changes something. */
  async changesDuring(work: () => Promise<unknown>): Promise<string[]> {
    return (await this.sentDuring(work)).filter((statement) => !READS.test(statement));
  }
}

/** A fixture for the tests of one `describe`. */
export function useProvider(major: 15 | 17): ProviderFixture {
  const fixture = new ProviderFixture();
  beforeAll(() => fixture.start(major), 60_000);
  afterAll(() => fixture.stop());
  return fixture;
}
