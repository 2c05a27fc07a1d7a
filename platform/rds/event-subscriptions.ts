import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { Answer, Emulator } from "./emulator";
import { RdsError } from "./errors";
import { listOf, tagsOf } from "./form";
import { subscriptionsXml } from "./event-subscriptions-xml";

/** What RDS tells a topic about. No events happen here, so none are sent: what counts is that the wish is kept. */
export interface EventSubscription {
  name: string;
  snsTopicArn: string;
  sourceType?: string;
  sourceIds: string[];
  categories: string[];
  enabled: boolean;
  createdAt: string;
}

/** By RDS's own list (DescribeEventCategories), of the types that PostgreSQL instances have. */
const CATEGORIES: Record<string, string[]> = {
  "db-instance": [
    ...["availability", "backup", "configuration change", "creation", "deletion", "failover", "failure"],
    ...["low storage", "maintenance", "notification", "read replica", "recovery", "restoration", "security"],
    "security patching",
  ],
  "db-parameter-group": ["configuration change"],
  "db-security-group": ["configuration change", "failure"],
  "db-snapshot": ["creation", "deletion", "notification", "restoration"],
};
const OTHER_TYPES = ["db-cluster", "db-cluster-snapshot", "custom-engine-version", "db-proxy", "blue-green-deployment"];
/** Of an account, in a region. */
const MOST = 20;

const refuse = (code: string, message: string): never => {
  throw new RdsError(code, message);
};

/** The event subscriptions of the local RDS, in a file beside the instances: the emulator knows nothing of them. */
export class EventSubscriptions {
  private readonly file: string;

  constructor(
    dataDir: string,
    private readonly emulator: Emulator,
  ) {
    // No instance can have a name with a dot.
    this.file = path.join(dataDir, ".event-subscriptions.json");
  }

  private async all(): Promise<EventSubscription[]> {
    const text = await readFile(this.file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") {
        throw error;
      }
      return "[]";
    });
    return JSON.parse(text) as EventSubscription[];
  }

  private async save(subscriptions: EventSubscription[]): Promise<void> {
    await mkdir(path.dirname(this.file), { recursive: true });
    await writeFile(`${this.file}.new`, JSON.stringify(subscriptions, null, 2));
    await rename(`${this.file}.new`, this.file); // nobody reads half of it
  }

  /** Checked as a whole: what holds of a new one holds of a changed one. */
  private async check(wanted: EventSubscription): Promise<void> {
    const { name, snsTopicArn, sourceType, sourceIds, categories } = wanted;
    if (!/^[a-z][a-z0-9-]{0,254}$/i.test(name)) {
      refuse("InvalidParameterValue", `Subscription name ${name} is not valid.`);
    }
    if (!(await this.emulator.topicExists(snsTopicArn))) {
      refuse("SNSTopicArnNotFound", `The SNS topic ARN ${snsTopicArn} does not exist.`);
    }
    if (sourceType && !CATEGORIES[sourceType] && !OTHER_TYPES.includes(sourceType)) {
      refuse("InvalidParameterValue", `Source type ${sourceType} is not valid.`);
    }
    if (!sourceType && sourceIds.length > 0) {
      refuse("InvalidParameterCombination", "The parameter SourceType must be provided if SourceIds are.");
    }
    const unknown = categories.find(
      (it) => sourceType && CATEGORIES[sourceType] && !CATEGORIES[sourceType].includes(it),
    );
    if (unknown !== undefined) {
      refuse("SubscriptionCategoryNotFound", `Category ${unknown} does not exist for source type ${sourceType}.`);
    }
    for (const id of sourceType === "db-instance" ? sourceIds : []) {
      if (!(await this.emulator.instanceExists(id))) {
        refuse("SourceNotFound", `Source ${id} of type db-instance could not be found.`);
      }
    }
  }

  private async answer(action: string, subscription: EventSubscription): Promise<Answer> {
    const body = subscriptionsXml(action, [subscription], await this.emulator.owner());
    return { status: 200, body };
  }

  async create(form: URLSearchParams): Promise<Answer> {
    const existing = await this.all();
    const wanted: EventSubscription = {
      name: form.get("SubscriptionName") ?? "",
      snsTopicArn: form.get("SnsTopicArn") ?? "",
      sourceType: form.get("SourceType") || undefined,
      sourceIds: listOf(form, "SourceIds"),
      categories: listOf(form, "EventCategories"),
      enabled: form.get("Enabled") !== "false",
      createdAt: new Date().toISOString(),
    };
    if (existing.some(({ name }) => name === wanted.name)) {
      refuse("SubscriptionAlreadyExist", `Subscription ${wanted.name} already exists.`);
    }
    if (existing.length >= MOST) {
      refuse("EventSubscriptionQuotaExceeded", `You have reached the maximum of ${MOST} event subscriptions.`);
    }
    await this.check(wanted);
    await this.emulator.tag(await this.arn(wanted.name), tagsOf(form));
    await this.save([...existing, wanted]);
    return this.answer("CreateEventSubscription", wanted);
  }

  async describe(form: URLSearchParams): Promise<Answer> {
    const asked = form.get("SubscriptionName");
    const found = asked ? [await this.get(asked)] : await this.all();
    return { status: 200, body: subscriptionsXml("DescribeEventSubscriptions", found, await this.emulator.owner()) };
  }

  modify(form: URLSearchParams): Promise<Answer> {
    return this.change("ModifyEventSubscription", form, (before) => ({
      ...before,
      snsTopicArn: form.get("SnsTopicArn") ?? before.snsTopicArn,
      // An empty one takes the type away, an empty list the categories.
      sourceType: form.has("SourceType") ? form.get("SourceType") || undefined : before.sourceType,
      categories: listOf(form, "EventCategories", before.categories),
      enabled: form.has("Enabled") ? form.get("Enabled") === "true" : before.enabled,
    }));
  }

  addSource(form: URLSearchParams): Promise<Answer> {
    const id = form.get("SourceIdentifier") ?? "";
    return this.change("AddSourceIdentifierToSubscription", form, (before) => ({
      ...before,
      sourceIds: [...before.sourceIds.filter((it) => it !== id), id],
    }));
  }

  removeSource(form: URLSearchParams): Promise<Answer> {
    const id = form.get("SourceIdentifier") ?? "";
    return this.change("RemoveSourceIdentifierFromSubscription", form, (before) => {
      if (!before.sourceIds.includes(id)) {
        refuse("SourceNotFound", `Source ${id} is not part of subscription ${before.name}.`);
      }
      return { ...before, sourceIds: before.sourceIds.filter((it) => it !== id) };
    });
  }

  async delete(form: URLSearchParams): Promise<Answer> {
    const gone = await this.get(form.get("SubscriptionName") ?? "");
    await this.emulator.untag(await this.arn(gone.name));
    await this.save((await this.all()).filter(({ name }) => name !== gone.name));
    return this.answer("DeleteEventSubscription", gone);
  }

  private async change(
    action: string,
    form: URLSearchParams,
    edit: (before: EventSubscription) => EventSubscription,
  ): Promise<Answer> {
    const before = await this.get(form.get("SubscriptionName") ?? "");
    const wanted = edit(before);
    // A source that is gone by now does not hinder the taking away of it, or of another.
    await this.check({ ...wanted, sourceIds: wanted.sourceIds.filter((id) => !before.sourceIds.includes(id)) });
    await this.save((await this.all()).map((it) => (it.name === wanted.name ? wanted : it)));
    return this.answer(action, wanted);
  }

  private async get(name: string): Promise<EventSubscription> {
    const found = (await this.all()).find((it) => it.name === name);
    return found ?? refuse("SubscriptionNotFound", `Subscription ${name} does not exist.`);
  }

  private async arn(name: string): Promise<string> {
    const { region, account } = await this.emulator.owner();
    return `arn:aws:rds:${region}:${account}:es:${name}`;
  }
}
