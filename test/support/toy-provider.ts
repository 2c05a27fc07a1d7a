import { ProviderModel, Values } from "../../platform/providers/protocol/model";

interface ToyContext {
  region: string;
}

/** A service in memory: what the models of a real provider would keep in AWS or PostgreSQL. */
export class ToyService {
  readonly things = new Map<string, Values>();
  readonly calls: string[] = [];
  private serial = 0;

  provider(): ProviderModel<ToyContext> {
    return {
      package: "toy",
      version: "1.0.0",
      config: { region: {}, token: { secret: true }, nested: {} },
      configure: (config) => ({ region: String(config.region ?? "default"), ...config }),
      resources: {
        "toy:index:Thing": {
          autoName: { property: "label", maxLength: 20 },
          properties: {
            label: { forceNew: true },
            color: {
              required: true,
              validate: (color: string) =>
                color === "none" ? `expected color to be one of [red blue], got ${color}` : undefined,
            },
            size: { default: 1 },
            password: { secret: true },
            note: {},
            members: { set: true },
            policy: { json: true },
            zone: { computed: true },
            serial: { output: true },
            stamp: { output: true, changesOnUpdate: true },
          },
          create: ({ region }, inputs) => {
            const id = inputs.label as string;
            this.calls.push(`create ${id}`);
            if (this.things.has(id)) {
              throw new Error(`thing ${id} already exists`);
            }
            const state = { zone: "a", ...inputs, serial: ++this.serial, stamp: `${region}-${this.serial}` };
            this.things.set(id, state);
            return Promise.resolve({ id, state });
          },
          read: (_context, id) => Promise.resolve(this.things.get(id)),
          update: (_context, id, before, inputs, changed) => {
            this.calls.push(`update ${id} ${changed.join()}`);
            const state = {
              ...inputs,
              zone: before.zone as string,
              serial: before.serial as number,
              stamp: `again-${++this.serial}`,
            };
            this.things.set(id, state);
            return Promise.resolve(state);
          },
          delete: (_context, id) => {
            this.calls.push(`delete ${id}`);
            this.things.delete(id);
            return Promise.resolve();
          },
        },
      },
      functions: {
        "toy:index:ask": {
          secrets: ["answer"],
          invoke: ({ region }, { question }) => Promise.resolve({ answer: `${question}!`, region }),
        },
      },
    };
  }
}
