-- One of everything that a dump can hold, made as the role of migrations.
CREATE TYPE mood AS ENUM ('glad', 'sad');
COMMENT ON TYPE mood IS 'How somebody is';
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');

CREATE TABLE people (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  address email,
  mood mood DEFAULT 'glad',
  born date,
  balance numeric(12, 2) CHECK (balance >= 0),
  ratio double precision,
  price money,
  picture bytea,
  tags text[],
  document jsonb,
  seen timestamptz,
  waited interval,
  shout text GENERATED ALWAYS AS (upper(name)) STORED,
  dropped int
);
ALTER TABLE people DROP COLUMN dropped;
COMMENT ON TABLE people IS 'Whom it is about';
COMMENT ON COLUMN people.born IS 'By their own account';
INSERT INTO people (name, address, mood, born, balance, ratio, price, picture, tags, document, seen, waited)
SELECT 'person ' || g, 'person' || g || '@example.org', (ARRAY['glad', 'sad'])[1 + g % 2]::mood, DATE '1950-01-01' + g, g * 1.01,
  1.0 / g, g::money, decode(md5(g::text), 'hex'), ARRAY['a', g::text], jsonb_build_object('n', g),
  TIMESTAMPTZ '2020-01-01 00:00:00+00' + g * INTERVAL '1 hour', g * INTERVAL '1 minute'
FROM generate_series(1, 500) g;
CREATE INDEX people_born ON people (born) WHERE born IS NOT NULL;
GRANT UPDATE (mood) ON people TO markenmate_readonly;

CREATE TABLE "Odd ""Name" ("a row of this table" int REFERENCES people (id), "where" text);
INSERT INTO "Odd ""Name" VALUES (1, 'here'), (1, 'here'), (NULL, NULL);

CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX ON events (at);
INSERT INTO events SELECT DATE '2025-06-01' + g, 'event ' || g FROM generate_series(1, 400) g;

-- Hides rows even from its owner, and not from backups.
CREATE TABLE notes (id int PRIMARY KEY, tenant text NOT NULL);
INSERT INTO notes SELECT g, 'tenant ' || g % 3 FROM generate_series(1, 30) g;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (tenant = current_setting('app.tenant', true));
CREATE POLICY every_row_for_backups ON notes FOR SELECT TO markenmate_backup USING (true);

CREATE VIEW glad_people AS SELECT id, name FROM people WHERE mood = 'glad';
COMMENT ON VIEW glad_people IS 'Those who are';
CREATE MATERIALIZED VIEW people_by_mood AS SELECT mood, count(*) FROM people GROUP BY mood;

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.seen := now(); RETURN NEW; END $$;
COMMENT ON FUNCTION touch() IS 'Notes when';
CREATE TRIGGER people_touch BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION touch();
CREATE FUNCTION how_many() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT count(*) FROM people';

CREATE SEQUENCE downwards INCREMENT -2 START 100 MINVALUE -1000 MAXVALUE 100;
SELECT nextval('downwards'), nextval('downwards');
CREATE SEQUENCE untouched;

CREATE SCHEMA archive;
COMMENT ON SCHEMA archive IS 'What is over';
CREATE TABLE archive.old_people (LIKE people INCLUDING ALL);
INSERT INTO archive.old_people (name) SELECT 'old person ' || g FROM generate_series(1, 50) g;
