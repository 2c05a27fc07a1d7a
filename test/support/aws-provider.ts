import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect } from "vitest";
import { awsEnvironment, withoutForeignAws } from "../../platform/shared/aws-environment";
import { Emulator, startEmulator } from "../../platform/emulator/emulator";
import { TOOLS_DIR } from "../../platform/shared/paths";
import { aws } from "../../platform/providers/aws";
import { AwsClients } from "../../platform/providers/aws/clients";
import { check, refreshedInputs } from "../../platform/providers/protocol/check";
import { diff } from "../../platform/providers/protocol/diff";
import { CheckFailure, ResourceModel, Values } from "../../platform/providers/protocol/model";
import { means } from "../../platform/providers/protocol/values";
import { temporaryFolder } from "./engine";

export const REGION = "eu-central-1";

/** The trust policy of a role that a service takes. */
export function assumableBy(service: string): string {
  const statement = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

/** One resource between the engine and its model, without the engine. */
export class Managed {
  readonly model: ResourceModel<AwsClients>;
  id = "";
  inputs: Values = {};
  state: Values = {};

  /** `type` is "ec2.Vpc", as the program writes it. */
  constructor(
    private readonly clients: AwsClients,
    type: string,
  ) {
    const [module, name = ""] = type.split(".");
    const model = aws.resources[`aws:${module}/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`];
    if (!model) {
      throw new Error(`there is no model of ${type}`);
    }
    this.model = model;
  }

  failures(news: Values): CheckFailure[] {
    return this.check(news).failures;
  }

  private check(news: Values) {
    return check(this.model, { name: "test", olds: this.inputs, news, randomSeed: new Uint8Array([1]) });
  }

  private checked(news: Values): Values {
    const { inputs, failures } = this.check(news);
    expect(failures).toEqual([]);
    return inputs;
  }

  async create(news: Values): Promise<this> {
    this.inputs = this.checked(news);
    const { __defaults: _, ...inputs } = this.inputs;
    ({ id: this.id, state: this.state } = await this.model.create(this.clients, inputs, "urn"));
    return this;
  }

  /** What a change to `news` would do: names of the inputs that differ, and of those that would replace the resource. */
  plan(news: Values) {
    const { changes, replaces } = diff(this.model, {
      state: this.state,
      oldInputs: this.inputs,
      inputs: this.checked(news),
    });
    return { changes: [...changes.keys()], replaces };
  }

  async update(news: Values): Promise<void> {
    const { changes, replaces } = this.plan(news);
    expect(replaces).toEqual([]);
    this.inputs = this.checked(news);
    const { __defaults: _, ...inputs } = this.inputs;
    this.state = (await this.model.update?.(this.clients, this.id, this.state, inputs, changes)) as Values;
  }

  async read(): Promise<Values | undefined> {
    return this.model.read(this.clients, this.id, this.state);
  }

  /** Reads the resource, and says which inputs a following `up` would change, and which outputs are others now. */
  async drift(): Promise<string[]> {
    const state = (await this.read()) as Values;
    expect(state).toBeDefined();
    const oldInputs = refreshedInputs(this.model, this.inputs, state, means);
    const { changes } = diff(this.model, { state, oldInputs, inputs: this.inputs });
    const outputs = Object.keys(state).filter(
      (name) => !means(this.model.properties[name] ?? {}, this.state[name], state[name]),
    );
    return [...new Set([...changes.keys(), ...outputs])];
  }

  /** What `pulumi import` would take over by this id. */
  async imported(given = this.id): Promise<Values> {
    const { id, state } = (await this.model.importer?.(this.clients, given)) ?? { id: given, state: {} };
    return (await this.model.read(this.clients, id, state)) as Values;
  }

  async delete(): Promise<void> {
    await this.model.delete(this.clients, this.id, this.state);
    expect(await this.read()).toBeUndefined();
    // What is gone already is no error.
    await this.model.delete(this.clients, this.id, this.state);
  }
}

/** An AWS emulator for one test file, and the provider's models working with it. */
export class ProviderFixture {
  clients!: AwsClients;

  managed(type: string): Managed {
    return new Managed(this.clients, type);
  }

  create(type: string, inputs: Values): Promise<Managed> {
    return this.managed(type).create(inputs);
  }

  call(token: string, args: Values = {}): Promise<Values> {
    const called = aws.functions?.[token];
    if (!called) {
      throw new Error(`there is no model of ${token}`);
    }
    return called.invoke(this.clients, args);
  }
}

/** Starts the emulator before the tests of a file and stops it after them. */
export function useAwsProvider(config: Values = {}): ProviderFixture {
  const fixture = new ProviderFixture();
  const environment = { ...process.env };
  let emulator: Emulator;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await temporaryFolder("aws-provider");
    emulator = await startEmulator({ toolsDir: TOOLS_DIR, dataDir, region: REGION });
    process.env = { ...withoutForeignAws(environment), ...awsEnvironment(emulator.url, REGION) };
    fixture.clients = await aws.configure(config);
  });
  afterAll(async () => {
    await aws.close?.(fixture.clients);
    await emulator.stop();
    process.env = environment;
    await rm(dataDir, { recursive: true, force: true });
  });
  return fixture;
}
