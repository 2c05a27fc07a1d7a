/**
 * What becomes of each kind of object that a role can own. The names are those of pg_identify_object(). No I/O in here.
 *
 * Relations come first, in the order in which queries lock them: a view before what it reads, a table before its sequences. What
 * comes last is not locked by those who use it, so that it is changed for the shortest time.
 */
interface Moved {
  /** What ALTER calls it. */
  alter: string;
  plural: string;
  order: number;
}

const SCHEMAS = 0;
const VIEWS = 1;
export const TABLES = 2;
const SEQUENCES = 3;
const OTHERS = 4;

const kind = (alter: string, order: number, plural = `${alter.toLowerCase()}s`): Moved => ({ alter, order, plural });

const MOVED: Record<string, Moved> = {
  schema: kind("SCHEMA", SCHEMAS),
  view: kind("VIEW", VIEWS),
  "materialized view": kind("MATERIALIZED VIEW", VIEWS),
  table: kind("TABLE", TABLES),
  "foreign table": kind("FOREIGN TABLE", TABLES),
  sequence: kind("SEQUENCE", SEQUENCES),
  type: kind("TYPE", OTHERS),
  function: kind("FUNCTION", OTHERS),
  procedure: kind("PROCEDURE", OTHERS),
  aggregate: kind("AGGREGATE", OTHERS),
  operator: kind("OPERATOR", OTHERS),
  "operator class": kind("OPERATOR CLASS", OTHERS, "operator classes"),
  "operator family": kind("OPERATOR FAMILY", OTHERS, "operator families"),
  collation: kind("COLLATION", OTHERS),
  conversion: kind("CONVERSION", OTHERS),
  language: kind("LANGUAGE", OTHERS),
  "text search dictionary": kind("TEXT SEARCH DICTIONARY", OTHERS, "text search dictionaries"),
  "text search configuration": kind("TEXT SEARCH CONFIGURATION", OTHERS),
  "statistics object": kind("STATISTICS", OTHERS, "statistics objects"),
  "large object": kind("LARGE OBJECT", OTHERS),
};

/** Why others stay where they are. */
const STAYS: Record<string, string> = {
  extension: "PostgreSQL gives an extension to nobody else; its objects are the extension's",
  "event trigger": "its owner must be a superuser",
  "foreign-data wrapper": "its owner must be a superuser",
  server: "its owner needs USAGE on the foreign-data wrapper, which is a superuser's to give",
  publication: "rows are carried out through it; drop it, or make it anew as the role that shall own it",
  subscription: "it writes with its owner's rights; make it anew as the role that shall own it",
  tablespace: "it is the server's",
};
/** Told elsewhere, or with the role itself. */
const NO_OBJECTS = ["database", "default acl", "user mapping"];

export const isObject = (type: string) => !NO_OBJECTS.includes(type);
export const movedAs = (type: string): Moved | undefined => MOVED[type];
export const whyItStays = (type: string) => STAYS[type] ?? `nothing is known here about giving a ${type} to somebody`;

/** `3 tables`, `1 view`. */
export const counted = (type: string, count: number) =>
  `${count} ${count === 1 ? type : (MOVED[type]?.plural ?? `${type}s`)}`;
