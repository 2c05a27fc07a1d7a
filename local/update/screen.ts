/** What is written to: standard error, or what a test gives. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
  write(text: string): unknown;
}

/** Lines that stay and, on a terminal, lines below them that are shown anew as things go on. */
export class Screen {
  private shown = 0;

  constructor(private readonly output: Output) {}

  /** Whether lines can be shown anew. */
  get rewrites(): boolean {
    return this.output.isTTY === true && process.env.TERM !== "dumb";
  }

  /** Shows lines that stay. */
  note(...lines: string[]): void {
    this.output.write(this.erasing() + lines.map((line) => `${line}\n`).join(""));
  }

  /** Shows lines in place of those that it showed before. No line may wrap, nor all together be higher than the terminal. */
  frame(lines: string[]): void {
    // A terminal that does not know its size says 0.
    const [columns, rows] = [this.output.columns || 80, this.output.rows || 24];
    const fitting = lines.slice(-Math.max(1, rows - 1)).map((line) => line.slice(0, columns - 1));
    const erasing = this.erasing();
    this.shown = fitting.length;
    this.output.write(erasing + fitting.map((line) => `${line}\n`).join(""));
  }

  /** What takes away the lines that are to be shown anew: up to the first of them, and everything below. */
  private erasing(): string {
    const lines = this.shown;
    this.shown = 0;
    return lines > 0 ? `\u001b[${lines}A\u001b[0J` : "";
  }
}
