import { AdvancedEventSelector, AdvancedFieldSelector, EventSelector } from "@aws-sdk/client-cloudtrail";
import { Values } from "../protocol/model";
import { sameBlocks } from "./s3-wire";
import { first, ifSet, oneOf, text } from "./validate";

/** Conditions on a field, as the program and as CloudTrail name them. */
const CONDITIONS = {
  equals: "Equals",
  startsWiths: "StartsWith",
  endsWiths: "EndsWith",
  notEquals: "NotEquals",
  notStartsWiths: "NotStartsWith",
  notEndsWiths: "NotEndsWith",
} as const;

const FIELDS = [
  ...["errorCode", "eventCategory", "eventName", "eventSource", "eventType", "readOnly", "resources.ARN"],
  ...["resources.type", "sessionCredentialFromConsole", "userIdentity.arn", "vpcEndpointId"],
];

/** What a trail has when nothing is asked for (setEventSelectors). */
export const DEFAULT_SELECTORS: EventSelector[] = [
  { IncludeManagementEvents: true, ReadWriteType: "All", DataResources: [] },
];

const conditions = Object.entries(CONDITIONS) as [
  keyof typeof CONDITIONS,
  (typeof CONDITIONS)[keyof typeof CONDITIONS],
][];

export function advancedToApi(selectors: Values[]): AdvancedEventSelector[] {
  return selectors.map(({ name, fieldSelectors }) => ({
    Name: name,
    FieldSelectors: (fieldSelectors as Values[]).map((selector) => ({
      Field: selector.field as string,
      ...Object.fromEntries(
        conditions.filter(([own]) => selector[own]?.length).map(([own, api]) => [api, selector[own] as string[]]),
      ),
    })),
  }));
}

function fieldFromApi(selector: AdvancedFieldSelector): Values {
  return {
    field: selector.Field,
    ...Object.fromEntries(conditions.filter(([, api]) => selector[api]).map(([own, api]) => [own, selector[api]])),
  };
}

export function advancedFromApi(selectors: AdvancedEventSelector[] | undefined): Values[] | undefined {
  return selectors?.map(({ Name, FieldSelectors }) => ({
    name: Name,
    fieldSelectors: (FieldSelectors ?? []).map(fieldFromApi),
  }));
}

export function basicToApi(selectors: Values[]): EventSelector[] {
  return selectors.map((selector) => ({
    ReadWriteType: (selector.readWriteType ?? "All") as EventSelector["ReadWriteType"],
    IncludeManagementEvents: (selector.includeManagementEvents ?? true) as boolean,
    ExcludeManagementEventSources: selector.excludeManagementEventSources,
    DataResources: ((selector.dataResources ?? []) as Values[]).map(({ type, values }) => ({
      Type: type as string,
      Values: values as string[],
    })),
  }));
}

export function basicFromApi(selectors: EventSelector[] | undefined): Values[] | undefined {
  return selectors?.map((selector) => ({
    readWriteType: selector.ReadWriteType,
    includeManagementEvents: selector.IncludeManagementEvents,
    excludeManagementEventSources: selector.ExcludeManagementEventSources,
    dataResources: selector.DataResources?.map(({ Type, Values: values }) => ({ type: Type, values })),
  }));
}

/** Fields are a set. */
function sorted(selectors: unknown): Values[] {
  return ((selectors ?? []) as Values[]).map(({ name, fieldSelectors }) => ({
    name: name as string,
    fieldSelectors: ((fieldSelectors ?? []) as Values[])
      .map((it) => JSON.stringify(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1))))
      .sort(),
  }));
}

export const sameAdvanced = (before: unknown, after: unknown) => sameBlocks(sorted(before), sorted(after));

/** With Terraform's defaults. */
export function sameBasic(before: unknown, after: unknown): boolean {
  const [old, wanted] = [before, after].map((selectors) => basicToApi((selectors ?? []) as Values[]));
  return sameBlocks(old, wanted);
}

export function validAdvanced(selectors: Values[]): string | undefined {
  return first(
    ...selectors.flatMap(({ name, fieldSelectors }) => [
      ifSet(text("name", 0, 1000))(name),
      ...((fieldSelectors ?? []) as Values[]).map(({ field }) => oneOf("field", ...FIELDS)(field as string)),
    ]),
  );
}

export function validBasic(selectors: Values[]): string | undefined {
  return first(
    selectors.length > 5 ? `eventSelectors: no more than 5 items are supported, got ${selectors.length}` : undefined,
    ...selectors.map(({ readWriteType }) =>
      ifSet(oneOf("readWriteType", "All", "ReadOnly", "WriteOnly"))(readWriteType),
    ),
  );
}
