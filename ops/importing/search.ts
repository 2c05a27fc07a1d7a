import { OpsError } from "../shared/errors";
import { AwsClients, clientsIn } from "./aws-clients";
import { entryOf } from "./table";
import { keyOf, known, Program, Wanted } from "./wanted";

/** What of the stack's database can be seen from the outside: what PostgreSQL has of what the program wants. */
export interface Catalog {
  roles: Map<string, { canLogin: boolean }>;
  schemas: Set<string>;
  extensions: Set<string>;
}

export interface SearchArgs {
  program: Program;
  region: string;
  /** As they stand in ARNs. */
  partition: string;
  account: string;
  /** What somebody has told: `type::name` and the id. */
  told: Map<string, string>;
}

/** Where a resource is: nowhere, in one place, or who knows. */
export type Found = { id: string } | { ids: string[] } | undefined;

/** Looks the ids of resources up, each of them once. */
export class Search {
  private readonly found = new Map<string, Promise<Found>>();
  private readonly regions = new Map<string, AwsClients>();

  /** Undefined until the server is found, and when there is none. */
  catalog: Catalog | undefined;

  constructor(readonly args: SearchArgs) {}

  /** The clients for the stack's own region. */
  get home(): AwsClients {
    return this.in(this.args.region);
  }

  /** The clients for a resource: of its own region, if it names one. */
  aws(it: Wanted): AwsClients {
    return this.in(known(it, "region") ?? this.args.region);
  }

  private in(region: string): AwsClients {
    const clients = this.regions.get(region) ?? clientsIn(region);
    this.regions.set(region, clients);
    return clients;
  }

  /** Where it is. Undefined: nowhere. */
  of(it: Wanted): Promise<Found> {
    const before = this.found.get(it.urn);
    const looking = before ?? this.look(it);
    this.found.set(it.urn, looking);
    return looking;
  }

  /** The id that an input leads to: of the resource that it is made of, or the input itself. Undefined when that one is nowhere. */
  async ref(it: Wanted, property: string): Promise<string | undefined> {
    const source = (it.madeOf[property] ?? []).map((urn) => this.args.program.get(urn)).find((one) => one);
    if (!source) {
      return known(it, property);
    }
    if (source.id) {
      return source.id;
    }
    const found = await this.of(source);
    return found && "id" in found ? found.id : undefined;
  }

  /** The id as the provider imports it: with the region behind it, if that is not the stack's own (registry: aws 7, "Region"). */
  importId(it: Wanted, id: string): string {
    const region = known(it, "region");
    return region === undefined || region === this.args.region ? id : `${id}@${region}`;
  }

  private async look(it: Wanted): Promise<Found> {
    const told = this.args.told.get(keyOf(it));
    if (told !== undefined) {
      return { id: told };
    }
    const { find } = entryOf(it.type);
    const ids = [...new Set((await find?.(it, this)) ?? [])];
    return ids.length > 1 ? { ids } : ids[0] === undefined ? undefined : { id: ids[0] };
  }
}

/** What is in more than one place, with the cure. */
export function refuseAmbiguous(found: [Wanted, Found][]): void {
  const lines = found.flatMap(([it, where]) =>
    where && "ids" in where ? [`  ${keyOf(it)}: ${where.ids.join(", ")}; choose with --id '${keyOf(it)}=…'`] : [],
  );
  if (lines.length > 0) {
    throw new OpsError(`More than one could be meant, and nothing was changed:\n${lines.join("\n")}`);
  }
}
