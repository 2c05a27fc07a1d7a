import { describe, expect, it } from "vitest";
import {
  hidesOwnWords,
  hidingPolicy,
  LONGEST_PATTERN,
  ownWords,
  PATTERN_CHARACTERS,
  patternOf,
} from "../../model/observability/hidden-columns";

const hidden = (column: string, line: string) => line.replace(new RegExp(patternOf(column)), "*");

describe("the pattern of a hidden column", () => {
  it.each([
    ["update users set password = 'hunter2' where id = 1", "update users set*"],
    [
      'insert into "users" ("name", "password", "age") values (\'Anna\', \'hunter2\', 3)',
      'insert into "users" ("name", *',
    ],
    ["INSERT INTO users(name,PASSWORD)VALUES('Anna','hunter2')", "INSERT INTO users(name*"],
    ["select 1 from users where u.password='hunter2'", "select 1 from users where u*"],
    ["select 1 from users where password\n\t= 'hunter2'", "select 1 from users where*"],
    ["select 1 from users where password in ('hunter2')", "select 1 from users where*"],
    ["select 1 from users where Password NOT LIKE 'hunter2%'", "select 1 from users where*"],
    ["select 1 from users where password between 'a' and 'b'", "select 1 from users where*"],
    ["select 1 from users where password is distinct from 'hunter2'", "select 1 from users where*"],
    ["ALTER ROLE anna PASSWORD 'hunter2'", "ALTER ROLE anna*"],
    ["DETAIL:  Key (password)=(hunter2) already exists.", "DETAIL:  Key *"],
    ["update users set password = 'two\nlines' where id = 1", "update users set*"],
  ])("hides what is typed: %j", (line, expected) => {
    expect(hidden("password", line)).toBe(expected);
  });

  it.each([
    'FATAL:  password authentication failed for user "markenmate_app"',
    "update users set password_changed_at = now()",
    "update users set old_password = 'this is another column'",
    "LOG:  AUDIT: SESSION,1,1,WRITE,UPDATE,TABLE,public.passwords,",
  ])("leaves %j", (line) => {
    expect(hidden("password", line)).toBe(line);
  });

  it("is for names of 40 letters, within what CloudWatch takes", () => {
    for (const column of ["a", "password", "passwordHash", "two_factor_key_2", "a".repeat(40)]) {
      expect(patternOf(column)).toMatch(PATTERN_CHARACTERS);
      expect(patternOf(column).length).toBeLessThanOrEqual(LONGEST_PATTERN);
    }
    expect(patternOf("a".repeat(41)).length).toBeGreaterThan(LONGEST_PATTERN);
  });

  it.each(["password", "token", "email", "name", "phone", "iban", "birth_date", "secretKey"])(
    "%s leaves what PostgreSQL says by itself",
    (column) => {
      expect(ownWords("markenmate").filter((line) => hidden(column, line) !== line)).toEqual([]);
      expect(hidesOwnWords("markenmate", column)).toBe(false);
    },
  );

  it.each(["user", "database", "host", "statement", "role", "session", "markenmate", "write", "identity"])(
    "%s would hide them",
    (column) => {
      expect(hidesOwnWords("markenmate", column)).toBe(true);
    },
  );
});

it("is in a policy that finds and hides the same columns", () => {
  expect(hidingPolicy("shop", ["password", "token"])).toEqual({
    Name: "shop",
    Description: "Hides what is typed into these columns",
    Version: "2021-06-01",
    Configuration: {
      CustomDataIdentifier: [
        { Name: "column-password", Regex: patternOf("password") },
        { Name: "column-token", Regex: patternOf("token") },
      ],
    },
    Statement: [
      {
        Sid: "Find",
        DataIdentifier: ["column-password", "column-token"],
        Operation: { Audit: { FindingsDestination: {} } },
      },
      {
        Sid: "Hide",
        DataIdentifier: ["column-password", "column-token"],
        Operation: { Deidentify: { MaskConfig: {} } },
      },
    ],
  });
});
