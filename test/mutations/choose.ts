import { Mistake } from "./mistake";

/** Says which mistakes a run is about. */
export interface Selection {
  /** `all`, or ids with blanks or commas between them; left out, a sample. */
  named?: string;
  /** How many a sample has. */
  size: number;
  /** Another number is another sample. */
  seed: number;
}

/** Chooses what was asked for, or a sample that is spread evenly over the whole list. */
export function choose(all: Mistake[], { named = "", size, seed }: Selection): Mistake[] {
  const ids = named.split(/[\s,]+/).filter(Boolean);
  if (ids.includes("all")) {
    return all;
  }
  if (ids.length > 0) {
    return ids.map((id) => {
      const found = all.find((mistake) => mistake.id === id);
      if (!found) {
        throw new Error(`${id}: there is no such mistake; see test/mutations/list/`);
      }
      return found;
    });
  }
  const count = Math.min(size, all.length);
  // From one seed to the next the whole sample moves on by one.
  return Array.from({ length: count }, (_, place) => {
    return all[(Math.floor((place * all.length) / count) + seed) % all.length] as Mistake;
  });
}
