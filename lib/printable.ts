/**
 * Names, statements and messages come from elsewhere, and whoever connects to a database chooses some of them: what would move a
 * terminal's cursor, or turn the direction of writing, is shown as a question mark.
 */
export const printable = (text: string) =>
  // eslint-disable-next-line no-control-regex -- these are what it is about
  text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "?");
